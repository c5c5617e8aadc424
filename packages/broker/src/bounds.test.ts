import { afterEach, describe, expect, test } from "vitest";
import { type Kit, startKit } from "../test/kit.ts";
import { standardLimits } from "./index.ts";
import { filterFault } from "./topic-rules.ts";

let kit: Kit;
afterEach(async () => {
  await kit?.stop();
});

const options = { noLocal: false, retainAsPublished: false, retainHandling: 0 as const, qos: 0 as const };

describe("the maximum packet size of a client [MQTT-3.1.2-24]", () => {
  test("explanations are left out before anything else", async () => {
    kit = await startKit();
    const client = await kit.rawClient("small", 5, { properties: { maximumPacketSize: 40 } });
    client.send({ type: "pingresp" });
    const { reasonCode, properties } = await client.expect("disconnect");
    expect(reasonCode).toBe(0x82);
    expect(properties?.reasonString?.length ?? 0).toBeLessThan(36);
    const tiny = await kit.raw();
    const connect = { type: "connect" as const, version: 5 as const, clean: true, keepAlive: 0 };
    tiny.send({
      ...connect,
      clientId: "c",
      properties: { maximumPacketSize: 8, authenticationMethod: "SCRAM" },
    });
    expect(await tiny.expect("connack")).toMatchObject({ reasonCode: 0x8c, properties: undefined });
  });

  test("a client without room for its CONNACK or SUBACK is left, and its will stays unsaid where it never connected", async () => {
    kit = await startKit();
    const witness = await kit.rawClient("witness", 4);
    await witness.subscribe("will", 0);
    const client = await kit.raw();
    const will = { topic: "will", payload: Buffer.from("x"), qos: 0 as const, retain: false };
    const connect = { type: "connect" as const, version: 5 as const, clean: true, keepAlive: 0 };
    client.send({ ...connect, clientId: "c", will, properties: { maximumPacketSize: 5 } });
    await client.end();
    expect(client.received).toEqual([]);
    expect(await witness.settle()).toEqual([]);
    expect(kit.broker.metrics).toMatchObject({ connections: 1, sessions: 1, droppedTooLarge: 1 });

    const other = await kit.rawClient("d", 5, { properties: { maximumPacketSize: 60 } });
    const subscriptions = Array.from({ length: 80 }, (_, i) => ({ ...options, filter: `f/${i}` }));
    other.send({ type: "subscribe", packetId: 1, subscriptions });
    expect(await other.expect("disconnect")).toMatchObject({ reasonCode: 0x95 });
    await other.end();
    expect(other.received).toEqual([]);
  });
});

test("the limits of a filter are looked at before its levels", () => {
  const levels = "/+a".repeat(standardLimits.slashes + 1);
  expect(filterFault(levels, standardLimits)).toMatchObject({ limit: "slashes" });
  expect(filterFault(`$share/group/${levels}`, standardLimits)).toMatchObject({ limit: "slashes" });
  expect(filterFault(`$share/a/${"/".repeat(standardLimits.slashes)}`, standardLimits)).toBeUndefined();
  for (const filter of ["$share/a", "$share//a", "$share/a/", "", "a+"]) {
    expect(filterFault(filter, standardLimits)).toEqual({ reason: "not a topic filter" });
  }
});

test("filters beyond those of one SUBSCRIBE are not looked at", async () => {
  kit = await startKit({ limits: { subscriptionsPerPacket: 1 } });
  const client = await kit.rawClient("c", 5);
  client.send({
    type: "subscribe",
    packetId: 1,
    subscriptions: ["a", "#/b"].map((filter) => ({ ...options, filter })),
  });
  expect((await client.expect("suback")).reasonCodes).toEqual([0, 0x97]);
});

test("UNSUBSCRIBE may name as many filters as a session may have", async () => {
  kit = await startKit({ limits: { subscriptionsPerConnection: 3 } });
  const client = await kit.rawClient("c", 5);
  client.send({ type: "unsubscribe", packetId: 1, filters: ["a", "b", "c"] });
  expect((await client.expect("unsuback")).reasonCodes).toEqual([0x11, 0x11, 0x11]);
  client.send({ type: "unsubscribe", packetId: 2, filters: ["a", "b", "c", "d"] });
  expect((await client.expect("disconnect")).reasonCode).toBe(0x97);
  expect(kit.broker.metrics.limitReached.subscriptionsPerConnection).toBe(1);
});

test.each([0x87, 0x8b, 0x8e, 0xa2])("a client may not leave with reason %i [MQTT-3.14.2-1]", async (reasonCode) => {
  kit = await startKit();
  const client = await kit.rawClient("c", 5);
  client.send({ type: "disconnect", reasonCode });
  expect((await client.expect("disconnect")).reasonCode).toBe(0x82);
});
