/**
 * What a node's functions say over the air: the payloads of reports, and what a Set changes. Written from the Application
 * Command Class Specification; numbers are command class, command.
 */

/** A report: the bytes after command class and command. */
export interface Report {
  /** Of a Multi Channel node, the endpoint that it comes from. */
  endpoint?: number;
  commandClass: number;
  command: number;
  payload: readonly number[];
}

/** A command that has arrived, unwrapped, as far as these functions look at it. */
export interface ReceivedCommand {
  ccId: number;
  ccCommand?: number;
  /** Which one of a Multi Channel node's; 0 is the node as a whole. */
  endpointIndex?: number;
  /** What the parser has made of its fields. */
  [field: string]: unknown;
}

type Values = ReadonlyMap<string, unknown>;

interface NodeFunction {
  get: number;
  /** Paths that the Get asks for. */
  paths: (command: ReceivedCommand, values: Values) => string[];
  report: (path: string, value: unknown) => Report;
  set?: { command: number; apply: (command: ReceivedCommand, values: Values) => [path: string, value: unknown] };
}

const number = (value: unknown) => (typeof value === "number" ? value : 0);
const last = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** Size 4, one or two decimals, big endian: the "precision, scale, size" byte and the value. */
function scaled(value: unknown, scale: number, decimals: number): number[] {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(Math.round(number(value) * 10 ** decimals));
  return [(decimals << 5) | (scale << 3) | 4, ...bytes];
}

/** Of this class's paths, the one that the command names, or the first. */
function named(classId: number, field: string) {
  return (command: ReceivedCommand, values: Values) => {
    const own = [...values.keys()].filter((path) => path.startsWith(`1/${classId}/`));
    const wanted = command[field];
    return wanted === undefined ? own.slice(0, 1) : own.filter((path) => last(path) === String(wanted));
  };
}

const only = (path: string) => () => [path];

const LOCKED = 0xff;

const functions: ReadonlyMap<number, NodeFunction> = new Map<number, NodeFunction>([
  [
    37, // Binary Switch: 1 Set, 2 Get, 3 Report (value, target, duration)
    {
      get: 2,
      paths: only("1/37/currentValue"),
      report: (_, value) => ({ commandClass: 37, command: 3, payload: [value ? 0xff : 0, value ? 0xff : 0, 0] }),
      set: { command: 1, apply: (command) => ["1/37/currentValue", command.targetValue === true] },
    },
  ],
  [
    38, // Multilevel Switch: 1 Set, 2 Get, 3 Report
    {
      get: 2,
      paths: only("1/38/currentValue"),
      report: (_, value) => ({ commandClass: 38, command: 3, payload: [number(value), number(value), 0] }),
      set: {
        command: 1,
        apply: (command, values) => {
          const wanted = number(command.targetValue);
          const path = "1/38/currentValue";
          // 255: the last level that was not off.
          return [path, wanted === 0xff ? number(values.get(path)) || 99 : Math.min(wanted, 99)];
        },
      },
    },
  ],
  [
    49, // Multilevel Sensor: 4 Get, 5 Report (type, value)
    {
      get: 4,
      paths: named(49, "sensorType"),
      report: (path, value) => ({
        commandClass: 49,
        command: 5,
        payload: [Number(last(path)), ...scaled(value, 0, 1)],
      }),
    },
  ],
  [
    50, // Meter, electric: 1 Get, 2 Report (rate type and meter type, value, delta time)
    {
      get: 1,
      paths: named(50, "scale"),
      report: (path, value) => ({
        commandClass: 50,
        command: 2,
        payload: [(1 << 5) | 1, ...scaled(value, Number(last(path)), 3), 0, 0],
      }),
    },
  ],
  [
    98, // Door Lock: 1 Operation Set, 2 Get, 3 Report (mode, handles, condition, timeout, target, duration)
    {
      get: 2,
      paths: only("1/98/currentMode"),
      report: (_, value) => ({
        commandClass: 98,
        command: 3,
        payload: [number(value), 0, number(value) === LOCKED ? 0b101 : 0b111, 0xfe, 0xfe, number(value), 0],
      }),
      set: { command: 1, apply: (command) => ["1/98/currentMode", number(command.mode)] },
    },
  ],
  [
    113, // Notification: 4 Get, 5 Report (V1 type and level, status, type, event, parameters)
    {
      get: 4,
      paths: named(113, "notificationType"),
      report: (path, value) => ({
        commandClass: 113,
        command: 5,
        payload: [0, 0, 0, 0xff, Number(last(path)), number(value), 0],
      }),
    },
  ],
  [
    121, // Sound Switch: 5 Configuration Set, 6 Get, 7 Report (volume, default tone)
    {
      get: 6,
      paths: only("1/121/defaultVolume"),
      report: (_, value) => ({ commandClass: 121, command: 7, payload: [number(value), 1] }),
      set: { command: 5, apply: (command) => ["1/121/defaultVolume", Math.min(number(command.defaultVolume), 100)] },
    },
  ],
  [
    128, // Battery: 2 Get, 3 Report; 255 says "low"
    {
      get: 2,
      paths: only("1/128/level"),
      report: (_, value) => ({ commandClass: 128, command: 3, payload: [number(value)] }),
    },
  ],
]);

