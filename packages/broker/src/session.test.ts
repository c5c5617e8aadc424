import type { Database, Write } from "@hearth/backplane";
import { FakeClock } from "@hearth/base";
import { afterEach, describe, expect, test } from "vitest";
import { breakableDisk, type Kit, type KitOptions, type RawClient, startKit, textOf } from "../test/kit.ts";
import { awsLimits } from "./index.ts";

let kit: Kit;
const start = async (options: KitOptions = {}) => {
  kit = await startKit(options);
};
afterEach(() => kit.stop());

const forever = { properties: { sessionExpiryInterval: 0xffffffff } };

/** The next `count` publications, unacknowledged. */
async function take(client: RawClient, count: number) {
  const packets = [];
  for (let i = 0; i < count; i++) packets.push(await client.expect("publish"));
  return packets;
}

const leave = async (client: RawClient) => {
  client.send({ type: "disconnect", reasonCode: 0 });
  await client.end();
};

describe("QoS 1 to a client", () => {
  test("no more than its receive maximum wait for a PUBACK", async () => {
    await start();
    const client = await kit.rawClient("narrow", 5, { properties: { receiveMaximum: 2 } });
    await client.subscribe("a");
    const sender = await kit.rawClient("sender", 4);
    for (let i = 1; i <= 5; i++) await sender.publishAcknowledged("a", `${i}`, { packetId: i });
    const [first] = await take(client, 2);
    expect(await client.settle()).toEqual([]);
    client.acknowledge(first!.packetId);
    client.acknowledge(first!.packetId);
    client.acknowledge(999);
    expect((await client.settle()).map((packet) => packet.type === "publish" && textOf(packet))).toEqual(["3"]);
  });

  test("identifiers are not given twice, and come again once they are free", async () => {
    await start({ limits: { sendMaximum: 3 } });
    const client = await kit.rawClient("busy", 4);
    await client.subscribe("a");
    const sender = await kit.rawClient("sender", 4);
    for (let i = 1; i <= 9; i++) await sender.publishAcknowledged("a", `${i}`);
    const seen: number[] = [];
    for (let i = 1; i <= 9; i++) {
      const [packet] = await take(client, 1);
      seen.push(packet!.packetId);
      client.acknowledge(packet!.packetId);
    }
    expect(new Set(seen).size).toBe(9);
    expect(seen).not.toContain(0);
  });

  test("messages above the client's packet size are left out", async () => {
    await start();
    const client = await kit.rawClient("small", 5, { properties: { maximumPacketSize: 60 } });
    await client.subscribe("a");
    const sender = await kit.rawClient("sender", 4);
    for (const qos of [0, 1] as const) {
      sender.publish("a", "x".repeat(100), { qos });
      sender.publish("a", "fits", { qos });
    }
    await sender.settle();
    expect((await take(client, 2)).map(textOf)).toEqual(["fits", "fits"]);
    expect(kit.broker.metrics.droppedTooLarge).toBe(2);
  });

  test("a full queue drops the newest", async () => {
    await start({ limits: { sendMaximum: 1, queuedMessages: 2 } });
    const client = await kit.rawClient("full", 4);
    await client.subscribe("a");
    const sender = await kit.rawClient("sender", 4);
    for (let i = 1; i <= 5; i++) await sender.publishAcknowledged("a", `${i}`);
    const seen: string[] = [];
    for (let i = 0; i < 3; i++) {
      const [packet] = await take(client, 1);
      seen.push(textOf(packet!));
      client.acknowledge(packet!.packetId);
    }
    expect(seen).toEqual(["1", "2", "3"]);
    expect(kit.broker.metrics.droppedFull).toBe(2);
  });
});

