import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { startZWaveNetwork, type VirtualDevice, type ZWaveNetwork } from "@hearth/simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMemoryBus } from "../bus/memory-bus.ts";
import type { RadioDevice, RadioService } from "../plugins/protocol-plugin.ts";
import { createRadioClient } from "../plugins/radio-client.ts";
import { createZWavePart } from "./zwave-part.ts";

/** The part on the real driver, and the simulator's controller behind TCP: one network for the whole file. */
let directory: string;
let network: ZWaveNetwork;
let part: { stop(): Promise<void> };
const bus = createMemoryBus();
const radio: RadioService = createRadioClient(bus, "zwave");
const heard: { topic: string; body: JsonObject }[] = [];
for (const word of ["joined", "failed", "left", "changed", "health", "interviewing", "reachable"]) {
  bus.subscribe(`radio.zwave.${word}`, (body) => heard.push({ topic: word, body }));
}

const device = (id: string): VirtualDevice => network.devices.find((one) => one.id === id)!;
const label = (id: string) => ({
  managedThingId: `thing-${id}`,
  protocol: "ZWAVE" as const,
  materialType: "ZWAVE_QR_BAR_CODE",
  material: device(id).label,
});

async function until<T>(what: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await what();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
const next = (topic: string, from: number) =>
  until(() => heard.slice(from).find((one) => one.topic === topic)).then(({ body }) => body);
const joinedAs = async (from: number) => (await next("joined", from))["device"] as unknown as RadioDevice;

async function startPart() {
  return await createZWavePart().start({
    bus,
    clock: systemClock,
    log: silentLogger,
    directory,
    settings: {
      ...{ configPath: "", stateDirectory: "", runDirectory: "", logDirectory: "", customPlugins: [] },
      zwave: { port: `tcp://127.0.0.1:${network.port}` },
    },
  });
}
const isUp = () => until(async () => (await radio.health({})).state === "up");

async function command(deviceId: string, capability: string, name: string, parameters: JsonObject = {}) {
  const endpoints = [{ endpointId: "1", capabilities: [{ id: capability, actions: [{ name, parameters }] }] }];
  const answer = await radio.command({ deviceId, traceId: "t", within: 5_000, endpoints });
  return answer.endpoints[0]!.capabilities[0]!;
}

async function byButton(id: string, material?: string): Promise<RadioDevice> {
  const from = heard.length;
  await radio.open({ seconds: 60, ...(material ? { material } : {}) });
  device(id).press();
  const joined = await joinedAs(from);
  await radio.close({});
  return joined;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "hearth-hub-zwave-"));
  network = await startZWaveNetwork({
    devices: [
      ...[{ type: "lock" }, { type: "dimmable-light" }, { type: "plug" }, { type: "motion" }, { type: "lock" }],
      { type: "dimmable-light", sleepy: true },
    ],
    store: join(directory, "network.json"),
    seed: 11,
  });
  part = await startPart();
  await isUp();
});

afterAll(async () => {
  await part.stop();
  await network.close();
  rmSync(directory, { recursive: true });
});

test("row 65 (part): the Z-Wave plug-in opens and closes join mode on request", async () => {
  await until(() => network.joinState().mode !== "inclusion");
  await radio.open({ seconds: 60 });
  expect(network.joinState().mode).toBe("inclusion");
  await radio.close({});
  expect(network.joinState().mode).not.toBe("inclusion");
  expect(statSync(join(directory, "zwave-keys.json")).mode & 0o777).toBe(0o600);
});

test("a lock with its PIN is authenticated, locked and unlocked, and tells of a hand on it", async () => {
  const lock = await byButton("lock-1", device("lock-1").pin);
  expect(lock).toMatchObject({ interviewed: true, deviceTypes: ["Door Lock"] });
  expect(lock.deviceId).toMatch(/^zw\.[0-9A-F]{8}\.\d+$/);
  expect(lock.radioId?.slice(0, 5)).toBe(device("lock-1").pin);
  const { capabilityReport } = await radio.describe({ deviceId: lock.deviceId, refresh: false });
  expect(capabilityReport.endpoints.map(({ capabilities }) => capabilities.map(({ id }) => id))).toEqual([
    ["matter.DoorLock@1.4"],
  ]);
  const locked = await command(lock.deviceId, "matter.DoorLock@1.4", "LockDoor");
  expect(locked).toMatchObject({
    actions: [{ name: "LockDoor", responseCode: 200 }],
    properties: [{ name: "LockState", value: "Locked" }],
  });
  expect(device("lock-1").read("1/98/currentMode")).toBe(255);
  const from = heard.length;
  device("lock-1").change("1/98/currentMode", 0);
  const changed = await until(() =>
    heard.slice(from).find(({ topic, body }) => topic === "changed" && JSON.stringify(body).includes("Unlocked")),
  );
  expect(changed.body["deviceId"]).toBe(lock.deviceId);
});

