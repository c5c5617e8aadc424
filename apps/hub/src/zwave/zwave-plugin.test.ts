import { statSync } from "node:fs";
import { join } from "node:path";
import { startZWaveNetwork, type ZWaveNetwork } from "@hearth/simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openZWaveHome, until } from "./zwave-home.ts";

/** One network for the whole file. */
let home: Awaited<ReturnType<typeof openZWaveHome<ZWaveNetwork>>>;
beforeAll(async () => {
  const devices = [
    ...[{ type: "lock" }, { type: "dimmable-light" }, { type: "plug" }, { type: "motion" }, { type: "lock" }],
    { type: "dimmable-light", sleepy: true },
  ];
  home = await openZWaveHome((store) => startZWaveNetwork({ ...{ devices, seed: 11 }, store }));
});
afterAll(() => home.close());

test("row 65: the Z-Wave plug-in opens and closes join mode on request", async () => {
  await until(() => home.network.joinState().mode !== "inclusion");
  await home.radio.open({ seconds: 60 });
  expect(home.network.joinState().mode).toBe("inclusion");
  await home.radio.close({});
  expect(home.network.joinState().mode).not.toBe("inclusion");
  expect(statSync(join(home.directory, "zwave-keys.json")).mode & 0o777).toBe(0o600);
});

test("a lock with its PIN is authenticated, locked and unlocked, and tells of a hand on it", async () => {
  const lock = await home.byButton("lock-1", home.device("lock-1").pin);
  expect(lock).toMatchObject({ interviewed: true, deviceTypes: ["Door Lock"] });
  expect(lock.deviceId).toMatch(/^zw\.[0-9A-F]{8}\.\d+$/);
  expect(lock.radioId?.slice(0, 5)).toBe(home.device("lock-1").pin);
  const { capabilityReport } = await home.radio.describe({ deviceId: lock.deviceId, refresh: false });
  expect(capabilityReport.endpoints.map(({ capabilities }) => capabilities.map(({ id }) => id))).toEqual([
    ["matter.DoorLock@1.4"],
  ]);
  const locked = await home.command(lock.deviceId, "matter.DoorLock@1.4", "LockDoor");
  expect(locked).toMatchObject({
    actions: [{ name: "LockDoor", responseCode: 200 }],
    properties: [{ name: "LockState", value: "Locked" }],
  });
  expect(home.device("lock-1").read("1/98/currentMode")).toBe(255);
  const from = home.heard.length;
  home.device("lock-1").change("1/98/currentMode", 0);
  const changed = await until(() =>
    home.heard.slice(from).find(({ topic, body }) => topic === "changed" && JSON.stringify(body).includes("Unlocked")),
  );
  expect(changed.body["deviceId"]).toBe(lock.deviceId);
});

test("SmartStart: a label brings its device, once, and its state is the device's", async () => {
  const from = home.heard.length;
  const wrong = { ...home.label("dimmable-light-1"), managedThingId: "wrong", material: "90012345" };
  const { refused } = await home.radio.provision({ labels: [home.label("dimmable-light-1"), wrong] });
  expect(refused).toEqual([{ managedThingId: "wrong", reason: expect.stringContaining("the label") }]);
  home.device("dimmable-light-1").powerOn();
  const light = await home.joinedAs(from);
  await home.radio.provision({ labels: [home.label("dimmable-light-1")] });
  expect(home.label("dimmable-light-1").material).toContain(light.radioId!.replaceAll("-", ""));
  await home.radio.bind({ deviceId: light.deviceId, managedThingId: "thing-1" });
  const moved = await home.command(light.deviceId, "matter.LevelControl@1.4", "MoveToLevel", { Level: 127 });
  expect(moved.actions).toEqual([{ name: "MoveToLevel", responseCode: 200, parameters: {} }]);
  expect(home.device("dimmable-light-1").read("1/38/currentValue")).toBe(50);
  const { endpoints } = await home.radio.state({ deviceId: light.deviceId, refresh: true });
  expect(endpoints[0]!.capabilities).toEqual([
    { id: "matter.OnOff@1.4", properties: [{ name: "OnOff", value: true }] },
    { id: "matter.LevelControl@1.4", properties: [{ name: "CurrentLevel", value: 128 }] },
  ]);
  expect(home.heard.slice(from).filter(({ topic }) => topic === "joined")).toHaveLength(1);
});

test("what needs its PIN is not let in without it, and leaves by its button", async () => {
  const from = home.heard.length;
  await home.radio.open({ seconds: 60 });
  home.device("lock-2").press();
  const { reason, deviceId } = await home.next("failed", from);
  expect(reason).toContain("needs its PIN");
  await until(() => home.network.joinState().mode === "exclusion");
  home.device("lock-2").press();
  await until(() => !home.device("lock-2").joined);
  await home.radio.close({});
  expect((await home.radio.devices({})).devices.map((one) => one.deviceId)).not.toContain(deviceId);
});

