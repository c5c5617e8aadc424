import { FakeClock, silentLogger } from "@hearth/base";
import { expect, test } from "vitest";
import { createMemoryBus } from "../bus/memory-bus.ts";
import { createMemoryRadio, type MemoryDevice, type MemoryRadio } from "../plugins/memory-radio.ts";
import { createRegistry, type RegistryRecords } from "../registry/registry.ts";
import { createStateCache } from "../registry/state-cache.ts";
import type { JsonFile } from "../state/state.ts";
import { createCdmb } from "./cdmb.ts";
import type { ThingChanged } from "./cdmb-service.ts";

const plug = { deviceId: "zb.1", values: { on: false } };
const on = [{ endpointId: "1", capabilities: [{ id: "matter.OnOff", actions: [{ name: "On" }] }] }];
const asked = { managedThingId: "thing", traceId: "t", within: 1000, endpoints: on };

function memoryFile(value: RegistryRecords = {}): JsonFile<RegistryRecords> {
  const file = {
    value,
    async replace(next: RegistryRecords) {
      file.value = next;
    },
  };
  return file;
}

function bench(file = memoryFile()) {
  const bus = createMemoryBus();
  const clock = new FakeClock();
  const told: ThingChanged[] = [];
  bus.subscribe("cdmb.changed", (body) => told.push(body as unknown as ThingChanged));
  const cdmb = createCdmb({ bus, registry: createRegistry(file), clock, log: silentLogger });
  const radioWith = async (protocol: string, ...devices: MemoryDevice[]) => {
    const radio = createMemoryRadio(bus, protocol, clock);
    await radio.service.open({ seconds: 10 });
    for (const device of devices) radio.powerOn(device);
    return radio;
  };
  return { bus, clock, cdmb, told, file, radioWith };
}

/** What was published has been heard of. */
const delivered = () => new Promise((resolve) => setImmediate(resolve));

const code = (answer: { endpoints: { capabilities: { actions: { responseCode: number }[] }[] }[] }) =>
  answer.endpoints[0]?.capabilities[0]?.actions[0]?.responseCode;

test("a command goes to the radio that has the device, and reports carry the managed thing's id", async () => {
  const { cdmb, told, radioWith } = bench();
  await radioWith("zwave");
  const radio = await radioWith("zigbee", plug);
  await cdmb.settled();
  radio.change("zb.1", { on: true });
  await delivered();
  expect(told).toEqual([]);

  await radio.service.bind({ deviceId: "zb.1", managedThingId: "thing" });
  await cdmb.service.bound({ deviceId: "zb.1", managedThingId: "thing" });
  await cdmb.settled();
  expect(await cdmb.service.devices({})).toEqual({
    devices: [{ deviceId: "zb.1", managedThingId: "thing", protocol: "zigbee" }],
  });
  const named = { id: "matter.OnOff@1.4", name: "On/Off", version: "6" };
  expect(await cdmb.service.state({ managedThingId: "thing" })).toEqual({
    deviceId: "zb.1",
    endpoints: [{ endpointId: "1", capabilities: [{ ...named, properties: [{ name: "OnOff", value: true }] }] }],
  });
  radio.change("zb.1", { on: false });
  await delivered();
  expect(told).toEqual([
    {
      ...{ managedThingId: "thing", deviceId: "zb.1", at: expect.any(Number) },
      endpoints: [{ endpointId: "1", capabilities: [{ ...named, properties: [{ name: "OnOff", value: false }] }] }],
    },
  ]);
  expect(code(await cdmb.service.command(asked))).toBe(200);
  expect(radio.value("zb.1", "on")).toBe(true);

  await cdmb.service.unbound({ deviceId: "zb.1" });
  expect(code(await cdmb.service.command(asked))).toBe(404);
  await expect(cdmb.service.state({ managedThingId: "thing" })).rejects.toMatchObject({ code: "404" });
});

