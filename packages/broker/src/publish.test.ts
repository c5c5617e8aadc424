import { FakeClock } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { connectionClosed, type Outcome, type ReservedTopic } from "@hearth/iot";
import { afterEach, describe, expect, test } from "vitest";
import { type Kit, type KitOptions, startKit, textOf, unhurried } from "../test/kit.ts";
import { awsLimits, standardLimits } from "./index.ts";

let kit: Kit;
const start = async (options: KitOptions = {}) => {
  kit = await startKit(options);
};
afterEach(() => kit.stop());

/** The reason code of the DISCONNECT that ends a version 5 connection. */
async function ending(act: (client: Awaited<ReturnType<Kit["rawClient"]>>) => void): Promise<number> {
  const client = await kit.rawClient("violator", 5);
  act(client);
  const { reasonCode } = await client.expect("disconnect");
  await client.end();
  return reasonCode;
}

describe("PUBLISH is refused", () => {
  test("without the right: PUBACK and DISCONNECT 0x87 in version 5, the end in 3.1.1", async () => {
    await start();
    kit.denied.add("iot:Publish topic/no").add("iot:RetainPublish topic/kept");
    const reasons: string[] = [];
    kit.bus.subscribe(connectionClosed, ({ reason }) => reasons.push(reason));
    const listener = await kit.rawClient("listener", 4);
    await listener.subscribe("#");
    const five = await kit.rawClient("five", 5);
    expect(await five.publishAcknowledged("no", "x")).toBe(0x87);
    expect(await five.expect("disconnect")).toMatchObject({ reasonCode: 0x87 });
    const three = await kit.rawClient("three", 4);
    three.publish("no", "x", { qos: 1 });
    await three.end();
    expect(three.received).toEqual([]);
    expect(await ending((client) => client.publish("kept", "x", { retain: true }))).toBe(0x87);
    expect(await listener.settle()).toEqual([]);
    expect(reasons).toEqual(["AUTH_ERROR", "AUTH_ERROR", "AUTH_ERROR"]);
    expect(kit.broker.metrics.publishesDenied).toBe(3);
  });

  test("with the standard's code for each violation", async () => {
    await start({ limits: { ...awsLimits, ...unhurried, payload: 100, packetSize: 400, allReasonCodes: true } });
    expect(await ending((client) => client.publish("a", "x", { qos: 2 }))).toBe(0x9b);
    expect(await ending((client) => client.publish("a/+", "x"))).toBe(0x90);
    expect(await ending((client) => client.publish("1/2/3/4/5/6/7/8/9", "x"))).toBe(0x90);
    expect(await ending((client) => client.publish("t".repeat(257), "x"))).toBe(0x90);
    expect(await ending((client) => client.publish("a", "x".repeat(101)))).toBe(0x95);
    expect(await ending((client) => client.publish("a", "x".repeat(500)))).toBe(0x95);
    expect(await ending((client) => client.publish("a", "x", { properties: { topicAlias: 9 } }))).toBe(0x94);
    expect(await ending((client) => client.publish("", "x", { properties: { topicAlias: 1 } }))).toBe(0x82);
    expect(await ending((client) => client.publish("a", "", { properties: { subscriptionIdentifiers: [1] } }))).toBe(
      0x82,
    );
    expect(await ending((client) => client.publish("$SYS/x", "x"))).toBe(0x87);
    expect(await ending((client) => client.bytes("3f 00"))).toBe(0x81);
    expect(await ending((client) => client.send({ type: "pubrel", packetId: 1, reasonCode: 0 }))).toBe(0x82);
    expect(await ending((client) => client.send({ type: "auth", reasonCode: 0x18 }))).toBe(0x82);
  });

  test("properties above the limits are answered with 0x97, and the connection goes on", async () => {
    await start({ limits: { ...awsLimits, ...unhurried } });
    const client = await kit.rawClient("wordy", 5);
    const properties = { contentType: "t".repeat(257) };
    expect(await client.publishAcknowledged("a", "x", { properties })).toBe(0x97);
    expect(await client.publishAcknowledged("a", "x")).toBe(0);
  });
});

test("an alias stands for its topic, and is the connection's own", async () => {
  await start();
  const listener = await kit.rawClient("listener", 5);
  await listener.subscribe("#", 0);
  const client = await kit.rawClient("short", 5);
  client.publish("a/long/topic", "1", { properties: { topicAlias: 3 } });
  client.publish("", "2", { properties: { topicAlias: 3 } });
  client.publish("another", "3", { properties: { topicAlias: 3 } });
  client.publish("", "4", { properties: { topicAlias: 3 } });
  await client.settle();
  const got = (await listener.settle()).map((packet) => packet.type === "publish" && [packet.topic, textOf(packet)]);
  expect(got).toEqual([
    ["a/long/topic", "1"],
    ["a/long/topic", "2"],
    ["another", "3"],
    ["another", "4"],
  ]);
});

