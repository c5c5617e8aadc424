import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock, silentLogger } from "@hearth/base";
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
  ends.push(() => rm(directory, { recursive: true, force: true }));
  const clock = new FakeClock();
  const bus = createMemoryBus();
  const told: [string, JsonObject][] = [];
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
      ...{ bus, clock, directory, log: silentLogger },
      settings: { ...settings, customPlugins: Object.keys(modules) },
    });
    ends.push(() => part.stop());
    return part;
  };
  const radio = createRadioClient(bus, "custom");
  const up = (...names: string[]) =>
    expect.poll(async () => (await radio.health({})).network ?? "", { interval: 1 }).toBe(names.join(", "));
  return { bus, clock, radio, told, begin, up };
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
  tell("joined", { device: { deviceId: "lamp.1" } });
  tell("changed", { deviceId: "lamp.1", at: 1, endpoints: [] });
  tell("failed", { reason: "somebody came and went" });
  await Promise.resolve();
  expect(told).toEqual([
    ["joined", { device: { deviceId: "lamp.1", protocol: "custom", managedThingId: "thing" } }],
    ["changed", { deviceId: "lamp.1", at: 1, endpoints: [] }],
    ["failed", { reason: "somebody came and went" }],
  ]);
});