test("SmartStart: a label brings its device, once, and its state is the device's", async () => {
  const from = heard.length;
  const wrong = { ...label("dimmable-light-1"), managedThingId: "wrong", material: "90012345" };
  const { refused } = await radio.provision({ labels: [label("dimmable-light-1"), wrong] });
  expect(refused).toEqual([{ managedThingId: "wrong", reason: expect.stringContaining("the label") }]);
  device("dimmable-light-1").powerOn();
  const light = await joinedAs(from);
  await radio.provision({ labels: [label("dimmable-light-1")] });
  expect(label("dimmable-light-1").material).toContain(light.radioId!.replaceAll("-", ""));
  await radio.bind({ deviceId: light.deviceId, managedThingId: "thing-1" });
  const moved = await command(light.deviceId, "matter.LevelControl@1.4", "MoveToLevel", { Level: 127 });
  expect(moved.actions).toEqual([{ name: "MoveToLevel", responseCode: 200, parameters: {} }]);
  expect(device("dimmable-light-1").read("1/38/currentValue")).toBe(50);
  const { endpoints } = await radio.state({ deviceId: light.deviceId, refresh: true });
  expect(endpoints[0]!.capabilities).toEqual([
    { id: "matter.OnOff@1.4", properties: [{ name: "OnOff", value: true }] },
    { id: "matter.LevelControl@1.4", properties: [{ name: "CurrentLevel", value: 128 }] },
  ]);
  expect(heard.slice(from).filter(({ topic }) => topic === "joined")).toHaveLength(1);
});

test("what needs its PIN is not let in without it, and leaves by its button", async () => {
  const from = heard.length;
  await radio.open({ seconds: 60 });
  device("lock-2").press();
  const { reason, deviceId } = await next("failed", from);
  expect(reason).toContain("needs its PIN");
  await until(() => network.joinState().mode === "exclusion");
  device("lock-2").press();
  await until(() => !device("lock-2").joined);
  await radio.close({});
  expect((await radio.devices({})).devices.map((one) => one.deviceId)).not.toContain(deviceId);
});

test("a stick that is pulled: 503 and the reason; back again, nothing has to be paired", async () => {
  const { devices } = await radio.devices({});
  const from = heard.length;
  await network.cut();
  expect(await next("health", from)).toMatchObject({ state: "coordinator-gone" });
  const { actions } = await command(devices[0]!.deviceId, "matter.DoorLock@1.4", "LockDoor");
  expect(actions).toMatchObject([{ responseCode: 503 }]);
  await expect(radio.open({ seconds: 5 })).rejects.toMatchObject({ reason: "refused" });
  await network.restore();
  await isUp();
  expect((await radio.devices({})).devices.map(({ deviceId }) => deviceId)).toEqual(devices.map((one) => one.deviceId));
  const again = await command(devices[0]!.deviceId, "matter.DoorLock@1.4", "LockDoor");
  expect(again.actions).toMatchObject([{ responseCode: 200 }]);
});

test("removal waits for the button; included again, a device knows nothing of before", async () => {
  const plug = await byButton("plug-1", device("plug-1").pin);
  await radio.bind({ deviceId: plug.deviceId, managedThingId: "thing-2" });
  const silent = await radio.remove({ deviceId: plug.deviceId, force: false, seconds: 1 });
  expect(silent).toEqual({ outcome: "failed", reason: "its button was not pressed within 1 s" });
  const removing = radio.remove({ deviceId: plug.deviceId, force: false, seconds: 30 });
  await until(() => network.joinState().mode === "exclusion");
  device("plug-1").press();
  expect(await removing).toEqual({ outcome: "gone" });
  const again = await byButton("plug-1", device("plug-1").pin);
  expect(again.deviceId).not.toBe(plug.deviceId);
  expect(again.managedThingId).toBeUndefined();
  device("plug-1").mute();
  expect(await radio.remove({ deviceId: again.deviceId, force: false, seconds: 1 })).toEqual({ outcome: "gone" });
});

test("a sleeping node tells at once, and what it did not hear in time is not sent when it wakes up", async () => {
  const light = await byButton("dimmable-light-2", device("dimmable-light-2").pin);
  expect(light).toMatchObject({ sleepy: true });
  device("dimmable-light-2").sleep();
  const from = heard.length;
  device("dimmable-light-2").change("1/38/currentValue", 99);
  const told = await until(() => heard.slice(from).find(({ body }) => JSON.stringify(body).includes("CurrentLevel")));
  expect(told.body["deviceId"]).toBe(light.deviceId);
  const capabilities = [{ id: "matter.OnOff@1.4", actions: [{ name: "Off", parameters: {} }] }];
  const endpoints = [{ endpointId: "1", capabilities }];
  const late = await radio.command({ deviceId: light.deviceId, traceId: "t", within: 300, endpoints });
  expect(late.endpoints[0]!.capabilities[0]!.actions).toMatchObject([{ responseCode: 504 }]);
  device("dimmable-light-2").wake();
  const heardAgain = await command(light.deviceId, "matter.OnOff@1.4", "ReadState", { propertiesToRead: ["OnOff"] });
  expect(heardAgain.properties).toEqual([{ name: "OnOff", value: true }]);
  expect(device("dimmable-light-2").read("1/38/currentValue")).toBe(99);
});
