import { statSync } from "node:fs";
import { join } from "node:path";
import { startZWaveNetwork, type ZWaveNetwork } from "@hearth/simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StateEndpoint } from "../plugins/protocol-plugin.ts";
import { openZWaveHome, until } from "./zwave-home.ts";

/** One network for the whole file. */
let home: Awaited<ReturnType<typeof openZWaveHome<ZWaveNetwork>>>;
beforeAll(async () => {
  const types = ["keypad-lock", "dimmable-light", "plug", "motion", "lock", "plug", "lock", "power-strip"];
  const devices = [...types.map((type) => ({ type })), { type: "dimmable-light", sleepy: true }];
  home = await openZWaveHome((store) => startZWaveNetwork({ ...{ devices, seed: 11 }, store }));
});
afterAll(() => home.close());

const heardSince = (from: number, topic: string) => home.heard.slice(from).filter((one) => one.topic === topic);
const devices = async () => (await home.radio.devices({})).devices;
const deviceIds = async () => (await devices()).map(({ deviceId }) => deviceId);

test("row 65: the Z-Wave plug-in opens and closes join mode on request", async () => {
  await until(() => home.network.joinState().mode !== "inclusion");
  await home.radio.open({ seconds: 60 });
  expect(home.network.joinState().mode).toBe("inclusion");
  await home.radio.close({});
  expect(home.network.joinState().mode).not.toBe("inclusion");
  expect(statSync(join(home.directory, "zwave-keys.json")).mode & 0o777).toBe(0o600);
});

test("a lock with its PIN is authenticated, locked and unlocked, and tells of a hand on it", async () => {
  const lock = await home.byButton("keypad-lock-1", home.device("keypad-lock-1").pin);
  expect(lock).toMatchObject({ interviewed: true, deviceTypes: ["Door Lock"] });
  expect(lock.deviceId).toMatch(/^zw\.[0-9A-F]{8}\.\d+$/);
  expect(lock.radioId?.slice(0, 5)).toBe(home.device("keypad-lock-1").pin);
  const { capabilityReport } = await home.radio.describe({ deviceId: lock.deviceId, refresh: false });
  expect(capabilityReport.endpoints.map(({ capabilities }) => capabilities.map(({ id }) => id))).toEqual([
    ["matter.DoorLock@1.4"],
  ]);
  const locked = await home.command(lock.deviceId, "matter.DoorLock@1.4", "LockDoor");
  expect(locked).toMatchObject({
    actions: [{ name: "LockDoor", responseCode: 200 }],
    properties: [{ name: "LockState", value: "Locked" }],
  });
  expect(home.device("keypad-lock-1").read("1/98/currentMode")).toBe(255);
  const from = home.heard.length;
  home.device("keypad-lock-1").change("1/98/currentMode", 0);
  const changed = await until(() =>
    heardSince(from, "changed").find(({ body }) => JSON.stringify(body).includes("Unlocked")),
  );
  expect(changed.body["deviceId"]).toBe(lock.deviceId);
  home.device("keypad-lock-1").change("1/113/6", 6);
  const told = await until(() =>
    heardSince(from, "changed").find(({ body }) => JSON.stringify(body).includes("LockOperation")),
  );
  expect(JSON.stringify(told.body)).toContain('"LockOperationType":"Unlock","OperationSource":"Keypad"');
});

test("SmartStart: labels bring their devices, which are powered at the same moment, one after the other", async () => {
  const from = home.heard.length;
  const ids = ["plug-1", "dimmable-light-1", "lock-1"];
  const wrong = { ...home.label("plug-2"), managedThingId: "wrong", material: "90012345" };
  const { refused } = await home.radio.provision({ labels: [...ids.map(home.label), wrong] });
  expect(refused).toEqual([{ managedThingId: "wrong", reason: expect.stringContaining("the label") }]);
  for (const id of ids) home.device(id).powerOn();
  await until(() => heardSince(from, "joined").length === ids.length);
  await until(() => home.network.joinState().mode !== "inclusion");
  expect(heardSince(from, "failed")).toEqual([]);
});