test("a thing keeps its device while its radio is away, and is read again when that is back", async () => {
  const { cdmb, told, radioWith } = bench(memoryFile({ "zb.1": { managedThingId: "thing", protocol: "zigbee" } }));
  expect(code(await cdmb.service.command(asked))).toBe(503);
  let radio = await radioWith("zigbee", plug);
  await radio.service.bind({ deviceId: "zb.1", managedThingId: "thing" });
  await cdmb.settled();
  expect(code(await cdmb.service.command(asked))).toBe(200);
  radio.stop();
  expect(code(await cdmb.service.command(asked))).toBe(503);

  told.length = 0;
  radio = await radioWith("zigbee", plug, { deviceId: "zb.2", values: { on: true } });
  await radio.service.bind({ deviceId: "zb.1", managedThingId: "thing" });
  await radio.service.bind({ deviceId: "zb.2", managedThingId: "other" });
  await cdmb.settled();
  expect(told.map(({ managedThingId, whole }) => [managedThingId, whole]).sort()).toEqual([
    ["other", true],
    ["thing", true],
  ]);

  // The coordinator was unplugged: what happened meanwhile is read, once it is there again.
  told.length = 0;
  radio.setHealth({ state: "coordinator-gone" });
  await delivered();
  expect(told).toEqual([]);
  radio.setHealth({ state: "up" });
  await expect.poll(() => told.length, { interval: 5 }).toBe(2);
});

const reads = ({ asked: all }: MemoryRadio) =>
  all.filter(({ method, request }) => method === "state" && request["refresh"] === true).length;
const silence = async (): Promise<never> => {
  throw Object.assign(new Error("no answer"), { code: "504" });
};

test("a device whose state cannot be read is asked again with growing pauses, and not without end", async () => {
  const { bus, cdmb, clock, told, radioWith } = bench();
  const radio = await radioWith("zigbee", plug);
  radio.fail("read", silence);
  await radio.service.bind({ deviceId: "zb.1", managedThingId: "thing" });
  await cdmb.settled();
  const begun = reads(radio);
  expect(begun).toBe(1);
  const pass = async (seconds: number, talks = false) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      if (talks) radio.change("zb.1", { on: second % 2 === 0 });
      if (talks) await delivered();
      await cdmb.settled();
    }
    return reads(radio) - begun;
  };
  expect(await pass(29)).toBe(0);
  expect(await pass(1)).toBe(1);
  // However much it talks.
  expect(await pass(59, true)).toBe(1);
  expect(await pass(1)).toBe(2);
  expect(await pass(3_600)).toBe(7);
  expect(await pass(3_600)).toBe(7);
  // It was not to be reached all the time, and is back.
  bus.publish("radio.zigbee.reachable", { deviceId: "zb.1", reachable: true });
  await delivered();
  await cdmb.settled();
  expect(reads(radio) - begun).toBe(8);
  radio.fail("read", undefined);
  told.length = 0;
  expect(await pass(60)).toBe(9);
  expect(told.filter(({ whole }) => whole)).toHaveLength(1);
  expect(await pass(600, true)).toBe(9);
});

test("a sleeping device is read once when it is heard, and what is unbound or gone is asked nothing more", async () => {
  const { bus, cdmb, clock, radioWith } = bench();
  const radio = await radioWith("zigbee", { ...plug, sleepy: true }, { deviceId: "zb.2", values: { on: true } });
  await radio.service.bind({ deviceId: "zb.1", managedThingId: "thing" });
  await radio.service.bind({ deviceId: "zb.2", managedThingId: "other" });
  radio.fail("read", silence);
  await cdmb.settled();
  expect(reads(radio)).toBe(1);
  await cdmb.service.unbound({ deviceId: "zb.2" });
  radio.fail("read", undefined);
  clock.advance(3_600_000);
  await cdmb.settled();
  expect(reads(radio)).toBe(1);
  for (let report = 0; report < 5; report++) radio.change("zb.1", { on: report % 2 === 0 });
  await delivered();
  await cdmb.settled();
  expect(reads(radio)).toBe(2);

  radio.setHealth({ state: "coordinator-gone" });
  await delivered();
  radio.setHealth({ state: "up" });
  await delivered();
  await cdmb.settled();
  radio.setHealth({ state: "coordinator-gone" });
  await delivered();
  const before = reads(radio);
  bus.publish("radio.zigbee.reachable", { deviceId: "zb.1", reachable: true });
  await delivered();
  await cdmb.settled();
  expect(reads(radio)).toBe(before);
});

