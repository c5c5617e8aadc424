import { FakeClock } from "@hearth/base";
import type { ProtocolVersion } from "@hearth/mqtt";
import { afterEach, describe, expect, test } from "vitest";
import { type Kit, type KitOptions, startKit, unhurried } from "../test/kit.ts";
import { AccountRates } from "./account-rates.ts";
import { awsLimits, type BrokerLimits, type LimitName, standardLimits } from "./index.ts";
import { KeyedRate } from "./keyed-rate.ts";
import { createLimitReports } from "./limit-reports.ts";
import { createMetrics } from "./metrics.ts";
import { topicFault } from "./topic-rules.ts";

let kit: Kit;
const start = async (options: KitOptions = {}) => {
  kit = await startKit(options);
};
afterEach(() => kit?.stop());

const profiles = [
  ["standard", standardLimits],
  ["aws", awsLimits],
] as const;
const reached = (name: LimitName) => kit.broker.metrics.limitReached[name];
const retain = { retain: true };
const willOf = (properties: Record<string, unknown>, topic = "will") => ({
  will: { topic, payload: Buffer.from("last"), qos: 0 as const, retain: false, properties },
});

test("a limit is counted each time and logged once a second", () => {
  const clock = new FakeClock();
  const metrics = createMetrics();
  const lines: unknown[] = [];
  const report = createLimitReports({ clock, metrics, log: { warn: (...line: unknown[]) => lines.push(line) } });
  for (let i = 0; i < 5; i++) report("c", "payload", "closed");
  report(undefined, "packetSize", "closed");
  expect(lines).toEqual([
    [{ clientId: "c", limit: "payload", times: 1 }, "closed"],
    [{ clientId: undefined, limit: "packetSize", times: 1 }, "closed"],
  ]);
  clock.advance(1000);
  report("d", "payload", "closed");
  expect(lines[2]).toEqual([{ clientId: "d", limit: "payload", times: 5 }, "closed"]);
  expect(metrics.limitReached).toMatchObject({ payload: 6, packetSize: 1, topic: 0 });
});

