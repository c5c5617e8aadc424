import { FakeClock } from "@hearth/base";
import { connectionClosed, type DirectOutcome, type Message } from "@hearth/iot";
import { afterEach, describe, expect, test } from "vitest";
import { breakableDisk, type Kit, type KitOptions, type RawClient, startKit, textOf } from "../test/kit.ts";

let kit: Kit;
const start = async (options: KitOptions = {}) => {
  kit = await startKit(options);
};
afterEach(() => kit.stop());

const ACCOUNT = "111111111111";
const keep = { clean: false, properties: { sessionExpiryInterval: 100 } };
const will = (text: string, delay = 0) => ({
  topic: `will/${text}`,
  payload: Buffer.from(text),
  qos: 0 as const,
  retain: false,
  ...(delay > 0 ? { properties: { willDelayInterval: delay } } : {}),
});
const describeClient = (clientId: string) => kit.broker.connections.describe(ACCOUNT, clientId);
const cut = (clientId: string, how: { cleanSession?: boolean; preventWillMessage?: boolean } = {}, account = ACCOUNT) =>
  kit.broker.connections.disconnect(account, clientId, { cleanSession: false, preventWillMessage: false, ...how });
/** Resolves when the broker has seen the end of a connection. */
async function leave(client: RawClient, clientId: string): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    const stop = kit.bus.subscribe(connectionClosed, (closed) => {
      if (closed.clientId !== clientId) return;
      stop();
      resolve();
    });
  });
  client.socket.destroy();
  await gone;
}

describe("a connection's description", () => {
  test("says how it is, how it was, and what is left after half an hour", async () => {
    const clock = new FakeClock();
    await start({ clock });
    expect(await describeClient("thing-1")).toBeUndefined();
    const client = await kit.rawClient("thing-1", 5, { ...keep, keepAlive: 70 });
    const since = clock.now();
    const common = {
      thingName: "thing-1",
      cleanSession: false,
      sessionExpiry: 100,
      keepAlive: 70,
      sourceIp: "127.0.0.1",
    };
    expect(await describeClient("thing-1")).toEqual({ connected: true, ...common, connectedSince: since });
    expect(await kit.broker.connections.describe("9", "thing-1")).toBeUndefined();
    clock.advance(1000);
    await leave(client, "thing-1");
    expect(await describeClient("thing-1")).toEqual({
      connected: false,
      ...common,
      disconnectedSince: since + 1000,
      disconnectReason: "CONNECTION_LOST",
    });
    clock.advance(30 * 60_000);
    expect(await describeClient("thing-1")).toBeUndefined();
  });

  test("is that of a session alone after a restart, until it expires", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const client = await kit.rawClient("keeper", 5, keep);
    await leave(client, "keeper");
    await kit.broker.drain();
    await kit.crash();
    await kit.restart();
    expect(await describeClient("keeper")).toEqual({ connected: false, cleanSession: false, sessionExpiry: 100 });
    clock.advance(100_000);
    expect(await describeClient("keeper")).toBeUndefined();
    expect(kit.broker.connections.subscriptions(ACCOUNT, "keeper", undefined, 10)).toBeUndefined();
    expect(await cut("keeper")).toBe(false);
  });
});

test("subscriptions come in order, from behind a filter, of the one account only", async () => {
  await start();
  const client = await kit.rawClient("lister", 5, keep);
  for (const [filter, qos] of [
    ["b/#", 1],
    ["a", 0],
    ["$share/g/x", 1],
    ["ü", 1],
    [`l/${"x".repeat(600)}`, 1],
  ] as const) {
    await client.subscribe(filter, qos);
  }
  const list = (after: string | undefined, limit: number, account = ACCOUNT) =>
    kit.broker.connections
      .subscriptions(account, "lister", after, limit)
      ?.map(({ topicFilter, qos }) => [topicFilter, qos]);
  // What no token could name is not listed.
  expect(list(undefined, 10)).toEqual([
    ["$share/g/x", 1],
    ["a", 0],
    ["b/#", 1],
    ["ü", 1],
  ]);
  expect(list("a", 1)).toEqual([["b/#", 1]]);
  expect(list("aa", 1)).toEqual([["b/#", 1]]);
  expect(list(undefined, 10, "9")).toBeUndefined();
  await leave(client, "lister");
  expect(list("b/#", 10)).toEqual([["ü", 1]]);
});

