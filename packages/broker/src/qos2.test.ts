import type { Packet } from "@hearth/mqtt";
import { afterEach, describe, expect, test } from "vitest";
import { type Kit, type KitOptions, type RawClient, startKit, textOf, unhurried } from "../test/kit.ts";
import { awsLimits } from "./index.ts";

let kit: Kit;
const start = async (options: KitOptions = {}) => {
  kit = await startKit(options);
};
afterEach(() => kit.stop());

const persistent = { clean: false, properties: { sessionExpiryInterval: 0xffffffff } };
const release = (client: RawClient, packetId: number) => client.send({ type: "pubrel", packetId, reasonCode: 0 });
const receive = (client: RawClient, packetId: number, reasonCode = 0) =>
  client.send({ type: "pubrec", packetId, reasonCode });
const complete = (client: RawClient, packetId: number) => client.send({ type: "pubcomp", packetId, reasonCode: 0 });
const cut = async (client: RawClient) => {
  client.socket.destroy();
  await client.end();
};

/** The whole way of one QoS 2 publication, as its sender sees it. */
async function publishOnce(client: RawClient, topic: string, payload: string, packetId = 1) {
  client.publish(topic, payload, { qos: 2, packetId });
  const { reasonCode } = await client.expect("pubrec");
  release(client, packetId);
  await client.expect("pubcomp");
  return reasonCode;
}

/** The whole way as its receiver sees it. */
async function takeOnce(client: RawClient): Promise<Packet & { type: "publish" }> {
  const packet = await client.expect("publish");
  receive(client, packet.packetId);
  await client.expect("pubrel");
  complete(client, packet.packetId);
  return packet;
}

describe.each([4, 5] as const)("QoS 2 from a client, version %i", (version) => {
  test("goes on once, however often PUBLISH comes [MQTT-4.3.3-10]", async () => {
    await start();
    const subscriber = await kit.rawClient("subscriber", version);
    expect(await subscriber.subscribe("a", 2)).toBe(2);
    const sender = await kit.rawClient("sender", version);
    sender.publish("a", "one", { qos: 2, packetId: 9 });
    await sender.expect("pubrec");
    sender.publish("a", "one", { qos: 2, packetId: 9, dup: true });
    expect(await sender.expect("pubrec")).toMatchObject({ packetId: 9 });
    release(sender, 9);
    expect(await sender.expect("pubcomp")).toMatchObject({ packetId: 9 });
    // Released, the identifier is another message's.
    expect(await publishOnce(sender, "a", "two", 9)).toBe(0);
    const got = [await subscriber.expect("publish"), await subscriber.expect("publish")];
    expect(got.map(textOf)).toEqual(["one", "two"]);
    expect(got.map(({ qos, dup }) => [qos, dup])).toEqual([
      [2, false],
      [2, false],
    ]);
    expect(await subscriber.settle()).toEqual([]);
  });

  test("is still known to a session that is resumed, even by another server", async () => {
    await start();
    const subscriber = await kit.rawClient("subscriber", version, persistent);
    await subscriber.subscribe("a", 1);
    const before = await kit.rawClient("sender", version, persistent);
    before.publish("a", "one", { qos: 2, packetId: 5 });
    await before.expect("pubrec");
    await subscriber.expect("publish");
    await kit.crash();
    await kit.restart();
    const after = await kit.rawClient("sender", version, persistent);
    expect(after.connack.sessionPresent).toBe(true);
    after.publish("a", "one", { qos: 2, packetId: 5, dup: true });
    await after.expect("pubrec");
    release(after, 5);
    await after.expect("pubcomp");
    await publishOnce(after, "a", "two", 5);
    const again = await kit.rawClient("subscriber", version, persistent);
    const got = [await again.expect("publish"), await again.expect("publish")];
    expect(got.map(textOf)).toEqual(["one", "two"]);
    await again.settle();
    expect(again.received).toEqual([]);
  });

  test("PUBREL of an unknown identifier is completed", async () => {
    await start();
    const client = await kit.rawClient("c", version);
    release(client, 77);
    expect(await client.expect("pubcomp")).toMatchObject({ packetId: 77, reasonCode: version === 5 ? 0x92 : 0 });
  });
});

