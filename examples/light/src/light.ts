import { ActionError, type CapabilityHandlers, type JsonObject } from "@hearth/device-sdk";

export interface LightState {
  on: boolean;
  /** 1 to 254. */
  level: number;
}

/** The lamp itself: what firmware would do with a relay and a dimmer. */
export interface Light {
  readonly state: Readonly<LightState>;
  set(change: Partial<LightState>): void;
  /** Its capabilities by id, as they are declared to the SDK. */
  readonly capabilities: Record<string, CapabilityHandlers>;
}

const MINIMUM = 1;
const MAXIMUM = 254;

/** Makes a lamp that is off. `changed` is called whenever its state has changed. */
export function createLight(changed: (state: LightState) => void): Light {
  const state: LightState = { on: false, level: MAXIMUM };

  function set(change: Partial<LightState>): void {
    const { on, level } = state;
    Object.assign(state, change);
    if (state.on !== on || state.level !== level) changed({ ...state });
  }

  return {
    state,
    set,
    capabilities: {
      "matter.OnOff@1.4": {
        name: "On/Off",
        version: "6",
        properties: { OnOff: { get: () => state.on } },
        actions: {
          On: () => set({ on: true }),
          Off: () => set({ on: false }),
          Toggle: () => set({ on: !state.on }),
        },
      },
      "matter.LevelControl@1.4": {
        name: "Level Control",
        version: "6",
        properties: {
          CurrentLevel: { get: () => state.level },
          MinLevel: { get: () => MINIMUM },
          MaxLevel: { get: () => MAXIMUM },
        },
        actions: {
          // Also while it is off, as a lamp does whose option ExecuteIfOff is set (Matter 1.4, Level Control).
          MoveToLevel: (parameters) => set({ level: levelIn(parameters) }),
          MoveToLevelWithOnOff(parameters) {
            const level = levelIn(parameters);
            set({ level, on: level > MINIMUM });
          },
        },
      },
    },
  };
}

/** A level below what the lamp can do is brought into its range (Matter 1.4, Level Control). */
function levelIn(parameters: JsonObject): number {
  const level = Object.hasOwn(parameters, "Level") ? parameters["Level"] : undefined;
  if (typeof level !== "number" || !Number.isInteger(level) || level < 0 || level > MAXIMUM) {
    throw new ActionError("ConstraintError", `Level is a whole number from 0 to ${MAXIMUM}`, 400);
  }
  return Math.max(MINIMUM, level);
}
