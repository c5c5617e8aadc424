import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, FakeClock } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { afterEach, expect, test } from "vitest";
import { createMemoryBus } from "../bus/memory-bus.ts";
import type { CreateProtocolPlugin, PluginContext, ProtocolPlugin } from "../plugins/custom-plugin.ts";
import type { RadioDevice } from "../plugins/protocol-plugin.ts";
import { createRadioClient } from "../plugins/radio-client.ts";
import { createCustomPart } from "./custom-part.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const device = (deviceId: string): RadioDevice => ({
  ...{ deviceId, protocol: "lamp", radioId: deviceId, deviceTypes: ["On/Off Light"] },
  ...{ interviewed: true, sleepy: false, reachable: true },
});

/** A plug-in that does as it should, but for what `changed` says. */
function lamps(protocol: string, changed: Partial<ProtocolPlugin> = {}) {
  const contexts: PluginContext[] = [];
  const has = new Set([`${protocol}.1`]);
  const createProtocolPlugin: CreateProtocolPlugin = async (context) => {
    contexts.push(context);
    return {
      protocol,
      open: async () => ({}),
      close: async () => ({}),
      provision: async ({ labels }) => ({
        refused: labels
          .filter(({ material }) => !material.startsWith(protocol))
          .map(({ managedThingId }) => ({ managedThingId, reason: `no ${protocol}` })),
      }),
      devices: async () => ({ devices: [...has].map(device) }),
      describe: async ({ deviceId }) => ({ capabilityReport: { version: "1.0.0", nodeId: deviceId, endpoints: [] } }),
      command: async ({ endpoints }) => ({
        endpoints: endpoints.map(({ endpointId }) => ({ endpointId, capabilities: [] })),
      }),
      state: async () => ({ endpoints: [] }),
      async remove({ deviceId }) {
        has.delete(deviceId);
        return { outcome: "gone" };
      },
      health: async () => ({ state: "up" }),
      stop: async () => {},
      ...changed,
    };
  };
  return { contexts, module: { createProtocolPlugin } };
}

/** The part with these modules; a module that is an error cannot be imported. */
async function start(modules: Record<string, unknown>) {
  const directory = await mkdtemp(join(tmpdir(), "custom-"));
  ends.push(() => rm(directory, { recursive: true, force: true, maxRetries: 10 }));
  const clock = new FakeClock();
  const bus = createMemoryBus();
  const told: [string, JsonObject][] = [];
  const lines: string[] = [];
  const log = createLogger("info", { write: (line) => void lines.push(line) });
  for (const word of ["joined", "changed", "left", "failed", "health"]) {
    bus.subscribe(`radio.custom.${word}`, (body) => told.push([word, body]));
  }
  const settings = { configPath: "", stateDirectory: "", runDirectory: "", logDirectory: "" };
  const load = async (path: string) => {
    const module = modules[path];
    if (module instanceof Error) throw module;
    return module;
  };
  const begin = async () => {
    const part = await createCustomPart({ load }).start({
      ...{ bus, clock, directory, log },
      settings: { ...settings, customPlugins: Object.keys(modules) },
    });
    ends.push(() => part.stop());
    return part;
  };
  const radio = createRadioClient(bus, "custom");
  const up = (...names: string[]) =>
    expect.poll(async () => (await radio.health({})).network ?? "", { interval: 1 }).toBe(names.join(", "));
  return { bus, clock, radio, told, lines, begin, up };
}

const command = (deviceId: string) => ({
  ...{ deviceId, traceId: "t", within: 1000 },
  endpoints: [{ endpointId: "1", capabilities: [{ id: "matter.OnOff", actions: [{ name: "On", ref: "r" }] }] }],
});

