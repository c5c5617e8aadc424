import type { ClusterSpec, Expression } from "../zcl/cluster.ts";

/**
 * Appliance control, the library's only timer (ZCL 15.2). Times are octets: minutes in bits 0 to 5, whether it is the
 * time of day in bits 6 and 7, hours in the upper octet.
 */

const Order = { START: 1, STOP: 2, PAUSE: 3 } as const;
const Status = { STANDBY: 2, RUNNING: 5, PAUSE: 6, END: 7 } as const;
/** Remote and energy control are allowed. */
const REMOTE_ENABLED = 0x0f;

const order: Expression = ["field", "command"];
const status: Expression = ["get", "applianceStatus"];
const remaining: Expression = ["get", "remainingTime"];
const minutes: Expression = ["+", ["*", ["div", remaining, 256], 60], ["mod", remaining, 64]];
const aMinuteLess: Expression = ["-", minutes, 1];
const id: Expression = ["field", "function"];
const runs: Expression = ["=", status, Status.RUNNING];
const signal = [
  ["applianceStatus", "enum8", status],
  ["remoteEnableFlagsAndDeviceStatus2", "map8", REMOTE_ENABLED],
] as const;

export const applianceControl: ClusterSpec = {
  id: 0x001b,
  name: "ApplianceControl",
  attributes: [
    { id: 0x0000, name: "startTime", type: "uint16", value: 0, reportable: true },
    { id: 0x0001, name: "finishTime", type: "uint16", value: 0, reportable: true },
    { id: 0x0002, name: "remainingTime", type: "uint16", value: 0, reportable: true },
    {
      id: 0x10000,
      name: "applianceStatus",
      type: "enum8",
      value: Status.STANDBY,
      hidden: true,
      onChange: [{ send: "signalStateNotification" }],
    },
  ],
  commands: [
    {
      id: 0x00,
      name: "executionOfCommand",
      fields: [["command", "enum8"]],
      refuse: [{ when: ["or", [">", 1, order], [">", order, 3]], status: 0x85 }],
      does: [
        // It runs for as long as its finish is away, or for what was left when it was interrupted.
        {
          set: "remainingTime",
          to: ["get", "finishTime"],
          when: ["and", ["=", order, Order.START], ["not", ["=", status, Status.PAUSE]]],
        },
        { set: "remainingTime", to: 0, when: ["=", order, Order.STOP] },
        { set: "applianceStatus", to: Status.RUNNING, when: ["=", order, Order.START] },
        { set: "applianceStatus", to: Status.PAUSE, when: ["and", ["=", order, Order.PAUSE], runs] },
        { set: "applianceStatus", to: Status.STANDBY, when: ["=", order, Order.STOP] },
      ],
    },
    { id: 0x01, name: "signalState", answer: "signalStateResponse" },
    {
      id: 0x02,
      name: "writeFunctions",
      fields: [
        ["function", "uint16"],
        ["value", "typed"],
      ],
      repeats: true,
      // What is left follows from the finish; nobody writes it.
      refuse: [{ when: [">", id, 1], status: 0x85 }],
      does: [
        { set: "startTime", to: ["field", "value"], when: ["=", id, 0] },
        { set: "finishTime", to: ["field", "value"], when: ["=", id, 1] },
      ],
    },
  ],
  generated: [
    { id: 0x00, name: "signalStateResponse", fields: signal },
    { id: 0x01, name: "signalStateNotification", fields: signal },
  ],
  timers: [
    {
      every: 60,
      while: ["and", runs, [">", minutes, 0]],
      does: [
        { set: "remainingTime", to: ["+", ["*", ["div", aMinuteLess, 60], 256], ["mod", aMinuteLess, 60]] },
        { set: "applianceStatus", to: Status.END, when: ["=", remaining, 0] },
      ],
    },
  ],
};
