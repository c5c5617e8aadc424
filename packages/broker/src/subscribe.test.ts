import { afterEach, describe, expect, test } from "vitest";
import { type Kit, type KitOptions, startKit, textOf, unhurried } from "../test/kit.ts";
import { awsLimits } from "./index.ts";

let kit: Kit;
const start = async (options: KitOptions = {}) => {
  kit = await startKit(options);
};
afterEach(() => kit.stop());

const options = { noLocal: false, retainAsPublished: false, retainHandling: 0 as const };

describe("SUBSCRIBE", () => {
  test("each filter is answered by itself", async () => {
    await start({ limits: { ...awsLimits, ...unhurried, subscriptionsPerConnection: 4, qos2: true } });
    kit.denied.add("iot:Subscribe topicfilter/no/#");
    const filters = ["a/b", "no/#", "a/#/b", "$share/g/x", "$share//x", "1/2/3/4/5/6/7/8/9", "c", "d", "e"];
    for (const version of [4, 5] as const) {
      const client = await kit.rawClient(`asker${version}`, version);
      client.send({
        type: "subscribe",
        packetId: 3,
        subscriptions: filters.map((filter) => ({ ...options, filter, qos: 2 })),
      });
      const { reasonCodes, packetId } = await client.expect("suback");
      expect(packetId).toBe(3);
      const five = [2, 0x87, 0x8f, 2, 0x8f, 0x8f, 2, 2, 0x97];
      expect(reasonCodes).toEqual(version === 5 ? five : five.map((code) => (code > 2 ? 0x80 : code)));
      client.send({ type: "unsubscribe", packetId: 4, filters: ["a/b", "nothing", "#/a"] });
      expect((await client.expect("unsuback")).reasonCodes).toEqual(version === 5 ? [0, 0, 0x8f] : []);
    }
  });

  test("identifiers come with deliveries, or end the connection where they are not supported", async () => {
    await start();
    const client = await kit.rawClient("identified", 5);
    for (const [filter, id] of [
      ["a/+", 1],
      ["a/#", 268_435_455],
    ] as const) {
      client.send({
        type: "subscribe",
        packetId: 1,
        subscriptions: [{ ...options, filter, qos: 0 }],
        properties: { subscriptionIdentifiers: [id] },
      });
      await client.expect("suback");
    }
    client.publish("a/b", "x");
    const { properties } = await client.expect("publish");
    expect([...properties!.subscriptionIdentifiers!].sort()).toEqual([1, 268_435_455]);
    await kit.stop();
    await start({ limits: { ...awsLimits, ...unhurried } });
    const other = await kit.rawClient("identified", 5);
    other.send({
      type: "subscribe",
      packetId: 1,
      subscriptions: [{ ...options, filter: "a", qos: 0 }],
      properties: { subscriptionIdentifiers: [1] },
    });
    expect(await other.expect("disconnect")).toMatchObject({ reasonCode: 0xa1 });
  });

  test("no-local keeps a client's own messages from it", async () => {
    await start();
    const client = await kit.rawClient("self", 5);
    await client.subscribe("a", 0, { noLocal: true });
    const other = await kit.rawClient("other", 5);
    await other.subscribe("a", 0);
    client.publish("a", "own");
    await client.settle();
    other.publish("a", "foreign");
    await other.settle();
    expect((await client.settle()).map((packet) => packet.type === "publish" && textOf(packet))).toEqual(["foreign"]);
  });

  test("a message goes to a client once, at the lower QoS of both", async () => {
    await start();
    const client = await kit.rawClient("overlapping", 4);
    await client.subscribe("a/+", 0);
    await client.subscribe("a/#", 1);
    await client.subscribe("b", 0);
    client.publish("a/b", "1", { qos: 1 });
    client.publish("a/b", "2", { qos: 0 });
    client.publish("b", "3", { qos: 1 });
    const got = (await client.settle()).flatMap((packet) =>
      packet.type === "publish" ? [[textOf(packet), packet.qos]] : [],
    );
    expect(got).toEqual([
      ["1", 1],
      ["2", 0],
      ["3", 0],
    ]);
  });

  test("profile aws: a/# does not match a", async () => {
    await start({ limits: { ...awsLimits, ...unhurried } });
    const client = await kit.rawClient("aws", 4);
    await client.subscribe("a/#", 0);
    client.publish("a", "no");
    client.publish("a/", "yes");
    expect((await client.settle()).map((packet) => packet.type === "publish" && textOf(packet))).toEqual(["yes"]);
  });
});