test("plug-ins are one radio: devices of each, by the first word of their ids; bindings outlast a restart", async () => {
  const { radio, begin, up } = await start({ "/a.mjs": lamps("lamp").module, "/b.mjs": lamps("fan").module });
  const part = await begin();
  await up("lamp", "fan");
  await radio.bind({ deviceId: "fan.1", managedThingId: "thing" });
  expect((await radio.devices({})).devices).toMatchObject([
    { deviceId: "lamp.1", protocol: "custom" },
    { deviceId: "fan.1", protocol: "custom", managedThingId: "thing" },
  ]);
  const label = (managedThingId: string, material: string) => ({
    ...{ managedThingId, material, protocol: "CUSTOM" as const, materialType: "CUSTOM_PROTOCOL_QR_BAR_CODE" },
  });
  expect(await radio.provision({ labels: [label("1", "lamp:1"), label("2", "fan:1"), label("3", "door:1")] })).toEqual({
    refused: [{ managedThingId: "3", reason: "no lamp" }],
  });
  expect((await radio.describe({ deviceId: "fan.1", refresh: false })).capabilityReport.nodeId).toBe("fan.1");
  await expect(radio.describe({ deviceId: "door.1", refresh: false })).rejects.toMatchObject({ reason: "refused" });
  await radio.open({ seconds: 1, custom: { Name: "Lamp" } });
  await expect(radio.open({ seconds: 1, custom: { Name: "door" } })).rejects.toThrow("there are: lamp, fan");
  await part.stop();
  await begin();
  await up("lamp", "fan");
  expect((await radio.devices({})).devices[1]).toMatchObject({ managedThingId: "thing" });
  expect(await radio.remove({ deviceId: "fan.1", force: false, seconds: 1 })).toEqual({ outcome: "gone" });
  expect((await radio.devices({})).devices).toHaveLength(1);
});

test("a plug-in throws: what was asked of it fails, the others go on", async () => {
  const rude = lamps("rude", {
    command: () => {
      throw new Error("no");
    },
    devices: async () => ({ devices: "many" }) as never,
    describe: async () => undefined as never,
    remove: async () => {
      throw new Error("stuck");
    },
  });
  const { radio, begin, up } = await start({
    "/gone.mjs": new Error("Cannot find module /gone.mjs"),
    "/empty.mjs": {},
    "/zb.mjs": lamps("zb").module,
    "/rude.mjs": rude.module,
    "/good.mjs": lamps("lamp").module,
  });
  await begin();
  await up("rude", "lamp");
  const answer = await radio.command(command("rude.1"));
  expect(answer.endpoints[0]?.capabilities[0]?.actions).toEqual([
    { name: "On", ref: "r", responseCode: 500, errors: [{ code: "Fail", message: "no" }] },
  ]);
  expect((await radio.devices({})).devices.map(({ deviceId }) => deviceId)).toEqual(["lamp.1"]);
  await expect(radio.describe({ deviceId: "rude.1", refresh: false })).rejects.toThrow();
  await expect(radio.remove({ deviceId: "rude.1", force: false, seconds: 1 })).rejects.toThrow("stuck");
  expect(await radio.remove({ deviceId: "rude.1", force: true, seconds: 1 })).toEqual({ outcome: "gone" });
});

test("a plug-in hangs: its time is bounded, and after three times it is started anew", async () => {
  const never = () => new Promise<never>(() => {});
  const stops = [never];
  const slow = lamps("slow", { command: never, stop: async () => stops.pop()?.() });
  const { radio, clock, begin, up, told } = await start({
    "/slow.mjs": slow.module,
    "/good.mjs": lamps("lamp").module,
  });
  await begin();
  await up("slow", "lamp");
  await radio.bind({ deviceId: "slow.1", managedThingId: "thing" });
  for (let turn = 0; turn < 3; turn++) {
    const asked = radio.command(command("slow.1"));
    await expect
      .poll(
        async () => {
          clock.advance(3_000);
          return Promise.race([asked, Promise.resolve("waits")]);
        },
        { interval: 1 },
      )
      .toMatchObject({ endpoints: [{ capabilities: [{ actions: [{ responseCode: 504 }] }] }] });
  }
  // While it is away its devices are known, and answer so.
  expect((await radio.devices({})).devices).toMatchObject([
    { deviceId: "lamp.1" },
    { deviceId: "slow.1", managedThingId: "thing", reachable: false },
  ]);
  expect((await radio.command(command("slow.1"))).endpoints[0]?.capabilities[0]?.actions[0]?.responseCode).toBe(503);
  clock.advance(5_000);
  await up("slow", "lamp");
  expect(slow.contexts).toHaveLength(2);
  expect(told.filter(([word]) => word === "health").at(-1)?.[1]).toMatchObject({ network: "slow, lamp" });
});