test("a stick that is pulled: 503 and the reason; back again, nothing has to be paired", async () => {
  const { devices } = await home.radio.devices({});
  const from = home.heard.length;
  await home.network.cut();
  expect(await home.next("health", from)).toMatchObject({ state: "coordinator-gone" });
  const { actions } = await home.command(devices[0]!.deviceId, "matter.DoorLock@1.4", "LockDoor");
  expect(actions).toMatchObject([{ responseCode: 503 }]);
  await expect(home.radio.open({ seconds: 5 })).rejects.toMatchObject({ reason: "refused" });
  await home.network.restore();
  await home.isUp();
  expect((await home.radio.devices({})).devices.map(({ deviceId }) => deviceId)).toEqual(
    devices.map((one) => one.deviceId),
  );
  const again = await home.command(devices[0]!.deviceId, "matter.DoorLock@1.4", "LockDoor");
  expect(again.actions).toMatchObject([{ responseCode: 200 }]);
});

test("removal waits for the button; included again, a device knows nothing of before", async () => {
  const plug = await home.byButton("plug-1", home.device("plug-1").pin);
  await home.radio.bind({ deviceId: plug.deviceId, managedThingId: "thing-2" });
  const silent = await home.radio.remove({ deviceId: plug.deviceId, force: false, seconds: 1 });
  expect(silent).toEqual({ outcome: "failed", reason: "its button was not pressed within 1 s" });
  const removing = home.radio.remove({ deviceId: plug.deviceId, force: false, seconds: 30 });
  await until(() => home.network.joinState().mode === "exclusion");
  home.device("plug-1").press();
  expect(await removing).toEqual({ outcome: "gone" });
  const again = await home.byButton("plug-1", home.device("plug-1").pin);
  expect(again.deviceId).not.toBe(plug.deviceId);
  expect(again.managedThingId).toBeUndefined();
  home.device("plug-1").mute();
  expect(await home.radio.remove({ deviceId: again.deviceId, force: false, seconds: 1 })).toEqual({ outcome: "gone" });
});

test("a sleeping node tells at once, and what it did not hear in time is not sent when it wakes up", async () => {
  const light = await home.byButton("dimmable-light-2", home.device("dimmable-light-2").pin);
  expect(light).toMatchObject({ sleepy: true });
  home.device("dimmable-light-2").sleep();
  const from = home.heard.length;
  home.device("dimmable-light-2").change("1/38/currentValue", 99);
  const told = await until(() =>
    home.heard.slice(from).find(({ body }) => JSON.stringify(body).includes("CurrentLevel")),
  );
  expect(told.body["deviceId"]).toBe(light.deviceId);
  const capabilities = [{ id: "matter.OnOff@1.4", actions: [{ name: "Off", parameters: {} }] }];
  const endpoints = [{ endpointId: "1", capabilities }];
  const late = await home.radio.command({ deviceId: light.deviceId, traceId: "t", within: 300, endpoints });
  expect(late.endpoints[0]!.capabilities[0]!.actions).toMatchObject([{ responseCode: 504 }]);
  home.device("dimmable-light-2").wake();
  const heardAgain = await home.command(light.deviceId, "matter.OnOff@1.4", "ReadState", {
    propertiesToRead: ["OnOff"],
  });
  expect(heardAgain.properties).toEqual([{ name: "OnOff", value: true }]);
  expect(home.device("dimmable-light-2").read("1/38/currentValue")).toBe(99);
});

test("network-wide exclusion takes whose button is pressed, ours or not; a forced removal asks nobody", async () => {
  const { devices } = await home.radio.devices({});
  const [first, second] = devices;
  const from = home.heard.length;
  const excluding = home.radio.exclude({ seconds: 30 });
  await until(() => home.network.joinState().mode === "exclusion");
  home.device("lock-2").press();
  expect(await excluding).toEqual({ outcome: "gone" });
  const again = home.radio.exclude({ seconds: 30 });
  await until(() => home.network.joinState().mode === "exclusion");
  home.device("dimmable-light-2").press();
  const { outcome, deviceId } = await again;
  expect([outcome, devices.map((one) => one.deviceId).includes(deviceId ?? "")]).toEqual(["gone", true]);
  expect(await home.next("left", from)).toEqual({ deviceId });
  const kept = first?.deviceId === deviceId ? second : first;
  const forced = await home.radio.remove({ deviceId: kept?.deviceId ?? "", force: true, seconds: 5 });
  expect(forced).toEqual({ outcome: "gone" });
  expect((await home.radio.devices({})).devices).toHaveLength(devices.length - 2);
});

test("a driver that begins anew keeps its network, keys and values; a reset forgets them", async () => {
  const { devices } = await home.radio.devices({});
  const ids = devices.map(({ deviceId }) => deviceId);
  const states = await Promise.all(ids.map((deviceId) => home.radio.state({ deviceId, refresh: false })));
  const { network } = await home.radio.health({});
  await home.restart();
  await home.isUp();
  expect((await home.radio.health({})).network).toBe(network);
  expect((await home.radio.devices({})).devices.map(({ deviceId }) => deviceId)).toEqual(ids);
  expect(await Promise.all(ids.map((deviceId) => home.radio.state({ deviceId, refresh: false })))).toEqual(states);
  // With the keys of before: refreshed, each speaks.
  for (const deviceId of ids) await home.radio.state({ deviceId, refresh: true });
  await home.radio.reset({});
  await home.isUp();
  expect((await home.radio.devices({})).devices).toEqual([]);
  expect((await home.radio.health({})).network).not.toBe(network);
});