describe("retained messages", () => {
  const retain = { retain: true, qos: 1 as const };
  const topicsOf = (packets: { type: string; topic?: string; retain?: boolean }[]) =>
    packets.flatMap((packet) =>
      packet.type === "publish" ? [`${packet.topic}${packet.retain ? " retained" : ""}`] : [],
    );

  test("are given to new subscriptions as retain handling asks", async () => {
    await start();
    const client = await kit.rawClient("keeper", 5);
    await client.publishAcknowledged("a/1", "x", retain);
    await client.publishAcknowledged("a/2", "x", retain);
    await client.publishAcknowledged("a/2", "", retain);
    await client.publishAcknowledged("a", "x", retain);
    await client.publishAcknowledged("b", "x", retain);
    const given = async (filter: string, more: Record<string, unknown> = {}) => {
      await client.subscribe(filter, 0, more);
      return topicsOf(await client.settle()).sort();
    };
    expect(await given("a/#")).toEqual(["a retained", "a/1 retained"]);
    expect(await given("+")).toEqual(["a retained", "b retained"]);
    expect(await given("+", { retainHandling: 1 })).toEqual([]);
    expect(await given("b", { retainHandling: 1 })).toEqual(["b retained"]);
    expect(await given("b", { retainHandling: 2 })).toEqual([]);
    expect(await given("b")).toEqual(["b retained"]);
    expect(await given("$share/g/b")).toEqual([]);
    expect(kit.broker.metrics.retained).toBe(3);
  });

  test("RETAIN is clear on live deliveries unless the subscription keeps it as published", async () => {
    await start();
    const plain = await kit.rawClient("plain", 5);
    await plain.subscribe("a", 0);
    const keeping = await kit.rawClient("keeping", 5);
    await keeping.subscribe("a", 0, { retainAsPublished: true });
    await plain.publishAcknowledged("a", "x", retain).catch(() => {});
    await plain.settle();
    expect(topicsOf(await keeping.settle())).toEqual(["a retained"]);
    const late = await kit.rawClient("late", 5);
    await late.subscribe("a", 0);
    expect(topicsOf(await late.settle())).toEqual(["a retained"]);
  });

  test("survive a crash, and their removal too", async () => {
    await start();
    const client = await kit.rawClient("keeper", 4);
    await client.publishAcknowledged("kept", "x", retain);
    await client.publishAcknowledged("removed", "x", retain);
    await client.publishAcknowledged("removed", "", retain);
    await kit.crash();
    await kit.restart();
    expect(kit.broker.metrics.retained).toBe(1);
    const again = await kit.rawClient("keeper", 4);
    await again.subscribe("#", 0);
    expect(topicsOf(await again.settle())).toEqual(["kept retained"]);
  });

  test("profile aws gives them to filters without wildcards only, and bounds their number", async () => {
    await start({ limits: { ...awsLimits, ...unhurried, retainedMessages: 2 } });
    const client = await kit.rawClient("keeper", 5);
    await client.publishAcknowledged("a", "x", retain);
    await client.publishAcknowledged("b", "x", retain);
    expect(await client.publishAcknowledged("c", "x", retain)).toBe(0x97);
    expect(await client.publishAcknowledged("b", "y", retain)).toBe(0);
    await client.subscribe("#", 0);
    await client.subscribe("b", 0);
    expect(topicsOf(await client.settle())).toEqual(["b retained"]);
  });
});

describe("shared subscriptions", () => {
  test("give each message to one member of each group, in turn", async () => {
    await start();
    const members = [];
    for (const name of ["m1", "m2", "m3"]) {
      const member = await kit.rawClient(name, 4);
      await member.subscribe("$share/g/a/#", 0);
      members.push(member);
    }
    const other = await kit.rawClient("other", 4);
    await other.subscribe("$share/h/a/#", 0);
    const sender = await kit.rawClient("sender", 4);
    for (let i = 0; i < 30; i++) sender.publish(`a/${i}`, "x");
    await sender.settle();
    const counts = [];
    for (const member of members) counts.push((await member.settle()).length);
    expect(counts).toEqual([10, 10, 10]);
    expect(await other.settle()).toHaveLength(30);
  });

  test("wait in a persistent member's session while nobody is there", async () => {
    await start();
    const keep = { clean: false };
    const member = await kit.rawClient("member", 4, keep);
    await member.subscribe("$share/g/a", 1);
    member.send({ type: "disconnect", reasonCode: 0 });
    await member.end();
    const sender = await kit.rawClient("sender", 4);
    await sender.publishAcknowledged("a", "kept");
    const passing = await kit.rawClient("passing", 4);
    await passing.subscribe("$share/g/a", 1);
    await sender.publishAcknowledged("a", "live");
    expect(textOf(await passing.expect("publish"))).toBe("live");
    const back = await kit.rawClient("member", 4, keep);
    expect(textOf(await back.expect("publish"))).toBe("kept");
  });

  test("hand over what a member that is gone did not acknowledge, in order", async () => {
    await start({ limits: { sendMaximum: 2 } });
    const first = await kit.rawClient("first", 4);
    await first.subscribe("$share/g/a", 1);
    const sender = await kit.rawClient("sender", 4);
    for (const text of ["1", "2", "3", "4"]) await sender.publishAcknowledged("a", text);
    first.acknowledge((await first.expect("publish")).packetId);
    await first.settle();
    const second = await kit.rawClient("second", 4);
    await second.subscribe("$share/g/a", 1);
    first.socket.destroy();
    for (const text of ["2", "3", "4"]) {
      const packet = await second.expect("publish");
      expect(textOf(packet)).toBe(text);
      second.acknowledge(packet.packetId);
    }
  });

  test("pass over a member that may not receive the topic", async () => {
    await start();
    kit.denied.add("blind: iot:Receive topic/a");
    const blind = await kit.rawClient("blind", 5);
    await blind.subscribe("$share/g/a", 0);
    const member = await kit.rawClient("member", 5);
    await member.subscribe("$share/g/a", 0);
    const sender = await kit.rawClient("sender", 4);
    for (let i = 0; i < 10; i++) sender.publish("a", "x");
    await sender.settle();
    expect(await member.settle()).toHaveLength(10);
    expect(await blind.settle()).toHaveLength(0);
  });

  test("are authorized on the whole filter, deliveries on the topic (reference 7)", async () => {
    await start({ limits: { shareMembers: 1 } });
    const client = await kit.rawClient("member", 5);
    await client.subscribe("$share/g/a", 0);
    client.publish("a", "x");
    await client.expect("publish");
    expect(kit.asked).toContain("iot:Subscribe topicfilter/$share/g/a");
    expect(kit.asked).toContain("iot:Receive topic/a");
    const second = await kit.rawClient("second", 5);
    expect(await second.subscribe("$share/g/a")).toBe(0x97);
  });
});