/** The same value of another endpoint. */
export const pathAt = (endpoint: number, path: string): string => `${endpoint}${path.slice(path.indexOf("/"))}`;

/** Those of one endpoint, as of a node that has no other. */
export function valuesOf(values: Values, endpoint: number): Values {
  const own = [...values].filter(([path]) => path.startsWith(`${endpoint}/`));
  return new Map(own.map(([path, value]) => [pathAt(1, path), value]));
}

/** What a node answers to a Get of one of its functions; undefined: not one of these. */
export function answerTo(command: ReceivedCommand, values: Values): Report | undefined {
  const served = functions.get(command.ccId);
  if (!served || served.get !== command.ccCommand) return undefined;
  const path = served.paths(command, values).find((candidate) => values.has(candidate));
  return path === undefined ? undefined : served.report(path, values.get(path));
}

/** The change that a Set asks for; undefined: not one of these. */
export function changeBy(command: ReceivedCommand, values: Values): [path: string, value: unknown] | undefined {
  const set = functions.get(command.ccId)?.set;
  return set && set.command === command.ccCommand ? set.apply(command, values) : undefined;
}

/** The report that a node sends on its own when the value at `path` has changed. */
export function reportOf(path: string, value: unknown): Report {
  const served = functions.get(Number(path.split("/")[1]));
  if (!served) throw new Error(`there is no report of ${path}`);
  return served.report(path, value);
}

/** Wake Up: 4 Interval Set, 5 Interval Get, 6 Report, 7 Notification, 8 No More Information, 9 Capabilities Get, 10 Report. */
export const wakeUp = {
  id: 132,
  version: 2,
  notification: { commandClass: 132, command: 7, payload: [] } satisfies Report,
  isIntervalSet: (command: ReceivedCommand) => command.ccId === 132 && command.ccCommand === 4,
  isNoMoreInformation: (command: ReceivedCommand) => command.ccId === 132 && command.ccCommand === 8,
  answerTo(command: ReceivedCommand, interval: number, controller: number): Report | undefined {
    if (command.ccId !== 132) return undefined;
    const seconds = (value: number) => [(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff];
    if (command.ccCommand === 5) return { commandClass: 132, command: 6, payload: [...seconds(interval), controller] };
    if (command.ccCommand !== 9) return undefined;
    // Minimum, maximum, default, step.
    const capabilities = [60, 86_400, 3_600, 60].flatMap(seconds);
    return { commandClass: 132, command: 10, payload: capabilities };
  },
};
