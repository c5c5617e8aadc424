import { expect, test } from "vitest";
import { createHome, zigbeeLamp } from "./simulated-home.ts";

test("row 64: six queued adds and removals of two protocols end in their order, one fails, the rest go on", async () => {
  const home = createHome();
  const { radios, clock, sent, south } = home;
  const provisioner = home.start();
  // Three devices are here already, found and claimed.
  const old = zigbeeLamp(1).device;
  const node = { deviceId: "zw.FCB10009.6", radioId: "1", values: { on: true } };
  south({ messageType: "DEVICE_DISCOVERY", discoveryId: "d0", discoveryType: "ZIGBEE" });
  await home.rest();
  radios.zigbee.powerOn(old);
  await home.rest();
  south({ messageType: "DEVICE_DISCOVERY", discoveryId: "d1", discoveryType: "ZWAVE" });
  await home.rest();
  radios.zwave.powerOn(node);
  await home.rest();
  south({ messageType: "DEVICE_DISCOVERY", discoveryId: "d2", discoveryType: "CUSTOM" });
  await home.rest();
  radios.custom.powerOn({ deviceId: "bulb.1", values: { on: true } });
  await home.rest();
  clock.advance(120_000);
  await home.rest(provisioner);
  south({ messageType: "DEVICE_ADDED", deviceId: "bulb.1", managedThingId: "bulb" });
  south({ messageType: "DEVICE_ADDED", deviceId: old.deviceId, managedThingId: "lamp" });
  south({ messageType: "DEVICE_ADDED", deviceId: node.deviceId, managedThingId: "plug" });
  await home.rest(provisioner);
  expect(home.told("DEVICE_CAPABILITIES").map(({ managedThingId }) => managedThingId)).toEqual([
    "bulb",
    "lamp",
    "plug",
  ]);
  sent.length = 0;

  // The Z-Wave node is not put into pairing mode: its removal fails.
  radios.zwave.fail("remove", async () => {
    throw new Error("nobody put the device into pairing mode");
  });
  south({ messageType: "DEVICE_DISCOVERY", discoveryId: "d3", discoveryType: "ZIGBEE" });
  south({ messageType: "DEVICE_REMOVAL", managedThingId: "plug" });
  south({ messageType: "DEVICE_DISCOVERY", discoveryId: "d4", discoveryType: "ZWAVE" });
  south({ messageType: "DEVICE_REMOVAL", managedThingId: "lamp" });
  south({ messageType: "DEVICE_DISCOVERY", discoveryId: "d5", discoveryType: "ZWAVE" });
  south({ messageType: "DEVICE_REMOVAL", managedThingId: "bulb" });
  // The platform says it again when the hub connects: it is the same request.
  south({ messageType: "DEVICE_REMOVAL", managedThingId: "bulb" });
  await home.rest();
  expect(provisioner.requests()).toEqual([
    "ZIGBEE discovery d3",
    "removal of plug",
    "ZWAVE discovery d4",
    "removal of lamp",
    "ZWAVE discovery d5",
    "removal of bulb",
  ]);
  for (const radio of [radios.zigbee, radios.zwave, radios.zwave]) {
    expect(radio.open).toBe(true);
    radio.powerOn({ deviceId: `new.${sent.length}`, values: { on: false } });
    await home.rest();
  }
  await home.rest(provisioner);

  const ends = sent.filter(({ messageType, status }) => messageType === "DEVICE_REMOVAL_RESPONSE" || status);
  expect(
    ends.map((one) => [one["discoveryId"] ?? one["managedThingId"], one["status"] ?? one["responseCode"]]),
  ).toEqual([
    ["d3", "SUCCEEDED"],
    ["plug", 500],
    ["d4", "SUCCEEDED"],
    ["lamp", 200],
    ["d5", "SUCCEEDED"],
    ["bulb", 200],
  ]);
  expect(home.told("DEVICE_REMOVAL_RESPONSE")[0]).toMatchObject({
    errors: [{ message: expect.stringContaining("pairing mode") }],
  });
  provisioner.stop();
});
