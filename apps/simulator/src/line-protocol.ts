import type { SimulatedRadio } from "./radios.ts";
import type { VirtualDevice } from "./virtual-device.ts";

type Line = readonly [line: string, what: string];

const LIST: Line = ["list", "the devices, their labels, and whether they are in the network"];
const QUIT: Line = ["quit", "or Ctrl-C"];
const STICK: readonly Line[] = [
  ["power <device>", "on, out of the box: it looks for a network"],
  ["sleep | wake <device>", "of a sleepy one: a battery device, or --sleepy"],
  ["mute <device> [frames]", "it falls silent, at once or after so many frames"],
  ["unmute <device>", "its radio is on again"],
  ["reset <device>", "as it left the factory"],
  ["cut, restore", "the stick is pulled, and put back"],
  ["state", "whether the network is open for joining"],
];
const ZIGBEE: readonly Line[] = [
  ["read <device> <path>", "a value, by name or numbers: onOff, 1/6/0"],
  ["set <device> <path> <value>", "what a hand on the device does: set motion-1 motion true"],
  ["press <device>", "its button: leaves its network, then looks for one"],
  ...STICK,
  ["loss <0..1>", "share of the frames on air that are lost"],
  ["reboot", "the stick's firmware starts anew by itself"],
];
const ZWAVE: readonly Line[] = [
  ["read <device> <path>", "a value: 1/37/currentValue"],
  ["set <device> <path> <value>", "what a hand on the device does: set plug-1 1/37/currentValue true"],
  ["press <device>", "its button: joins, or leaves its network"],
  ...STICK,
];
const MATTER: readonly Line[] = [
  ["read <device> <path>", "a value: onOff/onOff"],
  ["set <device> <path> <value>", "what a hand on the device does: set plug-1 onOff true"],
  ["press | reset <device>", "as it left the factory"],
  ["mute | unmute <device>", "it is off the network, and on it again"],
  ["cut, restore", "all of them are off the network, and on it again"],
  ["state", "how many can be commissioned"],
];

/** The lines that a radio takes: one per command, one per answer; `error: ` in front of one that says what was wrong. */
export function helpOf(radio: SimulatedRadio): string {
  const own = radio.port === undefined ? MATTER : "loss" in radio ? ZIGBEE : ZWAVE;
  const lines = [LIST, ...own, QUIT];
  return ["Type a line and enter:", ...lines.map(([line, what]) => `  ${line.padEnd(28)}  ${what}`)].join("\n");
}

/** The answer's text; `undefined` to an empty line, and `quit` when that is wanted. */
export async function executeLine(radio: SimulatedRadio, line: string): Promise<string | undefined> {
  const [verb, ...words] = line.trim().split(/\s+/);
  if (verb === undefined || verb === "") return undefined;
  try {
    const command = commands.get(verb);
    if (!command) throw new RangeError(`there is no command ${verb}; help lists them`);
    const answer = await command(radio, words);
    return typeof answer === "string" ? answer : "ok";
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
}

type Command = (radio: SimulatedRadio, words: readonly string[]) => string | undefined | Promise<unknown>;

const onDevice =
  (act: (device: VirtualDevice, words: readonly string[]) => unknown): Command =>
  async (radio, [id, ...words]) => {
    const device = radio.devices.find((other) => other.id === id);
    if (!device) throw new RangeError(`there is no device ${id ?? ""}; list names them`);
    const answer = await act(device, words);
    return typeof answer === "string" ? answer : undefined;
  };

const commands = new Map<string, Command>([
  ["help", helpOf],
  ["quit", () => "quit"],
  ["list", (radio) => radio.devices.map(describe).join("\n")],
  ["state", (radio) => JSON.stringify(radio.joinState())],
  ["read", onDevice((device, [path]) => JSON.stringify(device.read(needed(path, "path"))))],
  ["set", onDevice((device, [path, value]) => device.change(needed(path, "path"), parseValue(needed(value, "value"))))],
  ["power", onDevice((device) => device.powerOn())],
  ["press", onDevice((device) => device.press())],
  ["sleep", onDevice((device) => device.sleep())],
  ["wake", onDevice((device) => device.wake())],
  ["reset", onDevice((device) => device.reset())],
  ["mute", onDevice((device, [frames]) => (frames === undefined ? device.mute() : device.mute(numberOf(frames))))],
  ["unmute", onDevice((device) => device.unmute())],
  ["cut", (radio) => radio.cut()],
  ["restore", (radio) => radio.restore()],
  [
    "reboot",
    (radio) => {
      if (!("reboot" in radio)) throw new RangeError("only a Zigbee stick starts anew");
      radio.reboot();
      return undefined;
    },
  ],
  [
    "loss",
    (radio, [rate]) => {
      if (!("loss" in radio)) throw new RangeError("only a Zigbee radio loses frames");
      radio.loss(numberOf(needed(rate, "rate")));
      return undefined;
    },
  ],
]);

const describe = ({ id, label, joined }: VirtualDevice): string =>
  `${id}  ${label}  ${joined ? "joined" : "out of the box"}`;

function needed(word: string | undefined, name: string): string {
  if (word === undefined) throw new RangeError(`the ${name} is missing; help shows what belongs to each command`);
  return word;
}

function numberOf(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number >= 0) return number;
  throw new RangeError(`${text} is no number`);
}

/** Numbers and booleans as such, all else as text. */
function parseValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
