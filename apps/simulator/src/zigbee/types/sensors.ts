import type { AttributeSpec, ClusterSpec } from "../zcl/cluster.ts";

/** Measurement and sensing, and zones of an intruder alarm (Zigbee Cluster Library, chapters 4 and 8). */

const measurement = (
  id: number,
  name: string,
  value: Pick<AttributeSpec, "type" | "value"> & { min: number; max: number },
): ClusterSpec => ({
  id,
  name,
  attributes: [
    { ...value, id: 0x0000, name: name === "Temperature" ? "temperature" : "humidity", reportable: true },
    { id: 0x0001, name: "minMeasuredValue", type: value.type, value: value.min },
    { id: 0x0002, name: "maxMeasuredValue", type: value.type, value: value.max },
    { id: 0x0003, name: "tolerance", type: "uint16", value: 20 },
  ],
});

/** Hundredths of a degree Celsius, and of a per cent. */
export const temperature = measurement(0x0402, "Temperature", { type: "int16", value: 2150, min: -4000, max: 12500 });
export const humidity = measurement(0x0405, "Humidity", { type: "uint16", value: 4500, min: 0, max: 10000 });

/** A share of the air, as a single-precision number. */
export const carbonDioxide: ClusterSpec = {
  id: 0x040d,
  name: "CarbonDioxide",
  attributes: [
    { id: 0x0000, name: "carbonDioxide", type: "single", value: 0.0005, reportable: true, min: 0, max: 1 },
    { id: 0x0001, name: "minMeasuredValue", type: "single", value: 0 },
    { id: 0x0002, name: "maxMeasuredValue", type: "single", value: 1 },
  ],
};

/** `kind`: 0 passive infrared, 1 ultrasonic. Its zone, if it has one beside it, follows. */
export const occupancy = (kind: 0 | 1): ClusterSpec => ({
  id: 0x0406,
  name: "Occupancy",
  attributes: [
    {
      id: 0x0000,
      name: "occupancy",
      type: "map8",
      value: 0,
      reportable: true,
      max: 1,
      onChange: [{ set: "IasZone/zoneStatus", to: ["get", "occupancy"] }],
    },
    { id: 0x0001, name: "occupancySensorType", type: "enum8", value: kind },
    { id: 0x0002, name: "occupancySensorTypeBitmap", type: "map8", value: 1 << kind },
    { id: 0x0010, name: "occupiedToUnoccupiedDelay", type: "uint16", value: 60, writable: true },
  ],
});

/** Types of zones (ZCL 8.2.2.2.1.2). */
export const ZoneType = {
  MOTION: 0x000d,
  CONTACT: 0x0015,
  FIRE: 0x0028,
  WATER: 0x002a,
  VIBRATION: 0x002d,
} as const;

const ENROLLED = 1;
const TEST = 0x0100;

/** `hand` names what a hand sets instead of the first alarm's bit. */
export const iasZone = (zoneType: number, hand?: string): ClusterSpec => ({
  id: 0x0500,
  name: "IasZone",
  attributes: [
    { id: 0x0000, name: "zoneState", type: "enum8", value: 0 },
    { id: 0x0001, name: "zoneType", type: "enum16", value: zoneType },
    {
      id: 0x0002,
      name: "zoneStatus",
      type: "map16",
      value: 0,
      onChange: [{ send: "zoneStatusChangeNotification", when: ["=", ["get", "zoneState"], ENROLLED] }],
    },
    {
      id: 0x0010,
      name: "iasCieAddress",
      type: "EUI64",
      value: "0000000000000000",
      writable: true,
      // Enrolment by the zone's own request: whenever it is told whose it is.
      onWrite: [{ send: "zoneEnrollRequest" }],
    },
    { id: 0x0011, name: "zoneId", type: "uint8", value: 0xff },
    ...(hand === undefined
      ? []
      : [
          {
            id: 0x10000,
            name: hand,
            type: "bool" as const,
            value: false,
            hidden: true,
            onChange: [{ set: "zoneStatus", to: ["if", ["get", hand], 1, 0] as const }],
          },
        ]),
  ],
  commands: [
    {
      id: 0x00,
      name: "zoneEnrollResponse",
      fields: [
        ["code", "enum8"],
        ["zoneId", "uint8"],
      ],
      does: [
        { set: "zoneId", to: ["field", "zoneId"], when: ["=", ["field", "code"], 0] },
        { set: "zoneState", to: ENROLLED, when: ["=", ["field", "code"], 0] },
      ],
    },
    {
      id: 0x01,
      name: "initiateNormalOperationMode",
      does: [{ set: "zoneStatus", to: ["mod", ["get", "zoneStatus"], TEST] }],
    },
    {
      id: 0x02,
      name: "initiateTestMode",
      fields: [
        ["duration", "uint8"],
        ["sensitivity", "uint8"],
      ],
      does: [{ set: "zoneStatus", to: ["+", ["mod", ["get", "zoneStatus"], TEST], TEST] }],
    },
  ],
  generated: [
    {
      id: 0x00,
      name: "zoneStatusChangeNotification",
      fields: [
        ["zoneStatus", "map16", ["get", "zoneStatus"]],
        ["extendedStatus", "map8", 0],
        ["zoneId", "uint8", ["get", "zoneId"]],
        ["delay", "uint16", 0],
      ],
      to: { address: "iasCieAddress" },
    },
    {
      id: 0x01,
      name: "zoneEnrollRequest",
      fields: [
        ["zoneType", "enum16", ["get", "zoneType"]],
        ["manufacturerCode", "uint16", 0xfff1],
      ],
      to: { address: "iasCieAddress" },
    },
  ],
});
