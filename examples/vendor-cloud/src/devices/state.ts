import { type JsonObject, Refusal } from "../http.ts";

export type DeviceType = "lamp" | "fan" | "camera";

export interface LampState {
  on: boolean;
  /** Per cent, 1 to 100. */
  level: number;
  /** Kelvin, 2,200 to 6,500. */
  colorTemperature: number;
}

export interface FanState {
  mode: "off" | "low" | "medium" | "high" | "auto";
  /** Per cent, 0 to 100; 0 exactly while the mode is off. */
  speed: number;
}

export interface CameraState {
  /** Whether the lens is covered. */
  privacy: boolean;
  /** Only the camera itself changes it. */
  motion: boolean;
}

export type DeviceState = LampState | FanState | CameraState;

export const FIRST_STATES: { lamp: LampState; fan: FanState; camera: CameraState } = {
  lamp: { on: false, level: 100, colorTemperature: 2_700 },
  fan: { mode: "off", speed: 0 },
  camera: { privacy: false, motion: false },
};

const SPEEDS = { off: 0, low: 33, medium: 66, high: 100, auto: 50 };

interface Member {
  holds: (value: unknown) => boolean;
  is: string;
  /** Only the device itself changes it. */
  readOnly?: true;
}

const flag: Member = { holds: (value) => typeof value === "boolean", is: "true or false" };
const within = (from: number, to: number): Member => ({
  holds: (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to,
  is: `a whole number from ${from} to ${to}`,
});

const MEMBERS: Record<DeviceType, Record<string, Member>> = {
  lamp: { on: flag, level: within(1, 100), colorTemperature: within(2_200, 6_500) },
  fan: {
    mode: {
      holds: (value) => typeof value === "string" && Object.hasOwn(SPEEDS, value),
      is: "off, low, medium, high or auto",
    },
    speed: within(0, 100),
  },
  camera: { privacy: flag, motion: { ...flag, readOnly: true } },
};

/** The state after the change; throws a 400 for a change that this type of device cannot follow. */
export function changed(type: DeviceType, state: DeviceState, change: JsonObject, by: "partner" | "device") {
  const members = MEMBERS[type];
  const names = Object.keys(change);
  if (names.length === 0)
    throw new Refusal(400, "bad_state", `name at least one of ${Object.keys(members).join(", ")}`);
  for (const name of names) {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (!member) throw new Refusal(400, "bad_state", `a ${type} has ${Object.keys(members).join(", ")}`);
    if (member.readOnly && by === "partner") throw new Refusal(400, "read_only", `only the ${type} changes ${name}`);
    if (!member.holds(change[name])) throw new Refusal(400, "bad_state", `${name} is ${member.is}`);
  }
  if (type !== "fan") return { ...state, ...change } as DeviceState;
  if (names.length > 1) throw new Refusal(400, "bad_state", "mode and speed are two words for one thing: give one");
  return change["mode"] === undefined
    ? fanAtSpeed(change["speed"] as number)
    : fanIn(change["mode"] as FanState["mode"]);
}

const fanIn = (mode: FanState["mode"]): FanState => ({ mode, speed: SPEEDS[mode] });

export function fanAtSpeed(speed: number): FanState {
  if (speed === 0) return fanIn("off");
  return { mode: speed <= 33 ? "low" : speed <= 66 ? "medium" : "high", speed };
}
