import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSealer, type Database, openPostgres, openSqlite } from "@hearth/backplane";
import { FakeClock, silentLogger } from "@hearth/base";
import type { Message } from "@hearth/iot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningPostgres, startPostgres } from "../../../tests/kit/postgres.ts";
import { migrations, standardLimits } from "./index.ts";
import { createMetrics } from "./metrics.ts";
import { commitPending, noPending } from "./pending.ts";
import { Retained } from "./retained.ts";
import { type SessionRecord, SessionStore, type StoredMessage } from "./session-store.ts";

const log = silentLogger;
const skipped = process.env["HEARTH_SKIP_POSTGRES"] === "1";
if (skipped) console.warn("HEARTH_SKIP_POSTGRES=1: the broker's store does NOT run on PostgreSQL");

const bytes = Uint8Array.from([0, 255, 128, 7]);
const sealer = createSealer(new Uint8Array(32));
const publisher = { accountId: "1", region: "r", clientId: "c", principalId: "p" };
const properties = {
  contentType: "text/plain",
  correlationData: bytes,
  userProperties: [
    ["b", "2"],
    ["a", "ü"],
    ["b", "1"],
  ] as const,
  messageExpiryInterval: 60,
};
const record = (sessionId: string, more: Partial<SessionRecord> = {}): SessionRecord => ({
  sessionId,
  accountId: "1",
  region: "r",
  clientId: `client of ${sessionId}`,
  version: 5,
  expiryInterval: 0xffffffff,
  connected: true,
  expiresAt: undefined,
  versionNumber: 3,
  will: undefined,
  willDueAt: undefined,
  sentSeq: 5,
  ...more,
});
const stored = (seq: number, more: Partial<StoredMessage> = {}) => ({
  seq,
  packetId: seq + 100,
  qos: 1 as 1 | 2,
  message: { accountId: "1", topic: `t/${seq}`, payload: bytes, qos: 1 as const, retain: false, properties },
  retain: false,
  identifiers: undefined,
  expiresAt: undefined,
  size: 10,
  ...more,
});

function all<Value>(found: Iterator<Value | undefined>): Value[] {
  const values: Value[] = [];
  for (let next = found.next(); !next.done; next = found.next()) if (next.value !== undefined) values.push(next.value);
  return values;
}

