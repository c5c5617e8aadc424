import type { AttributeSpec, ClusterSpec, CommandSpec, Effect, FieldSpec } from "../zcl/cluster.ts";

/** Level and colour of lights (Zigbee Cluster Library 3.10, 5.2). */

/** Each fade is at its end at once. */
const options: readonly FieldSpec[] = [
  ["optionsMask", "map8?"],
  ["optionsOverride", "map8?"],
];
const LEVEL_MIN = 1;
const LEVEL_MAX = 254;

function levelCommands(withOnOff: boolean): CommandSpec[] {
  const id = (plain: number) => plain + (withOnOff ? 4 : 0);
  const name = (plain: string) => (withOnOff ? `${plain}WithOnOff` : plain);
  const follow: Effect[] = withOnOff ? [{ set: "OnOff/onOff", to: [">", ["get", "currentLevel"], LEVEL_MIN] }] : [];
  const level = ["get", "currentLevel"] as const;
  const step = ["field", "stepSize"] as const;
  const isDown = ["=", ["field", "mode"], 1] as const;
  return [
    {
      id: id(0x00),
      name: name("moveToLevel"),
      fields: [["level", "uint8"], ["transitionTime", "uint16"], ...options],
      refuse: [{ when: [">", ["field", "level"], LEVEL_MAX], status: 0x87 }],
      does: [{ set: "currentLevel", to: ["clamp", ["field", "level"], LEVEL_MIN, LEVEL_MAX] }, ...follow],
    },
    {
      id: id(0x01),
      name: name("move"),
      fields: [["mode", "enum8"], ["rate", "uint8"], ...options],
      does: [{ set: "currentLevel", to: ["if", isDown, LEVEL_MIN, LEVEL_MAX] }, ...follow],
    },
    {
      id: id(0x02),
      name: name("step"),
      fields: [["mode", "enum8"], ["stepSize", "uint8"], ["transitionTime", "uint16"], ...options],
      does: [
        {
          set: "currentLevel",
          to: ["clamp", ["if", isDown, ["-", level, step], ["+", level, step]], LEVEL_MIN, LEVEL_MAX],
        },
        ...follow,
      ],
    },
    { id: id(0x03), name: name("stop"), fields: options },
  ];
}

export const level: ClusterSpec = {
  id: 0x0008,
  name: "Level",
  attributes: [
    { id: 0x0000, name: "currentLevel", type: "uint8", value: LEVEL_MAX, reportable: true, min: 0, max: LEVEL_MAX },
    { id: 0x0001, name: "remainingTime", type: "uint16", value: 0 },
    { id: 0x0002, name: "minLevel", type: "uint8", value: LEVEL_MIN },
    { id: 0x0003, name: "maxLevel", type: "uint8", value: LEVEL_MAX },
    { id: 0x000f, name: "options", type: "map8", value: 0, writable: true },
    { id: 0x0010, name: "onOffTransitionTime", type: "uint16", value: 0, writable: true },
    { id: 0x0011, name: "onLevel", type: "uint8", value: 0xff, writable: true },
    { id: 0x4000, name: "startUpCurrentLevel", type: "uint8", value: 0xff, writable: true },
  ],
  commands: [...levelCommands(false), ...levelCommands(true)],
};

/** Current hue and saturation, x and y, or colour temperature (ZCL 5.2.2.2.1.9). */
const Mode = { HUE: 0, XY: 1, TEMPERATURE: 2, ENHANCED_HUE: 3 } as const;
const showing = (mode: number): Effect[] => [
  { set: "colorMode", to: mode === Mode.ENHANCED_HUE ? Mode.HUE : mode },
  { set: "enhancedColorMode", to: mode },
];
const MIREDS = { least: 153, most: 500 };

const temperatureAttributes: readonly AttributeSpec[] = [
  {
    id: 0x0007,
    name: "colorTemperatureMireds",
    type: "uint16",
    value: 370,
    reportable: true,
    min: MIREDS.least,
    max: MIREDS.most,
  },
  { id: 0x400b, name: "colorTempPhysicalMinMireds", type: "uint16", value: MIREDS.least },
  { id: 0x400c, name: "colorTempPhysicalMaxMireds", type: "uint16", value: MIREDS.most },
  { id: 0x4010, name: "startUpColorTemperatureMireds", type: "uint16", value: 0xffff, writable: true },
];

const temperatureCommands: readonly CommandSpec[] = [
  {
    id: 0x0a,
    name: "moveToColorTemperature",
    fields: [["mireds", "uint16"], ["transitionTime", "uint16"], ...options],
    does: [
      { set: "colorTemperatureMireds", to: ["clamp", ["field", "mireds"], MIREDS.least, MIREDS.most] },
      ...showing(Mode.TEMPERATURE),
    ],
  },
  { id: 0x47, name: "stopMoveStep", fields: options },
];