describe.each(profiles)("profile %s", (profile, limits) => {
  const aws = profile === "aws";

  test("what is too large closes the connection, with a code that the profile uses", async () => {
    await start({ limits: { ...limits, ...unhurried, payload: 100, packetSize: 1000 } });
    for (const [size, name] of [
      [101, "payload"],
      [1001, "packetSize"],
    ] as const) {
      const client = await kit.rawClient("large", 5);
      client.publish("a", "x".repeat(size));
      expect((await client.expect("disconnect")).reasonCode).toBe(aws ? 0x97 : 0x95);
      expect(reached(name)).toBe(1);
      const old = await kit.rawClient("large", 4);
      old.publish("a", "x".repeat(size));
      await old.end();
      expect(old.received).toEqual([]);
      expect(reached(name)).toBe(2);
    }
  });

  test("UNSUBACK for what was not subscribed to", async () => {
    await start({ limits });
    const client = await kit.rawClient("c", 5);
    client.send({ type: "unsubscribe", packetId: 1, filters: ["a"] });
    expect((await client.expect("unsuback")).reasonCodes).toEqual([aws ? 0 : 0x11]);
  });

  test("a CONNECT that is refused for a limit", async () => {
    await start({ limits: { ...limits, ...unhurried, clientPacketSize: 512, payload: 3 } });
    const small = await kit.rawClient("c", 5, { properties: { maximumPacketSize: 511 } });
    expect(small.connack.reasonCode).toBe(aws ? 0x80 : 0x82);
    const large = await kit.rawClient("c", 5, willOf({}));
    expect(large.connack.reasonCode).toBe(aws ? 0x97 : 0x95);
    const long = await kit.rawClient("c".repeat(limits.clientId + 1), 5);
    expect(long.connack.reasonCode).toBe(0x85);
    expect([reached("clientPacketSize"), reached("payload"), reached("clientId")]).toEqual([1, 1, 1]);
  });

  test.each([4, 5] as const)("SUBSCRIBE beyond a quota, version %i", async (version: ProtocolVersion) => {
    await start({
      limits: { ...limits, ...unhurried, subscriptionsPerConnection: 2, subscriptionsPerPacket: 3, shareMembers: 1 },
    });
    const client = await kit.rawClient("c", version);
    const code = (five: number) => (version === 5 ? five : 0x80);
    const subscribe = async (...filters: string[]) => {
      const options = { qos: 0 as const, noLocal: false, retainAsPublished: false, retainHandling: 0 as const };
      client.send({ type: "subscribe", packetId: 1, subscriptions: filters.map((filter) => ({ ...options, filter })) });
      return (await client.expect("suback")).reasonCodes;
    };
    expect(await subscribe("a", "b", "c", "d")).toEqual([0, 0, code(0x97), code(0x97)]);
    expect(reached("subscriptionsPerConnection")).toBe(1);
    expect(reached("subscriptionsPerPacket")).toBe(1);
    const other = await kit.rawClient("o", version);
    expect(await other.subscribe("$share/g/a", 0)).toBe(0);
    client.send({ type: "unsubscribe", packetId: 2, filters: ["a"] });
    await client.expect("unsuback");
    expect(await subscribe("$share/g/a")).toEqual([code(0x97)]);
    expect(reached("shareMembers")).toBe(1);
    expect(await subscribe("/".repeat(limits.slashes + 1))).toEqual([code(0x8f)]);
    expect(reached("slashes")).toBe(1);
  });

  test("topics: length and slashes, the prefix of Basic Ingest not counted", async () => {
    await start({ limits: { ...limits, ...unhurried, topic: 40 } });
    const client = await kit.rawClient("c", 5);
    const levels = "/".repeat(limits.slashes);
    expect(topicFault(`$aws/rules/rule/${levels}`, limits)).toBeUndefined();
    expect(topicFault(`$aws/rules/rule/${levels}/`, limits)).toMatchObject({ limit: "slashes" });
    expect(topicFault(`$aws/things/rule/${levels}`, limits)).toMatchObject({ limit: "slashes" });
    expect(topicFault(`$aws/rules/rule/${"x".repeat(limits.topic)}`, limits)).toBeUndefined();
    expect(topicFault(`$aws/rules/${"x".repeat(limits.topic)}`, limits)).toMatchObject({ limit: "topic" });
    client.publish("x".repeat(41), "x");
    expect((await client.expect("disconnect")).reasonCode).toBe(0x90);
    expect(reached("topic")).toBe(1);
  });

  test("a will's properties are bounded and its expiry is granted like a publication's", async () => {
    await start({ limits: { ...limits, ...unhurried, contentType: 5, correlationData: 6, userProperties: 7 } });
    const refused = async (properties: Record<string, unknown>) =>
      (await kit.rawClient("c", 5, willOf(properties))).connack.reasonCode;
    expect(await refused({ contentType: "123456" })).toBe(0x97);
    expect(await refused({ correlationData: Buffer.alloc(7) })).toBe(0x97);
    expect(await refused({ userProperties: [["1234", "5678"]] })).toBe(0x97);
    for (const name of ["contentType", "correlationData", "userProperties"] as const) expect(reached(name)).toBe(1);
    const watcher = await kit.rawClient("w", 5);
    await watcher.subscribe("will", 0);
    const asked = 0xffffffff;
    const client = await kit.rawClient("c", 5, willOf({ contentType: "12345", messageExpiryInterval: asked }));
    client.socket.destroy();
    const { properties } = await watcher.expect("publish");
    expect(properties).toMatchObject({ contentType: "12345", messageExpiryInterval: aws ? 604_800 : asked });
  });

  test("retained messages: each account has its own room, a replacement counts with the difference", async () => {
    await start({ limits: { ...limits, ...unhurried, retainedMessages: 2, retainedBytes: 12 } });
    const client = await kit.rawClient("c", 5);
    expect(await client.publishAcknowledged("a", "12345", retain)).toBe(0);
    expect(await client.publishAcknowledged("b", "12345", retain)).toBe(0);
    expect(await client.publishAcknowledged("c", "x", retain)).toBe(0x97);
    expect(reached("retainedMessages")).toBe(1);
    expect(await client.publishAcknowledged("b", "1234567", retain)).toBe(0x97);
    expect(reached("retainedBytes")).toBe(1);
    expect(await client.publishAcknowledged("b", "1", retain)).toBe(0);
    expect(await client.publishAcknowledged("a", "123456789", retain)).toBe(0);
    kit.identity.accountId = "222222222222";
    const other = await kit.rawClient("c", 5);
    expect(await other.publishAcknowledged("a", "1234567890", retain)).toBe(0);
    expect(await other.publishAcknowledged("a", "", retain)).toBe(0);
    expect(await other.publishAcknowledged("b", "1234567890", retain)).toBe(0);
    expect(kit.broker.metrics.retained).toBe(3);
  });

  test("topic aliases", async () => {
    await start({ limits });
    const client = await kit.rawClient("c", 5);
    client.publish("a", "x", { properties: { topicAlias: limits.topicAliases + 1 } });
    expect((await client.expect("disconnect")).reasonCode).toBe(0x94);
    expect(reached("topicAliases")).toBe(1);
  });

  test("aliases that stand for too much", async () => {
    await start({ limits: { ...limits, aliasBytes: 10 } });
    const client = await kit.rawClient("c", 5);
    for (const topic of ["12345678", "1234", "123456"]) client.publish(topic, "x", { properties: { topicAlias: 1 } });
    client.publish("1234", "x", { properties: { topicAlias: 2 } });
    await client.settle();
    client.publish("12345", "x", { properties: { topicAlias: 3 } });
    expect((await client.expect("disconnect")).reasonCode).toBe(0x97);
    expect(reached("aliasBytes")).toBe(1);
  });

  test("subscriptions of a session in bytes, of an account in number and in shared ones", async () => {
    await start({
      limits: { ...limits, ...unhurried, subscriptionBytes: 10, subscriptionsPerAccount: 3, shareGroups: 1 },
    });
    const client = await kit.rawClient("c", 5);
    expect(await client.subscribe("12345678")).toBe(1);
    expect(await client.subscribe("123")).toBe(0x97);
    expect(await client.subscribe("12345678")).toBe(1);
    client.send({ type: "unsubscribe", packetId: 2, filters: ["12345678"] });
    await client.expect("unsuback");
    expect(await client.subscribe("123")).toBe(1);
    expect(reached("subscriptionBytes")).toBe(1);
    const sharer = await kit.rawClient("s", 5);
    expect(await sharer.subscribe("$share/g/")).toBe(0x8f);
    expect(await sharer.subscribe("$share/g/a")).toBe(1);
    expect(await (await kit.rawClient("t", 5)).subscribe("$share/h/a")).toBe(0x97);
    expect(reached("shareGroups")).toBe(1);
    sharer.socket.destroy();
    const other = await kit.rawClient("s", 5);
    expect(await other.subscribe("$share/h/a")).toBe(1);
    expect(await (await kit.rawClient("u", 5)).subscribe("a")).toBe(1);
    expect(await (await kit.rawClient("v", 5)).subscribe("a")).toBe(0x97);
    expect(reached("subscriptionsPerAccount")).toBe(1);
    kit.identity.accountId = "222222222222";
    expect(await (await kit.rawClient("v", 5)).subscribe("a")).toBe(1);
  });

  test.each([4, 5] as const)("sessions that are kept, version %i", async (version: ProtocolVersion) => {
    const keep = { clean: false, properties: version === 5 ? { sessionExpiryInterval: 60 } : undefined };
    const end = { ...keep, clean: true, properties: undefined };
    await start({ limits: { ...limits, ...unhurried, durableSessions: 1 } });
    await kit.rawClient("a", version, keep);
    const refused = await kit.rawClient("b", version, keep);
    expect(refused.connack.reasonCode).toBe(version === 5 ? 0x97 : 3);
    expect(reached("durableSessions")).toBe(1);
    expect((await kit.rawClient("b", version)).connack.reasonCode).toBe(0);
    expect((await kit.rawClient("a", version, keep)).connack.reasonCode).toBe(0);
    await kit.crash();
    await kit.restart();
    expect((await kit.rawClient("b", version, keep)).connack.reasonCode).toBe(version === 5 ? 0x97 : 3);
    await kit.rawClient("a", version, end);
    expect((await kit.rawClient("b", version, keep)).connack.reasonCode).toBe(0);
  });

  test("a socket without CONNECT", async () => {
    const clock = new FakeClock();
    await start({ limits, clock });
    const client = await kit.raw();
    await kit.rawClient("witness", 4);
    clock.advance(limits.connectTimeout * 1000);
    await client.end();
    expect(reached("connectTimeout")).toBe(1);
  });
});

