import type { Json, JsonObject } from "@hearth/device-sdk";
import type { ActionMapping, CapabilityMapping, Conversion, NativeRef, NativeStep } from "../../cdmb/conversion.ts";
import { ActionError } from "../../plugins/action-error.ts";
import { classes, command, hasClass, isOnlyBattery, value, type ZWaveEndpoint } from "./endpoint.ts";

export type ZWaveMapping = CapabilityMapping<ZWaveEndpoint>;

/** Switches, levels and volumes. The model has 0 to 254; a multilevel switch 0 to 99, a volume or a battery 0 to 100. */

const MOST = 254;

/** Both directions between the model's levels and 0 to `top`: each native level comes back as itself. */
export const levels = (top: number) => ({
  read: (native: Json): number | undefined =>
    typeof native === "number" && native >= 0 ? Math.round((Math.min(native, top) * MOST) / top) : undefined,
  write: (level: Json): number => {
    if (typeof level !== "number" || !Number.isInteger(level) || level < 0 || level > MOST) {
      throw new ActionError("InvalidParameters", `${JSON.stringify(level)} is not a whole number from 0 to 254`, 400);
    }
    // Not off: the lowest level there is.
    return level === 0 ? 0 : Math.max(1, Math.round((level * top) / MOST));
  },
});

const dimmer = levels(99);
const percent = levels(100);

const isOn = value(classes.binarySwitch, "currentValue");
const level = value(classes.multilevelSwitch, "currentValue");
const targetLevel = value(classes.multilevelSwitch, "targetValue");
/** The level before it was switched off. */
const PREVIOUS = 255;

const switching = (on: (turnOn: boolean) => NativeStep, state: NativeRef): ActionMapping<ZWaveEndpoint>[] => [
  { name: "Off", run: () => [on(false)], affects: ["OnOff"] },
  { name: "On", run: () => [on(true)], affects: ["OnOff"] },
  {
    name: "Toggle",
    run: (_, { known }) => {
      const now = known(state);
      return [on(now === undefined || now === 0 || now === false)];
    },
    affects: ["OnOff"],
  },
];

const onOff = { capability: "matter.OnOff@1.4", name: "On/Off", version: "6" };

export const binarySwitch: ZWaveMapping = {
  ...onOff,
  when: hasClass(classes.binarySwitch),
  properties: [{ name: "OnOff", native: isOn, read: "boolean" }],
  actions: switching((turnOn) => ({ write: value(classes.binarySwitch, "targetValue"), value: turnOn }), isOn),
};

export const multilevelOnOff: ZWaveMapping = {
  ...onOff,
  when: ({ commandClasses }) =>
    commandClasses.has(classes.multilevelSwitch) && !commandClasses.has(classes.binarySwitch),
  properties: [{ name: "OnOff", native: level, read: "boolean" }],
  actions: switching((turnOn) => ({ write: targetLevel, value: turnOn ? PREVIOUS : 0 }), level),
};

const levelControl = { capability: "matter.LevelControl@1.4", name: "Level Control", version: "6" };
const affects = ["CurrentLevel", "OnOff"];

function moveTo(parameters: JsonObject): NativeStep[] {
  const { Level, TransitionTime } = parameters;
  if (Level === undefined) throw new ActionError("InvalidParameters", "MoveToLevel needs Level", 400);
  const wanted = dimmer.write(Level);
  // Tenths of a second in the model; null is the device's own choice.
  const seconds = typeof TransitionTime === "number" ? Math.round(TransitionTime / 10) : undefined;
  const fields: JsonObject = seconds === undefined ? { targetValue: wanted } : { targetValue: wanted, seconds };
  return [{ invoke: command(classes.multilevelSwitch, "set"), parameters: fields }];
}

function step(parameters: JsonObject, { known }: Conversion<ZWaveEndpoint>): NativeStep[] {
  const { StepMode, StepSize } = parameters;
  if (typeof StepSize !== "number" || (StepMode !== "Up" && StepMode !== "Down")) {
    throw new ActionError("InvalidParameters", "Step needs StepMode, Up or Down, and StepSize", 400);
  }
  const now = dimmer.read(known(level) ?? 0) ?? 0;
  const next = StepMode === "Up" ? Math.min(now + StepSize, MOST) : Math.max(now - StepSize, 0);
  return moveTo({ ...parameters, Level: Math.round(next) });
}

function move({ MoveMode }: JsonObject): NativeStep[] {
  if (MoveMode !== "Up" && MoveMode !== "Down") {
    throw new ActionError("InvalidParameters", "Move needs MoveMode, Up or Down", 400);
  }
  return [{ invoke: command(classes.multilevelSwitch, "start"), parameters: { up: MoveMode === "Up" } }];
}

const stop = (): NativeStep[] => [{ invoke: command(classes.multilevelSwitch, "stop"), parameters: {} }];

export const multilevelSwitch: ZWaveMapping = {
  ...levelControl,
  when: hasClass(classes.multilevelSwitch),
  properties: [{ name: "CurrentLevel", native: level, read: dimmer.read }],
  // A multilevel switch is off at 0 and on above: with or without OnOff is the same to it.
  actions: ["", "WithOnOff"].flatMap((suffix) => [
    { name: `MoveToLevel${suffix}`, run: moveTo, affects },
    { name: `Move${suffix}`, run: move, affects: [] },
    { name: `Step${suffix}`, run: step, affects },
    { name: `Stop${suffix}`, run: stop, affects },
  ]),
};

const volume = value(classes.soundSwitch, "defaultVolume");

export const sirenVolume: ZWaveMapping = {
  ...levelControl,
  when: ({ commandClasses }) =>
    commandClasses.has(classes.soundSwitch) && !commandClasses.has(classes.multilevelSwitch),
  properties: [{ name: "CurrentLevel", native: volume, read: percent.read }],
  actions: ["MoveToLevel", "MoveToLevelWithOnOff"].map((name) => ({
    name,
    run: ({ Level }: JsonObject) => [{ write: volume, value: percent.write(Level ?? null) }],
    affects: ["CurrentLevel"],
  })),
};

const charge = value(classes.battery, "level");

export const batteryLevel: ZWaveMapping = {
  ...levelControl,
  when: isOnlyBattery,
  properties: [{ name: "CurrentLevel", native: charge, read: percent.read }],
};

export const powerSource: ZWaveMapping = {
  capability: "matter.PowerSource@1.4",
  name: "Power Source",
  version: "3",
  when: (endpoint) => endpoint.commandClasses.has(classes.battery) && !isOnlyBattery(endpoint),
  properties: [
    // Half per cents in the model.
    { name: "BatPercentRemaining", native: charge, read: (full) => (typeof full === "number" ? full * 2 : undefined) },
    {
      name: "BatChargeLevel",
      native: charge,
      read: (full) => (typeof full !== "number" ? undefined : full <= 5 ? "Critical" : full <= 20 ? "Warning" : "Ok"),
    },
  ],
};
