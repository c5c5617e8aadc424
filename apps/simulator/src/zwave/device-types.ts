/** Which keys a node asks for when it joins. `optional`: S2 with or without authentication. */
export type NodeSecurity = "none" | "optional" | "authenticated" | "access-control" | "s0";

/** A command class of a node, with what its reports need; ids in decimal as in the paths of `read` and `change`. */
export interface NodeCommandClass {
  id: number;
  version: number;
  /** What the node says of this class when it is interviewed. */
  says?: Readonly<Record<string, unknown>>;
}

/** One of the ends of a Multi Channel node. */
export interface NodeEndpoint {
  genericDeviceClass: number;
  specificDeviceClass: number;
  commandClasses: readonly NodeCommandClass[];
}

export interface NodeType {
  name: string;
  genericDeviceClass: number;
  specificDeviceClass: number;
  installerIcon: number;
  productId: number;
  security: NodeSecurity;
  sleepy?: boolean;
  /** Of the node as a whole; what a Multi Channel node has here, too, is its first endpoint's. */
  commandClasses: readonly NodeCommandClass[];
  /** A Multi Channel node's, the first of them 1. */
  endpoints?: readonly NodeEndpoint[];
  /** By path: `1/37/currentValue`, of endpoint 1; the only one, where there are no others. */
  values: Readonly<Record<string, unknown>>;
}

const BINARY_SWITCH = { id: 37, version: 2 };
const MULTILEVEL_SWITCH = { id: 38, version: 4 };
const METER = {
  id: 50,
  version: 3,
  says: { meterType: 1, supportedScales: [0, 2], supportedRateTypes: [1], supportsReset: true },
};
const outlet = (...more: NodeCommandClass[]): NodeEndpoint => ({
  genericDeviceClass: 0x10,
  specificDeviceClass: 0x01,
  commandClasses: [BINARY_SWITCH, ...more],
});
const notification = (type: number, ...events: number[]): NodeCommandClass => ({
  id: 113,
  version: 8,
  says: { supportsV1Alarm: false, notificationTypesAndEvents: { [type]: events } },
});

/**
 * The node types: generic and specific device class and command classes as the Z-Wave Plus device types prescribe them.
 * Values: 37/currentValue (boolean), 38/currentValue (0-99), 50/<scale> (0 kWh, 2 W), 49/<sensor type>, 113/<notification
 * type> (its event; 0 is idle), 128/level (percent), 121/defaultVolume (percent), 98/currentMode (0 unsecured, 255 secured).
 */