describe("rates of profile aws (reference 1.5)", () => {
  const clock = new FakeClock();
  const begin = (limits: Partial<BrokerLimits> = {}) => start({ limits: { ...awsLimits, ...limits }, clock });

  test.each([
    [4, 3],
    [5, 0x97],
  ] as const)("a client connects once a second, version %i", async (version, code) => {
    await begin();
    const first = await kit.rawClient("c", version);
    expect((await kit.rawClient("c", version)).connack.reasonCode).toBe(code);
    expect((await kit.rawClient("d", version)).connack.reasonCode).toBe(0);
    expect(await first.settle()).toEqual([]);
    clock.advance(999);
    expect((await kit.rawClient("c", version)).connack.reasonCode).toBe(code);
    clock.advance(1);
    expect((await kit.rawClient("c", version)).connack.reasonCode).toBe(0);
    expect(reached("connectsPerSecondPerClient")).toBe(2);
  });

  test("connects and subscriptions of an account", async () => {
    await begin({ connectsPerSecond: 2, subscriptionsPerSecond: 3 });
    const client = await kit.rawClient("a", 5);
    await kit.rawClient("b", 5);
    expect((await kit.rawClient("c", 5)).connack.reasonCode).toBe(0x97);
    expect(reached("connectsPerSecond")).toBe(1);
    for (const code of [1, 1, 1, 0x97]) expect(await client.subscribe("a")).toBe(code);
    expect(reached("subscriptionsPerSecond")).toBe(1);
    clock.advance(1000);
    expect(await client.subscribe("a")).toBe(1);
    expect((await kit.rawClient("d", 5)).connack.reasonCode).toBe(0);
  });

  test("publications of an account, in and out", async () => {
    await begin({ inboundPerSecond: 3, outboundPerSecond: 2 });
    const client = await kit.rawClient("a", 5);
    await client.subscribe("a", 0);
    for (let i = 0; i < 5; i++) client.publish("a", String(i));
    expect((await client.settle()).map((packet) => packet.type)).toEqual(["publish", "publish"]);
    expect([reached("inboundPerSecond"), reached("outboundPerSecond")]).toEqual([2, 1]);
    expect(await client.publishAcknowledged("b", "x")).toBe(0x97);
    const old = await kit.rawClient("b", 4);
    old.publish("b", "x", { qos: 1 });
    expect(await old.settle()).toEqual([]);
    kit.identity.accountId = "222222222222";
    expect(await (await kit.rawClient("a", 5)).publishAcknowledged("b", "x")).toBe(0);
    clock.advance(1000);
    expect(await client.publishAcknowledged("b", "x")).toBe(0);
    expect(kit.broker.metrics.droppedRate).toBe(5);
  });

  test("retained messages, on a topic and of an account", async () => {
    await begin({ retainedPerSecond: 2 });
    const client = await kit.rawClient("a", 5);
    expect(await client.publishAcknowledged("a", "1", retain)).toBe(0);
    expect(await client.publishAcknowledged("a", "2", retain)).toBe(0x97);
    expect(await client.publishAcknowledged("a", "3")).toBe(0);
    expect(await client.publishAcknowledged("b", "4", retain)).toBe(0);
    expect(await client.publishAcknowledged("c", "5", retain)).toBe(0x97);
    expect([reached("retainedPerSecondPerTopic"), reached("retainedPerSecond")]).toEqual([1, 1]);
    clock.advance(1000);
    expect(await client.publishAcknowledged("a", "6", retain)).toBe(0);
    expect(kit.broker.metrics.retained).toBe(2);
  });

  test("bytes of a connection are delayed, not lost", async () => {
    await begin({ bytesPerSecond: 10_000, publishesPerSecond: Number.POSITIVE_INFINITY });
    const until = async (met: () => boolean) => {
      while (!met()) await new Promise((resolve) => setImmediate(resolve));
    };
    const letTimePass = async <T>(work: Promise<T>): Promise<T> => {
      let done = false;
      const noted = work.finally(() => {
        done = true;
      });
      await until(() => {
        clock.advance(100);
        return done;
      });
      return noted;
    };
    const sender = await kit.rawClient("in", 4);
    for (let i = 0; i < 25; i++) sender.publish("nobody", "x".repeat(1000));
    const pong = sender.settle();
    await until(() => reached("bytesPerSecond") > 0);
    expect(kit.broker.metrics.messagesIn).toBeLessThan(25);
    expect(await letTimePass(pong)).toEqual([]);
    expect(kit.broker.metrics.messagesIn).toBe(25);

    const receiver = await kit.rawClient("out", 4);
    await receiver.subscribe("a", 0);
    const before = reached("bytesPerSecond");
    for (let i = 0; i < 5; i++) {
      const one = await kit.rawClient(`in ${i}`, 4);
      one.publish("a", "x".repeat(4000));
      await one.settle();
    }
    await until(() => reached("bytesPerSecond") > before);
    await until(() => receiver.received.length === 3);
    expect(await letTimePass(receiver.settle())).toHaveLength(5);
  });

  test("names are forgotten when their second is over", () => {
    const rate = new KeyedRate(clock, 1);
    for (let i = 0; i < 1000; i++) expect(rate.spend(`client ${i}`)).toBe(true);
    clock.advance(999);
    expect(rate.spend("client 1")).toBe(false);
    clock.advance(1000);
    expect(rate.spend("client 1")).toBe(true);
    clock.advance(1500);
    expect(rate.spend("client 2")).toBe(true);
    expect(rate.size).toBeLessThan(4);
  });

  test("the standard profile asks no clock", () => {
    let asked = 0;
    const counting = { now: () => asked++, monotonic: () => asked++, after: () => () => {} };
    const rates = new AccountRates(counting, standardLimits);
    asked = 0;
    expect([rates.inbound.spend(), rates.outbound.spend(), rates.subscriptions.spend()]).toEqual([true, true, true]);
    expect([rates.connect("c"), rates.retain("t")]).toEqual([undefined, undefined]);
    expect(asked).toBe(0);
  });
});