test("deliveries without iot:Receive are skipped silently", async () => {
  await start();
  kit.denied.add("iot:Receive topic/secret");
  const client = await kit.rawClient("listener", 4);
  await client.subscribe("#");
  client.publish("secret", "1");
  client.publish("open", "2");
  expect((await client.settle()).map((packet) => packet.type === "publish" && packet.topic)).toEqual(["open"]);
  expect(await client.publishAcknowledged("secret", "3")).toBe(0);
  expect(kit.broker.metrics.receivesDenied).toBe(2);
});

test("a policy is asked once for each topic, not for each message", async () => {
  await start();
  const client = await kit.rawClient("repeater", 4);
  for (let i = 0; i < 50; i++) client.publish("same/topic", `${i}`);
  await client.settle();
  expect(kit.asked.filter((what) => what === "iot:Publish topic/same/topic")).toHaveLength(1);
});

describe("message expiry", () => {
  test("what waited is sent with what is left, and not at all when nothing is", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const options = { clean: true, properties: { sessionExpiryInterval: 1000 } };
    const away = await kit.rawClient("away", 5, options);
    await away.subscribe("a");
    away.send({ type: "disconnect", reasonCode: 0 });
    await away.end();
    const sender = await kit.rawClient("sender", 5);
    for (const [text, messageExpiryInterval] of [
      ["short", 10],
      ["long", 100],
    ] as const) {
      await sender.publishAcknowledged("a", text, { properties: { messageExpiryInterval } });
    }
    clock.advance(30_000);
    const back = await kit.rawClient("away", 5, { ...options, clean: false });
    const packet = await back.expect("publish");
    expect([textOf(packet), packet.properties?.messageExpiryInterval]).toEqual(["long", 70]);
    expect(await back.settle()).toEqual([]);
    expect(kit.broker.metrics.droppedExpired).toBe(1);
  });

  test.each([
    ["standard", standardLimits, 1],
    ["aws", { ...awsLimits, ...unhurried, subscriptionIdentifiers: true }, 0],
  ] as const)(
    "what is left counts the whole seconds of waiting [MQTT-3.3.2-6], profile %s",
    async (_, limits, last) => {
      const clock = new FakeClock();
      await start({ clock, limits });
      const reader = await kit.rawClient("reader", 5, { properties: { receiveMaximum: 1 } });
      reader.send({
        type: "subscribe",
        packetId: 1,
        subscriptions: [{ filter: "a", qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
        properties: { subscriptionIdentifiers: [5] },
      });
      await reader.expect("suback");
      const sender = await kit.rawClient("sender", 5);
      const properties = { messageExpiryInterval: 60 };
      for (let i = 0; i < 4; i++) await sender.publishAcknowledged("a", `${i}`, { properties, retain: i === 3 });
      const left: unknown[] = [];
      for (const wait of [400, 600, 58_400, 0]) {
        const packet = await reader.expect("publish");
        left.push(packet.properties?.messageExpiryInterval);
        clock.advance(wait);
        reader.acknowledge(packet.packetId);
      }
      await reader.settle();
      expect(left).toEqual([60, 60, 59, last]);
      const late = await kit.rawClient("late", 5);
      late.send({
        type: "subscribe",
        packetId: 1,
        subscriptions: [{ filter: "a", qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
      });
      await late.expect("suback");
      expect((await late.expect("publish")).properties?.messageExpiryInterval).toBe(last);
    },
  );
});

describe("reserved topics", () => {
  const gates: { open: (outcome: Outcome) => void; fail: (error: Error) => void; level: string }[] = [];
  const gated: ReservedTopic = {
    filter: "$aws/gate/+",
    deliver: false,
    handle: (levels) =>
      new Promise((open, fail) => {
        gates.push({ open, fail, level: levels[0]! });
      }),
  };
  const startGated = async (options: KitOptions = {}) => {
    gates.length = 0;
    await start({ ...options, reserved: [gated] });
  };

  test("the PUBACK follows the handler; replies reach the client unsubscribed; PUBACKs keep their order", async () => {
    await startGated();
    const client = await kit.rawClient("asker", 4);
    client.publish("$aws/gate/1", "x", { qos: 1, packetId: 1 });
    client.publish("$aws/gate/2", "x", { qos: 1, packetId: 2 });
    client.publish("ordinary", "x", { qos: 1, packetId: 3 });
    expect(await client.settle()).toEqual([]);
    const { accountId } = kit.identity;
    const reply = {
      accountId,
      topic: "$aws/gate/2/accepted",
      payload: Buffer.from("yes"),
      qos: 0 as const,
      retain: false,
    };
    gates[1]!.open({ reply: [reply] });
    expect(await client.settle()).toEqual([]);
    gates[0]!.open({});
    const all = [];
    for (let i = 0; i < 4; i++) {
      while (client.received.length === 0) await client.settle().then((packets) => client.received.unshift(...packets));
      all.push(client.received.shift()!);
    }
    expect(all.filter((packet) => packet.type === "publish")).toHaveLength(1);
    const acknowledged = all.map((packet) => (packet.type === "puback" ? packet.packetId : 0)).filter((id) => id > 0);
    expect(acknowledged).toEqual([1, 2, 3]);
  });

  test("a handler that fails on something unknown ends the connection without a PUBACK", async () => {
    await startGated();
    const five = await kit.rawClient("five", 5);
    five.publish("$aws/gate/1", "x", { qos: 1 });
    await five.settle();
    gates[0]!.fail(new TypeError("bug"));
    expect(await five.expect("disconnect")).toMatchObject({ reasonCode: 0x80 });
    const three = await kit.rawClient("three", 4);
    three.publish("$aws/gate/1", "x", { qos: 1 });
    await three.settle();
    gates[1]!.fail(new TypeError("bug"));
    await three.end();
    expect(three.received).toEqual([]);
  });

  test("a modelled error is the handler's own affair", async () => {
    await startGated();
    const client = await kit.rawClient("asker", 4);
    client.publish("$aws/gate/1", "x", { qos: 1 });
    await client.settle();
    gates[0]!.fail(new ServiceError("InvalidRequestException", "no"));
    expect(await client.expect("puback")).toMatchObject({ packetId: 7 });
  });

  test("acknowledgements behind a slow one: version 5 keeps its receive maximum, 3.1.1 is made to wait", async () => {
    await startGated({ limits: { receiveMaximum: 3 } });
    const five = await kit.rawClient("five", 5);
    five.publish("$aws/gate/1", "x", { qos: 1, packetId: 1 });
    for (let i = 2; i <= 4; i++) five.publish("a", "x", { qos: 1, packetId: i });
    expect(await five.expect("disconnect")).toMatchObject({ reasonCode: 0x93 });
    const three = await kit.rawClient("three", 4);
    three.publish("$aws/gate/2", "x", { qos: 1, packetId: 1 });
    for (let i = 2; i <= 6; i++) three.publish("a", "x", { qos: 1, packetId: i });
    await (await kit.rawClient("other", 4)).settle();
    expect(three.received).toEqual([]);
    gates[1]!.open({});
    for (let i = 1; i <= 6; i++) expect(await three.expect("puback")).toMatchObject({ packetId: i });
  });

  test("too many requests under way leave the rest unread", async () => {
    await startGated({ limits: { publishesInFlight: 3 } });
    const client = await kit.rawClient("flood", 4);
    for (let i = 1; i <= 4; i++) client.publish(`$aws/gate/${i}`, "x", { qos: 1, packetId: i });
    const other = await kit.rawClient("other", 4);
    await other.settle();
    expect(gates.map((gate) => gate.level)).toEqual(["1", "2", "3"]);
    expect(client.received).toEqual([]);
    gates[0]!.open({});
    expect(await client.expect("puback")).toMatchObject({ packetId: 1 });
    await other.settle();
    expect(gates.map((gate) => gate.level)).toEqual(["1", "2", "3", "4"]);
    expect(client.received).toEqual([]);
    for (let i = 1; i < 4; i++) {
      gates[i]!.open({});
      expect(await client.expect("puback")).toMatchObject({ packetId: i + 1 });
    }
  });
});

test("publications above a connection's rate are discarded", async () => {
  await start({ limits: { publishesPerSecond: 10 }, clock: new FakeClock() });
  const listener = await kit.rawClient("listener", 4);
  await listener.subscribe("#", 0);
  const client = await kit.rawClient("fast", 4);
  for (let i = 0; i < 25; i++) client.publish("a", `${i}`);
  await client.settle();
  expect(await listener.settle()).toHaveLength(10);
  expect(kit.broker.metrics.droppedRate).toBe(15);
});

test("a receiver that does not read loses QoS 0 messages, keeps QoS 1 ones, and slows nobody down", async () => {
  await start({ limits: { backlog: 200_000 } });
  const slow = await kit.rawClient("slow", 4);
  await slow.subscribe("#", 1);
  slow.socket.pause();
  const sender = await kit.rawClient("sender", 4);
  const text = "x".repeat(50_000);
  // Far more than the sockets of both sides hold.
  for (let i = 0; i < 400; i++) sender.publish("q0", text);
  await sender.settle();
  for (let i = 1; i <= 20; i++) await sender.publishAcknowledged("q1", `${i}`, { packetId: i });
  expect(kit.broker.metrics.droppedSlow).toBeGreaterThan(0);
  slow.socket.resume();
  const ones: string[] = [];
  while (ones.length < 20) {
    const packet = await slow.expect("publish");
    if (packet.qos === 0) continue;
    ones.push(textOf(packet));
    slow.acknowledge(packet.packetId);
  }
  expect(ones).toEqual(Array.from({ length: 20 }, (_, i) => `${i + 1}`));
});
