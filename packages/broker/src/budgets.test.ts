import { afterEach, describe, expect, test } from "vitest";
import { type Kit, type KitOptions, startKit, textOf } from "../test/kit.ts";
import type { LimitName } from "./index.ts";
import { OutboundAliases } from "./outbound-aliases.ts";

let kit: Kit;
const start = async (options: KitOptions = {}) => {
  kit = await startKit(options);
};
afterEach(() => kit?.stop());

const reached = (name: LimitName) => kit.broker.metrics.limitReached[name];
const heavy = {
  userProperties: [["n".repeat(200), "v".repeat(200)]] as [string, string][],
  correlationData: Buffer.alloc(200),
  responseTopic: "r".repeat(200),
  contentType: "c".repeat(200),
};

describe("properties take room", () => {
  test("in the queue of a session that is kept, and of one that is not", async () => {
    await start({ limits: { queuedBytes: 2000, sendMaximum: 1 } });
    const kept = await kit.rawClient("kept", 5, { properties: { sessionExpiryInterval: 100 } });
    const brief = await kit.rawClient("brief", 5);
    await kept.subscribe("kept");
    await brief.subscribe("brief");
    const writer = await kit.rawClient("writer", 5);
    for (const topic of ["kept", "brief"]) {
      for (let i = 0; i < 3; i++) await writer.publishAcknowledged(topic, `${i}`, { properties: heavy });
    }
    expect(kit.broker.metrics.droppedFull).toBe(3);
    expect(reached("queuedBytes")).toBe(3);
    expect(reached("queuedMessages")).toBe(0);
  });

  test("among an account's retained messages, and so do topics", async () => {
    await start({ limits: { retainedBytes: 1500 } });
    const client = await kit.rawClient("c", 5);
    const retain = { retain: true };
    expect(await client.publishAcknowledged("a", "x", { ...retain, properties: heavy })).toBe(0);
    expect(await client.publishAcknowledged("b", "x", { ...retain, properties: heavy })).toBe(0x97);
    expect(await client.publishAcknowledged("t".repeat(600), "x", retain)).toBe(0x97);
    expect(reached("retainedBytes")).toBe(2);
    expect(await client.publishAcknowledged("a", "x", retain)).toBe(0);
    expect(await client.publishAcknowledged("b", "x", { ...retain, properties: heavy })).toBe(0);
  });

  test("even where names and values are empty", async () => {
    await start({ limits: { userProperties: 49 } });
    const client = await kit.rawClient("c", 5);
    const pairs = (count: number) => ({
      userProperties: Array.from({ length: count }, (): [string, string] => ["", ""]),
    });
    expect(await client.publishAcknowledged("a", "x", { properties: pairs(9) })).toBe(0);
    expect(await client.publishAcknowledged("a", "x", { properties: pairs(10) })).toBe(0x97);
    expect(reached("userProperties")).toBe(1);
  });
});

test("topics that a client is sent have aliases as long as there is room for them", async () => {
  const aliases = new OutboundAliases(10, 8);
  for (const topic of ["1234", "12345", "1234", "üü", "6"]) {
    aliases.use(topic);
    aliases.learn(topic);
  }
  expect(aliases.use("1234")).toEqual({ alias: 1, known: true });
  expect(aliases.use("12345")).toBeUndefined();
  expect(aliases.use("üü")).toEqual({ alias: 2, known: true });
  expect(aliases.use("6")).toBeUndefined();
});

describe("a limit that is reached is counted and told", () => {
  test("messages that wait for one session", async () => {
    await start({ limits: { queuedMessages: 1, sendMaximum: 1 } });
    for (const [clientId, properties] of [
      ["kept", { sessionExpiryInterval: 100 }],
      ["brief", {}],
    ] as const) {
      const reader = await kit.rawClient(clientId, 5, { properties });
      await reader.subscribe(clientId);
      const writer = await kit.rawClient("writer", 5);
      for (let i = 0; i < 3; i++) await writer.publishAcknowledged(clientId, `${i}`);
      expect(textOf(await reader.expect("publish"))).toBe("0");
    }
    expect(reached("queuedMessages")).toBe(kit.broker.metrics.droppedFull);
    expect(reached("queuedMessages")).toBe(3);
  });

  test("bytes that wait in a socket", async () => {
    await start({ limits: { backlog: 10_000 } });
    const reader = await kit.rawClient("reader", 5);
    await reader.subscribe("a", 0);
    reader.socket.pause();
    const writer = await kit.rawClient("writer", 5);
    for (let i = 0; i < 200 && kit.broker.metrics.droppedSlow === 0; i++) {
      writer.publish("a", "x".repeat(100_000));
      await writer.settle();
    }
    expect(reached("backlog")).toBe(kit.broker.metrics.droppedSlow);
    expect(reached("backlog")).toBeGreaterThan(0);
    reader.socket.destroy();
  });

  test.each([4, 5] as const)("QoS 2 where there is none, version %i", async (version) => {
    await start({ limits: { qos2: false } });
    const ways = [
      (client: Awaited<ReturnType<Kit["rawClient"]>>) => client.publish("a", "x", { qos: 2 }),
      (client: Awaited<ReturnType<Kit["rawClient"]>>) => void client.subscribe("a", 2).catch(() => {}),
      (client: Awaited<ReturnType<Kit["rawClient"]>>) => client.send({ type: "pubrel", packetId: 1, reasonCode: 0 }),
    ];
    for (const [index, way] of ways.entries()) {
      const client = await kit.rawClient("c", version);
      way(client);
      await client.end();
      expect(reached("qos2")).toBe(index + 1);
    }
    const will = { topic: "w", payload: Buffer.from("x"), qos: 2 as const, retain: false };
    await (await kit.rawClient("c", version, { will })).end();
    expect(reached("qos2")).toBe(ways.length + 1);
  });

  test("subscription identifiers where there are none", async () => {
    await start({ limits: { subscriptionIdentifiers: false } });
    const client = await kit.rawClient("c", 5);
    client.send({
      type: "subscribe",
      packetId: 1,
      subscriptions: [{ filter: "a", qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
      properties: { subscriptionIdentifiers: [1] },
    });
    expect((await client.expect("disconnect")).reasonCode).toBe(0xa1);
    expect(reached("subscriptionIdentifiers")).toBe(1);
  });

  test("a session of another version that is not resumed", async () => {
    await start({ limits: { resumeAcrossVersions: false } });
    for (const [version, present] of [
      [4, false],
      [5, false],
      [5, true],
    ] as const) {
      const client = await kit.rawClient("c", version, { clean: false, properties: { sessionExpiryInterval: 100 } });
      expect(client.connack.sessionPresent).toBe(present);
    }
    expect(reached("resumeAcrossVersions")).toBe(1);
  });
});