function describeStore(name: string, open: () => Promise<Database>): void {
  describe(`the store on ${name}`, () => {
    let database: Database;
    beforeAll(async () => {
      database = await open();
    });
    afterAll(() => database.close());

    test("sessions come back as they were left", async () => {
      const store = new SessionStore(database, sealer, log);
      const will = {
        message: { accountId: "1", topic: "w", payload: bytes, qos: 1 as const, retain: true, properties },
        delay: 9,
        publisher,
      };
      const one = record("one", { will, willDueAt: 1_800_000_000_000, expiresAt: 1_900_000_000_000, connected: false });
      const two = record("two", { version: 4, expiryInterval: 3600 });
      const subscription = {
        filter: "$share/g/a/#",
        qos: 1 as const,
        noLocal: true,
        retainAsPublished: true,
        identifier: 268_435_455,
      };
      await store.commit([store.save(one), store.save(two), store.subscribe(one, subscription)]);
      await store.commit([
        store.subscribe(one, { ...subscription, filter: "b", qos: 0 }),
        store.subscribe(one, { ...subscription, filter: "b", qos: 1 }),
        store.subscribe(one, { ...subscription, filter: "gone" }),
        store.unsubscribe(one, "gone"),
        store.save({ ...two, versionNumber: 4 }),
      ]);
      const loaded = (await store.load()).sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
      const empty = { queue: [], received: [] };
      expect(loaded).toMatchObject([
        { ...one, will: { delay: 9, publisher }, subscriptions: [subscription, { filter: "b", qos: 1 }], ...empty },
        // Nobody wrote down what a session that was connected had been sent.
        { ...two, versionNumber: 4, subscriptions: [], sentSeq: Number.MAX_SAFE_INTEGER, ...empty },
      ]);
      expect(Buffer.compare(loaded[0]!.will!.message.payload, bytes)).toBe(0);
      await store.commit([...store.remove(one), ...store.remove(two)]);
      expect(await store.load()).toEqual([]);
      expect(await database.query("SELECT filter FROM broker_subscription")).toEqual([]);
    });

    test("one client has one session", async () => {
      const store = new SessionStore(database, sealer, log);
      const first = record("first", { clientId: "same" });
      await store.commit([store.save(first)]);
      await expect(store.commit([store.save(record("second", { clientId: "same" }))])).rejects.toThrow();
      await store.commit([store.save(record("third", { clientId: "same", accountId: "2" }))]);
      await store.commit([...store.remove(first), store.save(record("second", { clientId: "same" }))]);
      expect((await store.load()).map(({ sessionId }) => sessionId).sort()).toEqual(["second", "third"]);
      for (const session of await store.load()) await store.commit(store.remove(session));
    });

    test("messages keep their order and all that belongs to them", async () => {
      const store = new SessionStore(database, sealer, log);
      const session = record("queue");
      await store.commit([
        store.save(session),
        store.enqueue(session, stored(2, { retain: true, identifiers: [1, 2] })),
      ]);
      const late = { ...stored(3), message: { ...stored(3).message, neverLate: true } };
      await store.commit([
        store.enqueue(session, stored(10, { expiresAt: 1_800_000_000_000 })),
        store.enqueue(session, stored(1)),
        store.enqueue(session, stored(11)),
        store.enqueue(session, late),
      ]);
      store.dequeue(session, 1);
      store.flush();
      await store.settled();
      const messages = await store.messages(session, 11);
      expect(messages.map(({ seq, retain, identifiers, expiresAt }) => [seq, retain, identifiers, expiresAt])).toEqual([
        [2, true, [1, 2], undefined],
        [3, false, undefined, undefined],
        [10, false, undefined, 1_800_000_000_000],
      ]);
      const [{ message }, never] = messages as [StoredMessage, StoredMessage];
      expect(never.message.neverLate).toBe(true);
      expect({ ...message, payload: [...message.payload] }).toEqual({
        accountId: "1",
        topic: "t/2",
        payload: [...bytes],
        qos: 1,
        retain: true,
        properties: { ...properties, correlationData: Buffer.from(bytes) },
        neverLate: false,
      });
      const [loaded] = await store.load();
      expect(loaded!.queue).toEqual([2, 3, 10, 11].map((seq) => ({ seq, size: 10, packetId: seq + 100 })));
      await store.commit(store.remove(session));
    });

    test("a QoS 2 message that the client has is an identifier only", async () => {
      const store = new SessionStore(database, sealer, log);
      const session = record("exactly once");
      await store.commit([store.save(session), store.enqueue(session, { ...stored(1), qos: 2 })]);
      const [before] = await store.messages(session, 9);
      expect(before).toMatchObject({ packetId: 101, released: false, message: { qos: 2, topic: "t/1" } });
      await store.commit([store.release(session, 1)]);
      const [after] = await store.messages(session, 9);
      expect(after).toMatchObject({ packetId: 101, released: true });
      expect(after!.message.payload).toHaveLength(0);
      await store.commit([store.receive(session, 7), store.receive(session, 8)]);
      await store.commit([store.forgetReceived(session, 7)]);
      expect((await store.load())[0]!.received).toEqual([8]);
      await store.commit(store.remove(session));
      expect(await database.query("SELECT * FROM broker_received")).toEqual([]);
    });

    test("messages without a session are swept at the start", async () => {
      const store = new SessionStore(database, sealer, log);
      await store.commit([store.enqueue(record("nobody"), stored(1))]);
      await store.load();
      expect(await database.query("SELECT seq FROM broker_message")).toEqual([]);
    });

    test("retained messages come back, expired ones do not", async () => {
      const clock = new FakeClock();
      const store = new SessionStore(database, sealer, log);
      const metrics = createMetrics();
      const deps = { database, sealer, store, clock, limits: standardLimits, limitReached: () => {}, metrics };
      const before = new Retained(deps);
      const pending = noPending();
      const message = { accountId: "1", payload: bytes, qos: 1 as const, retain: true };
      before.set({ ...message, topic: "a", properties }, publisher, pending);
      before.set({ ...message, topic: "b", properties: { messageExpiryInterval: 10 } }, publisher, pending);
      before.set({ ...message, topic: "c" }, publisher, pending);
      before.set({ ...message, topic: "c", payload: new Uint8Array(0) }, publisher, pending);
      await commitPending(store, pending);
      clock.advance(10_000);
      const after = new Retained({ ...deps, metrics: createMetrics() });
      await after.load();
      const found = all(after.search("1", "#"));
      expect(found.map((retained) => retained.message.topic)).toEqual(["a"]);
      expect(found[0]!.expiresAt).toBe(clock.now() + 50_000);
      expect(found[0]!.message.properties).toEqual({ ...properties, correlationData: Buffer.from(bytes) });
      expect(all(after.search("2", "#"))).toEqual([]);
      expect(await database.query("SELECT topic FROM broker_retained")).toEqual([{ topic: "a" }]);
    });

    test("retained messages are listed in order, page by page, without what has expired", async () => {
      const clock = new FakeClock();
      const store = new SessionStore(database, sealer, log);
      const metrics = createMetrics();
      const retained = new Retained({
        database,
        sealer,
        store,
        clock,
        limits: standardLimits,
        limitReached: () => {},
        metrics,
      });
      const keep = (kept: Message) => {
        const pending = noPending();
        retained.set(kept, publisher, pending);
        return commitPending(store, pending);
      };
      const message = { accountId: "3", payload: bytes, qos: 1 as const, retain: true };
      const short = { messageExpiryInterval: 10 };
      for (const topic of ["d", "b/1", "z"]) await keep({ ...message, topic });
      for (let i = 0; i < 12; i++) await keep({ ...message, topic: `c${i}`, properties: short });
      await keep({ ...message, accountId: "4", topic: "other" });
      // Nobody waits for QoS 0; it is listed all the same.
      keep({ ...message, topic: "a", qos: 0, payload: new Uint8Array(7) });
      keep({ ...message, topic: `l${"x".repeat(600)}`, qos: 0 });
      const storedAt = clock.now();
      const summary = (topic: string) => ({ topic, payloadSize: 4, qos: 1, storedAt });
      clock.advance(9_999);
      expect((await retained.list("3", undefined, 100)).messages).toHaveLength(16);
      expect(retained.get("3", "c1")).toMatchObject({ message: { topic: "c1", properties: short }, storedAt });
      clock.advance(1);
      await keep({ ...message, topic: "c5" });
      for (const [account, topic] of [
        ["3", "c1"],
        ["4", "d"],
        ["3", "b"],
      ] as const) {
        expect(retained.get(account, topic)).toBeUndefined();
      }
      const first = await retained.list("3", undefined, 2);
      expect(first).toEqual({ messages: [{ ...summary("a"), payloadSize: 7, qos: 0 }, summary("b/1")], next: "b/1" });
      // Ten expired ones in two rounds of two, then the page is short …
      const pages = [];
      for (let next = first.next; next !== undefined; ) {
        const page = await retained.list("3", next, 2);
        pages.push(page.messages.map(({ topic }) => topic));
        next = page.next;
      }
      expect(pages.flat()).toEqual(["c5", "d", "z"]);
      // … and they have been taken out.
      await retained.list("3", undefined, 1);
      expect(await database.query("SELECT topic FROM broker_retained WHERE expires_at <= ?", [clock.now()])).toEqual(
        [],
      );
      expect(await retained.list("4", undefined, 1)).toEqual({ messages: [{ ...summary("other") }] });
      await database.commit([{ sql: "DELETE FROM broker_retained", params: [] }]);
    });
  });
}

describe("sqlite", () => {
  const directory = mkdtempSync(join(tmpdir(), "hearth-broker-store-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }));
  describeStore("SQLite", () => openSqlite({ file: join(directory, "test.db"), migrations, log }));
});

describe.runIf(!skipped)("postgresql", () => {
  let server: RunningPostgres | undefined;
  afterAll(() => server?.stop());
  describeStore("PostgreSQL", async () => {
    server = await startPostgres();
    return openPostgres({ url: server.url, migrations, log });
  });
});