test("a device that was brought by its label does what it is told, and its state is the device's", async () => {
  const from = home.heard.length;
  await home.radio.provision({ labels: [home.label("dimmable-light-1")] });
  const light = (await devices()).find(({ deviceTypes }) => deviceTypes.includes("Dimmable Light"))!;
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
  home.device("dimmable-light-1").powerOn();
  const described = await home.radio.describe({ deviceId: light.deviceId, refresh: true });
  expect(described).toEqual(await home.radio.describe({ deviceId: light.deviceId, refresh: false }));
  expect(heardSince(from, "joined")).toEqual([]);
});

test.each([
  ["without its PIN", undefined, /needs its PIN/],
  ["with a wrong PIN", "00001", /PIN|exchange of keys/],
])("%s a lock is not let in, and leaves by its button", async (_, material, why) => {
  const from = home.heard.length;
  const before = await deviceIds();
  await home.radio.open({ seconds: 60, ...(material ? { material } : {}) });
  await home.mode("inclusion");
  home.device("lock-2").press();
  const { reason } = await home.next("failed", from);
  expect(reason).toMatch(why);
  expect(reason).toContain("press its button to take it out again");
  await home.mode("exclusion");
  home.device("lock-2").press();
  await until(() => !home.device("lock-2").joined);
  await home.radio.close({});
  expect(await deviceIds()).toEqual(before);
});

test("a device that falls silent in its interview is failed, removed, and no obstacle to the next", async () => {
  const from = home.heard.length;
  await home.radio.open({ seconds: 60, material: home.device("plug-2").pin! });
  await home.mode("inclusion");
  home.device("plug-2").press();
  const { deviceId } = (await home.next("interviewing", from)) as { deviceId: string };
  home.device("plug-2").mute(3);
  expect(await home.next("failed", from)).toMatchObject({
    deviceId,
    reason: expect.stringContaining("stopped to answer"),
  });
  expect(await deviceIds()).not.toContain(deviceId);
  expect(await home.radio.remove({ deviceId, force: false, seconds: 10 })).toEqual({ outcome: "gone" });
  expect(home.device("plug-2").joined).toBe(false);
  home.device("plug-2").unmute();
  const plug = await home.byButton("plug-2", home.device("plug-2").pin);
  expect(plug).toMatchObject({ interviewed: true, reachable: true });
});

test("a stick that is pulled in the middle of a command: 503 and the reason; back again, nothing has to be paired", async () => {
  const before = await devices();
  const [{ deviceId } = { deviceId: "" }] = before;
  const from = home.heard.length;
  const lost = home.command(deviceId, "matter.DoorLock@1.4", "LockDoor");
  await home.network.cut();
  expect((await lost).actions).toMatchObject([{ responseCode: 503 }]);
  expect(await home.next("health", from)).toMatchObject({ state: "coordinator-gone", reason: expect.any(String) });
  const { actions } = await home.command(deviceId, "matter.DoorLock@1.4", "LockDoor");
  expect(actions).toMatchObject([{ responseCode: 503 }]);
  await expect(home.radio.open({ seconds: 5 })).rejects.toMatchObject({ reason: "refused" });
  await home.radio.bind({ deviceId, managedThingId: "thing-0" });
  expect(await devices()).toEqual(
    before.map((one) => ({
      ...{ ...one, reachable: false },
      ...(one.deviceId === deviceId ? { managedThingId: "thing-0" } : {}),
    })),
  );
  await home.network.restore();
  await home.isUp();
  expect(await deviceIds()).toEqual(before.map((one) => one.deviceId));
  const again = await home.command(deviceId, "matter.DoorLock@1.4", "LockDoor");
  expect(again.actions).toMatchObject([{ responseCode: 200 }]);
});