export const nodeTypes: readonly NodeType[] = [
  {
    name: "smart-bulb",
    genericDeviceClass: 0x11,
    specificDeviceClass: 0x01,
    installerIcon: 0x0600,
    productId: 1,
    security: "optional",
    commandClasses: [MULTILEVEL_SWITCH],
    values: { "1/38/currentValue": 0 },
  },
  {
    name: "dimmable-light",
    genericDeviceClass: 0x11,
    specificDeviceClass: 0x01,
    installerIcon: 0x0600,
    productId: 2,
    security: "optional",
    commandClasses: [MULTILEVEL_SWITCH],
    values: { "1/38/currentValue": 0 },
  },
  {
    name: "garage-controller",
    genericDeviceClass: 0x11,
    specificDeviceClass: 0x07,
    installerIcon: 0x1900,
    productId: 3,
    security: "optional",
    commandClasses: [MULTILEVEL_SWITCH],
    values: { "1/38/currentValue": 0 },
  },
  {
    name: "plug",
    genericDeviceClass: 0x10,
    specificDeviceClass: 0x01,
    installerIcon: 0x0700,
    productId: 4,
    security: "optional",
    commandClasses: [BINARY_SWITCH],
    values: { "1/37/currentValue": false },
  },
  {
    name: "energy-meter",
    genericDeviceClass: 0x31,
    specificDeviceClass: 0x01,
    installerIcon: 0x0a00,
    productId: 5,
    security: "optional",
    commandClasses: [METER],
    values: { "1/50/0": 12.5, "1/50/2": 60 },
  },
  {
    name: "battery",
    genericDeviceClass: 0x06,
    specificDeviceClass: 0x01,
    installerIcon: 0x0000,
    productId: 6,
    security: "optional",
    commandClasses: [{ id: 128, version: 1 }],
    values: { "1/128/level": 80 },
  },
  {
    name: "siren",
    genericDeviceClass: 0x03,
    specificDeviceClass: 0x01,
    installerIcon: 0x1f00,
    productId: 7,
    security: "optional",
    commandClasses: [
      {
        id: 121,
        version: 1,
        says: { defaultToneId: 1, defaultVolume: 50, tones: [{ name: "Alarm", duration: 5 }] },
      },
    ],
    values: { "1/121/defaultVolume": 50 },
  },
  {
    name: "motion",
    genericDeviceClass: 0x07,
    specificDeviceClass: 0x01,
    installerIcon: 0x0c07,
    productId: 8,
    security: "optional",
    commandClasses: [notification(7, 8)],
    values: { "1/113/7": 0 },
  },
  {
    name: "door-window",
    genericDeviceClass: 0x07,
    specificDeviceClass: 0x01,
    installerIcon: 0x0c06,
    productId: 9,
    security: "optional",
    commandClasses: [notification(6, 22, 23)],
    values: { "1/113/6": 23 },
  },
  {
    name: "water-leak",
    genericDeviceClass: 0x07,
    specificDeviceClass: 0x01,
    installerIcon: 0x0c05,
    productId: 10,
    security: "optional",
    commandClasses: [notification(5, 2)],
    values: { "1/113/5": 0 },
  },
  {
    name: "temperature",
    genericDeviceClass: 0x21,
    specificDeviceClass: 0x01,
    installerIcon: 0x0d01,
    productId: 11,
    security: "optional",
    commandClasses: [{ id: 49, version: 5, says: { sensors: { 1: { supportedScales: [0] } } } }],
    values: { "1/49/1": 21.5 },
  },
  {
    name: "co",
    genericDeviceClass: 0x07,
    specificDeviceClass: 0x01,
    installerIcon: 0x0c02,
    productId: 12,
    security: "optional",
    commandClasses: [notification(2, 2)],
    values: { "1/113/2": 0 },
  },
  {
    name: "smoke",
    genericDeviceClass: 0x07,
    specificDeviceClass: 0x01,
    installerIcon: 0x0c01,
    productId: 13,
    security: "optional",
    commandClasses: [notification(1, 2)],
    values: { "1/113/1": 0 },
  },
  {
    name: "lock",
    genericDeviceClass: 0x40,
    specificDeviceClass: 0x03,
    installerIcon: 0x0300,
    productId: 14,
    security: "access-control",
    commandClasses: [{ id: 98, version: 4 }],
    values: { "1/98/currentMode": 0 },
  },
  {
    // A lock that tells who has turned it.
    name: "keypad-lock",
    genericDeviceClass: 0x40,
    specificDeviceClass: 0x03,
    installerIcon: 0x0300,
    productId: 17,
    security: "access-control",
    commandClasses: [{ id: 98, version: 4 }, notification(6, 1, 2, 5, 6, 11)],
    values: { "1/98/currentMode": 0, "1/113/6": 0 },
  },
  {
    // A lock of the time before S2, so that S0 can be tried.
    name: "s0-lock",
    genericDeviceClass: 0x40,
    specificDeviceClass: 0x03,
    installerIcon: 0x0300,
    productId: 15,
    security: "s0",
    commandClasses: [{ id: 98, version: 4 }],
    values: { "1/98/currentMode": 0 },
  },
  {
    // Colours by the command class that no type of the table uses.
    name: "rgb-strip",
    genericDeviceClass: 0x11,
    specificDeviceClass: 0x01,
    installerIcon: 0x0600,
    productId: 16,
    security: "optional",
    commandClasses: [MULTILEVEL_SWITCH, { id: 51, version: 1, says: { colorComponents: { 2: 0, 3: 0, 4: 0 } } }],
    values: { "1/38/currentValue": 0 },
  },
  {
    // Multi Channel: three outlets, of which the second is metered.
    name: "power-strip",
    genericDeviceClass: 0x10,
    specificDeviceClass: 0x01,
    installerIcon: 0x0700,
    productId: 18,
    security: "optional",
    commandClasses: [BINARY_SWITCH],
    endpoints: [outlet(), outlet(METER), outlet()],
    values: {
      "1/37/currentValue": false,
      "2/37/currentValue": false,
      "2/50/0": 3.5,
      "2/50/2": 25,
      "3/37/currentValue": false,
    },
  },
];
