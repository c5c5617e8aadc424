import { FakeClock, InternalError, silentLogger } from "@hearth/base";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { migrations } from "./backplane-migrations.ts";
import type { Database, SqlValue } from "./database.ts";
import type { Open } from "./database-suite.ts";
import { createSealer } from "./sealer.ts";
import { createTimers, type TimerDeps } from "./timer-scheduler.ts";

const sealer = createSealer(new Uint8Array(32).fill(1));
const nothing = async () => [];

/** What durable timers promise, on any database. */
export function describeTimers(name: string, openFresh: () => Promise<Open>): void {
  describe(`Timers on ${name}`, () => {
    let opened: Promise<Database> | undefined;
    const cleanup: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const clean of cleanup.splice(0).reverse()) await clean();
    });

    const setUp = async ({ keep = false, ...options }: Partial<TimerDeps> & { keep?: boolean } = {}) => {
      opened ??= openFresh().then((open) => open(migrations));
      const database = await opened;
      if (!keep) await database.commit([{ sql: "DELETE FROM hearth_timer", params: [] }]);
      const clock = (options.clock as FakeClock) ?? new FakeClock();
      const backOff = { random: () => 1 };
      const timers = createTimers({ database, sealer, clock, log: silentLogger, backOff, ...options });
      cleanup.push(() => timers.stop());
      const arm = async (kind: string, id: string, dueIn: number, payload: unknown = null) => {
        await database.commit([timers.arm(kind, id, clock.now() + dueIn, payload)]);
        timers.wake();
        await timers.idle();
      };
      const advance = async (milliseconds: number) => {
        clock.advance(milliseconds);
        await timers.idle();
      };
      const armed = async () => {
        const rows = await database.query<{ id: string }>("SELECT id FROM hearth_timer ORDER BY id");
        return rows.map(({ id }) => id);
      };
      return { database, clock, timers, arm, advance, armed };
    };

    test("fires when due, not before, once, with its payload", async () => {
      const { timers, arm, advance, armed } = await setUp();
      const fired: unknown[] = [];
      timers.handle("lapse", async (id, payload) => {
        fired.push([id, payload]);
        return [];
      });
      await timers.start();
      await arm("lapse", "a", 1000, { deep: [1, "é"] });
      await advance(999);
      expect(fired).toEqual([]);
      await advance(1);
      expect(fired).toEqual([["a", { deep: [1, "é"] }]]);
      expect(await armed()).toEqual([]);
      await advance(100_000);
      expect(fired).toHaveLength(1);
    });

    test("an earlier one that is armed later fires first; arming again moves it; disarming ends it", async () => {
      const { database, timers, arm, advance } = await setUp();
      const fired: string[] = [];
      timers.handle("lapse", async (id) => {
        fired.push(id);
        return [];
      });
      await timers.start();
      await arm("lapse", "late", 5000);
      await arm("lapse", "early", 1000);
      await arm("lapse", "moved", 2000);
      await arm("lapse", "moved", 9000);
      await arm("lapse", "ended", 3000);
      await database.commit([timers.disarm("lapse", "ended"), timers.disarm("lapse", "never armed")]);
      timers.wake();
      await advance(1000);
      expect(fired).toEqual(["early"]);
      await advance(4000);
      expect(fired).toEqual(["early", "late"]);
      await advance(4000);
      expect(fired).toEqual(["early", "late", "moved"]);
    });

    test("what was with its handler while the table was read is not fired a second time", async () => {
      const { database, clock } = await setUp();
      let hold = false;
      let read = () => {};
      let ended = () => {};
      const wasRead = new Promise<void>((resolve) => {
        read = resolve;
      });
      const hasEnded = new Promise<void>((resolve) => {
        ended = resolve;
      });
      // The second look reads the row before the handler's batch is committed, and learns of it afterwards.
      const slow: Database = {
        ...database,
        async query<Row extends object>(sql: string, params?: readonly SqlValue[]) {
          const rows = await database.query<Row>(sql, params);
          if (hold && sql.includes("arming")) {
            hold = false;
            read();
            await hasEnded;
          }
          return rows;
        },
        async commit(writes) {
          await database.commit(writes);
          setImmediate(ended);
        },
      };
      const timers = createTimers({ database: slow, sealer, clock, log: silentLogger });
      cleanup.push(() => timers.stop());
      const fired: string[] = [];
      timers.handle("lapse", async (id) => {
        fired.push(id);
        if (fired.length > 1) return [];
        hold = true;
        timers.wake();
        await wasRead;
        return [];
      });
      await database.commit([timers.arm("lapse", "once", clock.now(), null)]);
      await timers.start();
      await timers.idle();
      expect(fired).toEqual(["once"]);
    });

    test("who says when the earliest is due is not looked up, and fires in time all the same", async () => {
      let looks = 0;
      const { database } = await setUp();
      const counting: Database = {
        ...database,
        query: (sql, params) => {
          looks++;
          return database.query(sql, params);
        },
      };
      const { timers, clock, advance } = await setUp({ database: counting });
      const fired: string[] = [];
      timers.handle("lapse", async (id) => {
        fired.push(id);
        return [];
      });
      await timers.start();
      await timers.idle();
      const before = looks;
      for (const [id, dueIn] of Object.entries({ late: 5000, early: 1000, latest: 9000 })) {
        await database.commit([timers.arm("lapse", id, clock.now() + dueIn, null)]);
        timers.wake(clock.now() + dueIn);
        await timers.idle();
      }
      expect(looks).toBe(before);
      await advance(1000);
      expect(fired).toEqual(["early"]);
      await advance(8000);
      expect(fired).toEqual(["early", "late", "latest"]);
      await database.commit([timers.arm("lapse", "now", clock.now(), null)]);
      timers.wake(clock.now());
      await timers.idle();
      expect(fired).toContain("now");
    });

    test("what fell due while the server was down fires at the next start", async () => {
      const first = await setUp();
      await first.timers.start();
      await first.arm("lapse", "overdue", 1000);
      await first.arm("lapse", "future", 100_000);
      await first.timers.stop();
      first.clock.advance(50_000);
      const second = await setUp({ keep: true, clock: first.clock });
      const fired: string[] = [];
      second.timers.handle("lapse", async (id) => {
        fired.push(id);
        return [];
      });
      await second.timers.start();
      await second.timers.idle();
      expect(fired).toEqual(["overdue"]);
      await second.advance(50_000);
      expect(fired).toEqual(["overdue", "future"]);
    });

    test("the handler's writes and the removal are one batch", async () => {
      const { timers, arm, advance, armed, database, clock } = await setUp();
      let conflicts = 0;
      timers.handle("lapse", async (id) => {
        const guard = { sql: "DELETE FROM hearth_timer WHERE kind = ? AND id = ?", params: ["mark", id], rows: 1 };
        conflicts++;
        return [guard];
      });
      await timers.start();
      await arm("lapse", "a", 1000);
      await advance(1000);
      // Its guard found nothing, so the timer is still there …
      expect(await armed()).toEqual(["a"]);
      await database.commit([timers.arm("mark", "a", clock.now() + 1e9, null)]);
      await advance(1000);
      // … and is tried again soon.
      expect(await armed()).toEqual([]);
      expect(conflicts).toBeGreaterThan(1);
    });

    test("a handler may arm its own timer again", async () => {
      const { timers, arm, advance, armed, clock } = await setUp();
      const fired: number[] = [];
      timers.handle("every", async (id) => {
        fired.push(clock.now());
        return [timers.arm("every", id, clock.now() + 1000, null)];
      });
      await timers.start();
      await arm("every", "a", 1000);
      for (let second = 0; second < 5; second++) await advance(1000);
      expect(fired.slice(1).map((time, index) => time - fired[index]!)).toEqual([1000, 1000, 1000, 1000]);
      expect(await armed()).toEqual(["a"]);
    });

    test("one that is armed again or disarmed while its handler runs keeps the newer word", async () => {
      const { timers, arm, advance, armed, database, clock } = await setUp();
      const fired: string[] = [];
      timers.handle("lapse", async (id) => {
        fired.push(id);
        if (fired.length > 2) return [];
        if (id === "again") await database.commit([timers.arm("lapse", "again", clock.now() + 1000, null)]);
        else await database.commit([timers.disarm("lapse", "gone")]);
        return [timers.arm("lapse", "side effect", clock.now() + 1e9, null)];
      });
      await timers.start();
      await arm("lapse", "again", 1000);
      await arm("lapse", "gone", 1000);
      await advance(1000);
      expect(await armed()).toEqual(["again"]);
      await advance(1000);
      expect(fired.sort()).toEqual(["again", "again", "gone"]);
      expect(await armed()).toEqual([]);
    });

    test("a failing handler is called again with growing pauses, also after a restart; others go on", async () => {
      const first = await setUp();
      const times: number[] = [];
      const fired: string[] = [];
      const handler = (clock: FakeClock) => async (id: string) => {
        if (id === "bad") {
          times.push(clock.now());
          throw new Error("no");
        }
        fired.push(id);
        return [];
      };
      first.timers.handle("lapse", handler(first.clock));
      await first.timers.start();
      await first.arm("lapse", "bad", 0);
      await first.arm("lapse", "good", 500);
      for (let round = 0; round < 8; round++) await first.advance(500);
      await first.timers.stop();
      expect(fired).toEqual(["good"]);
      const second = await setUp({ keep: true, clock: first.clock });
      second.timers.handle("lapse", handler(second.clock));
      await second.timers.start();
      for (let round = 0; round < 8; round++) await second.advance(500);
      expect(times.slice(1).map((time, index) => time - times[index]!)).toEqual([1000, 2000, 4000]);
    });

    test.each([
      ["every kind's", { concurrency: 4 }, undefined],
      ["the kind's own", { concurrency: 2 }, 4],
    ])("more than %s limit at once all fire, at most so many at the same time", async (_, options, own) => {
      const { database, timers, clock, advance, armed } = await setUp(options);
      let running = 0;
      let most = 0;
      const fired = new Set<string>();
      timers.handle(
        "lapse",
        async (id) => {
          running++;
          most = Math.max(most, running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
          fired.add(id);
          return [];
        },
        own,
      );
      await timers.start();
      await database.commit(Array.from({ length: 100 }, (_, n) => timers.arm("lapse", `${n}`, clock.now() + n, null)));
      timers.wake();
      await advance(1000);
      expect(fired.size).toBe(100);
      expect(most).toBe(4);
      expect(await armed()).toEqual([]);
    });

    test("a kind without a handler waits for one and hinders nobody", async () => {
      const { timers, arm, advance, armed } = await setUp();
      const fired: string[] = [];
      timers.handle("known", async (id) => {
        fired.push(id);
        return [];
      });
      await timers.start();
      await arm("unknown", "u", 10);
      await arm("known", "k", 20);
      await advance(100);
      expect(fired).toEqual(["k"]);
      expect(await armed()).toEqual(["u"]);
      timers.handle("unknown", async (id) => {
        fired.push(id);
        return [];
      });
      await timers.idle();
      expect(fired).toEqual(["k", "u"]);
    });

    test("any order of arming fires each at the first look after it is due", async () => {
      const delays = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(delays, async (dues) => {
          const { timers, arm, advance, clock } = await setUp();
          const start = clock.now();
          const fired = new Map<string, number>();
          timers.handle("lapse", async (id) => {
            fired.set(id, clock.now() - start);
            return [];
          });
          await timers.start();
          for (const [index, due] of dues.entries()) await arm("lapse", `${index}`, due);
          for (let step = 0; step < 10; step++) await advance(5);
          expect([...dues.keys()].map((index) => fired.get(`${index}`))).toEqual(
            dues.map((due) => Math.ceil(due / 5) * 5),
          );
          await timers.stop();
        }),
        { numRuns: 8 },
      );
    });

    test("payloads are sealed; misuse is refused", async () => {
      const { database, timers, arm } = await setUp();
      await arm("lapse", "a", 1e9, "very secret");
      const [row] = await database.query<{ payload: Uint8Array }>("SELECT payload FROM hearth_timer");
      expect(Buffer.from(row!.payload).toString("latin1")).not.toContain("secret");
      timers.handle("lapse", nothing);
      expect(() => timers.handle("lapse", nothing)).toThrow(InternalError);
      expect(() => timers.arm("lapse", "a", Number.NaN, null)).toThrow(InternalError);
    });
  });
}
