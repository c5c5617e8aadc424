import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { executeLine, helpOf } from "./line-protocol.ts";
import { radios, type SimulatedRadio } from "./radios.ts";
import { type CoordinatorKind, coordinatorKinds, type VirtualDeviceOptions } from "./virtual-device.ts";

/** What `hearth simulate` takes; text as it was typed. */
export interface SimulateOptions {
  /** `color-light`, or `plug:20` for twenty. */
  device?: readonly string[];
  port?: string;
  host?: string;
  store?: string;
  seed?: string;
  sleepy?: boolean;
  secure?: boolean;
  /** Zigbee: `zstack` or `ember`. */
  coordinator?: string;
}

export interface Terminal {
  input: Readable;
  output: Writable;
  /** Settles when the person has enough: SIGINT. */
  interrupted: Promise<void>;
}

/** A wish that cannot be granted; its message says which can. */
export class SimulateError extends Error {}

const MAX_DEVICES = 500;
/** Said when starting takes longer than this many milliseconds. */
const PATIENCE = 2_000;
/** Devices and networks are watched this often for what there is to say. */
const WATCH_INTERVAL = 250;

/**
 * Runs a radio with its devices until it is interrupted or told to quit. Every device is powered on at once and looks
 * for a network.
 *
 * @throws SimulateError for options that make no radio
 */
export async function simulate(protocol: string, options: SimulateOptions, terminal: Terminal): Promise<void> {
  const { input, output, interrupted } = terminal;
  const say = (text: string) => output.write(`${text}\n`);
  const offer = radios[protocol];
  if (!offer) throw new SimulateError(`there is no radio ${protocol}: say ${Object.keys(radios).join(" or ")}`);
  const devices = wanted(options, offer.types);
  const coordinator = coordinatorOf(protocol, options.coordinator);
  const slow = setTimeout(() => say("Starting the devices ..."), PATIENCE);
  const radio = await start(() =>
    offer.start({
      devices,
      ...(options.port === undefined ? {} : { port: wholeNumber("port", options.port, 65535) }),
      ...(options.host === undefined ? {} : { host: options.host }),
      ...(options.store === undefined ? {} : { store: options.store }),
      ...(coordinator === undefined ? {} : { coordinator }),
      ...(options.seed === undefined ? {} : { seed: wholeNumber("seed", options.seed, 0xffff_ffff) }),
    }),
  ).finally(() => clearTimeout(slow));

  introduce(radio, offer.title(coordinator), options.host ?? "127.0.0.1", say);
  for (const device of radio.devices) if (!device.joined) await device.powerOn();

  const lines = createInterface({ input });
  const quit = new Promise<void>((resolve) => {
    // One after the other: what a line sets off is answered before the next is read.
    let work = Promise.resolve();
    lines.on("line", (line) => {
      work = work.then(async () => {
        const answer = await executeLine(radio, line);
        if (answer === "quit") resolve();
        else if (answer !== undefined) say(answer);
      });
    });
  });
  const watch = setInterval(watcher(radio, say), WATCH_INTERVAL);
  await Promise.race([interrupted, quit]);
  clearInterval(watch);
  lines.close();
  await radio.close();
  say("The radio is off.");
}

async function start(begin: () => Promise<SimulatedRadio>): Promise<SimulatedRadio> {
  try {
    return await begin();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      throw new SimulateError("the port is taken: name another by --port, or none for a free one");
    throw error instanceof RangeError ? new SimulateError(error.message) : error;
  }
}

function introduce(radio: SimulatedRadio, title: string, host: string, say: (text: string) => void): void {
  say(radio.port === undefined ? title : `${title} on tcp://${host}:${radio.port}`);
  say("");
  const width = Math.max(...radio.devices.map(({ id }) => id.length));
  for (const { id, label, pin, joined } of radio.devices) {
    const code = pin === undefined ? "" : `  ${radio.port === undefined ? "code" : "PIN"} ${pin}`;
    say(`  ${id.padEnd(width)}  ${label}${code}${joined ? "  (in its network)" : ""}`);
  }
  say("");
  if (radio.port === undefined) {
    say("Next: start a hub on this network with --custom matter, and create a managed thing with a device's label, or");
    say("discover it by its code. The devices are on, and can be commissioned for 15 minutes.");
  } else {
    say(
      "Next: give the address above to your hub as its radio's port, and open its network, or create a managed thing",
    );
    say("with a device's label. The devices are on and look for a network.");
  }
  say(helpOf(radio));
}

/** Says what has changed since it was last asked. */
function watcher(radio: SimulatedRadio, say: (text: string) => void): () => void {
  const joined = new Map(radio.devices.map((device) => [device.id, device.joined]));
  let state = JSON.stringify(radio.joinState());
  return () => {
    const now = JSON.stringify(radio.joinState());
    if (now !== state) say(`* joining: ${now}`);
    state = now;
    for (const device of radio.devices) {
      if (joined.get(device.id) === device.joined) continue;
      joined.set(device.id, device.joined);
      say(`* ${device.id} ${device.joined ? "has joined" : "has left"}`);
    }
  };
}

function coordinatorOf(protocol: string, name: string | undefined): CoordinatorKind | undefined {
  if (name === undefined) return undefined;
  if (protocol !== "zigbee") throw new SimulateError("a coordinator is Zigbee's: leave --coordinator out");
  const kind = coordinatorKinds.find((one) => one === name);
  if (!kind) throw new SimulateError(`there is no coordinator ${name}: say ${coordinatorKinds.join(" or ")}`);
  return kind;
}

function wanted(options: SimulateOptions, types: readonly string[]): VirtualDeviceOptions[] {
  const told = `types are ${types.join(", ")}`;
  if (!options.device?.length) throw new SimulateError(`name at least one device by --device <type>; ${told}`);
  const devices = options.device.flatMap((text) => {
    const [type = "", count = "1"] = text.split(":");
    if (!types.includes(type)) throw new SimulateError(`there is no device ${type}; ${told}`);
    return Array.from({ length: wholeNumber("number of devices", count, MAX_DEVICES) }, () => ({
      type,
      ...(options.sleepy ? { sleepy: true } : {}),
      ...(options.secure ? { secure: true } : {}),
    }));
  });
  if (devices.length > MAX_DEVICES) throw new SimulateError(`a radio has at most ${MAX_DEVICES} devices`);
  return devices;
}

function wholeNumber(name: string, text: string, most: number): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= most) return Number(text);
  throw new SimulateError(`the ${name} is a whole number up to ${most}, not ${text}`);
}
