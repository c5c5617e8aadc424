import { createLogger, type Logger } from "@hearth/base";
import { expect, test } from "vitest";
import { createHome, zigbeeLamp } from "./simulated-home.ts";

const said = (message: { messageType?: unknown }) => message.messageType;

/** A hub that has heard of the label of a lamp. */
async function homeWithLabel() {
  const home = createHome();
  const lamp = zigbeeLamp(1);
  home.labels.set("thing-1", lamp.label);
  const provisioner = home.start();
  await home.rest(provisioner);
  return { home, lamp, provisioner };
}

/** The same once the lamp is powered. */
async function homeWithLamp() {
  const { home, lamp, provisioner } = await homeWithLabel();
  home.radios.zigbee.powerOn(lamp.device);
  await home.rest(provisioner);
  return { home, lamp, provisioner };
}

test("simple setup: a label's device joins by itself, is told of, claimed, described, and its state follows", async () => {
  const { home, lamp, provisioner } = await homeWithLabel();
  expect(home.radios.zigbee.powerOn(lamp.device)).toBe(true);
  await home.rest(provisioner);
  expect(home.sent.map(said)).toEqual(["DEVICE_PROVISIONING_REQUEST", "DEVICE_JOINED", "DEVICE_CAPABILITIES"]);
  expect(home.told("DEVICE_JOINED")[0]).toMatchObject({
    deviceId: lamp.device.deviceId,
    macAddress: lamp.device.radioId,
    managedThingId: "thing-1",
  });
  expect(home.bridge).toEqual([
    { method: "bound", deviceId: lamp.device.deviceId, managedThingId: "thing-1" },
    { method: "refresh", managedThingId: "thing-1" },
  ]);
  expect((await home.radios.zigbee.service.devices({})).devices).toMatchObject([{ managedThingId: "thing-1" }]);
  // Nothing waits any more: the radio is told so.
  const provisions = home.radios.zigbee.asked.filter(({ method }) => method === "provision");
  expect(provisions.at(-1)?.request).toEqual({ labels: [] });
  provisioner.stop();
});

test("a custom device joins by its label, and is told by the managed thing that came with it", async () => {
  const home = createHome();
  const label = { authenticationMaterialType: "CUSTOM_PROTOCOL_QR_BAR_CODE", authenticationMaterial: "HTTPBULB:B1" };
  home.labels.set("bulb", { managedThingId: "bulb", ...label });
  const provisioner = home.start();
  await home.rest(provisioner);
  expect(home.radios.custom.powerOn({ deviceId: "httpbulb.B1", radioId: "HTTPBULB:B1", values: { on: true } })).toBe(
    true,
  );
  await home.rest(provisioner);
  expect(home.told("DEVICE_JOINED")).toEqual([
    { messageType: "DEVICE_JOINED", deviceId: "httpbulb.B1", managedThingId: "bulb" },
  ]);
  expect(home.told("DEVICE_CAPABILITIES")).toMatchObject([{ managedThingId: "bulb" }]);
  provisioner.stop();
});

test("what the cloud says in no form that is known costs nothing of what it says besides", async () => {
  const errors: unknown[] = [];
  const home = createHome({ log: createLogger("error", { write: (line: string) => errors.push(JSON.parse(line)) }) });
  const lamp = zigbeeLamp(1);
  const provisioner = home.start();
  await home.rest(provisioner);
  const noText = { toString: 1, valueOf: 1 };
  const odd = [null, 1, [], { ...lamp.label, managedThingId: "odd", authenticationMaterialType: noText }];
  const list = { messageType: "DEVICE_PROVISIONING", first: true, complete: true };
  home.south({ ...list, devices: [...odd, { ...lamp.label }], removed: [noText, null] });
  home.south({ messageType: noText });
  home.bus.publish("mqtt.south.rejected", {
    managedThingId: "x",
    code: 400,
    message: noText,
    refused: { messageType: noText },
  });
  await home.rest(provisioner);
  expect(errors).toEqual([]);
  expect(home.radios.zigbee.powerOn(lamp.device)).toBe(true);
  provisioner.stop();
});