test("a plug-in that cannot start is tried again, ever less often; none that runs is a radio that has failed", async () => {
  let starts = 0;
  const createProtocolPlugin = async () => {
    starts++;
    throw new Error("its gateway is not there");
  };
  const { radio, clock, begin } = await start({ "/poor.mjs": { createProtocolPlugin } });
  await begin();
  for (const [wait, count] of [
    [0, 1],
    [1_000, 2],
    [2_000, 3],
    [4_000, 4],
  ] as const) {
    clock.advance(wait);
    await expect.poll(() => starts, { interval: 1 }).toBe(count);
    await expect.poll(async () => (await radio.health({})).reason, { interval: 1 }).toBe("its gateway is not there");
  }
  await expect(radio.open({ seconds: 1 })).rejects.toThrow("its gateway is not there");
  expect(await radio.provision({ labels: [] })).toEqual({ refused: [] });
});

test("a plug-in speaks of its own devices only, briefly, and in the words there are", async () => {
  const one = lamps("lamp");
  const { radio, told, begin, up } = await start({ "/a.mjs": one.module, "/b.mjs": lamps("fan").module });
  await begin();
  await up("lamp", "fan");
  await radio.bind({ deviceId: "lamp.1", managedThingId: "thing" });
  told.length = 0;
  const tell = one.contexts[0]?.tell ?? expect.unreachable();
  tell("left", { deviceId: "fan.1" });
  tell("left", { deviceId: "lamp.1/../fan" });
  tell("left", {});
  tell("joined", { device: { deviceId: "fan.1" } });
  tell("health" as never, { deviceId: "lamp.1", state: "failed" });
  tell("changed", { deviceId: "lamp.1", at: 1, endpoints: [], text: "x".repeat(300_000) });
  tell("joined", { device: device("lamp.1") as never });
  tell("changed", { deviceId: "lamp.1", at: 1, endpoints: [] });
  tell("failed", { reason: "somebody came and went" });
  await Promise.resolve();
  expect(told).toEqual([
    ["joined", { device: { ...device("lamp.1"), protocol: "custom", managedThingId: "thing" } }],
    ["changed", { deviceId: "lamp.1", at: 1, endpoints: [] }],
    ["failed", { reason: "somebody came and went" }],
  ]);
});

const ON_OFF = "matter.OnOff@1.4";
const stateWith = (capability: unknown) => ({ endpoints: [{ endpointId: "1", capabilities: [capability] }] });