describe("QoS 2 from a client", () => {
  test("a publication that was refused leaves its identifier free", async () => {
    await start({ limits: { retainedMessages: 0 } });
    const client = await kit.rawClient("c", 5);
    client.publish("a", "x", { qos: 2, packetId: 3, retain: true });
    expect(await client.expect("pubrec")).toMatchObject({ packetId: 3, reasonCode: 0x97 });
    const subscriber = await kit.rawClient("subscriber", 5);
    await subscriber.subscribe("a", 0);
    client.publish("a", "y", { qos: 2, packetId: 3 });
    await client.expect("pubrec");
    expect(textOf(await subscriber.expect("publish"))).toBe("y");
  });

  test("a clean session forgets what was under way", async () => {
    await start();
    const subscriber = await kit.rawClient("subscriber", 5);
    await subscriber.subscribe("a", 0);
    const before = await kit.rawClient("sender", 5);
    before.publish("a", "one", { qos: 2, packetId: 5 });
    await before.expect("pubrec");
    await cut(before);
    const after = await kit.rawClient("sender", 5);
    after.publish("a", "two", { qos: 2, packetId: 5 });
    await after.expect("pubrec");
    expect([textOf(await subscriber.expect("publish")), textOf(await subscriber.expect("publish"))]).toEqual([
      "one",
      "two",
    ]);
  });

  test("is bounded by the receive maximum [MQTT-3.3.4-9]", async () => {
    await start({ limits: { receiveMaximum: 2 } });
    const client = await kit.rawClient("c", 5);
    for (const packetId of [1, 2]) {
      client.publish("a", "x", { qos: 2, packetId });
      await client.expect("pubrec");
    }
    client.publish("a", "x", { qos: 2, packetId: 2, dup: true });
    await client.expect("pubrec");
    client.publish("a", "x", { qos: 2, packetId: 3 });
    expect((await client.expect("disconnect")).reasonCode).toBe(0x93);
  });

  test("does not exist in AWS's profile (reference 1.3)", async () => {
    await start({ limits: { ...awsLimits, ...unhurried } });
    for (const act of [
      (client: RawClient) => client.publish("a", "x", { qos: 2, packetId: 1 }),
      (client: RawClient) =>
        client.send({
          type: "subscribe",
          packetId: 1,
          subscriptions: [{ filter: "a", qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
        }),
    ]) {
      const five = await kit.rawClient("five", 5);
      expect(five.connack.properties?.maximumQos).toBe(1);
      act(five);
      expect((await five.expect("disconnect")).reasonCode).toBe(0x9b);
      const three = await kit.rawClient("three", 4);
      act(three);
      await three.end();
      expect(three.received).toEqual([]);
    }
  });
});

describe.each([4, 5] as const)("QoS 2 to a client, version %i", (version) => {
  test("PUBLISH comes again with its identifier and DUP until PUBREC", async () => {
    await start();
    const subscriber = await kit.rawClient("subscriber", version, persistent);
    await subscriber.subscribe("a", 2);
    const sender = await kit.rawClient("sender", version);
    await publishOnce(sender, "a", "one");
    const first = await subscriber.expect("publish");
    expect(first).toMatchObject({ qos: 2, dup: false });
    await cut(subscriber);
    await publishOnce(sender, "a", "two");
    const resumed = await kit.rawClient("subscriber", version, persistent);
    const again = await resumed.expect("publish");
    expect(again).toMatchObject({ packetId: first.packetId, dup: true });
    expect(textOf(again)).toBe("one");
    const second = await resumed.expect("publish");
    expect(second).toMatchObject({ dup: false });
    expect(second.packetId).not.toBe(first.packetId);
  });

  test("after PUBREC only PUBREL comes again, even from another server", async () => {
    await start();
    const subscriber = await kit.rawClient("subscriber", version, persistent);
    await subscriber.subscribe("a", 2);
    const sender = await kit.rawClient("sender", version);
    await publishOnce(sender, "a", "one");
    const { packetId } = await subscriber.expect("publish");
    receive(subscriber, packetId);
    await subscriber.expect("pubrel");
    await cut(subscriber);
    const resumed = await kit.rawClient("subscriber", version, persistent);
    expect(await resumed.expect("pubrel")).toMatchObject({ packetId });
    await kit.crash();
    await kit.restart();
    const third = await kit.rawClient("subscriber", version, persistent);
    expect(await third.expect("pubrel")).toMatchObject({ packetId });
    complete(third, packetId);
    await third.settle();
    await cut(third);
    const fourth = await kit.rawClient("subscriber", version, persistent);
    expect(await fourth.settle()).toEqual([]);
  });

  test("a server that crashed sends what it may have sent before with DUP and under its identifier", async () => {
    await start();
    const subscriber = await kit.rawClient("subscriber", version, persistent);
    await subscriber.subscribe("a", 2);
    await subscriber.subscribe("b", 1);
    const sender = await kit.rawClient("sender", version);
    await publishOnce(sender, "a", "exactly");
    await sender.publishAcknowledged("b", "at least");
    const sent = [await subscriber.expect("publish"), await subscriber.expect("publish")];
    await kit.crash();
    await kit.restart();
    const resumed = await kit.rawClient("subscriber", version, persistent);
    for (const { packetId, qos, payload } of sent) {
      expect(await resumed.expect("publish")).toMatchObject({ packetId, qos, dup: true, payload });
    }
  });
});

describe("QoS 2 to a client", () => {
  test("a refusal ends it, and gives its place to another message", async () => {
    await start();
    const subscriber = await kit.rawClient("subscriber", 5, { properties: { receiveMaximum: 1 } });
    await subscriber.subscribe("a", 2);
    const sender = await kit.rawClient("sender", 5);
    for (const text of ["one", "two", "three"]) await publishOnce(sender, "a", text);
    const { packetId } = await subscriber.expect("publish");
    expect(await subscriber.settle()).toEqual([]);
    receive(subscriber, packetId, 0x97);
    const second = await subscriber.expect("publish");
    expect(textOf(second)).toBe("two");
    receive(subscriber, second.packetId);
    await subscriber.expect("pubrel");
    // Only PUBCOMP gives the place back (section 4.9).
    expect(await subscriber.settle()).toEqual([]);
    complete(subscriber, second.packetId);
    expect(textOf(await subscriber.expect("publish"))).toBe("three");
  });

  test("PUBREC of an unknown identifier is answered with PUBREL 0x92", async () => {
    await start();
    const client = await kit.rawClient("c", 5);
    receive(client, 4);
    expect(await client.expect("pubrel")).toMatchObject({ packetId: 4, reasonCode: 0x92 });
  });

  test.each([
    ["PUBACK for QoS 2", 2, "puback"],
    ["PUBREC for QoS 1", 1, "pubrec"],
    ["PUBCOMP before PUBREC", 2, "pubcomp"],
  ] as const)("%s is a protocol error", async (_, qos, type) => {
    await start();
    const subscriber = await kit.rawClient("subscriber", 5);
    await subscriber.subscribe("a", qos);
    const sender = await kit.rawClient("sender", 5);
    await publishOnce(sender, "a", "x");
    const { packetId } = await subscriber.expect("publish");
    subscriber.send({ type, packetId, reasonCode: 0 });
    expect((await subscriber.expect("disconnect")).reasonCode).toBe(0x82);
  });

  test("the delivery has the lower of both qualities", async () => {
    await start();
    const subscriber = await kit.rawClient("subscriber", 5);
    await subscriber.subscribe("a", 2);
    await subscriber.subscribe("b", 1);
    const sender = await kit.rawClient("sender", 5);
    await sender.publishAcknowledged("a", "x");
    await publishOnce(sender, "b", "x");
    expect([(await subscriber.expect("publish")).qos, (await subscriber.expect("publish")).qos]).toEqual([1, 1]);
  });

  test("retained messages and wills keep it", async () => {
    await start();
    const sender = await kit.rawClient("sender", 5, {
      will: { topic: "w", payload: Buffer.from("gone"), qos: 2, retain: false },
    });
    sender.publish("r", "kept", { qos: 2, packetId: 1, retain: true });
    await sender.expect("pubrec");
    const subscriber = await kit.rawClient("subscriber", 5);
    await subscriber.subscribe("r", 2);
    expect(await takeOnce(subscriber)).toMatchObject({ qos: 2, retain: true });
    await subscriber.subscribe("w", 2);
    await cut(sender);
    expect(await takeOnce(subscriber)).toMatchObject({ qos: 2, topic: "w" });
  });
});

describe("topic aliases towards a client", () => {
  test("its first topics get one, which stands for them from then on (section 3.3.2.3.4)", async () => {
    await start();
    const client = await kit.rawClient("c", 5, { properties: { topicAliasMaximum: 2 } });
    await client.subscribe("#", 1);
    const sender = await kit.rawClient("sender", 4);
    for (const topic of ["a", "b", "c", "a", "c", "b"]) sender.publish(topic, topic, { qos: 0 });
    await sender.publishAcknowledged("b", "b");
    const seen = [];
    for (let i = 0; i < 7; i++) {
      const { topic, properties, payload } = await client.expect("publish");
      seen.push([topic, properties?.topicAlias, textOf({ payload })]);
    }
    expect(seen).toEqual([
      ["a", 1, "a"],
      ["b", 2, "b"],
      ["c", undefined, "c"],
      ["", 1, "a"],
      ["c", undefined, "c"],
      ["", 2, "b"],
      ["", 2, "b"],
    ]);
  });

  test("none without the client's leave [MQTT-3.1.2-26]", async () => {
    await start();
    const client = await kit.rawClient("c", 5);
    await client.subscribe("a", 0);
    const sender = await kit.rawClient("sender", 4);
    sender.publish("a", "1");
    expect((await client.expect("publish")).properties?.topicAlias).toBeUndefined();
  });
});