describe.each([4, 5] as const)("a persistent session (version %i)", (version) => {
  const keep = version === 5 ? forever : {};
  const connect = (clean = false) => kit.rawClient("keeper", version, { clean, ...keep });

  test("is present again, with its subscriptions and what came meanwhile, in order", async () => {
    await start();
    const first = await connect();
    expect(first.connack.sessionPresent).toBe(false);
    await first.subscribe("a/#");
    await leave(first);
    const sender = await kit.rawClient("sender", 4);
    for (let i = 1; i <= 5; i++) await sender.publishAcknowledged(`a/${i}`, `${i}`);
    sender.publish("a/0", "QoS 0 is not kept");
    await sender.settle();
    const second = await connect();
    expect(second.connack.sessionPresent).toBe(true);
    const packets = await take(second, 5);
    expect(packets.map(textOf)).toEqual(["1", "2", "3", "4", "5"]);
    expect(packets.some((packet) => packet.dup)).toBe(false);
    for (const packet of packets) second.acknowledge(packet.packetId);
    await second.settle();
    await leave(second);
    const third = await connect();
    expect(await third.settle()).toEqual([]);
  });

  test("what was not acknowledged comes again, first, with DUP and the same identifier [MQTT-4.4.0-1]", async () => {
    await start();
    const first = await connect();
    await first.subscribe("a");
    const sender = await kit.rawClient("sender", 4);
    for (let i = 1; i <= 3; i++) await sender.publishAcknowledged("a", `${i}`);
    const before = await take(first, 3);
    first.acknowledge(before[1]!.packetId);
    await first.settle();
    first.socket.destroy();
    await sender.settle();
    await sender.publishAcknowledged("a", "4");
    const second = await connect();
    const after = await take(second, 3);
    expect(after.map((packet) => [textOf(packet), packet.dup])).toEqual([
      ["1", true],
      ["3", true],
      ["4", false],
    ]);
    expect(after.slice(0, 2).map((packet) => packet.packetId)).toEqual([before[0]!.packetId, before[2]!.packetId]);
    expect(new Set(after.map((packet) => packet.packetId)).size).toBe(3);
  });

  test("survives a crash with every acknowledged message", async () => {
    await start();
    const first = await connect();
    await first.subscribe("a");
    await first.subscribe("gone");
    first.send({ type: "unsubscribe", packetId: 2, filters: ["gone"] });
    await first.expect("unsuback");
    const sender = await kit.rawClient("sender", 4);
    await sender.publishAcknowledged("a", "online");
    await take(first, 1);
    await leave(first);
    await sender.publishAcknowledged("a", "offline", version === 5 ? {} : {});
    await kit.crash();
    await kit.restart();
    expect(kit.broker.metrics.sessions).toBe(1);
    expect(kit.broker.metrics.subscriptions).toBe(1);
    const second = await connect();
    expect(second.connack.sessionPresent).toBe(true);
    expect((await take(second, 2)).map(textOf)).toEqual(["online", "offline"]);
    const again = await kit.rawClient("sender", 4);
    await again.publishAcknowledged("a", "live");
    expect((await take(second, 1)).map(textOf)).toEqual(["live"]);
  });

  test("a clean start ends it", async () => {
    await start();
    const first = await connect();
    await first.subscribe("a");
    await leave(first);
    const sender = await kit.rawClient("sender", 4);
    await sender.publishAcknowledged("a", "lost");
    const second = await connect(true);
    expect(second.connack.sessionPresent).toBe(false);
    expect(await second.settle()).toEqual([]);
    await leave(second);
    await kit.crash();
    await kit.restart();
    expect(kit.broker.metrics.subscriptions).toBe(0);
  });
});

test("the publisher's PUBACK waits for the commit, and the receiver too", async () => {
  let gate: Promise<void> | undefined;
  let release = () => {};
  await start({
    wrapDatabase: (database: Database) => ({
      ...database,
      dialect: database.dialect,
      query: (sql, params) => database.query(sql, params),
      commit: async (writes: readonly Write[]) => {
        await gate;
        return database.commit(writes);
      },
      close: () => database.close(),
    }),
  });
  const receiver = await kit.rawClient("receiver", 5, forever);
  await receiver.subscribe("a");
  const sender = await kit.rawClient("sender", 5);
  gate = new Promise((resolve) => {
    release = resolve;
  });
  sender.publish("a", "x", { qos: 1 });
  expect(await sender.settle()).toEqual([]);
  expect(await receiver.settle()).toEqual([]);
  gate = undefined;
  release();
  expect(await sender.expect("puback")).toMatchObject({ reasonCode: 0 });
  expect(textOf(await receiver.expect("publish"))).toBe("x");
});

test("a commit that fails is not acknowledged and not delivered", async () => {
  const disk = breakableDisk();
  await start({ wrapDatabase: disk.wrapDatabase });
  const receiver = await kit.rawClient("receiver", 5, forever);
  await receiver.subscribe("a");
  const sender = await kit.rawClient("sender", 5);
  disk.broken = true;
  sender.publish("a", "x", { qos: 1 });
  expect(await sender.expect("disconnect")).toMatchObject({ reasonCode: 0x80 });
  expect(await receiver.settle()).toEqual([]);
  const refused = await kit.rawClient("late", 5, forever);
  expect(refused.connack.reasonCode).toBe(0x88);
  disk.broken = false;
  const again = await kit.rawClient("sender", 5);
  expect(await again.publishAcknowledged("a", "y")).toBe(0);
  expect(textOf(await receiver.expect("publish"))).toBe("y");
});

