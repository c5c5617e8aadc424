import type { Clock, Logger } from "@hearth/base";
import type { Database, SqlValue, Write } from "./database.ts";
import type { Sealer } from "./sealing.ts";

/** Rows of a table that an earlier version has written as plain text. */
export interface PlainRows {
  /** Done once for a database; never used again for other rows. */
  name: string;
  table: string;
  /** The primary key. */
  key: readonly string[];
  /** The columns that `seal` reads. */
  columns: readonly string[];
  /** SQL that is true of such rows only. */
  where: string;
  /** The columns to write: what is sealed, and nothing where the plain text stood. */
  seal(row: Readonly<Record<string, SqlValue>>, sealer: Sealer): Readonly<Record<string, SqlValue>>;
}

const ROWS_PER_COMMIT = 500;

/**
 * Seals what stands as plain text in a database of an earlier version. To be called at start, before anything reads the
 * rows. Resolves to whether there were any: then the file still holds the plain text in pages that are free.
 */
export async function sealPlainRows(
  deps: { database: Database; sealer: Sealer; clock: Clock; log: Logger },
  all: readonly PlainRows[],
): Promise<boolean> {
  const { database, clock, log } = deps;
  const done = new Set(
    (await database.query<{ name: string }>("SELECT name FROM hearth_sealed_rows")).map(({ name }) => name),
  );
  let any = false;
  for (const plain of all) {
    if (done.has(plain.name)) continue;
    const rows = await sealAll(deps, plain);
    any ||= rows > 0;
    if (rows > 0) log.info({ table: plain.table, rows }, "sealed what stood as plain text");
    const sql = "INSERT INTO hearth_sealed_rows (name, done_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING";
    await database.commit([{ sql, params: [plain.name, clock.now()] }]);
  }
  return any;
}

async function sealAll({ database, sealer }: { database: Database; sealer: Sealer }, plain: PlainRows) {
  const { table, key, columns, where, seal } = plain;
  const keys = key.join(", ");
  const marks = key.map(() => "?").join(", ");
  let after: SqlValue[] | undefined;
  let count = 0;
  for (;;) {
    const rows: Record<string, SqlValue>[] = await database.query(
      `SELECT ${[...key, ...columns].join(", ")} FROM ${table} WHERE (${where}) ${after ? `AND (${keys}) > (${marks})` : ""}
        ORDER BY ${keys} LIMIT ${ROWS_PER_COMMIT}`,
      after ?? [],
    );
    const writes = rows.map((row): Write => {
      const changed = Object.entries(seal(row, sealer));
      return {
        sql: `UPDATE ${table} SET ${changed.map(([column]) => `${column} = ?`).join(", ")}
          WHERE ${key.map((column) => `${column} = ?`).join(" AND ")}`,
        params: [...changed.map(([, value]) => value), ...key.map((column) => row[column] ?? null)],
      };
    });
    if (writes.length > 0) await database.commit(writes);
    count += rows.length;
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_PER_COMMIT) return count;
    after = key.map((column) => last[column] ?? null);
  }
}
