import { expect, test } from "vitest";
import { createHome } from "./simulated-home.ts";

const lamp = (number: number) => ({ deviceId: `zb.${number}`, radioId: `${number}`, values: { on: false } });
const search = { messageType: "DEVICE_DISCOVERY", discoveryId: "d", discoveryType: "ZIGBEE" };

test("user-guided setup: the radio is open for two minutes, each device is told, claimed, described", async () => {
  const home = createHome();
  const { zigbee } = home.radios;
  const provisioner = home.start();
  home.south({ ...search, installCode: "13333" });
  await home.rest();
  expect(zigbee.asked.find(({ method }) => method === "open")?.request).toEqual({ seconds: 120, material: "13333" });
  zigbee.powerOn(lamp(1));
  await home.rest();
  expect(home.told("DEVICE_DISCOVERED")).toEqual([
    {
      messageType: "DEVICE_DISCOVERED",
      discoveryId: "d",
      devices: [{ deviceId: "zb.1", deviceTypes: ["On/Off Light"] }],
    },
  ]);
  home.south({ messageType: "DEVICE_ADDED", deviceId: "zb.1", managedThingId: "thing" });
  await home.rest();
  expect(home.told("DEVICE_CAPABILITIES")).toMatchObject([{ managedThingId: "thing" }]);
  home.clock.advance(119_000);
  await home.rest();
  expect(home.told("DEVICE_DISCOVERED")).toHaveLength(1);
  home.clock.advance(1_000);
  await home.rest(provisioner);
  expect(zigbee.open).toBe(false);
  expect(home.told("DEVICE_DISCOVERED").at(-1)).toMatchObject({ discoveryId: "d", devices: [], status: "SUCCEEDED" });
  expect(home.disk.state.discoveryId).toBeUndefined();
  provisioner.stop();
});

test("what nobody has claimed is told by the next discovery, with names as the platform takes them", async () => {
  const home = createHome();
  const provisioner = home.start();
  await home.rest(provisioner);
  for (let number = 0; number < 205; number++) {
    home.disk.state = {
      ...home.disk.state,
      devices: {
        ...home.disk.state.devices,
        [`zb.${number}`]: {
          ...{ deviceId: `zb.${number}`, radio: "zigbee", phase: "interviewed", sleepy: false },
          ...{
            brand: "Signify Netherlands B.V.",
            model: "\u0000!!!",
            name: "Lämpchen <3",
            deviceTypes: ["On/Off; Light"],
          },
        },
      },
    };
  }
  home.south(search);
  await home.rest();
  const told = home.told("DEVICE_DISCOVERED").map(({ devices }) => devices as unknown[]);
  expect(told.map((devices) => devices.length)).toEqual([100, 100, 5]);
  expect(told[0]?.[0]).toEqual({
    deviceId: "zb.0",
    brand: "Signify Netherlands B V",
    name: "Lämpchen 3",
    deviceTypes: ["On/Off Light"],
  });
  provisioner.stop();
});

test("a radio that is starting is waited for, though not for ever", async () => {
  const home = createHome();
  const provisioner = home.start();
  const { zigbee } = home.radios;
  zigbee.setHealth({ state: "starting" });
  home.south(search);
  await home.rest();
  home.clock.advance(250);
  await home.rest();
  expect(home.told("DEVICE_DISCOVERED")).toEqual([]);
  zigbee.setHealth({ state: "up" });
  home.clock.advance(250);
  await home.rest();
  // The two minutes are those of an open radio.
  expect(zigbee.asked.find(({ method }) => method === "open")?.request).toEqual({ seconds: 120 });
  home.clock.advance(120_000);
  await home.rest();
  expect(home.told("DEVICE_DISCOVERED")).toMatchObject([{ discoveryId: "d", status: "SUCCEEDED" }]);
  zigbee.setHealth({ state: "starting" });
  home.south({ ...search, discoveryId: "d2" });
  for (let passed = 0; passed < 60_000; passed += 250) {
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    home.clock.advance(250);
  }
  await home.rest();
  expect(home.told("DEVICE_DISCOVERED").at(-1)).toMatchObject({
    ...{ discoveryId: "d2", status: "FAILED", reason: "the Zigbee radio is starting" },
  });
  expect(home.disk.state.discoveryId).toBeUndefined();
  provisioner.stop();
});

test("a radio that is not up, not there, or of no known kind fails the discovery with its reason", async () => {
  const home = createHome();
  const provisioner = home.start();
  home.radios.zigbee.setHealth({ state: "coordinator-gone", reason: "the Zigbee coordinator is not reachable" });
  home.radios.zwave.stop();
  home.south({ ...search, discoveryId: "d1" });
  home.south({ ...search, discoveryId: "d2", discoveryType: "ZWAVE" });
  home.south({ ...search, discoveryId: "d3", discoveryType: "TELEPATHY" });
  home.south({ ...search, discoveryType: "ZIGBEE", discoveryId: 7 });
  await home.rest(provisioner);
  const told = home.told("DEVICE_DISCOVERED").map(({ discoveryId, status, reason }) => [discoveryId, status, reason]);
  expect(told.sort()).toEqual([
    ["d1", "FAILED", "the Zigbee coordinator is not reachable"],
    ["d2", "FAILED", "nobody serves radio.zwave"],
    ["d3", "FAILED", "the hub knows no discovery of type TELEPATHY"],
  ]);
  provisioner.stop();
});