describe("disconnecting", () => {
  test("ends the connection with 0x98 and lets the client come back to its session", async () => {
    await start();
    const closed: unknown[] = [];
    kit.bus.subscribe(connectionClosed, ({ clientId, reason, clientInitiated }) =>
      closed.push([clientId, reason, clientInitiated]),
    );
    const client = await kit.rawClient("cut", 5, keep);
    await client.subscribe("a");
    expect(await cut("cut", {}, "9")).toBe(false);
    expect(await cut("nobody")).toBe(false);
    expect(await cut("cut")).toBe(true);
    expect(await client.expect("disconnect")).toMatchObject({ reasonCode: 0x98 });
    await client.end();
    expect(closed).toEqual([["cut", "API_INITIATED_DISCONNECT", false]]);
    expect(await describeClient("cut")).toMatchObject({
      connected: false,
      disconnectReason: "API_INITIATED_DISCONNECT",
    });
    // Again, of the session that waits: nothing to close.
    expect(await cut("cut")).toBe(true);
    const back = await kit.rawClient("cut", 5, keep);
    expect(back.connack.sessionPresent).toBe(true);
    const three = await kit.rawClient("three", 4);
    expect(await cut("three")).toBe(true);
    await three.end();
    expect(three.received).toEqual([]);
    // A clean session has gone with its connection.
    expect(await cut("three")).toBe(false);
  });

  test.each(["connected", "away"])(
    "with cleanSession takes the session of a client that is %s, durably",
    async (how) => {
      await start();
      const client = await kit.rawClient("cleaned", 5, keep);
      await client.subscribe("a");
      if (how === "away") await leave(client, "cleaned");
      const sender = await kit.rawClient("sender", 5);
      await sender.publishAcknowledged("a", "queued");
      expect(await cut("cleaned", { cleanSession: true })).toBe(true);
      expect(await cut("cleaned")).toBe(false);
      for (const table of ["broker_session", "broker_subscription", "broker_message"]) {
        expect(await kit.database.query(`SELECT * FROM ${table}`), table).toEqual([]);
      }
      const back = await kit.rawClient("cleaned", 5, keep);
      expect(back.connack.sessionPresent).toBe(false);
      expect(await back.settle()).toEqual([]);
    },
  );

  test("has stored what is left when it resolves", async () => {
    await start();
    await kit.rawClient("stored", 5, keep);
    await cut("stored");
    expect(await kit.database.query("SELECT connected FROM broker_session WHERE client_id = 'stored'")).toEqual([
      { connected: 0 },
    ]);
  });

  test("fails when the end cannot be stored", async () => {
    const disk = breakableDisk();
    await start({ wrapDatabase: disk.wrapDatabase });
    await kit.rawClient("unlucky", 5, keep);
    disk.broken = true;
    await expect(cut("unlucky")).rejects.toThrow("the disk is full");
    await expect(cut("unlucky", { cleanSession: true })).rejects.toThrow("the disk is full");
    disk.broken = false;
  });

  test("publishes the will, unless that is prevented, also one that waits", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const watcher = await kit.rawClient("watcher", 5);
    await watcher.subscribe("will/#");
    const wills = async () =>
      (await watcher.settle()).map((packet) => (packet.type === "publish" ? textOf(packet) : ""));
    await kit.rawClient("said", 5, { will: will("said") });
    await cut("said");
    expect(await wills()).toEqual(["said"]);
    await kit.rawClient("silenced", 5, { will: will("silenced") });
    await cut("silenced", { preventWillMessage: true });
    await kit.rawClient("later", 5, { ...keep, will: will("later", 10) });
    await kit.rawClient("never", 5, { ...keep, will: will("never", 10) });
    await kit.rawClient("ended", 5, { ...keep, will: will("ended", 10) });
    await kit.rawClient("hushed", 5, { ...keep, will: will("hushed", 10) });
    for (const client of ["later", "never", "ended", "hushed"]) await cut(client);
    expect(await wills()).toEqual([]);
    await cut("never", { preventWillMessage: true });
    await cut("hushed", { preventWillMessage: true, cleanSession: true });
    // The end of the session does not wait for the delay [MQTT-3.1.3-9].
    await cut("ended", { cleanSession: true });
    expect(await wills()).toEqual(["ended"]);
    const stored = await kit.database.query("SELECT client_id FROM broker_session WHERE will_sealed IS NOT NULL");
    expect(stored).toEqual([{ client_id: "later" }]);
    clock.advance(10_000);
    expect(await wills()).toEqual(["later"]);
  });

  test("and connecting at the same moment leave one whole connection or none", async () => {
    await start();
    for (let round = 0; round < 20; round++) {
      const [client] = await Promise.all([
        kit.rawClient("racer", 5, keep),
        cut("racer", { cleanSession: round % 2 === 0 }),
      ]);
      const connected = (await describeClient("racer"))?.connected;
      if (connected) {
        await client.settle();
        expect(client.closed).toBe(false);
        await cut("racer");
      }
      await client.end();
    }
    expect(kit.broker.metrics.connections).toBe(0);
    expect(kit.broker.metrics.sessions).toBeLessThanOrEqual(1);
  });
});

