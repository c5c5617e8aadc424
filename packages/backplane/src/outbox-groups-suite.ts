import { FakeClock, silentLogger } from "@hearth/base";
import { afterEach, describe, expect, test, vi } from "vitest";
import { migrations } from "./backplane-migrations.ts";
import type { Database } from "./database.ts";
import type { Open } from "./database-suite.ts";
import { createOutbox, type OutboxDispatcher } from "./outbox-dispatcher.ts";
import { createSealer } from "./sealer.ts";

const sealer = createSealer(new Uint8Array(32).fill(1));
const PER_GROUP = 8;
/** Thousands of commits, on a disk and two cores that others use as well. */
const LONGEST = { timeout: 290_000 };

/** What groups of keys may expect of the outbox, on any database. */
export function describeOutboxGroups(name: string, openFresh: () => Promise<Open>): void {
  describe(`Outbox groups on ${name}`, () => {
    let opened: Promise<Database> | undefined;
    let outbox: OutboxDispatcher;
    let clock: FakeClock;
    let database: Database;
    let release = () => {};
    /** What was delivered, in its order. */
    let delivered: string[];
    let attempts: Map<string, number>;

    const setUp = async (deliver: (key: string, hanging: Promise<void>) => Promise<void> | void) => {
      opened ??= openFresh().then((open) => open(migrations));
      database = await opened;
      await database.commit([{ sql: "DELETE FROM hearth_outbox", params: [] }]);
      clock = new FakeClock();
      const backOff = { random: () => 0.5 };
      outbox = createOutbox({ database, sealer, clock, log: silentLogger, backOff });
      delivered = [];
      attempts = new Map();
      const hanging = new Promise<void>((resolve) => {
        release = resolve;
      });
      const grouping = { groupOf: (key: string) => key.slice(0, key.indexOf("/")), perGroup: PER_GROUP };
      outbox.consume(
        "target",
        async (message, { key }) => {
          const [group = ""] = key.split("/");
          attempts.set(group, (attempts.get(group) ?? 0) + 1);
          await deliver(key, hanging);
          delivered.push(`${key} ${message}`);
        },
        grouping,
      );
      await outbox.start();
    };
    afterEach(async () => {
      release();
      await outbox.stop();
    });
    const put = async (messages: readonly [key: string, message: unknown][]) => {
      for (let from = 0; from < messages.length; from += 500) {
        await database.commit(messages.slice(from, from + 500).map(([key, one]) => outbox.write("target", key, one)));
        outbox.wake();
      }
    };
    const of = (group: string) => delivered.filter((one) => one.startsWith(`${group}/`));

    test("10,000 messages for one that hangs do not hold up another's, and then come all, in order", async () => {
      await setUp((key, hanging) => (key.startsWith("dead/") ? hanging : undefined));
      // Fewer keys than messages: each has a few that must keep their order.
      await put(Array.from({ length: 10_000 }, (_, i) => [`dead/${i % 2500}`, i]));
      await vi.waitUntil(() => attempts.get("dead") === PER_GROUP, LONGEST);
      for (let round = 1; round <= 20; round++) {
        await put(Array.from({ length: 20 }, (_, i) => [`good/${i}`, round]));
        await vi.waitUntil(() => of("good").length === round * 20, LONGEST);
      }
      expect(attempts.get("dead")).toBe(PER_GROUP);
      release();
      await vi.waitUntil(() => of("dead").length === 10_000, LONGEST);
      for (let key = 0; key < 2500; key += 97) {
        const numbers = delivered
          .filter((one) => one.startsWith(`dead/${key} `))
          .map((one) => Number(one.split(" ")[1]));
        expect(numbers).toEqual([key, key + 2500, key + 5000, key + 7500]);
      }
      await outbox.idle();
      expect(await database.query("SELECT id FROM hearth_outbox")).toEqual([]);
    }, 300_000);

    test("one that fails is tried less and less, one message at a time, and by all places once it is back", async () => {
      let down = true;
      await setUp((key) => {
        if (down && key.startsWith("dead/")) throw new Error("down");
      });
      await put(Array.from({ length: 200 }, (_, i) => [`dead/${i}`, i]));
      await outbox.idle();
      expect(attempts.get("dead")).toBe(PER_GROUP);
      const seconds: number[] = [];
      for (let second = 1; second <= 120; second++) {
        const before = attempts.get("dead");
        clock.advance(1000);
        await outbox.idle();
        const tried = attempts.get("dead")! - before!;
        expect(tried).toBeLessThanOrEqual(1);
        if (tried > 0) seconds.push(second);
      }
      // Doubling pauses: with half of the randomness, 0.75, 1.5, 3, 6, 12, 24, 48 s.
      expect(seconds.length).toBeLessThanOrEqual(8);
      await put([["good/1", 1]]);
      await outbox.idle();
      expect(of("good")).toHaveLength(1);
      down = false;
      for (let minute = 0; minute < 10; minute++) {
        clock.advance(60_000);
        await outbox.idle();
      }
      expect(of("dead")).toHaveLength(200);
    });

    test("one message that fails again and again does not stop its group", async () => {
      await setUp((key) => {
        if (key === "group/poison") throw new Error("never");
      });
      await put([["group/poison", 1], ...Array.from({ length: 50 }, (_, i): [string, number] => [`group/${i}`, i])]);
      await outbox.idle();
      expect(of("group")).toHaveLength(50);
    });
  });
}
