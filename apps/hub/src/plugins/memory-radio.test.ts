import { FakeClock } from "@hearth/base";
import { expect, test } from "vitest";
import { createMemoryBus } from "../bus/memory-bus.ts";
import { createMemoryRadio } from "./memory-radio.ts";
import { createRadioClient } from "./radio-client.ts";

test("a radio in memory joins, describes, obeys, tells and forgets over the bus", async () => {
  const bus = createMemoryBus();
  const clock = new FakeClock();
  const radio = createMemoryRadio(bus, "zigbee", clock);
  const client = createRadioClient(bus, "zigbee");
  const told: unknown[] = [];
  bus.subscribe("radio.*.changed", (body) => told.push(body));
  const plug = { deviceId: "zb.1", radioId: "0011223344556677", values: { on: false } };

  expect(radio.powerOn(plug)).toBe(false);
  await client.open({ seconds: 10 });
  clock.advance(10_000);
  expect(radio.powerOn(plug)).toBe(false);
  const label = { managedThingId: "thing", protocol: "ZIGBEE", materialType: "ZIGBEE_QR_BAR_CODE" } as const;
  const bad = { ...label, managedThingId: "other", material: "not a label!" };
  expect(await client.provision({ labels: [{ ...label, material: `Z:${plug.radioId}$I:83FED3407A93` }, bad] })).toEqual(
    {
      refused: [{ managedThingId: "other", reason: "the label is malformed" }],
    },
  );
  expect(radio.powerOn({ ...plug, deviceId: "zb.2", radioId: "ffff" })).toBe(false);
  expect(radio.powerOn(plug)).toBe(true);
  await client.bind({ deviceId: "zb.1", managedThingId: "thing" });
  expect((await client.devices({})).devices).toMatchObject([{ deviceId: "zb.1", managedThingId: "thing" }]);
  const { capabilityReport } = await client.describe({ deviceId: "zb.1", refresh: false });
  expect(capabilityReport.endpoints[0]?.capabilities.map(({ id }) => id)).toEqual(["matter.OnOff@1.4"]);

  const endpoints = [{ endpointId: "1", capabilities: [{ id: "matter.OnOff", actions: [{ name: "Toggle" }] }] }];
  const answer = await client.command({ deviceId: "zb.1", traceId: "t", within: 1000, endpoints });
  expect(answer.endpoints[0]?.capabilities[0]).toMatchObject({
    actions: [{ name: "Toggle", responseCode: 200 }],
    properties: [{ name: "OnOff", value: true }],
  });
  radio.change("zb.1", { on: false });
  await Promise.resolve();
  expect(told).toHaveLength(2);
  expect(await client.remove({ deviceId: "zb.1", force: false, seconds: 1 })).toEqual({ outcome: "gone" });
  await expect(client.state({ deviceId: "zb.1", refresh: false })).rejects.toMatchObject({ code: "404" });
  radio.stop();
  await expect(client.health({})).rejects.toMatchObject({ reason: "no-such-service" });
});