describe("a direct message", () => {
  const message = (text: string, qos: 0 | 1, more: Partial<Message> = {}): Message => ({
    accountId: ACCOUNT,
    topic: "direct/a",
    payload: Buffer.from(text),
    qos,
    retain: false,
    ...more,
  });
  const direct = (clientId: string, sent: Message, timeout = 5000): Promise<DirectOutcome> =>
    kit.broker.connections.sendDirect(clientId, sent, timeout);

  test("reaches the one client without a subscription, with its properties", async () => {
    await start();
    const five = await kit.rawClient("five", 5);
    const three = await kit.rawClient("three", 4);
    const properties = {
      contentType: "text/plain",
      correlationData: Buffer.from("c"),
      userProperties: [["a", "b"]],
    } as const;
    expect(await direct("five", message("zero", 0, { properties }))).toBe("sent");
    const got = await five.expect("publish");
    expect(got).toMatchObject({ topic: "direct/a", qos: 0, retain: false, properties: { contentType: "text/plain" } });
    expect(got.properties?.userProperties).toEqual([["a", "b"]]);
    const confirmed = direct("three", message("one", 1));
    const { packetId, qos } = await three.expect("publish");
    expect(qos).toBe(1);
    three.acknowledge(packetId);
    expect(await confirmed).toBe("confirmed");
    expect(await five.settle()).toEqual([]);
  });

  test("goes nowhere when the client is away, another account's, or may not receive it", async () => {
    await start();
    const client = await kit.rawClient("there", 5, keep);
    expect(await direct("there", message("x", 0, { accountId: "9" }))).toBe("not-connected");
    kit.denied.add("there: iot:Receive topic/direct/secret");
    expect(await direct("there", message("x", 0, { topic: "direct/secret" }))).toBe("forbidden");
    expect(await client.settle()).toEqual([]);
    await leave(client, "there");
    expect(await direct("there", message("x", 1))).toBe("offline");
    const back = await kit.rawClient("there", 5, keep);
    expect(await back.settle()).toEqual([]);
  });

  test("that is larger than the client takes is not sent", async () => {
    await start();
    await kit.rawClient("small", 5, { properties: { maximumPacketSize: 64 } });
    for (const qos of [0, 1] as const) expect(await direct("small", message("x".repeat(100), qos))).toBe("too-large");
  });

  test("counts against the connection's rate", async () => {
    await start({ limits: { publishesPerSecond: 2 }, clock: new FakeClock() });
    await kit.rawClient("slow", 5);
    const outcomes = [];
    for (let i = 0; i < 3; i++) outcomes.push(await direct("slow", message("x", 0)));
    expect(outcomes).toEqual(["sent", "sent", "throttled"]);
  });

  test("is not confirmed in time, or not before the connection ends", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const client = await kit.rawClient("mute", 5, keep);
    const late = direct("mute", message("late", 1), 5000);
    const { packetId } = await client.expect("publish");
    clock.advance(5000);
    expect(await late).toBe("unconfirmed");
    client.acknowledge(packetId);
    expect(await client.settle()).toEqual([]);
    const lost = direct("mute", message("lost", 1), 5000);
    await client.expect("publish");
    client.socket.destroy();
    expect(await lost).toBe("unconfirmed");
    // It was for the connection, not for the session.
    const back = await kit.rawClient("mute", 5, keep);
    expect(await back.settle()).toEqual([]);
  });

  test("that nobody waits for any longer is not sent when its turn comes", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const client = await kit.rawClient("busy", 5, { properties: { receiveMaximum: 1 } });
    const first = direct("busy", message("first", 1), 9000);
    const second = direct("busy", message("second", 1), 5000);
    const third = direct("busy", message("third", 1), 9000);
    const { packetId } = await client.expect("publish");
    clock.advance(5000);
    expect(await second).toBe("unconfirmed");
    client.acknowledge(packetId);
    expect(await first).toBe("confirmed");
    const next = await client.expect("publish");
    expect(textOf(next)).toBe("third");
    client.acknowledge(next.packetId);
    expect(await third).toBe("confirmed");
  });

  test("is refused where too many wait for the same client already", async () => {
    const clock = new FakeClock();
    await start({ clock, limits: { sendMaximum: 2 } });
    const client = await kit.rawClient("full", 5);
    const waiting = [direct("full", message("1", 1)), direct("full", message("2", 1))];
    expect(await direct("full", message("3", 1))).toBe("throttled");
    await leave(client, "full");
    expect(await Promise.all(waiting)).toEqual(["unconfirmed", "unconfirmed"]);
    await kit.rawClient("full", 5);
    const again = direct("full", message("4", 1));
    clock.advance(5000);
    expect(await again).toBe("unconfirmed");
  });
});
