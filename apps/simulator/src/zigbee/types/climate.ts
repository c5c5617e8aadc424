import type { AttributeSpec, ClusterSpec, Effect, Expression } from "../zcl/cluster.ts";

/** Thermostats and fans (Zigbee Cluster Library, chapter 6). Temperatures are hundredths of a degree Celsius. */

const SystemMode = { OFF: 0, AUTO: 1, COOL: 3, HEAT: 4 } as const;
const mode: Expression = ["get", "systemMode"];
const local: Expression = ["get", "localTemperature"];
const heat: Expression = ["get", "occupiedHeatingSetpoint"];
const cool: Expression = ["get", "occupiedCoolingSetpoint"];
const mayHeat: Expression = ["or", ["=", mode, SystemMode.HEAT], ["=", mode, SystemMode.AUTO]];
const mayCool: Expression = ["or", ["=", mode, SystemMode.COOL], ["=", mode, SystemMode.AUTO]];
const heats: Expression = ["and", mayHeat, [">", heat, local]];
const cools: Expression = ["and", mayCool, [">", local, cool]];

const heatingAttributes = (onChange: readonly Effect[]): AttributeSpec[] => [
  { id: 0x0000, name: "localTemperature", type: "int16", value: 2150, reportable: true, min: -27315, onChange },
  { id: 0x0003, name: "absMinHeatSetpointLimit", type: "int16", value: 500 },
  { id: 0x0004, name: "absMaxHeatSetpointLimit", type: "int16", value: 3000 },
  { id: 0x0008, name: "piHeatingDemand", type: "uint8", value: 0, reportable: true },
  {
    id: 0x0012,
    name: "occupiedHeatingSetpoint",
    type: "int16",
    value: 2000,
    writable: true,
    reportable: true,
    min: 500,
    max: 3000,
    onChange,
  },
  { id: 0x0015, name: "minHeatSetpointLimit", type: "int16", value: 500, writable: true, min: 500, max: 3000 },
  { id: 0x0016, name: "maxHeatSetpointLimit", type: "int16", value: 3000, writable: true, min: 500, max: 3000 },
  { id: 0x0029, name: "thermostatRunningState", type: "map16", value: 0, reportable: true },
];

const tenths = (amount: Expression): Expression => ["*", amount, 10];
const raised: Effect[] = [
  {
    set: "occupiedHeatingSetpoint",
    to: ["clamp", ["+", heat, tenths(["field", "amount"])], 500, 3000],
    when: ["not", ["=", ["field", "mode"], 1]],
  },
];

/** A radiator's valve: it heats only. */
export const radiatorThermostat: ClusterSpec = {
  id: 0x0201,
  name: "Thermostat",
  attributes: [
    ...heatingAttributes([
      { set: "piHeatingDemand", to: ["if", heats, 100, 0] },
      { set: "thermostatRunningState", to: ["if", heats, 1, 0] },
    ]),
    { id: 0x001b, name: "controlSequenceOfOperation", type: "enum8", value: 2, writable: true },
    {
      id: 0x001c,
      name: "systemMode",
      type: "enum8",
      value: SystemMode.HEAT,
      writable: true,
      reportable: true,
      max: 9,
      onChange: [
        { set: "piHeatingDemand", to: ["if", heats, 100, 0] },
        { set: "thermostatRunningState", to: ["if", heats, 1, 0] },
      ],
    },
  ],
  commands: [
    {
      id: 0x00,
      name: "setpointRaiseLower",
      fields: [
        ["mode", "enum8"],
        ["amount", "int8"],
      ],
      does: raised,
    },
  ],
};

const controls: Effect[] = [
  { set: "piHeatingDemand", to: ["if", heats, 100, 0] },
  { set: "piCoolingDemand", to: ["if", cools, 100, 0] },
  { set: "thermostatRunningState", to: ["if", heats, 1, ["if", cools, 2, 0]] },
  { set: "thermostatRunningMode", to: ["if", heats, SystemMode.HEAT, ["if", cools, SystemMode.COOL, 0]] },
];

/** It heats and cools. */
export const thermostat: ClusterSpec = {
  id: 0x0201,
  name: "Thermostat",
  attributes: [
    ...heatingAttributes(controls),
    { id: 0x0005, name: "absMinCoolSetpointLimit", type: "int16", value: 1600 },
    { id: 0x0006, name: "absMaxCoolSetpointLimit", type: "int16", value: 3200 },
    { id: 0x0007, name: "piCoolingDemand", type: "uint8", value: 0, reportable: true },
    {
      id: 0x0011,
      name: "occupiedCoolingSetpoint",
      type: "int16",
      value: 2600,
      writable: true,
      reportable: true,
      min: 1600,
      max: 3200,
      onChange: controls,
    },
    { id: 0x0017, name: "minCoolSetpointLimit", type: "int16", value: 1600, writable: true, min: 1600, max: 3200 },
    { id: 0x0018, name: "maxCoolSetpointLimit", type: "int16", value: 3200, writable: true, min: 1600, max: 3200 },
    { id: 0x0019, name: "minSetpointDeadBand", type: "int8", value: 20, writable: true, min: 10, max: 25 },
    { id: 0x001b, name: "controlSequenceOfOperation", type: "enum8", value: 4, writable: true },
    {
      id: 0x001c,
      name: "systemMode",
      type: "enum8",
      value: SystemMode.AUTO,
      writable: true,
      reportable: true,
      max: 9,
      onChange: controls,
    },
    { id: 0x001e, name: "thermostatRunningMode", type: "enum8", value: 0 },
  ],
  commands: [
    {
      id: 0x00,
      name: "setpointRaiseLower",
      fields: [
        ["mode", "enum8"],
        ["amount", "int8"],
      ],
      does: [
        ...raised,
        {
          set: "occupiedCoolingSetpoint",
          to: ["clamp", ["+", cool, tenths(["field", "amount"])], 1600, 3200],
          when: [">", ["field", "mode"], 0],
        },
      ],
    },
  ],
};

export const fan: ClusterSpec = {
  id: 0x0202,
  name: "Fan",
  attributes: [
    { id: 0x0000, name: "fanMode", type: "enum8", value: 5, writable: true, reportable: true, max: 6 },
    // Low, medium, high, automatic
    { id: 0x0001, name: "fanModeSequence", type: "enum8", value: 2, writable: true, max: 4 },
  ],
};
