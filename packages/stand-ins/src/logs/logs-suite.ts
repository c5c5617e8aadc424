import type { Database, Sealer } from "@hearth/backplane";
import { FakeClock, silentLogger } from "@hearth/base";
import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS } from "./log-group.ts";
import { createLogs, type Logs } from "./logs.ts";

let accounts = 0;

/** Rules of logs that need a store, and a clock that is moved. */
export function logsSuite(store: { database: Database; sealer: Sealer }): void {
  describe("logs", () => {
    let clock: FakeClock;
    let place: { accountId: string; region: string };
    let logs: Logs;
    beforeEach(() => {
      clock = new FakeClock();
      place = { accountId: String(++accounts).padStart(12, "5"), region: "us-east-1" };
      logs = createLogs({ ...store, clock, log: silentLogger });
    });

    type Call = { [Name in keyof Logs["operations"]]: Parameters<NonNullable<Logs["operations"][Name]>["handle"]>[0] };
    const send = <Name extends keyof Call>(operation: Name, input: Call[Name]) => {
      const binding = logs.operations[operation] as { handle(input: unknown, request: unknown): Promise<unknown> };
      return binding.handle(input, { ...place, now: clock.now() });
    };
    const messages = async (logGroupName: string): Promise<string[]> => {
      const { events } = (await send("FilterLogEvents", { logGroupName })) as { events: { message: string }[] };
      return events.map(({ message }) => message);
    };
    const rows = async (): Promise<number> => {
      const sql = "SELECT COUNT(*) AS events FROM log_event WHERE account_id = ?";
      const found = await store.database.query<{ events: number }>(sql, [place.accountId]);
      return Number(found[0]!.events);
    };

    test("the platform's events make their group and stream, side by side", async () => {
      const puts = Array.from({ length: 5 }, (_, n) =>
        logs.put(place, "/g", "s", [{ at: clock.now() + n, message: `m${n}` }]),
      );
      await Promise.all(puts);
      expect(await messages("/g")).toEqual(["m0", "m1", "m2", "m3", "m4"]);
    });

    test("events go when their retention is over, others stay", async () => {
      await logs.put(place, "/short", "s", [{ at: clock.now(), message: "old" }]);
      await logs.put(place, "/long", "s", [{ at: clock.now(), message: "kept" }]);
      await send("PutRetentionPolicy", { logGroupName: "/short", retentionInDays: 3 });
      clock.advance(2 * DAY_MS);
      await logs.put(place, "/short", "s", [{ at: clock.now(), message: "young" }]);
      clock.advance(DAY_MS + 1);
      await logs.trim();
      expect(await messages("/short")).toEqual(["young"]);
      expect(await messages("/long")).toEqual(["kept"]);
    });

    test("a deleted group's events go in steps, a new group of its name has none", async () => {
      const many = Array.from({ length: 2_500 }, (_, n) => ({ at: clock.now() + n, message: "m" }));
      await logs.put(place, "/g", "s", many);
      await send("DeleteLogGroup", { logGroupName: "/g" });
      await send("CreateLogGroup", { logGroupName: "/g" });
      expect(await messages("/g")).toEqual([]);
      await logs.trim();
      expect(await rows()).toBe(0);
    });

    test("a page of a search that finds nothing leads on", async () => {
      const many = Array.from({ length: 10_000 }, (_, n) => ({
        at: clock.now() + n,
        message: n === 0 ? "first" : "m",
      }));
      await logs.put(place, "/g", "s", many);
      await logs.put(place, "/g", "s", [{ at: clock.now() + 20_000, message: "last" }]);
      const search = { logGroupName: "/g", filterPattern: "last" };
      const page = (await send("FilterLogEvents", search)) as { events: object[]; nextToken?: string };
      expect(page.events).toEqual([]);
      const next = await send("FilterLogEvents", { ...search, nextToken: page.nextToken });
      expect(next).toMatchObject({ events: [{ message: "last" }] });
      expect(next).not.toHaveProperty("nextToken");
    });
  });
}
