import { FakeClock, silentLogger } from "@hearth/base";
import { expect, test } from "vitest";
import { createMemoryBus } from "../bus/memory-bus.ts";
import { createMemoryRadio } from "../plugins/memory-radio.ts";
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
  const radioWith = async (protocol: string, ...devices: (typeof plug)[]) => {
    const radio = createMemoryRadio(bus, protocol, clock);
    await radio.service.open({ seconds: 10 });
    for (const device of devices) radio.powerOn(device);
    return radio;
  };
  return { bus, cdmb, told, file, radioWith };
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
