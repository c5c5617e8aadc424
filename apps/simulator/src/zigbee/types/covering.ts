import type { ClusterSpec, Expression } from "../zcl/cluster.ts";
import { onOff } from "./general.ts";
import { level } from "./lighting.ts";

/** A garage door: a covering that is on while it is not closed, and whose level is how far it is open (ZCL 7.4). */

const lift: Expression = ["get", "currentPositionLiftPercentage"];
const percentage = (name: string): Expression => ["clamp", ["field", name], 0, 100];

export const covering: ClusterSpec = {
  id: 0x0102,
  name: "Covering",
  attributes: [
    { id: 0x0000, name: "windowCoveringType", type: "enum8", value: 0 },
    { id: 0x0007, name: "configStatus", type: "map8", value: 0x0b },
    {
      id: 0x0008,
      name: "currentPositionLiftPercentage",
      type: "uint8",
      value: 100,
      reportable: true,
      max: 100,
      onChange: [
        { set: "OnOff/onOff", to: [">", 100, lift] },
        { set: "Level/currentLevel", to: ["clamp", ["round", ["*", ["-", 100, lift], 254], 100], 1, 254] },
      ],
    },
    { id: 0x0017, name: "mode", type: "map8", value: 0, writable: true },
  ],
  commands: [
    { id: 0x00, name: "upOpen", does: [{ set: "currentPositionLiftPercentage", to: 0 }] },
    { id: 0x01, name: "downClose", does: [{ set: "currentPositionLiftPercentage", to: 100 }] },
    // Each movement is at its end at once: nothing is left to be stopped.
    { id: 0x02, name: "stop" },
    {
      id: 0x05,
      name: "goToLiftPercentage",
      fields: [["percentage", "uint8"]],
      refuse: [{ when: [">", ["field", "percentage"], 100], status: 0x87 }],
      does: [{ set: "currentPositionLiftPercentage", to: percentage("percentage") }],
    },
  ],
};

/** The other two clusters of the door move the covering. */
export const doorOnOff: ClusterSpec = {
  ...onOff,
  attributes: onOff.attributes.map((attribute) =>
    attribute.name === "onOff"
      ? {
          ...attribute,
          onChange: [
            {
              set: "Covering/currentPositionLiftPercentage",
              to: ["if", ["get", "onOff"], 0, 100],
              when: ["=", ["get", "onOff"], ["=", ["get", "Covering/currentPositionLiftPercentage"], 100]],
            },
          ],
        }
      : attribute,
  ),
};

export const doorLevel: ClusterSpec = {
  ...level,
  attributes: level.attributes.map((attribute) =>
    attribute.name === "currentLevel"
      ? {
          ...attribute,
          value: 1,
          onChange: [
            {
              set: "Covering/currentPositionLiftPercentage",
              to: ["-", 100, ["round", ["*", ["get", "currentLevel"], 100], 254]],
            },
          ],
        }
      : attribute,
  ),
};