test.each<{ [name: string]: boolean }>([{}, { force: true }])(
  "the label of a removed device lets nobody in any more: %j",
  async (how) => {
    const { home, lamp, provisioner } = await homeWithLamp();
    const before = home.radios.zigbee.asked.length;
    home.south({ messageType: "DEVICE_REMOVAL", managedThingId: "thing-1", ...how });
    await home.rest(provisioner);
    const response = { managedThingId: "thing-1", responseCode: 200 };
    expect(home.told("DEVICE_REMOVAL_RESPONSE")).toMatchObject("force" in how ? [] : [response]);
    // Not for a moment, in which it could be in again.
    expect(JSON.stringify(home.radios.zigbee.asked.slice(before))).not.toContain("thing-1");
    const next = { ...zigbeeLamp(2).label };
    home.south({ messageType: "DEVICE_PROVISIONING", first: false, complete: true, devices: [next], removed: [] });
    await home.rest(provisioner);
    const last = home.radios.zigbee.asked.filter(({ method }) => method === "provision").at(-1);
    expect(last?.request).toMatchObject({ labels: [{ managedThingId: "thing-2" }] });
    expect(home.radios.zigbee.powerOn(lamp.device)).toBe(false);
    provisioner.stop();
  },
);

test("labels come by pages: the whole list replaces, changes add and remove, the radios hear of each", async () => {
  const home = createHome();
  const provisioner = home.start();
  const devices = Array.from({ length: 120 }, (_, index) => zigbeeLamp(index).label);
  const page = (first: boolean, complete: boolean, from: number, to: number, removed: string[] = []) => {
    const labels = devices.slice(from, to).map((label) => ({ ...label }));
    home.south({ messageType: "DEVICE_PROVISIONING", first, complete, devices: labels, removed });
  };
  const known = () => home.disk.state.labels.map(({ managedThingId }) => managedThingId);
  await home.rest(provisioner);
  page(true, false, 0, 50);
  page(false, false, 50, 100);
  page(false, true, 100, 120);
  await home.rest(provisioner);
  expect(known()).toEqual(devices.map(({ managedThingId }) => managedThingId));
  page(false, true, 0, 0, ["thing-3", "thing-4"]);
  await home.rest(provisioner);
  expect(known()).toHaveLength(118);
  // A list that breaks off takes nothing away; a whole one does.
  page(true, false, 0, 2);
  await home.rest(provisioner);
  expect(known()).toHaveLength(118);
  page(true, true, 7, 9);
  await home.rest(provisioner);
  expect(known()).toEqual(["thing-7", "thing-8"]);
  const last = home.radios.zigbee.asked.filter(({ method }) => method === "provision").at(-1);
  expect(last?.request["labels"]).toMatchObject([{ managedThingId: "thing-7" }, { managedThingId: "thing-8" }]);
  provisioner.stop();
});

test("changes of the list that come at once all count", async () => {
  const home = createHome();
  const provisioner = home.start();
  await home.rest(provisioner);
  const change = (devices: number[], removed: string[] = []) => {
    const labels = devices.map((number) => ({ ...zigbeeLamp(number).label }));
    home.south({ messageType: "DEVICE_PROVISIONING", first: false, complete: true, devices: labels, removed });
  };
  change([1]);
  change([2]);
  change([3], ["thing-1"]);
  await home.rest(provisioner);
  expect(home.disk.state.labels.map(({ managedThingId }) => managedThingId)).toEqual(["thing-2", "thing-3"]);
  const last = home.radios.zigbee.asked.filter(({ method }) => method === "provision").at(-1);
  expect(last?.request["labels"]).toMatchObject([{ managedThingId: "thing-2" }, { managedThingId: "thing-3" }]);
  provisioner.stop();
});