test("what a plug-in answers is of the shapes there are, or fails what was asked of it", async () => {
  const answers: { [method in keyof ProtocolPlugin]?: unknown } = {};
  const method =
    (name: keyof ProtocolPlugin): (() => Promise<never>) =>
    async () =>
      answers[name] as never;
  const liar = lamps("liar", {
    devices: method("devices"),
    describe: method("describe"),
    command: method("command"),
    state: method("state"),
    remove: method("remove"),
  });
  const { radio, begin, up } = await start({ "/liar.mjs": liar.module });
  await begin();
  await up("liar");
  const circle: JsonObject = {};
  circle["circle"] = circle;
  const deep = JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`);
  const states: unknown[] = [
    ...[undefined, null, 7, "endpoints", [], {}, { endpoints: {} }, { endpoints: [null] }, circle],
    ...[{ endpoints: [{ endpointId: "1" }] }, { endpoints: Array(101).fill({ endpointId: "1", capabilities: [] }) }],
    ...[stateWith(null), stateWith({ id: 7 }), stateWith({ id: ON_OFF, properties: [null] })],
    stateWith({ id: ON_OFF, properties: [{ name: "OnOff" }] }),
    stateWith({ id: ON_OFF, properties: [{ name: "OnOff", value: Symbol("on") }] }),
    stateWith({ id: ON_OFF, properties: [{ name: "OnOff", value: deep }] }),
    stateWith({ id: ON_OFF, properties: [{ name: "OnOff", value: "x".repeat(300_000) }] }),
    stateWith({ id: ON_OFF, properties: [{ name: "__proto__\u0000", value: true }] }),
    stateWith({ id: ON_OFF, events: [{ name: "Event", parameters: 7 }] }),
    {
      get endpoints() {
        throw new Error("look away");
      },
    },
  ];
  for (const [index, state] of states.entries()) {
    answers.state = state;
    await expect(radio.state({ deviceId: "liar.1", refresh: false }), `${index}`).rejects.toMatchObject({
      reason: "refused",
    });
  }
  const action = (more: object) => stateWith({ id: ON_OFF, actions: [{ name: "On", responseCode: 200, ...more }] });
  for (const answer of [null, stateWith({ id: ON_OFF }), action({ responseCode: "200" }), action({ errors: [7] })]) {
    answers.command = answer;
    const { endpoints } = await radio.command(command("liar.1"));
    expect(endpoints[0]?.capabilities[0]?.actions[0]).toMatchObject({ ref: "r", responseCode: 500 });
  }
  for (const [report, removal] of [
    [{}, {}],
    [{ endpoints: "many" }, { outcome: "perhaps" }],
    [null, { outcome: null }],
  ]) {
    answers.describe = { capabilityReport: report };
    answers.remove = removal;
    await expect(radio.describe({ deviceId: "liar.1", refresh: false })).rejects.toThrow("its answer to describe");
    await expect(radio.remove({ deviceId: "liar.1", force: false, seconds: 1 })).rejects.toThrow(
      "its answer to remove",
    );
  }
  for (const devices of [7, [null], [{ deviceId: "liar.1" }], Array(1_001).fill(device("liar.1"))]) {
    answers.devices = { devices };
    await expect(radio.devices({})).rejects.toMatchObject({ reason: "refused" });
  }
  // A thing of another radio's device, and a device of another's.
  answers.devices = { devices: [{ ...device("liar.1"), managedThingId: "thing", constructor: 7 }, device("zb.1")] };
  expect(await radio.devices({})).toEqual({ devices: [{ ...device("liar.1"), protocol: "custom" }] });
  // Beside the members that there are, nothing is passed on.
  answers.state = { ...stateWith({ id: ON_OFF, properties: [{ name: "OnOff", value: true, more: 1 }] }), toJSON: 7 };
  expect(await radio.state({ deviceId: "liar.1", refresh: false })).toEqual(
    stateWith({ id: ON_OFF, properties: [{ name: "OnOff", value: true }] }),
  );
});

test("whatever a plug-in throws, what was asked of it fails with a short reason", async () => {
  const errors: unknown[] = [
    null,
    Object.create(null),
    Object.assign(new Error("no"), { code: Symbol("no") }),
    new Error("x".repeat(2_000_000)),
    Object.defineProperty({}, "message", {
      get: () => {
        throw new Error("no");
      },
    }),
  ];
  let next = 0;
  const rude = lamps("rude", {
    state: () => {
      throw errors[next];
    },
  });
  const { radio, begin, up } = await start({ "/rude.mjs": rude.module });
  await begin();
  await up("rude");
  for (; next < errors.length; next++) {
    const failure = await radio.state({ deviceId: "rude.1", refresh: false }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: "refused" });
    expect((failure as Error).message.length).toBeLessThan(1_000);
  }
});

test("what a plug-in tells never comes back to it as an error, and never in another shape", async () => {
  const one = lamps("lamp");
  const { radio, told, clock, begin, up } = await start({ "/a.mjs": one.module });
  await begin();
  await up("lamp");
  const tell = (one.contexts[0]?.tell ?? expect.unreachable()) as (word: unknown, body?: unknown) => void;
  told.length = 0;
  const circle: JsonObject = { deviceId: "lamp.1" };
  circle["circle"] = circle;
  for (const body of [
    undefined,
    null,
    7,
    "lamp.1",
    [],
    circle,
    { deviceId: 1n },
    { deviceId: { toString: () => "lamp.1" } },
  ]) {
    for (const word of ["left", "changed", "joined", "reachable", "interviewing", "__proto__", undefined, {}]) {
      tell(word, body);
    }
  }
  tell("failed", { deviceId: "lamp.1", reason: { toString: null } });
  tell("reachable", { deviceId: "lamp.1", reachable: "yes" });
  tell("changed", { deviceId: "lamp.1", at: 1, endpoints: "none" });
  tell("changed", {
    deviceId: "lamp.1",
    at: 1,
    endpoints: [{ endpointId: "1", capabilities: [{ id: ON_OFF, properties: 7 }] }],
  });
  tell("joined", { device: { ...device("lamp.1"), deviceTypes: "Light" } });
  await Promise.resolve();
  expect(told.filter(([word]) => word !== "interviewing" && word !== "left")).toEqual([]);
  told.length = 0;
  // No time, and one that is not yet: the cloud would take neither.
  for (const at of [8.64e15, -1]) tell("changed", { deviceId: "lamp.1", at, endpoints: [] });
  tell("joined", { device: { ...device("lamp.1"), managedThingId: "thing of another" } });
  await Promise.resolve();
  expect(told).toEqual([
    ["changed", { deviceId: "lamp.1", at: clock.now(), endpoints: [] }],
    ["changed", { deviceId: "lamp.1", at: clock.now(), endpoints: [] }],
    ["joined", { device: { ...device("lamp.1"), protocol: "custom" } }],
  ]);
  expect((await radio.devices({})).devices).toHaveLength(1);
});

test("a flood of a plug-in's is bounded, and so is what the log says of it", async () => {
  const one = lamps("lamp");
  const { told, lines, clock, begin, up } = await start({ "/a.mjs": one.module });
  await begin();
  await up("lamp");
  const tell = one.contexts[0]?.tell ?? expect.unreachable();
  const flood = async () => {
    told.length = 0;
    for (let n = 0; n < 3_000; n++) tell("failed", { deviceId: "lamp.1", reason: "no" });
    for (let n = 0; n < 1_000; n++) tell("left", { deviceId: "fan.1" });
    await Promise.resolve();
    return told.length;
  };
  lines.length = 0;
  expect(await flood()).toBe(2_000);
  expect(lines).toHaveLength(1);
  clock.advance(1_000);
  expect(await flood()).toBe(200);
  clock.advance(9_000);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain("not passed on");
});

test("one protocol is one plug-in's, whatever another calls itself, then or later", async () => {
  const thief = { ...lamps("lamp"), contexts: [] as PluginContext[] };
  const names = ["fan", "lamp", "lamp"];
  const shifty = lamps("fan");
  const createProtocolPlugin: CreateProtocolPlugin = async (context) => {
    const plugin = await shifty.module.createProtocolPlugin(context);
    return Object.defineProperty(plugin, "protocol", { get: () => names.shift() ?? "lamp" });
  };
  const { radio, told, lines, begin, up } = await start({
    "/lamp.mjs": lamps("lamp").module,
    "/thief.mjs": thief.module,
    "/shifty.mjs": { createProtocolPlugin },
  });
  await begin();
  await up("lamp", "fan");
  expect(lines.join("")).toContain("another plug-in runs for the protocol lamp");
  told.length = 0;
  shifty.contexts[0]?.tell("left", { deviceId: "lamp.1" });
  await Promise.resolve();
  expect(told).toEqual([]);
  expect((await radio.devices({})).devices.map(({ deviceId }) => deviceId)).toEqual(["lamp.1", "fan.1"]);
});

test("a plug-in that comes too late is stopped, and one that was ended has nothing to say any more", async () => {
  let stops = 0;
  const stop = async () => void stops++;
  const late = lamps("late", { stop });
  let arrive = () => {};
  let tries = 0;
  const createProtocolPlugin: CreateProtocolPlugin = async (context) => {
    if (tries++ === 0)
      await new Promise<void>((resolve) => {
        arrive = resolve;
      });
    return late.module.createProtocolPlugin(context);
  };
  const { radio, clock, told, begin, up } = await start({ "/late.mjs": { createProtocolPlugin } });
  await begin();
  await expect.poll(() => tries, { interval: 1 }).toBe(1);
  clock.advance(30_000);
  await expect.poll(async () => (await radio.health({})).reason, { interval: 1 }).toContain("did not start");
  arrive();
  await expect.poll(() => stops, { interval: 1 }).toBe(1);
  clock.advance(1_000);
  await up("late");
  told.length = 0;
  late.contexts[0]?.tell("left", { deviceId: "late.1" });
  await Promise.resolve();
  expect(told).toEqual([]);
  late.contexts[1]?.tell("left", { deviceId: "late.1" });
  await Promise.resolve();
  expect(told).toEqual([["left", { deviceId: "late.1" }]]);
});