test("a device that stops in the interview: the radio opens twice more for it, and the discovery tells the rest", async () => {
  const home = createHome();
  const { zigbee } = home.radios;
  const provisioner = home.start();
  home.south(search);
  await home.rest();
  zigbee.powerOn(lamp(1));
  for (let turn = 0; turn < 3; turn++) {
    home.bus.publish("radio.zigbee.interviewing", { deviceId: "zb.2" });
    await home.rest();
    home.bus.publish("radio.zigbee.failed", { deviceId: "zb.2", reason: "no answer to the node descriptor" });
    home.clock.advance(10_000);
    await home.rest();
  }
  const opened = zigbee.asked.filter(({ method }) => method === "open").map(({ request }) => request["seconds"]);
  expect(opened).toEqual([120, 110, 100]);
  expect(zigbee.asked.filter(({ method }) => method === "remove").map(({ request }) => request)).toEqual(
    Array.from({ length: 3 }, () => ({ deviceId: "zb.2", force: true, seconds: 5 })),
  );
  // One that is still asked when the time is over may end, and is then no stranger; one that never does is not awaited.
  home.bus.publish("radio.zigbee.interviewing", { deviceId: "zb.3" });
  home.bus.publish("radio.zigbee.interviewing", { deviceId: "zb.4" });
  await home.rest();
  home.clock.advance(100_000);
  await home.rest();
  await zigbee.service.open({ seconds: 1 });
  zigbee.powerOn(lamp(3));
  await home.rest();
  home.clock.advance(30_000);
  await home.rest(provisioner);
  const told = home.told("DEVICE_DISCOVERED");
  expect(told.flatMap(({ devices }) => devices as { deviceId: string }[]).map(({ deviceId }) => deviceId)).toEqual([
    "zb.1",
    "zb.3",
  ]);
  expect(told.at(-1)).toMatchObject({ status: "SUCCEEDED" });
  provisioner.stop();
});

test("a discovery that found nothing but a device that could not be admitted says why", async () => {
  const home = createHome();
  const provisioner = home.start();
  home.south({ ...search, discoveryType: "ZWAVE" });
  await home.rest();
  home.bus.publish("radio.zwave.failed", { reason: "the device needs its PIN" });
  await home.rest();
  home.clock.advance(120_000);
  await home.rest(provisioner);
  expect(home.told("DEVICE_DISCOVERED")).toMatchObject([{ status: "FAILED", reason: "the device needs its PIN" }]);
  provisioner.stop();
});

test("a discovery gives way: at once when it has found something, after half a minute when not", async () => {
  const home = createHome();
  const provisioner = home.start();
  home.south({ ...search, discoveryId: "d1" });
  home.south({ messageType: "DEVICE_REMOVAL", managedThingId: "gone" });
  await home.rest();
  home.clock.advance(29_000);
  await home.rest();
  expect(home.told("DEVICE_REMOVAL_RESPONSE")).toEqual([]);
  home.clock.advance(1_000);
  await home.rest(provisioner);
  expect(home.told("DEVICE_REMOVAL_RESPONSE")).toHaveLength(1);
  home.south({ ...search, discoveryId: "d2" });
  await home.rest();
  home.radios.zigbee.powerOn(lamp(1));
  await home.rest();
  home.south({ messageType: "DEVICE_REMOVAL", managedThingId: "gone" });
  await home.rest(provisioner);
  expect(home.told("DEVICE_REMOVAL_RESPONSE")).toHaveLength(2);
  provisioner.stop();
});

test("a hub that was stopped in a discovery says so when it is started again", async () => {
  const home = createHome();
  const first = home.start();
  home.south(search);
  await home.rest();
  first.stop();
  await home.rest();
  const second = home.start();
  await home.rest(second);
  expect(home.told("DEVICE_DISCOVERED")).toMatchObject([
    { discoveryId: "d", status: "FAILED", reason: "the hub was restarted while it searched" },
  ]);
  expect(home.radios.zigbee.open).toBe(false);
  second.stop();
});

test("rediscovery of one and of all: each is asked again and described, who stays silent is named", async () => {
  const home = createHome();
  const provisioner = home.start();
  home.south(search);
  await home.rest();
  for (const number of [1, 2]) {
    home.radios.zigbee.powerOn(lamp(number));
    await home.rest();
    home.south({ messageType: "DEVICE_ADDED", deviceId: `zb.${number}`, managedThingId: `thing-${number}` });
  }
  home.clock.advance(120_000);
  await home.rest(provisioner);
  home.sent.length = 0;
  const again = { messageType: "DEVICE_DISCOVERY", discoveryType: "CONTROLLER_CAPABILITY_REDISCOVERY" };
  home.south({ ...again, discoveryId: "one", protocol: "ZIGBEE", managedThingId: "thing-2" });
  home.south({ ...again, discoveryId: "all", protocol: "ZIGBEE" });
  home.south({ ...again, discoveryId: "others", protocol: "ZWAVE" });
  home.south({ ...again, discoveryId: "none", managedThingId: "thing-3" });
  await home.rest(provisioner);
  expect(home.sent.map((one) => [one["discoveryId"] ?? one["managedThingId"], one["status"]])).toEqual([
    ["thing-2", undefined],
    ["one", "SUCCEEDED"],
    ["thing-1", undefined],
    ["thing-2", undefined],
    ["all", "SUCCEEDED"],
    ["others", "SUCCEEDED"],
    ["none", "FAILED"],
  ]);
  const described = home.radios.zigbee.asked.filter(({ method }) => method === "describe").slice(-3);
  expect(described.every(({ request }) => request["refresh"] === true)).toBe(true);
  home.radios.zigbee.fail("describe", async () => {
    throw new Error("no answer");
  });
  home.south({ ...again, discoveryId: "silent", protocol: "ZIGBEE" });
  await home.rest(provisioner);
  expect(home.sent.at(-1)).toMatchObject({ status: "FAILED", reason: expect.stringContaining("2 of 2 devices") });
  provisioner.stop();
});
