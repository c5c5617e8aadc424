import type { ClusterSpec } from "../zcl/cluster.ts";

/** Clusters that devices of many kinds have (Zigbee Cluster Library, chapter 3). */

export const basic = (model: string, mains: boolean): ClusterSpec => ({
  id: 0x0000,
  name: "Basic",
  attributes: [
    { id: 0x0000, name: "zclVersion", type: "uint8", value: 8 },
    { id: 0x0001, name: "applicationVersion", type: "uint8", value: 1 },
    { id: 0x0002, name: "stackVersion", type: "uint8", value: 1 },
    { id: 0x0003, name: "hwVersion", type: "uint8", value: 1 },
    { id: 0x0004, name: "manufacturerName", type: "string", value: "Hearth" },
    { id: 0x0005, name: "modelIdentifier", type: "string", value: model },
    { id: 0x0006, name: "dateCode", type: "string", value: "20260101" },
    { id: 0x0007, name: "powerSource", type: "enum8", value: mains ? 1 : 3 },
    { id: 0x4000, name: "swBuildId", type: "string", value: "1.0" },
  ],
  commands: [{ id: 0x00, name: "resetToFactoryDefaults" }],
});

export const identify: ClusterSpec = {
  id: 0x0003,
  name: "Identify",
  attributes: [{ id: 0x0000, name: "identifyTime", type: "uint16", value: 0, writable: true }],
  commands: [
    {
      id: 0x00,
      name: "identify",
      fields: [["identifyTime", "uint16"]],
      does: [{ set: "identifyTime", to: ["field", "identifyTime"] }],
    },
    {
      id: 0x40,
      name: "triggerEffect",
      fields: [
        ["effect", "enum8"],
        ["variant", "enum8"],
      ],
    },
  ],
  timers: [
    {
      every: 1,
      while: [">", ["get", "identifyTime"], 0],
      does: [{ set: "identifyTime", to: ["-", ["get", "identifyTime"], 1] }],
    },
  ],
};

export const onOff: ClusterSpec = {
  id: 0x0006,
  name: "OnOff",
  attributes: [
    { id: 0x0000, name: "onOff", type: "bool", value: false, reportable: true },
    { id: 0x4000, name: "globalSceneControl", type: "bool", value: true },
    { id: 0x4001, name: "onTime", type: "uint16", value: 0, writable: true },
    { id: 0x4002, name: "offWaitTime", type: "uint16", value: 0, writable: true },
    { id: 0x4003, name: "startUpOnOff", type: "enum8", value: 0xff, writable: true },
  ],
  commands: [
    { id: 0x00, name: "off", does: [{ set: "onOff", to: false }] },
    { id: 0x01, name: "on", does: [{ set: "onOff", to: true }] },
    { id: 0x02, name: "toggle", does: [{ set: "onOff", to: ["not", ["get", "onOff"]] }] },
    {
      id: 0x40,
      name: "offWithEffect",
      fields: [
        ["effect", "enum8"],
        ["variant", "enum8"],
      ],
      does: [{ set: "onOff", to: false }],
    },
    { id: 0x41, name: "onWithRecallGlobalScene", does: [{ set: "onOff", to: true }] },
    {
      id: 0x42,
      name: "onWithTimedOff",
      fields: [
        ["control", "map8"],
        ["onTime", "uint16"],
        ["offWaitTime", "uint16"],
      ],
      does: [
        { set: "onTime", to: ["field", "onTime"] },
        { set: "offWaitTime", to: ["field", "offWaitTime"] },
        { set: "onOff", to: true },
      ],
    },
  ],
  timers: [
    {
      every: 1,
      while: ["and", ["get", "onOff"], [">", ["get", "onTime"], 0]],
      does: [
        { set: "onTime", to: ["clamp", ["-", ["get", "onTime"], 10], 0, 0xffff] },
        { set: "onOff", to: false, when: ["=", ["get", "onTime"], 0] },
      ],
    },
  ],
};