test("removal waits for the button, in vain it changes nothing; included again, a device knows nothing of before", async () => {
  const plug = (await devices()).find(({ deviceTypes }) => deviceTypes.includes("On/Off Plug-in Unit"))!;
  const { deviceId } = plug;
  await home.radio.bind({ deviceId, managedThingId: "thing-2" });
  const silent = await home.radio.remove({ deviceId, force: false, seconds: 1 });
  expect(silent).toEqual({ outcome: "failed", reason: "its button was not pressed within 1 s" });
  expect(home.network.joinState().mode).not.toBe("exclusion");
  expect((await devices()).find((one) => one.deviceId === deviceId)).toMatchObject({ managedThingId: "thing-2" });
  expect((await home.command(deviceId, "matter.OnOff@1.4", "On")).actions).toMatchObject([{ responseCode: 200 }]);
  const removing = home.radio.remove({ deviceId, force: false, seconds: 30 });
  await home.mode("exclusion");
  const device = home.network.devices.find(({ label }) => label.includes(plug.radioId!.replaceAll("-", "")))!;
  device.press();
  expect(await removing).toEqual({ outcome: "gone" });
  expect(await home.radio.remove({ deviceId, force: false, seconds: 30 })).toEqual({ outcome: "gone" });
  const again = await home.byButton(device.id, device.pin);
  expect(again.deviceId).not.toBe(deviceId);
  expect(again.managedThingId).toBeUndefined();
});

test("a node that is mute is taken off the controller's list, also while the network is open", async () => {
  const [{ deviceId } = { deviceId: "" }] = (await devices()).filter(
    ({ managedThingId }) => managedThingId === "thing-1",
  );
  await home.radio.open({ seconds: 60 });
  home.device("dimmable-light-1").mute();
  expect(await home.radio.remove({ deviceId, force: false, seconds: 10 })).toEqual({ outcome: "gone" });
  expect(home.device("dimmable-light-1").joined).toBe(false);
  await home.mode("inclusion");
  await home.radio.close({});
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
  expect(heardAgain).toMatchObject({ properties: [{ name: "OnOff", value: true }] });
  expect(home.device("dimmable-light-2").read("1/38/currentValue")).toBe(99);
});

test("network-wide exclusion takes the node whose button is pressed, ours or not, and ends when nobody's is", async () => {
  const from = home.heard.length;
  const before = await deviceIds();
  const first = home.radio.exclude({ seconds: 30 });
  await home.mode("exclusion");
  const stranger = home.radio.exclude({ seconds: 30 });
  expect(await first).toEqual({ outcome: "failed", reason: "another removal was asked for" });
  await home.mode("exclusion");
  home.device("motion-1").press();
  expect(await stranger).toEqual({ outcome: "gone" });
  const ours = home.radio.exclude({ seconds: 30 });
  await home.mode("exclusion");
  home.device("dimmable-light-2").press();
  const { outcome, deviceId } = await ours;
  expect([outcome, before.includes(deviceId ?? "")]).toEqual(["gone", true]);
  expect(await home.next("left", from)).toEqual({ deviceId });
  expect(await home.radio.exclude({ seconds: 1 })).toEqual({
    ...{ outcome: "failed", reason: "its button was not pressed within 1 s" },
  });
  expect(home.network.joinState().mode).not.toBe("exclusion");
  expect(await deviceIds()).toEqual(before.filter((one) => one !== deviceId));
});