test("a malformed label is passed over with a warning that does not hold it; the others count", async () => {
  const lines: string[] = [];
  const note = (...words: unknown[]) => void lines.push(JSON.stringify(words));
  const log = { ...createLogger("silent"), warn: note, error: note, info: note, debug: note } as unknown as Logger;
  const home = createHome({ log });
  const lamp = zigbeeLamp(1);
  const secret = "83FED3407A939723A5C639B26916D505C3B6";
  const bad = { ...zigbeeLamp(2).label, authenticationMaterial: `Z:00124B00146FC702$I:${secret}` };
  home.labels.set("thing-2", bad).set("thing-1", lamp.label);
  const provisioner = home.start();
  await home.rest(provisioner);
  home.south({
    messageType: "DEVICE_PROVISIONING",
    first: false,
    complete: true,
    devices: [null, 7, {}, []],
    removed: 9,
  });
  await home.rest(provisioner);
  home.radios.zigbee.powerOn(lamp.device);
  await home.rest(provisioner);
  expect(home.told("DEVICE_CAPABILITIES")).toHaveLength(1);
  expect(lines.filter((line) => line.includes("thing-2"))).toEqual([expect.stringContaining("CRC")]);
  expect(lines.join()).not.toMatch(/83FED3407A93/);
  provisioner.stop();
});

test("row 11 (part): a stranger is turned away, and so is whom the cloud refuses", async () => {
  const { home, lamp, provisioner } = await homeWithLabel();
  // A radio that let somebody in whom nobody has asked for.
  await home.radios.zwave.service.open({ seconds: 60 });
  home.radios.zwave.powerOn({ deviceId: "zw.1.2", values: { on: true } });
  await home.rest(provisioner);
  expect((await home.radios.zwave.service.devices({})).devices).toEqual([]);
  expect(home.disk.state.devices).toEqual({});
  // It does not leave when it is asked to: it goes nevertheless.
  home.radios.zwave.fail("remove", async () => {
    throw new Error("no answer");
  });
  home.radios.zwave.powerOn({ deviceId: "zw.1.3", values: { on: true } });
  await home.rest(provisioner);
  expect((await home.radios.zwave.service.devices({})).devices).toEqual([]);

  home.refuse({ code: 403, message: "The device does not share the hub's credential locker." });
  home.radios.zigbee.powerOn(lamp.device);
  await home.rest(provisioner);
  expect((await home.radios.zigbee.service.devices({})).devices).toEqual([]);
  expect(home.disk.state).toMatchObject({ devices: {}, labels: [] });
  expect(home.told("DEVICE_CAPABILITIES")).toEqual([]);
  provisioner.stop();
});

test("a hub that is not ACTIVATED yet tells of a device again; one that never will be turns it away", async () => {
  const home = createHome();
  const lamp = zigbeeLamp(1);
  home.labels.set("thing-1", lamp.label);
  home.refuse({ code: 409, message: "The controller is DISCOVERED." });
  const provisioner = home.start();
  await home.rest(provisioner);
  home.radios.zigbee.powerOn(lamp.device);
  await home.rest(provisioner);
  home.clock.advance(10_000);
  await home.rest(provisioner);
  expect(home.told("DEVICE_JOINED")).toHaveLength(2);
  home.refuse(undefined);
  home.clock.advance(20_000);
  await home.rest(provisioner);
  expect(home.told("DEVICE_CAPABILITIES")).toHaveLength(1);

  const other = zigbeeLamp(2);
  home.labels.set("thing-2", other.label);
  home.page();
  home.refuse({ code: 409, message: "The managed thing is ACTIVATED." });
  await home.rest(provisioner);
  home.radios.zigbee.powerOn(other.device);
  for (let turn = 0; turn < 8; turn++) {
    await home.rest(provisioner);
    home.clock.advance(200_000);
  }
  await home.rest(provisioner);
  expect(Object.keys(home.disk.state.devices)).toEqual([lamp.device.deviceId]);
  provisioner.stop();
});

