import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, type Migration, type SqlValue, UniqueViolation, WriteConflict } from "./database.ts";
import { MigrationChangedError, NewerDatabaseError } from "./migrations.ts";

export type Open = (migrations: readonly Migration[]) => Promise<Database>;

const tables: Migration = {
  room: "suite",
  version: 1,
  name: "tables",
  statements: [
    "CREATE TABLE item (id TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, note TEXT)",
    "CREATE TABLE kinds (id BIGINT NOT NULL PRIMARY KEY, t TEXT, n BIGINT, d DOUBLE PRECISION, b BLOB)",
    "CREATE TABLE word (id BIGINT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (id, word))",
    "CREATE UNIQUE INDEX word_once ON word (word)",
  ],
};

const insert = (id: string, version = 1) => ({
  sql: "INSERT INTO item (id, version) VALUES (?, ?)",
  params: [id, version],
});

const update = (id: string, from: number) => ({
  sql: "UPDATE item SET version = version + 1 WHERE id = ? AND version = ?",
  params: [id, from],
  rows: 1,
});

/**
 * What every database promises. `openFresh` returns a way to open one and the same, new database any number of times,
 * one after the other.
 */
export function describeDatabase(name: string, openFresh: () => Promise<Open>): void {
  describe(`Database on ${name}`, () => {
    let open: Open;
    let database: Database;
    beforeAll(async () => {
      open = await openFresh();
      database = await open([tables]);
    });
    afterAll(() => database?.close());

    const items = async (prefix: string): Promise<Record<string, number>> => {
      const rows = await database.query<{ id: string; version: number }>(
        "SELECT id, version FROM item WHERE id LIKE ? ORDER BY id",
        [`${prefix}%`],
      );
      return Object.fromEntries(rows.map(({ id, version }) => [id, version]));
    };

    test("a batch is applied whole, and a query after it sees it", async () => {
      await database.commit([insert("whole-a"), insert("whole-b"), update("whole-a", 1)]);
      expect(await items("whole-")).toEqual({ "whole-a": 2, "whole-b": 1 });
    });

    test("an empty batch is applied", async () => {
      await database.commit([]);
    });

    test("a failed guard undoes its batch and names the write", async () => {
      await database.commit([insert("guard")]);
      const conflict = await database.commit([insert("guard-new"), update("guard", 7)]).catch((error) => error);
      expect(conflict).toBeInstanceOf(WriteConflict);
      expect(conflict.index).toBe(1);
      expect(await items("guard")).toEqual({ guard: 1 });
    });

    test("a guard that asks for no row or for several", async () => {
      const none = { sql: "DELETE FROM item WHERE id = ?", params: ["several"], rows: 0 };
      await database.commit([none, insert("several")]);
      await expect(database.commit([none])).rejects.toBeInstanceOf(WriteConflict);
      await database.commit([insert("several-2")]);
      const two = { sql: "UPDATE item SET note = ? WHERE id LIKE ?", params: ["x", "several%"], rows: 2 };
      await database.commit([two]);
      await expect(database.commit([{ ...two, rows: 1 }])).rejects.toBeInstanceOf(WriteConflict);
    });

    test("a guard on an upsert that must not overwrite", async () => {
      const sql = `INSERT INTO item (id, version) VALUES (?, ?)
        ON CONFLICT (id) DO UPDATE SET version = excluded.version WHERE item.version < excluded.version`;
      await database.commit([{ sql, params: ["upsert", 5], rows: 1 }]);
      await database.commit([{ sql, params: ["upsert", 6], rows: 1 }]);
      await expect(database.commit([{ sql, params: ["upsert", 6], rows: 1 }])).rejects.toBeInstanceOf(WriteConflict);
      expect(await items("upsert")).toEqual({ upsert: 6 });
    });

    test("a duplicate primary or unique key names the write", async () => {
      const word = (id: number, text: string) => ({ sql: "INSERT INTO word VALUES (?, ?)", params: [id, text] });
      await database.commit([word(1, "one")]);
      const primary = await database.commit([word(1, "uno"), word(1, "one")]).catch((error) => error);
      expect(primary).toBeInstanceOf(UniqueViolation);
      expect(primary.index).toBe(1);
      const unique = await database.commit([word(2, "one")]).catch((error) => error);
      expect(unique).toBeInstanceOf(UniqueViolation);
      expect(unique.index).toBe(0);
      expect(await database.query("SELECT word FROM word")).toEqual([{ word: "one" }]);
    });

    test("other errors reject with what the database says", async () => {
      await expect(database.commit([{ sql: "INSERT INTO nowhere VALUES (1)", params: [] }])).rejects.toThrow(/nowhere/);
      const missing = { sql: "INSERT INTO item (id, version) VALUES (?, ?)", params: ["missing", null] };
      const error = await database.commit([missing]).catch((reason) => reason);
      expect(error).not.toBeInstanceOf(UniqueViolation);
      expect(error.message).toMatch(/version/);
      await expect(database.query("SELECT * FROM nowhere")).rejects.toThrow(/nowhere/);
    });

    test("values that the databases take differently are refused", async () => {
      for (const value of [undefined, true, 1n, Number.NaN, Number.POSITIVE_INFINITY, {}]) {
        const params = ["refused", value] as SqlValue[];
        await expect(database.commit([{ ...insert("refused"), params }])).rejects.toThrow(/parameter/);
        await expect(database.query("SELECT * FROM item WHERE id = ?", [value as SqlValue])).rejects.toThrow(
          /parameter/,
        );
      }
    });

    test("batches that were committed at the same time fail one by one", async () => {
      await database.commit([insert("group-taken"), insert("group-old", 3)]);
      const results = await Promise.allSettled([
        database.commit([insert("group-1")]),
        database.commit([insert("group-2"), insert("group-taken")]),
        database.commit([insert("group-3"), update("group-old", 1)]),
        database.commit([insert("group-4"), update("group-old", 3)]),
        database.commit([{ sql: "nonsense", params: [] }]),
        // Sees what the batches before it did.
        database.commit([insert("group-5"), update("group-old", 4), update("group-1", 1)]),
      ]);
      expect(results.map(({ status }) => status === "fulfilled")).toEqual([true, false, false, true, false, true]);
      expect(await items("group-")).toEqual({
        "group-1": 2,
        "group-4": 1,
        "group-5": 1,
        "group-old": 5,
        "group-taken": 1,
      });
    });

    test("the parameters are taken when commit is called", async () => {
      const bytes = new Uint8Array([1, 2, 3]);
      const committed = database.commit([{ sql: "INSERT INTO kinds (id, b) VALUES (?, ?)", params: [-1, bytes] }]);
      bytes.fill(9);
      await committed;
      const [row] = await database.query<{ b: Uint8Array }>("SELECT b FROM kinds WHERE id = -1");
      expect([...row!.b]).toEqual([1, 2, 3]);
    });

    test("values come back as they were written", async () => {
      // PostgreSQL has no NUL in text; what may hold one is stored as JSON, which escapes it.
      const text = fc.string({ unit: "binary" }).filter((value) => !value.includes("\u0000"));
      const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
      const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
      const value = fc.tuple(
        nullable(text),
        nullable(fc.maxSafeInteger()),
        nullable(double),
        nullable(fc.uint8Array()),
      );
      let id = 0;
      await fc.assert(
        fc.asyncProperty(value, async ([t, n, d, b]) => {
          id++;
          await database.commit([{ sql: "INSERT INTO kinds VALUES (?, ?, ?, ?, ?)", params: [id, t, n, d, b] }]);
          const [row] = await database.query<{ b: Uint8Array | null }>("SELECT t, n, d, b FROM kinds WHERE id = ?", [
            id,
          ]);
          expect({ ...row, b: row!.b && [...row!.b] }).toEqual({ t, n, d, b: b && [...b] });
        }),
        { numRuns: 25 },
      );
    });

    test("counts and sums are numbers", async () => {
      await database.commit([insert("sum-1", 40), insert("sum-2", 2)]);
      const sql = "SELECT COUNT(*) AS count, SUM(version) AS sum, MAX(version) AS max FROM item WHERE id LIKE 'sum-%'";
      expect(await database.query(sql)).toEqual([{ count: 2, sum: 42, max: 40 }]);
    });

    test("text sorts by bytes and LIKE minds the case", async () => {
      await database.commit(
        ["sort-b", "sort-B", "sort-a", "sort-é", "sort-_", "sort-10", "sort-9"].map((id) => insert(id)),
      );
      const rows = await database.query<{ id: string }>("SELECT id FROM item WHERE id LIKE 'sort-%' ORDER BY id");
      expect(rows.map(({ id }) => id.slice(5))).toEqual(["10", "9", "B", "_", "a", "b", "é"]);
      const after = await database.query("SELECT id FROM item WHERE id > ? AND id LIKE 'sort-%'", ["sort-a"]);
      expect(after).toHaveLength(2);
      expect(await database.query("SELECT id FROM item WHERE id LIKE 'SORT-%'")).toEqual([]);
    });

    test("a question mark in a literal or a comment is no placeholder", async () => {
      const sql = "SELECT '?' || ? AS x, 'it''s ?' AS y /* ? */ -- ?\n";
      expect(await database.query(sql, ["a"])).toEqual([{ x: "?a", y: "it's ?" }]);
    });

    test("any interleaving of guarded increments keeps every one that was acknowledged", async () => {
      const counters = fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }), {
        minLength: 1,
        maxLength: 12,
      });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(counters, async (batches) => {
          run++;
          const id = (counter: number) => `count-${run}-${counter}`;
          await database.commit([0, 1, 2].map((counter) => insert(id(counter), 0)));
          const expected = [0, 0, 0];
          const increment = async (batch: number[]): Promise<void> => {
            for (;;) {
              const seen = await items(`count-${run}-`);
              const wanted = [0, 0, 0];
              const writes = batch.map((counter) => update(id(counter), seen[id(counter)]! + wanted[counter]!++));
              try {
                await database.commit(writes);
                for (const counter of batch) expected[counter]!++;
                return;
              } catch (error) {
                if (!(error instanceof WriteConflict)) throw error;
              }
            }
          };
          await Promise.all(batches.map(increment));
          expect(Object.values(await items(`count-${run}-`))).toEqual(expected);
        }),
        { numRuns: 10 },
      );
    });

    test("what was committed before close is kept; what comes after is refused", async () => {
      const second = await open([tables]);
      const before = second.commit([insert("close")]);
      const closed = second.close();
      await expect(second.commit([insert("close-late")])).rejects.toThrow(/closed/);
      await before;
      await closed;
      expect(await items("close")).toEqual({ close: 1 });
    });
  });

  describe(`Migrations on ${name}`, () => {
    const step = (version: number, ...statements: string[]): Migration => ({
      room: "room",
      version,
      name: `step ${version}`,
      statements,
    });
    const one = step(1, "CREATE TABLE a (x BIGINT)", "INSERT INTO a VALUES (1)");
    const two = step(2, "UPDATE a SET x = x + 1");

    test("each runs once, in order, whatever their order in the list", async () => {
      const open = await openFresh();
      await (await open([one])).close();
      await (await open([two, one])).close();
      const database = await open([one, two]);
      expect(await database.query("SELECT x FROM a")).toEqual([{ x: 2 }]);
      const applied = await database.query("SELECT room, version, name FROM hearth_migration ORDER BY version");
      expect(applied).toEqual([
        { room: "room", version: 1, name: "step 1" },
        { room: "room", version: 2, name: "step 2" },
      ]);
      await database.close();
    });

    test("a failing one leaves nothing behind and can be mended", async () => {
      const open = await openFresh();
      const broken = step(2, "CREATE TABLE b (x BIGINT)", "INSERT INTO nowhere VALUES (1)");
      await expect(open([one, broken])).rejects.toThrow(/room 2.*nowhere/s);
      const database = await open([one, step(2, "CREATE TABLE b (x BIGINT)")]);
      expect(await database.query("SELECT x FROM b")).toEqual([]);
      await database.close();
    });

    test("a database of a newer version is refused and left alone", async () => {
      const open = await openFresh();
      await (await open([one, two])).close();
      await expect(open([one])).rejects.toBeInstanceOf(NewerDatabaseError);
      await expect(open([])).rejects.toBeInstanceOf(NewerDatabaseError);
      await (await open([one, two])).close();
    });

    test("an edited one is refused; white space is no edit", async () => {
      const open = await openFresh();
      await (await open([one])).close();
      const edited = step(1, "CREATE TABLE a (x BIGINT, y BIGINT)", "INSERT INTO a VALUES (1)");
      await expect(open([edited])).rejects.toBeInstanceOf(MigrationChangedError);
      await (await open([step(1, "CREATE TABLE a\n  (x BIGINT)", "INSERT INTO a VALUES (1)")])).close();
    });

    test("gaps and doubles are refused", async () => {
      const open = await openFresh();
      await expect(open([one, step(3)])).rejects.toThrow(/gap/);
      await expect(open([one, one])).rejects.toThrow(/twice/);
    });
  });
}
