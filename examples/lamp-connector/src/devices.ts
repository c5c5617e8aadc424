import {
  type CapabilityDescription,
  type CapabilityState,
  type DeviceCommand,
  type DiscoveredDevice,
  VendorError,
} from "@hearth/connector-sdk";

interface LampState {
  on: boolean;
  /** Per cent, 1 to 100. */
  level: number;
  /** Kelvin. */
  colorTemperature: number;
}
interface FanState {
  mode: keyof typeof FAN_MODES;
  /** Per cent. */
  speed: number;
}
interface CameraState {
  /** Whether the lens is covered. */
  privacy: boolean;
  motion: boolean;
}

/** A device as the vendor tells of it. */
export type VendorDevice = { id: string; name: string } & (
  | { type: "lamp"; state: LampState }
  | { type: "fan"; state: FanState }
  | { type: "camera"; state: CameraState }
);

/** What the vendor is to do. */
export type VendorAction =
  | { change: Readonly<Record<string, unknown>> }
  | { action: string; parameters?: Readonly<Record<string, unknown>> }
  | "read";

const ON_OFF = "matter.OnOff@1.4";
const LEVEL = "matter.LevelControl@1.4";
const COLOR = "matter.ColorControl@1.4";
const FAN = "matter.FanControl@1.4";
const OCCUPANCY = "matter.OccupancySensing@1.4";

const FAN_MODES = { off: "Off", low: "Low", medium: "Medium", high: "High", auto: "Auto" };
const FAN_WORDS = Object.fromEntries(Object.entries(FAN_MODES).map(([word, mode]) => [mode, word]));

const HIGHEST_LEVEL = 254;
const WARMEST = 2_200;
const COLDEST = 6_500;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isNumber = (value: unknown, from: number, to: number): value is number =>
  typeof value === "number" && value >= from && value <= to;

/** Whether the states are what the vendor's documentation says. */
const STATES: Record<VendorDevice["type"], (state: Record<string, unknown>) => boolean> = {
  lamp: ({ on, level, colorTemperature }) =>
    typeof on === "boolean" && isNumber(level, 1, 100) && isNumber(colorTemperature, 1_000, 20_000),
  fan: ({ mode, speed }) => Object.hasOwn(FAN_MODES, String(mode)) && isNumber(speed, 0, 100),
  camera: ({ privacy, motion }) => typeof privacy === "boolean" && typeof motion === "boolean",
};

/** A device; undefined for one of a type that this connector does not know. Throws a `VendorError` for nonsense. */
export function parseDevice(value: unknown): VendorDevice | undefined {
  const nonsense = new VendorError(502, "the vendor answered something else than a device");
  if (!isObject(value)) throw nonsense;
  const { id, name, type, state } = value;
  if (typeof id !== "string" || !/^[\w.,@-]{1,256}$/.test(id) || typeof type !== "string") throw nonsense;
  if (!Object.hasOwn(STATES, type)) return undefined;
  if (!isObject(state) || !STATES[type as VendorDevice["type"]](state)) throw nonsense;
  return { id, name: typeof name === "string" ? name : id, type, state } as unknown as VendorDevice;
}

export function describe(device: VendorDevice): DiscoveredDevice {
  const states = capabilitiesOf(device);
  const can: Record<string, Pick<CapabilityDescription, "actions" | "events">> = {
    [ON_OFF]: { actions: device.type === "lamp" ? ["Off", "On", "Toggle", "ReadState"] : ["Off", "On", "ReadState"] },
    [LEVEL]: { actions: ["MoveToLevel", "MoveToLevelWithOnOff", "ReadState"] },
    [COLOR]: { actions: ["MoveToColorTemperature", "ReadState"] },
    [FAN]: { actions: ["Step", "UpdateState", "ReadState"] },
    [OCCUPANCY]: { actions: ["ReadState"], events: ["OccupancyChanged"] },
  };
  const deviceTypes = { lamp: "Color Temperature Light", fan: "Fan", camera: "Camera" };
  return {
    id: device.id,
    name: device.name,
    report: {
      endpoints: [
        {
          id: "1",
          deviceTypes: [deviceTypes[device.type]],
          capabilities: states.map(({ id, properties }) => ({ id, ...can[id], ...(properties ? { properties } : {}) })),
        },
      ],
    },
  };
}