test("without an answer a join is told again: after a minute, and whenever the uplink is back", async () => {
  const home = createHome();
  const lamp = zigbeeLamp(1);
  home.labels.set("thing-1", lamp.label);
  home.setSilent(true);
  const provisioner = home.start();
  await home.rest(provisioner);
  home.radios.zigbee.powerOn(lamp.device);
  await home.rest(provisioner);
  home.clock.advance(60_000);
  await home.rest(provisioner);
  expect(home.told("DEVICE_JOINED")).toHaveLength(2);
  home.setSilent(false);
  home.bus.publish("mqtt.connection", { connected: true, since: 0 });
  await home.rest(provisioner);
  expect(home.told("DEVICE_JOINED")).toHaveLength(3);
  expect(home.told("DEVICE_PROVISIONING_REQUEST")).toHaveLength(2);
  expect(home.disk.state.devices[lamp.device.deviceId]?.phase).toBe("active");
  home.clock.advance(600_000);
  await home.rest(provisioner);
  expect(home.told("DEVICE_JOINED")).toHaveLength(3);
  provisioner.stop();
});

test("a device that does not describe itself is asked again, ever less often", async () => {
  const { home, lamp, provisioner } = await homeWithLabel();
  let asked = 0;
  home.radios.zigbee.fail("describe", async () => {
    asked++;
    throw new Error("no answer");
  });
  home.radios.zigbee.powerOn(lamp.device);
  for (const wait of [0, 5_000, 10_000, 20_000]) {
    home.clock.advance(wait);
    await home.rest(provisioner);
  }
  expect(asked).toBe(4);
  home.radios.zigbee.fail("describe", undefined);
  home.clock.advance(40_000);
  await home.rest(provisioner);
  expect(home.disk.state.devices[lamp.device.deviceId]?.phase).toBe("active");
  provisioner.stop();
});

test("a capability report that the cloud refuses is named, and sent again with the next start only", async () => {
  const { home, lamp, provisioner: first } = await homeWithLamp();
  const refused = { messageType: "DEVICE_CAPABILITIES" };
  const why = { managedThingId: "thing-1", code: 400, message: "endpoints[0].id: no" };
  home.bus.publish("mqtt.south.rejected", { ...why, message: "a value", refused: { messageType: "DEVICE_EVENT" } });
  await home.rest(first);
  expect(home.disk.state.devices[lamp.device.deviceId]?.refused).toBeUndefined();
  home.bus.publish("mqtt.south.rejected", { ...why, refused });
  await home.rest(first);
  expect(home.disk.state.devices[lamp.device.deviceId]).toMatchObject({ refused: "endpoints[0].id: no" });
  home.clock.advance(3_600_000);
  await home.rest(first);
  expect(home.told("DEVICE_CAPABILITIES")).toHaveLength(1);
  first.stop();
  const second = home.start();
  await home.rest(second);
  expect(home.told("DEVICE_CAPABILITIES")).toHaveLength(2);
  expect(home.disk.state.devices[lamp.device.deviceId]?.refused).toBeUndefined();
  second.stop();
});

test("a thing that the cloud knows no more is unbound: its device waits to be claimed", async () => {
  const { home, lamp, provisioner } = await homeWithLamp();
  home.bus.publish("mqtt.south.rejected", { managedThingId: "thing-1", code: 404, message: "not found" });
  await home.rest(provisioner);
  expect((await home.radios.zigbee.service.devices({})).devices[0]?.managedThingId).toBeUndefined();
  // Its label would claim it for the same thing again.
  expect(home.disk.state.labels).toEqual([]);
  home.south({ messageType: "DEVICE_DISCOVERY", discoveryId: "d", discoveryType: "ZIGBEE" });
  await home.rest();
  expect(home.told("DEVICE_DISCOVERED")[0]).toMatchObject({ devices: [{ deviceId: lamp.device.deviceId }] });
  home.south({ messageType: "DEVICE_ADDED", deviceId: lamp.device.deviceId, managedThingId: "thing-9" });
  await home.rest();
  expect(home.told("DEVICE_CAPABILITIES").at(-1)).toMatchObject({ managedThingId: "thing-9" });
  provisioner.stop();
});