test("a power strip's outlets are endpoints: each shows what it has, is switched and tells by itself", async () => {
  const { deviceId } = await home.byButton("power-strip-1", home.device("power-strip-1").pin);
  const { capabilityReport } = await home.radio.describe({ deviceId, refresh: false });
  const onOff = "matter.OnOff@1.4";
  const meters = ["matter.ElectricalEnergyMeasurement@1.4", "matter.ElectricalPowerMeasurement@1.4"];
  expect(capabilityReport.endpoints.map(({ id, capabilities }) => [id, capabilities.map((one) => one.id)])).toEqual([
    ["1", [onOff]],
    ["2", [onOff, ...meters]],
    ["3", [onOff]],
  ]);
  const outlets = () => [1, 2, 3].map((n) => home.device("power-strip-1").read(`${n}/37/currentValue`));
  const switched = await home.command(deviceId, onOff, "On", {}, "2");
  expect(switched).toMatchObject({ actions: [{ responseCode: 200 }], properties: [{ name: "OnOff", value: true }] });
  expect(outlets()).toEqual([false, true, false]);
  for (const missing of ["0", "4"]) {
    expect((await home.command(deviceId, onOff, "On", {}, missing)).actions).toMatchObject([{ responseCode: 501 }]);
  }

  const from = home.heard.length;
  home.device("power-strip-1").change("3/37/currentValue", true);
  home.device("power-strip-1").change("2/50/2", 75);
  const tells = (endpointId: string, value: unknown) =>
    heardSince(from, "changed").some(({ body }) =>
      (body["endpoints"] as unknown as StateEndpoint[])
        .filter((endpoint) => endpoint.endpointId === endpointId)
        .some(({ capabilities }) =>
          capabilities.some(({ properties }) => properties?.some((one) => one.value === value)),
        ),
    );
  await until(() => tells("3", true) && tells("2", 75_000));
  expect(tells("1", true)).toBe(false);
  const { endpoints } = await home.radio.state({ deviceId, refresh: true });
  const values = endpoints.map(({ endpointId, capabilities }) => [
    endpointId,
    capabilities.flatMap(({ properties = [] }) => properties.map(({ value }) => value)),
  ]);
  expect(values).toEqual([
    ["1", [false]],
    ["2", [true, { Energy: 3_500_000 }, 75_000]],
    ["3", [true]],
  ]);
  home.device("power-strip-1").mute();
  expect(await home.radio.remove({ deviceId, force: false, seconds: 10 })).toEqual({ outcome: "gone" });
});

test("a forced removal asks nobody, and an exclusion takes the node out of the network afterwards", async () => {
  const from = home.heard.length;
  const { deviceId } = (await devices()).find(({ managedThingId }) => managedThingId === "thing-0")!;
  expect(await home.radio.remove({ deviceId, force: true, seconds: 5 })).toEqual({ outcome: "gone" });
  expect(await deviceIds()).not.toContain(deviceId);
  expect(home.device("keypad-lock-1").joined).toBe(true);
  const excluding = home.radio.exclude({ seconds: 30 });
  await home.mode("exclusion");
  home.device("keypad-lock-1").press();
  expect(await excluding).toEqual({ outcome: "gone", deviceId });
  expect(heardSince(from, "left")).toEqual([{ topic: "left", body: { deviceId } }]);
});

test("a driver that begins anew keeps its network, keys, labels and values; a reset forgets them", async () => {
  const ids = await deviceIds();
  const states = () => Promise.all(ids.map((deviceId) => home.radio.state({ deviceId, refresh: false })));
  const before = await states();
  const { network } = await home.radio.health({});
  await home.radio.provision({ labels: [home.label("motion-1")] });
  await home.restart();
  expect(await deviceIds()).toEqual(ids);
  await home.isUp();
  expect((await home.radio.health({})).network).toBe(network);
  expect(await states()).toEqual(before);
  // With the keys of before: refreshed, each speaks.
  for (const deviceId of ids) await home.radio.state({ deviceId, refresh: true });
  const from = home.heard.length;
  home.device("motion-1").powerOn();
  await home.joinedAs(from);
  await home.radio.reset({});
  await home.isUp();
  expect(await deviceIds()).toEqual([]);
  expect((await home.radio.health({})).network).not.toBe(network);
});