describe("expiry", () => {
  test("ends a session that its client left for too long, also across a restart", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const connect = (clientId: string, seconds: number) =>
      kit.rawClient(clientId, 5, { clean: false, properties: { sessionExpiryInterval: seconds } });
    for (const [clientId, seconds] of [
      ["short", 10],
      ["long", 100],
    ] as const) {
      const client = await connect(clientId, seconds);
      await client.subscribe(clientId);
      await leave(client);
    }
    expect(kit.broker.metrics.sessions).toBe(2);
    clock.advance(11_000);
    expect(kit.broker.metrics.sessions).toBe(1);
    expect((await connect("short", 0)).connack.sessionPresent).toBe(false);
    await kit.crash();
    await kit.restart();
    clock.advance(88_000);
    expect(kit.broker.metrics.sessions).toBe(1);
    clock.advance(1_000);
    expect(kit.broker.metrics.sessions).toBe(0);
  });

  test("DISCONNECT may change it, but not from nothing", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const client = await kit.rawClient("changing", 5, { properties: { sessionExpiryInterval: 10 } });
    client.send({ type: "disconnect", reasonCode: 0, properties: { sessionExpiryInterval: 50 } });
    await client.end();
    clock.advance(40_000);
    const back = await kit.rawClient("changing", 5, { clean: false, properties: { sessionExpiryInterval: 0 } });
    expect(back.connack.sessionPresent).toBe(true);
    back.send({ type: "disconnect", reasonCode: 0, properties: { sessionExpiryInterval: 50 } });
    expect(await back.expect("disconnect")).toMatchObject({ reasonCode: 0x82 });
    await back.end();
    expect(kit.broker.metrics.sessions).toBe(0);
  });

  test("profile aws does not resume across versions (reference 1.3)", async () => {
    await start({ limits: awsLimits });
    await leave(await kit.rawClient("both", 4, { clean: false }));
    expect((await kit.rawClient("both", 5, { clean: false })).connack.sessionPresent).toBe(false);
  });

  test("the standard does", async () => {
    await start();
    await leave(await kit.rawClient("both", 4, { clean: false }));
    expect((await kit.rawClient("both", 5, { clean: false })).connack.sessionPresent).toBe(true);
  });
});

describe("a session that is taken over", () => {
  test("is opened by the next connection once the end of the last one is stored", async () => {
    const held: (() => void)[] = [];
    let holding = false;
    await start({
      wrapDatabase: (database: Database) => ({
        dialect: database.dialect,
        query: (sql, params) => database.query(sql, params),
        commit: async (writes: readonly Write[]) => {
          if (holding) await new Promise<void>((go) => held.push(go));
          return database.commit(writes);
        },
        close: () => database.close(),
      }),
    });
    const old = await kit.rawClient("twice", 5, forever);
    const other = await kit.rawClient("other", 4);
    holding = true;
    const next = await kit.raw();
    next.send({ type: "connect", version: 5, clean: false, keepAlive: 0, clientId: "twice", ...forever });
    expect(await old.expect("disconnect")).toMatchObject({ reasonCode: 0x8e });
    await other.settle();
    // The end of the old connection, and nothing of the new one yet.
    expect(held).toHaveLength(1);
    holding = false;
    held[0]?.();
    expect(await next.expect("connack")).toMatchObject({ sessionPresent: true, reasonCode: 0 });
    expect(kit.broker.metrics.takeovers).toBe(1);
  });

  test("goes through all that connect at once, in their order", async () => {
    await start();
    const clients = [];
    for (let i = 0; i < 5; i++) clients.push(await kit.raw());
    for (const client of clients) {
      client.send({ type: "connect", version: 5, clean: false, keepAlive: 0, clientId: "crowd", ...forever });
    }
    for (const client of clients.slice(0, -1)) {
      expect(await client.expect("connack")).toMatchObject({ reasonCode: 0 });
      expect(await client.expect("disconnect")).toMatchObject({ reasonCode: 0x8e });
    }
    expect(await clients.at(-1)!.expect("connack")).toMatchObject({ reasonCode: 0, sessionPresent: true });
    expect(kit.broker.metrics).toMatchObject({ takeovers: 4, connections: 1, sessions: 1 });
  });
});