test("a radio that does not say what it has is asked again, and its devices are read four at a time", async () => {
  const { cdmb, clock, told, radioWith } = bench();
  const radio = await radioWith("zigbee");
  radio.fail("devices", silence);
  const ids = Array.from({ length: 12 }, (_, n) => `zb.${n}`);
  for (const deviceId of ids) {
    radio.powerOn({ deviceId, values: { on: true } });
    await radio.service.bind({ deviceId, managedThingId: `thing-${deviceId}` });
  }
  await cdmb.settled();
  clock.advance(1_000);
  await cdmb.settled();
  expect(told).toEqual([]);
  radio.fail("devices", undefined);
  let together = 0;
  let most = 0;
  radio.fail("read", async () => {
    together++;
    most = Math.max(most, together);
    await delivered();
    together--;
    return undefined as never;
  });
  clock.advance(2_000);
  await cdmb.settled();
  expect(told).toHaveLength(ids.length);
  expect(most).toBe(4);
});

test("what a radio answers, and what it does not, has its code", async () => {
  const { cdmb, radioWith } = bench();
  const radio = await radioWith("zigbee", plug);
  await radio.service.bind({ deviceId: "zb.1", managedThingId: "thing" });
  await cdmb.service.bound({ deviceId: "zb.1", managedThingId: "thing" });
  radio.fail("command", async () => {
    throw Object.assign(new Error("burnt"), { code: "509" });
  });
  expect(code(await cdmb.service.command(asked))).toBe(509);
  radio.fail("command", async () => {
    throw new Error("burnt");
  });
  expect(code(await cdmb.service.command(asked))).toBe(500);
  await expect(cdmb.service.bound({ deviceId: "zb.9", managedThingId: "x" })).rejects.toMatchObject({ code: "404" });
  // A thing that gets another device, and a device that gets another thing.
  radio.powerOn({ deviceId: "zb.2", values: { on: false } });
  await cdmb.service.bound({ deviceId: "zb.2", managedThingId: "thing" });
  expect((await cdmb.service.devices({})).devices).toHaveLength(1);
});

test("what the disk has not taken is not said to be bound, and the radio's devices are known all the same", async () => {
  let full = true;
  const written = memoryFile();
  const file: JsonFile<RegistryRecords> = {
    get value() {
      return written.value;
    },
    replace: async (next) => {
      if (full) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      await written.replace(next);
    },
  };
  const registry = createRegistry(file);
  const device = { deviceId: "zb.1", managedThingId: "thing", protocol: "zigbee" };
  await expect(registry.bind(device)).rejects.toThrow("no space left");
  // Asked again, it is tried again.
  await expect(registry.bind(device)).rejects.toThrow("no space left");
  full = false;
  const other = { deviceId: "zb.2", managedThingId: "other", protocol: "zigbee" };
  await Promise.all([registry.bind(device), registry.bind(other)]);
  expect(Object.keys(written.value)).toEqual(["zb.1", "zb.2"]);
  full = true;
  await expect(registry.unbind("zb.1")).rejects.toThrow("no space left");
  expect(registry.byDevice("zb.1")).toEqual(device);

  const { bus, cdmb, radioWith, told } = bench(file);
  const third = { deviceId: "zb.3", values: { on: true } };
  const radio = await radioWith("zigbee", third);
  await radio.service.bind({ deviceId: "zb.3", managedThingId: "third" });
  bus.publish("radio.zigbee.health", { state: "coordinator-gone" });
  bus.publish("radio.zigbee.health", { state: "up" });
  await delivered();
  await cdmb.settled();
  await delivered();
  expect(told.at(-1)).toMatchObject({ managedThingId: "third", whole: true });
  expect(await cdmb.service.command({ ...asked, managedThingId: "third" })).toMatchObject({ deviceId: "zb.3" });
});

test("a device cannot make the hub remember without end", () => {
  const cache = createStateCache();
  for (let endpoint = 0; endpoint < 50; endpoint++) {
    for (let n = 0; n < 50; n++) {
      const properties = Array.from({ length: 3 }, (_, index) => ({ name: `p${n}.${index}`, value: n }));
      cache.apply("zb.1", [
        {
          endpointId: String(endpoint),
          capabilities: [
            { id: `x.C${n}@1.0`, properties },
            { id: "x.All@1.0", properties },
          ],
        },
      ]);
    }
  }
  const state = cache.read("zb.1");
  expect(state).toHaveLength(40);
  for (const { capabilities } of state) {
    expect(capabilities.length).toBeLessThanOrEqual(40);
    for (const { properties } of capabilities) expect(properties?.length).toBeLessThanOrEqual(100);
  }
});