/** The device's state in the words of the data model. */
export function capabilitiesOf(device: VendorDevice): CapabilityState[] {
  switch (device.type) {
    case "lamp": {
      const { on, level, colorTemperature } = device.state;
      return [
        { id: ON_OFF, properties: { OnOff: on } },
        { id: LEVEL, properties: { CurrentLevel: Math.max(1, Math.round((level * HIGHEST_LEVEL) / 100)) } },
        {
          id: COLOR,
          properties: {
            ColorTemperatureMireds: Math.round(1e6 / colorTemperature),
            ColorMode: "ColorTemperatureMireds",
          },
        },
      ];
    }
    case "fan": {
      const { mode, speed } = device.state;
      return [
        {
          id: FAN,
          properties: {
            FanMode: FAN_MODES[mode],
            FanModeSequence: "OffLowMedHighAuto",
            PercentSetting: Math.round(speed),
            PercentCurrent: Math.round(speed),
          },
        },
      ];
    }
    case "camera": {
      const { privacy, motion } = device.state;
      return [
        // A camera whose lens is covered is off.
        { id: ON_OFF, properties: { OnOff: !privacy } },
        { id: OCCUPANCY, properties: { Occupancy: { Occupied: motion ? 1 : 0 } } },
      ];
    }
  }
}

/** What a command asks of the vendor. Throws a `VendorError` of 400 for what the device cannot do. */
export function vendorActionOf(device: VendorDevice, { capability, action, parameters }: DeviceCommand): VendorAction {
  if (action === "ReadState") return "read";
  const number = (name: string, from: number, to: number): number => {
    const value = parameters[name];
    if (!isNumber(value, from, to))
      throw new VendorError(400, `${name} of ${action} is not a number from ${from} to ${to}`);
    return value;
  };
  switch (`${device.type} ${capability} ${action}`) {
    case `lamp ${ON_OFF} On`:
    case `lamp ${ON_OFF} Off`:
      return { change: { on: action === "On" } };
    case `lamp ${ON_OFF} Toggle`:
      return { action: "toggle" };
    case `lamp ${LEVEL} MoveToLevel`:
      return { change: { level: percentOf(number("Level", 0, HIGHEST_LEVEL)) } };
    case `lamp ${LEVEL} MoveToLevelWithOnOff`: {
      const level = number("Level", 0, HIGHEST_LEVEL);
      return { change: level === 0 ? { on: false } : { on: true, level: percentOf(level) } };
    }
    case `lamp ${COLOR} MoveToColorTemperature`: {
      const kelvin = Math.round(1e6 / number("ColorTemperatureMireds", 1, 65_279));
      return { change: { colorTemperature: Math.min(COLDEST, Math.max(WARMEST, kelvin)) } };
    }
    case `fan ${FAN} Step`:
      return { action: "step", parameters: { direction: parameters["Direction"] === "Decrease" ? "down" : "up" } };
    case `fan ${FAN} UpdateState`: {
      const { FanMode: mode } = parameters;
      if (mode === undefined) return { change: { speed: Math.round(number("PercentSetting", 0, 100)) } };
      const word = typeof mode === "string" && Object.hasOwn(FAN_WORDS, mode) ? FAN_WORDS[mode] : undefined;
      if (!word) throw new VendorError(400, `the fan has no such FanMode`);
      return { change: { mode: word } };
    }
    case `camera ${ON_OFF} On`:
    case `camera ${ON_OFF} Off`:
      return { change: { privacy: action === "Off" } };
    default:
      throw new VendorError(400, `a ${device.type} does not know ${action.slice(0, 64)} of ${capability.slice(0, 64)}`);
  }
}

const percentOf = (level: number): number => Math.max(1, Math.round((level * 100) / HIGHEST_LEVEL));
