import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BulbState } from "./bulb.ts";

/**
 * The hub's plug-in for bulbs that speak HTTP. Their addresses are in `HTTP_BULBS`, with commas between them; which of
 * them have joined is in `bulbs.json`. See docs/guides/add-a-protocol.md.
 */

const LOOK = 2_000;
const ANSWER = 2_000;

/** As much of the hub's context as is used here. */
interface Context {
  clock: { after(delay: number, run: () => void): () => void; now(): number };
  directory: string;
  tell(word: "joined" | "changed" | "reachable", body: object): void;
}

interface Label {
  managedThingId: string;
  protocol: string;
  material: string;
}

interface Action {
  name: string;
  ref?: string;
  actionTraceId?: string;
  parameters?: Record<string, unknown>;
}

interface Command {
  endpointId: string;
  capabilities: { id: string; actions: Action[] }[];
}

interface Entry {
  address: string;
  last: BulbState;
  reachable: boolean;
}

const ON_OFF = "matter.OnOff@1.4";
const LEVEL = "matter.LevelControl@1.4";
const labelOf = (serial: string): string => `HTTPBULB:${serial}`;
const idOf = (serial: string): string => `httpbulb.${serial}`;

export async function createProtocolPlugin(context: Context, addresses = process.env["HTTP_BULBS"] ?? "") {
  const { clock, directory, tell } = context;
  const file = join(directory, "bulbs.json");
  const places = addresses.split(",").filter(Boolean);
  const bulbs = new Map<string, Entry>();
  let openUntil = 0;
  let labels: Label[] = [];
  let looking: Promise<void> = Promise.resolve();
  let cancel = () => {};
  let stopped = false;

  async function ask(address: string, change?: object): Promise<BulbState> {
    const signal = AbortSignal.timeout(ANSWER);
    const body = change === undefined ? {} : { method: "PUT", body: JSON.stringify(change) };
    const response = await fetch(`${address}/bulb`, { ...body, signal });
    if (!response.ok) throw new Error(`the bulb answers ${response.status}`);
    const { serial, model, on, level } = (await response.json()) as BulbState;
    const isBulb = typeof on === "boolean" && Number.isInteger(level) && /^[A-Za-z0-9]{1,32}$/.test(serial);
    if (!isBulb) throw new Error(`${address} is no bulb`);
    return { serial, model: String(model), on, level };
  }

  let saved: Promise<void> = Promise.resolve();
  /** A kill leaves the old list or the new one, never half of one. */
  const save = (): Promise<void> => {
    const write = async () => {
      const known = [...bulbs.values()].map(({ address, last }) => ({ address, last }));
      await writeFile(`${file}.new`, JSON.stringify(known));
      await rename(`${file}.new`, file);
    };
    saved = saved.then(write, write);
    return saved;
  };

  const device = ({ last, reachable }: Entry) => ({
    ...{ deviceId: idOf(last.serial), protocol: "httpbulb", radioId: labelOf(last.serial) },
    ...{ brand: "Hearth", model: last.model, name: `Bulb ${last.serial}`, deviceTypes: ["Dimmable Light"] },
    ...{ interviewed: true, sleepy: false, reachable },
  });

  const stateOf = ({ on, level }: BulbState) => [
    {
      endpointId: "1",
      capabilities: [
        { id: ON_OFF, properties: [{ name: "OnOff", value: on }] },
        { id: LEVEL, properties: [{ name: "CurrentLevel", value: level }] },
      ],
    },
  ];

  function entryOf(deviceId: string): Entry {
    const entry = [...bulbs.values()].find(({ last }) => idOf(last.serial) === deviceId);
    if (!entry) throw Object.assign(new Error(`there is no bulb ${deviceId}`), { code: "404" });
    return entry;
  }

  function took(entry: Entry, next: BulbState): void {
    const isNew = entry.last.on !== next.on || entry.last.level !== next.level;
    if (!entry.reachable) tell("reachable", { deviceId: idOf(next.serial), reachable: true });
    entry.reachable = true;
    entry.last = next;
    if (isNew) tell("changed", { deviceId: idOf(next.serial), at: clock.now(), endpoints: stateOf(next) });
  }

  const wants = (serial: string) =>
    clock.now() < openUntil || labels.some(({ material }) => material === labelOf(serial));

  async function look(address: string): Promise<void> {
    const known = bulbs.get(address);
    try {
      const state = await ask(address);
      if (stopped) return;
      if (known?.last.serial === state.serial) took(known, state);
      else if (wants(state.serial)) {
        const entry = { address, last: state, reachable: true };
        bulbs.set(address, entry);
        await save();
        tell("joined", { device: device(entry) });
      }
    } catch {
      if (known?.reachable) {
        known.reachable = false;
        tell("reachable", { deviceId: idOf(known.last.serial), reachable: false });
      }
    }
  }

  function lookAround(): void {
    cancel();
    looking = looking.then(async () => {
      await Promise.all(places.map(look));
      if (!stopped) cancel = clock.after(LOOK, lookAround);
    });
  }

  try {
    const saved = JSON.parse(await readFile(file, "utf8")) as { address: string; last: BulbState }[];
    for (const { address, last } of saved) bulbs.set(address, { address, last, reachable: true });
  } catch {
    // The first start: there are none.
  }
  lookAround();

  /** One action: what to change, or undefined for what a bulb cannot do. */
  function changeOf(id: string, name: string, parameters: Record<string, unknown>, { on }: BulbState) {
    if (name === "ReadState") return {};
    if (id.startsWith("matter.OnOff")) {
      if (name === "Toggle") return { on: !on };
      if (name === "On" || name === "Off") return { on: name === "On" };
    }
    if (id.startsWith("matter.LevelControl") && name === "MoveToLevel") {
      return { level: Math.max(1, Number(parameters["Level"])) };
    }
    return undefined;
  }

  async function run(entry: Entry, id: string, { name, ref, actionTraceId, parameters = {} }: Action) {
    const named = { name, ref, actionTraceId };
    const change = changeOf(id, name, parameters, entry.last);
    if (!change) return { ...named, responseCode: 501, errors: [{ code: "NotImplement", message: `no ${name}` }] };
    try {
      took(entry, await ask(entry.address, change));
      return { ...named, responseCode: 200 };
    } catch (error) {
      return { ...named, responseCode: 504, errors: [{ code: "Timeout", message: String(error) }] };
    }
  }

  async function runAll(entry: Entry, { endpointId, capabilities }: Command) {
    const answered = [];
    for (const { id, actions } of capabilities) {
      const done = [];
      for (const action of actions) done.push(await run(entry, id, action));
      // What it is now, as the bulb itself says.
      const [plain] = id.split("@");
      const now = stateOf(entry.last)[0]?.capabilities.find((one) => one.id.startsWith(`${plain}@`));
      answered.push({ id, actions: done, properties: now?.properties ?? [] });
    }
    return { endpointId, capabilities: answered };
  }

  return {
    protocol: "httpbulb",
    health: async () => ({ state: "up" }),
    async open({ seconds }: { seconds: number }) {
      openUntil = clock.now() + seconds * 1000;
      lookAround();
      return {};
    },
    async close() {
      openUntil = 0;
      return {};
    },
    async provision(request: { labels: Label[] }) {
      const others = request.labels.filter(({ material }) => !/^HTTPBULB:[A-Za-z0-9]{1,32}$/.test(material));
      labels = request.labels.filter((label) => !others.includes(label));
      lookAround();
      return { refused: others.map(({ managedThingId }) => ({ managedThingId, reason: "it is no bulb's label" })) };
    },
    devices: async () => ({ devices: [...bulbs.values()].map(device) }),
    async describe({ deviceId }: { deviceId: string }) {
      entryOf(deviceId);
      const capabilities = [
        {
          ...{ id: ON_OFF, name: "On/Off", version: "6" },
          ...{ properties: ["OnOff"], actions: ["Off", "On", "Toggle"], events: [] },
        },
        {
          ...{ id: LEVEL, name: "Level Control", version: "6" },
          ...{ properties: ["CurrentLevel"], actions: ["MoveToLevel"], events: [] },
        },
      ];
      const endpoints = [{ id: "1", deviceTypes: ["Dimmable Light"], capabilities }];
      return { capabilityReport: { version: "1.0.0", nodeId: deviceId, endpoints } };
    },
    async command({ deviceId, endpoints }: { deviceId: string; endpoints: Command[] }) {
      const entry = entryOf(deviceId);
      const answered = [];
      for (const endpoint of endpoints) answered.push(await runAll(entry, endpoint));
      return { endpoints: answered };
    },
    async state({ deviceId, refresh }: { deviceId: string; refresh: boolean }) {
      const entry = entryOf(deviceId);
      if (refresh) took(entry, await ask(entry.address));
      return { endpoints: stateOf(entry.last) };
    },
    async remove({ deviceId }: { deviceId: string }) {
      for (const [address, { last }] of bulbs) if (idOf(last.serial) === deviceId) bulbs.delete(address);
      await save();
      return { outcome: "gone" };
    },
    async stop() {
      stopped = true;
      cancel();
      await looking;
    },
  };
}