/** White of two tones: colour temperature only. */
export const colorTemperature: ClusterSpec = {
  id: 0x0300,
  name: "Color",
  attributes: [
    ...temperatureAttributes,
    { id: 0x0008, name: "colorMode", type: "enum8", value: Mode.TEMPERATURE, reportable: true },
    { id: 0x000f, name: "options", type: "map8", value: 0, writable: true },
    { id: 0x4001, name: "enhancedColorMode", type: "enum8", value: Mode.TEMPERATURE },
    { id: 0x400a, name: "colorCapabilities", type: "map16", value: 0x10 },
  ],
  commands: temperatureCommands,
};

export const color: ClusterSpec = {
  id: 0x0300,
  name: "Color",
  attributes: [
    { id: 0x0000, name: "currentHue", type: "uint8", value: 0, reportable: true, max: 254 },
    { id: 0x0001, name: "currentSaturation", type: "uint8", value: 0, reportable: true, max: 254 },
    { id: 0x0003, name: "currentX", type: "uint16", value: 0x616b, reportable: true, max: 0xfeff },
    { id: 0x0004, name: "currentY", type: "uint16", value: 0x607d, reportable: true, max: 0xfeff },
    ...temperatureAttributes,
    { id: 0x0008, name: "colorMode", type: "enum8", value: Mode.XY, reportable: true },
    { id: 0x000f, name: "options", type: "map8", value: 0, writable: true },
    { id: 0x4000, name: "enhancedCurrentHue", type: "uint16", value: 0, reportable: true },
    { id: 0x4001, name: "enhancedColorMode", type: "enum8", value: Mode.XY },
    // Hue and saturation, enhanced hue, x and y, colour temperature
    { id: 0x400a, name: "colorCapabilities", type: "map16", value: 0x1b },
  ],
  commands: [
    {
      id: 0x00,
      name: "moveToHue",
      fields: [["hue", "uint8"], ["direction", "enum8"], ["transitionTime", "uint16"], ...options],
      refuse: [{ when: [">", ["field", "hue"], 254], status: 0x87 }],
      does: [
        { set: "currentHue", to: ["field", "hue"] },
        { set: "enhancedCurrentHue", to: ["*", ["field", "hue"], 256] },
        ...showing(Mode.HUE),
      ],
    },
    {
      id: 0x03,
      name: "moveToSaturation",
      fields: [["saturation", "uint8"], ["transitionTime", "uint16"], ...options],
      refuse: [{ when: [">", ["field", "saturation"], 254], status: 0x87 }],
      does: [{ set: "currentSaturation", to: ["field", "saturation"] }, ...showing(Mode.HUE)],
    },
    {
      id: 0x06,
      name: "moveToHueAndSaturation",
      fields: [["hue", "uint8"], ["saturation", "uint8"], ["transitionTime", "uint16"], ...options],
      refuse: [{ when: ["or", [">", ["field", "hue"], 254], [">", ["field", "saturation"], 254]], status: 0x87 }],
      does: [
        { set: "currentHue", to: ["field", "hue"] },
        { set: "enhancedCurrentHue", to: ["*", ["field", "hue"], 256] },
        { set: "currentSaturation", to: ["field", "saturation"] },
        ...showing(Mode.HUE),
      ],
    },
    {
      id: 0x07,
      name: "moveToColor",
      fields: [["x", "uint16"], ["y", "uint16"], ["transitionTime", "uint16"], ...options],
      refuse: [{ when: ["or", [">", ["field", "x"], 0xfeff], [">", ["field", "y"], 0xfeff]], status: 0x87 }],
      does: [{ set: "currentX", to: ["field", "x"] }, { set: "currentY", to: ["field", "y"] }, ...showing(Mode.XY)],
    },
    ...temperatureCommands,
    {
      id: 0x40,
      name: "enhancedMoveToHue",
      fields: [["hue", "uint16"], ["direction", "enum8"], ["transitionTime", "uint16"], ...options],
      does: [
        { set: "enhancedCurrentHue", to: ["field", "hue"] },
        { set: "currentHue", to: ["div", ["field", "hue"], 256] },
        ...showing(Mode.ENHANCED_HUE),
      ],
    },
    {
      id: 0x43,
      name: "enhancedMoveToHueAndSaturation",
      fields: [["hue", "uint16"], ["saturation", "uint8"], ["transitionTime", "uint16"], ...options],
      does: [
        { set: "enhancedCurrentHue", to: ["field", "hue"] },
        { set: "currentHue", to: ["div", ["field", "hue"], 256] },
        { set: "currentSaturation", to: ["field", "saturation"] },
        ...showing(Mode.ENHANCED_HUE),
      ],
    },
  ],
};
