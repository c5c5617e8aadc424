import { FakeClock, InternalError, silentLogger } from "@hearth/base";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { migrations } from "./backplane-migrations.ts";
import type { Database } from "./database.ts";
import type { Open } from "./database-suite.ts";
import { createOutbox, type OutboxDeps, type OutboxDispatcher } from "./outbox-dispatcher.ts";
import { createSealer } from "./sealer.ts";

const sealer = createSealer(new Uint8Array(32).fill(1));
const HOUR = 3_600_000;

/** What an outbox promises, on any database. */
export function describeOutbox(name: string, openFresh: () => Promise<Open>): void {
  describe(`Outbox on ${name}`, () => {
    let opened: Promise<Database> | undefined;
    const cleanup: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const clean of cleanup.splice(0).reverse()) await clean();
    });

    /** A new outbox on one database, empty unless `keep`. */
    const setUp = async (options: Partial<OutboxDeps> & { keep?: boolean } = {}) => {
      opened ??= openFresh().then((open) => open(migrations));
      const database = await opened;
      if (!options.keep) await database.commit([{ sql: "DELETE FROM hearth_outbox", params: [] }]);
      const clock = (options.clock as FakeClock) ?? new FakeClock();
      const backOff = { random: () => 0.5 };
      const outbox = createOutbox({ database, sealer, clock, log: silentLogger, backOff, ...options });
      cleanup.push(() => outbox.stop());
      const put = async (consumer: string, key: string, message: unknown) => {
        await database.commit([outbox.write(consumer, key, message)]);
        outbox.wake();
      };
      const left = async () => {
        const [row] = await database.query<{ n: number }>("SELECT COUNT(*) AS n FROM hearth_outbox");
        return row!.n;
      };
      return { database, clock, outbox, put, left };
    };

    /** Lets back-offs elapse until `done`. */
    const advanceUntil = async (clock: FakeClock, outbox: OutboxDispatcher, done: () => boolean) => {
      for (let round = 0; round < 200 && !done(); round++) {
        await outbox.idle();
        clock.advance(60_000);
      }
      await outbox.idle();
      expect(done()).toBe(true);
    };

    test("delivers what was committed, once, and removes it", async () => {
      const { outbox, put, left, clock } = await setUp();
      const seen: unknown[] = [];
      outbox.consume("stream", async (message, meta) => {
        seen.push([message, meta.key, meta.attempt]);
      });
      await outbox.start();
      await put("stream", "a", { text: "hé", list: [1, null] });
      await put("stream", "", "key may be empty");
      await outbox.idle();
      clock.advance(HOUR);
      await outbox.idle();
      expect(seen).toEqual([
        [{ text: "hé", list: [1, null] }, "a", 1],
        ["key may be empty", "", 1],
      ]);
      expect(await left()).toBe(0);
      expect(outbox.counts()["stream"]).toEqual({ delivered: 2, failed: 0, dropped: 0, waitingKeys: 0 });
    });

    test("what is stored cannot be read without the master key", async () => {
      const { database, outbox, put } = await setUp();
      await put("stream", "a", "very secret");
      const [row] = await database.query<{ message: Uint8Array }>("SELECT message FROM hearth_outbox");
      expect(Buffer.from(row!.message).toString("latin1")).not.toContain("secret");
      expect(() => outbox.write("stream", "a", undefined)).toThrow(InternalError);
    });

    test("a batch that failed leaves no message", async () => {
      const { database, outbox } = await setUp();
      let calls = 0;
      outbox.consume("stream", async () => {
        calls++;
      });
      await outbox.start();
      const never = { sql: "DELETE FROM hearth_outbox WHERE consumer = ?", params: ["nobody"], rows: 1 };
      await expect(database.commit([outbox.write("stream", "a", 1), never])).rejects.toThrow();
      outbox.wake();
      await outbox.idle();
      expect(calls).toBe(0);
    });

    test("each key keeps its order and every message arrives, whatever fails", async () => {
      const message = fc.record({ key: fc.integer({ min: 0, max: 3 }), failures: fc.integer({ min: 0, max: 2 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 60 }), async (messages) => {
          const { database, outbox, clock, left } = await setUp();
          const delivered = new Map<string, number[]>();
          const failed = new Map<number, number>();
          outbox.consume("stream", async (content, { key }) => {
            const index = content as number;
            const failures = failed.get(index) ?? 0;
            failed.set(index, failures + 1);
            if (failures < messages[index]!.failures) throw new Error("not yet");
            delivered.set(key, [...(delivered.get(key) ?? []), index]);
          });
          await outbox.start();
          for (const [index, { key }] of messages.entries()) {
            const writes = [outbox.write("stream", `${key}`, index)];
            void database.commit(writes).then(() => outbox.wake(index % 3 === 0 ? undefined : writes));
            if (index % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          await database.commit([{ sql: "DELETE FROM hearth_outbox WHERE id = 0", params: [] }]);
          outbox.wake();
          await advanceUntil(clock, outbox, () => outbox.counts()["stream"]!.delivered === messages.length);
          for (const key of [0, 1, 2, 3]) {
            const expected = [...messages.keys()].filter((index) => messages[index]!.key === key);
            expect(delivered.get(`${key}`) ?? []).toEqual(expected);
          }
          expect(await left()).toBe(0);
          await outbox.stop();
        }),
        { numRuns: 12 },
      );
    });

    test("a dead key slows nobody, and its backlog costs nothing", async () => {
      const { database, clock } = await setUp();
      let rowsRead = 0;
      const counting: Database = {
        dialect: database.dialect,
        async query<Row extends object>(sql: string, params?: readonly (string | number | null | Uint8Array)[]) {
          const rows = await database.query<Row>(sql, params);
          rowsRead += rows.length;
          return rows;
        },
        commit: (writes) => database.commit(writes),
        close: () => database.close(),
      };
      const outbox = createOutbox({ database: counting, sealer, clock, log: silentLogger });
      cleanup.push(() => outbox.stop());
      let revived = false;
      const seen: Record<string, unknown[]> = {};
      outbox.consume("stream", async (message, { key }) => {
        if (key === "dead" && !revived) throw new Error("unreachable");
        seen[key] = [...(seen[key] ?? []), message];
      });
      await outbox.start();
      const dead = Array.from({ length: 1500 }, (_, index) => outbox.write("stream", "dead", index));
      await database.commit(dead);
      outbox.wake();
      await outbox.idle();
      rowsRead = 0;
      for (let index = 0; index < 50; index++) {
        await database.commit([outbox.write("stream", `alive ${index % 5}`, index)]);
        outbox.wake();
        await outbox.idle();
      }
      expect(Object.values(seen).flat()).toHaveLength(50);
      expect(rowsRead).toBe(50);
      expect(outbox.counts()["stream"]!.waitingKeys).toBe(1);
      revived = true;
      await advanceUntil(clock, outbox, () => seen["dead"]?.length === 1500);
      expect(seen["dead"]).toEqual(dead.map((_, index) => index));
    });

    test("keys that fail slowly leave room for the others", async () => {
      const { outbox, put, clock } = await setUp({ concurrency: 4 });
      const hanging: (() => void)[] = [];
      const seen: unknown[] = [];
      let failing = true;
      outbox.consume("stream", (message, { key, attempt }) => {
        if (failing && key.startsWith("slow")) {
          if (attempt === 1) return Promise.reject(new Error("refused"));
          return new Promise((_, reject) => hanging.push(() => reject(new Error("timed out"))));
        }
        seen.push(message);
        return Promise.resolve();
      });
      await outbox.start();
      for (let index = 0; index < 10; index++) await put("stream", `slow ${index}`, index);
      await outbox.idle();
      clock.advance(2000);
      // All ten want to be tried again now; one of four places is for that.
      const arrived = new Promise((resolve) => {
        outbox.consume("other", async () => resolve(undefined));
      });
      await put("stream", "quick", "quick");
      await put("other", "any", 1);
      await arrived;
      await expect.poll(() => seen).toEqual(["quick"]);
      await expect.poll(() => hanging).toHaveLength(1);
      failing = false;
      hanging[0]!();
      await advanceUntil(clock, outbox, () => seen.length === 11);
    });

    test("different keys go at the same time, up to the limit, the same key never", async () => {
      const { database, outbox } = await setUp({ concurrency: 3 });
      const running = new Map<string, number>();
      let most = 0;
      outbox.consume("stream", async (_, { key }) => {
        running.set(key, (running.get(key) ?? 0) + 1);
        expect(running.get(key)).toBe(1);
        most = Math.max(most, [...running.values()].filter(Boolean).length);
        await new Promise((resolve) => setImmediate(resolve));
        running.set(key, 0);
      });
      await outbox.start();
      await database.commit(Array.from({ length: 60 }, (_, index) => outbox.write("stream", `${index % 6}`, index)));
      outbox.wake();
      await outbox.idle();
      expect(most).toBe(3);
      expect(outbox.counts()["stream"]).toMatchObject({ delivered: 60, failed: 0 });
    });

    test("one busy key keeps its order beyond what is held in memory", async () => {
      const { database, outbox, left } = await setUp();
      const seen: unknown[] = [];
      outbox.consume("stream", async (message) => {
        seen.push(message);
        if (seen.length % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      });
      await outbox.start();
      const batch = (from: number) =>
        Array.from({ length: 100 }, (_, index) => outbox.write("stream", "busy", from + index));
      for (let from = 0; from < 1000; from += 100) {
        await database.commit(batch(from));
        outbox.wake();
      }
      await outbox.idle();
      expect(seen).toEqual(Array.from({ length: 1000 }, (_, index) => index));
      expect(await left()).toBe(0);
    });

    test("backs off up to the cap", async () => {
      const { outbox, put, clock } = await setUp({ backOff: { first: 1000, cap: 5000, random: () => 1 } });
      const times: number[] = [];
      outbox.consume("stream", async () => {
        times.push(clock.now());
        throw new Error("no");
      });
      await outbox.start();
      await put("stream", "a", 1);
      for (let second = 0; second < 20; second++) {
        await outbox.idle();
        clock.advance(1000);
      }
      const waits = times.slice(1).map((time, index) => time - times[index]!);
      expect(waits).toEqual([1000, 2000, 4000, 5000, 5000]);
    });

    test("gives messages up at the age limit, and the key goes on", async () => {
      const { outbox, put, clock, left } = await setUp();
      let failing = true;
      const seen: unknown[] = [];
      outbox.consume("stream", async (message) => {
        if (failing) throw new Error("no");
        seen.push(message);
      });
      await outbox.start();
      for (let index = 0; index < 5; index++) await put("stream", "a", index);
      await outbox.idle();
      clock.advance(23 * HOUR);
      await put("stream", "a", "young");
      await outbox.idle();
      clock.advance(HOUR + 60_000);
      await outbox.idle();
      failing = false;
      await advanceUntil(clock, outbox, () => seen.length > 0);
      expect(seen).toEqual(["young"]);
      expect(outbox.counts()["stream"]).toMatchObject({ delivered: 1, dropped: 5, waitingKeys: 0 });
      expect(await left()).toBe(0);
    });

    test("what nobody consumes is given up too", async () => {
      const { outbox, put, clock, left } = await setUp();
      await outbox.start();
      await put("removed feature", "a", 1);
      clock.advance(26 * HOUR);
      await outbox.idle();
      expect(await left()).toBe(0);
    });

    test("the next start delivers what is left, in order, before what is new in the same key", async () => {
      const first = await setUp();
      const seen: string[] = [];
      first.outbox.consume("stream", async (message, { key }) => {
        if (key === "dead") throw new Error("no");
        seen.push(`${message}`);
      });
      await first.outbox.start();
      for (let index = 0; index < 300; index++) {
        await first.database.commit([first.outbox.write("stream", index % 2 ? "dead" : "alive", index)]);
      }
      first.outbox.wake();
      await first.outbox.idle();
      await first.outbox.stop();
      expect(await first.left()).toBe(150);
      // Not looked at by the first one, which has stopped.
      await first.database.commit([
        first.outbox.write("stream", "dead", 300),
        first.outbox.write("stream", "new", 301),
      ]);

      // The clock of the second is behind; ids must still follow those of the first.
      const second = await setUp({ keep: true, clock: new FakeClock(Date.UTC(2020, 0, 1)) });
      const later: Record<string, unknown[]> = {};
      second.outbox.consume("stream", async (message, { key }) => {
        later[key] = [...(later[key] ?? []), message];
      });
      await second.outbox.start();
      await second.put("stream", "dead", 302);
      await advanceUntil(second.clock, second.outbox, () => later["dead"]?.length === 152);
      const odd = Array.from({ length: 150 }, (_, index) => 2 * index + 1);
      expect(later).toEqual({ dead: [...odd, 300, 302], new: [301] });
      expect(await second.left()).toBe(0);
    });

    test("many keys that wait from an earlier start are all found", async () => {
      const first = await setUp();
      const keys = Array.from({ length: 450 }, (_, index) => `key ${index}`);
      await first.database.commit(keys.flatMap((key) => [1, 2].map((n) => first.outbox.write("stream", key, n))));
      await first.database.commit([{ sql: "UPDATE hearth_outbox SET parked = 1", params: [] }]);
      const second = await setUp({ keep: true });
      const seen: string[] = [];
      second.outbox.consume("stream", async (message, { key }) => {
        seen.push(`${key} ${message}`);
      });
      await second.outbox.start();
      await second.outbox.idle();
      expect(seen.sort()).toEqual(keys.flatMap((key) => [`${key} 1`, `${key} 2`]).sort());
      expect(await second.left()).toBe(0);
    });

    test("a message that is committed after younger ones were delivered is not missed", async () => {
      const { database, outbox, put, left } = await setUp();
      const seen: unknown[] = [];
      outbox.consume("stream", async (message) => {
        seen.push(message);
      });
      await outbox.start();
      const early = outbox.write("stream", "a", "early");
      for (let index = 0; index < 100; index++) await put("stream", `${index}`, index);
      await outbox.idle();
      await database.commit([early]);
      outbox.wake();
      await outbox.idle();
      expect(seen).toHaveLength(101);
      expect(seen[100]).toBe("early");
      expect(await left()).toBe(0);
    });

    test("what is handed over after its commit is not read, and removed all the same", async () => {
      let reads = 0;
      const { database } = await setUp();
      const counting: Database = {
        ...database,
        query: (sql, params) => {
          reads++;
          return database.query(sql, params);
        },
      };
      const { outbox, left } = await setUp({ database: counting });
      const seen: unknown[] = [];
      outbox.consume("stream", async (message) => {
        seen.push(message);
      });
      await outbox.start();
      await outbox.idle();
      const before = reads;
      for (let index = 0; index < 3; index++) {
        const writes = [outbox.write("stream", "a", { index }), outbox.write("stream", `${index}`, index)];
        await database.commit(writes);
        outbox.wake(writes);
        outbox.wake(writes);
      }
      await outbox.idle();
      expect(reads).toBe(before);
      expect(seen).toEqual([{ index: 0 }, 0, { index: 1 }, 1, { index: 2 }, 2]);
      expect(await left()).toBe(0);
    });

    test("what is handed over waits for an earlier one of its key that was not", async () => {
      const { database, outbox, left } = await setUp();
      const seen: unknown[] = [];
      outbox.consume("stream", async (message) => {
        seen.push(message);
      });
      await outbox.start();
      await outbox.idle();
      const [first, second] = [outbox.write("stream", "a", 1), outbox.write("stream", "a", 2)];
      await database.commit([first]);
      await database.commit([second]);
      outbox.wake([second]);
      await outbox.idle();
      expect(seen).toEqual([1, 2]);
      expect(await left()).toBe(0);
    });

    test("what an earlier process has left comes before what is handed over", async () => {
      const first = await setUp();
      await first.put("stream", "a", "old");
      const { outbox, database, left } = await setUp({ keep: true, clock: first.clock });
      const seen: unknown[] = [];
      outbox.consume("stream", async (message) => {
        seen.push(message);
      });
      await outbox.start();
      const writes = [outbox.write("stream", "a", "new")];
      await database.commit(writes);
      outbox.wake(writes);
      await outbox.idle();
      expect(seen).toEqual(["old", "new"]);
      expect(await left()).toBe(0);
    });

    test("a message that was sealed under another key holds up its own key only", async () => {
      const { database, outbox, put } = await setUp();
      const seen: unknown[] = [];
      outbox.consume("stream", async (message) => {
        seen.push(message);
      });
      await outbox.start();
      const foreign = createOutbox({
        database,
        sealer: createSealer(new Uint8Array(32).fill(2)),
        clock: new FakeClock(),
        log: silentLogger,
      });
      const write = foreign.write("stream", "a", "foreign");
      await database.commit([{ ...write, params: [1, ...write.params.slice(1)] }]);
      await put("stream", "b", "own");
      await outbox.idle();
      expect(seen).toEqual(["own"]);
      expect(outbox.counts()["stream"]).toMatchObject({ delivered: 1, failed: 1, waitingKeys: 1 });
    });

    test("stop waits for the delivery under way and starts no more", async () => {
      const { outbox, put, left } = await setUp({ concurrency: 1 });
      let finish = () => {};
      const started = new Promise<void>((resolve) => {
        outbox.consume("stream", async () => {
          resolve();
          await new Promise<void>((done) => {
            finish = done;
          });
        });
      });
      await outbox.start();
      await put("stream", "a", 1);
      await put("stream", "b", 2);
      await started;
      let stopped = false;
      const stop = outbox.stop().then(() => {
        stopped = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect(stopped).toBe(false);
      finish();
      await stop;
      expect(await left()).toBe(1);
    });

    test("a consumer has one handler", async () => {
      const { outbox } = await setUp();
      outbox.consume("stream", async () => {});
      expect(() => outbox.consume("stream", async () => {})).toThrow(InternalError);
    });
  });
}
