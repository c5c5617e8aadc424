import { afterEach, expect, test } from "vitest";
import { type Kit, type KitOptions, type RawClient, startKit, textOf } from "../test/kit.ts";
import { sealMessage } from "./stored-message.ts";

const MESSAGES = process.env["HEARTH_LONG"] === "1" ? 100_000 : 20_000;

let kit: Kit;
afterEach(() => kit.stop());

/** A broker that has `count` retained messages `r/<0 to 99>/<n>`. */
async function startWith(count: number, options: KitOptions = {}): Promise<void> {
  kit = await startKit(options);
  const sql =
    "INSERT INTO broker_retained (account_id, topic, region, payload, sealed, qos, stored_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
  await kit.database.commit(
    Array.from({ length: count }, (_, i) => ({
      sql,
      params: [
        kit.identity.accountId,
        `r/${i % 100}/${i}`,
        "us-east-1",
        new Uint8Array(0),
        sealMessage({ payload: Buffer.from(`${i}`) }, kit.sealer),
        1,
        0,
      ],
    })),
  );
  await kit.crash();
  await kit.restart();
}

/** Takes messages, acknowledging them, until there are `count`. */
async function take(client: RawClient, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const packet = await client.expect("publish");
    taken.push(textOf(packet));
    if (packet.qos > 0) client.acknowledge(packet.packetId);
  }
  return taken;
}
const filter = (text: string, qos: 0 | 1) => ({
  filter: text,
  qos,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0 as const,
});

test(`${MESSAGES.toLocaleString("en")} retained messages leave the event loop to others in between`, async () => {
  const all = 2 * MESSAGES;
  await startWith(MESSAGES);
  const { metrics } = kit.broker;
  const client = await kit.rawClient("c", 4);
  // Three filters in one packet are searched one after the other, not at once.
  client.send({ type: "subscribe", packetId: 1, subscriptions: ["#", "r/#", "+/none"].map((f) => filter(f, 0)) });
  let turns = 0;
  let most = 0;
  let before = 0;
  const look = () => {
    turns += 1;
    most = Math.max(most, metrics.messagesOut - before);
    before = metrics.messagesOut;
    if (before < all) setImmediate(look);
  };
  look();
  expect((await client.expect("suback")).reasonCodes).toEqual([0, 0, 0]);
  const taken = await take(client, all);
  expect(most).toBeLessThanOrEqual(2 * 512);
  expect(turns).toBeGreaterThan(all / 512);
  expect(new Set(taken.slice(0, MESSAGES)).size).toBe(MESSAGES);
  expect(metrics).toMatchObject({ droppedSlow: 0, droppedFull: 0, messagesOut: all });
  expect(await client.settle()).toEqual([]);
});

test.each([undefined, { sessionExpiryInterval: 100 }])(
  "no faster than the client acknowledges, session %j",
  async (properties) => {
    await startWith(2000, { limits: { queuedMessages: 70, sendMaximum: 10 } });
    const client = await kit.rawClient("c", 5, { properties });
    client.send({ type: "subscribe", packetId: 1, subscriptions: [filter("r/+/+", 1)] });
    await client.expect("suback");
    expect(await client.settle()).toHaveLength(10);
    expect(kit.broker.metrics.messagesOut).toBe(10);
    for (let id = 1; id <= 10; id++) client.acknowledge(id);
    expect(new Set(await take(client, 1990)).size).toBe(1990);
    expect(kit.broker.metrics.droppedFull).toBe(0);
  },
);

test("what is published meanwhile comes once, and what is unsubscribed from no more", async () => {
  await startWith(2000);
  const client = await kit.rawClient("c", 5, { properties: { receiveMaximum: 1 } });
  expect(await client.subscribe("r/#")).toBe(1);
  const first = await client.expect("publish");
  const writer = await kit.rawClient("writer", 5);
  expect(await writer.publishAcknowledged("r/99/1999", "new", { retain: true })).toBe(0);
  client.acknowledge(first.packetId);
  const taken = await take(client, 1999);
  expect(taken.filter((text) => text === "new")).toHaveLength(1);
  expect(taken).not.toContain("1999");
  expect(await client.settle()).toEqual([]);

  expect(await client.subscribe("r/#")).toBe(1);
  client.send({ type: "unsubscribe", packetId: 2, filters: ["r/#"] });
  client.acknowledge((await client.expect("publish")).packetId);
  await client.expect("unsuback");
  const rest: string[] = [];
  for (let packets = await client.settle(); packets.length > 0; packets = await client.settle()) {
    for (const packet of packets) {
      if (packet.type !== "publish") continue;
      rest.push(textOf(packet));
      client.acknowledge(packet.packetId);
    }
  }
  expect(rest.length).toBeLessThan(100);
});

test("a session that is kept gets the rest when its client is back", async () => {
  await startWith(2000);
  const properties = { sessionExpiryInterval: 100, receiveMaximum: 1 };
  const client = await kit.rawClient("c", 5, { properties });
  expect(await client.subscribe("r/#")).toBe(1);
  client.socket.destroy();
  const back = await kit.rawClient("c", 5, { clean: false, properties });
  expect(new Set(await take(back, 2000)).size).toBe(2000);
});
