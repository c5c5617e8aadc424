import type { Database, SqlValue, Write } from "@hearth/backplane";
import type { Place } from "../place.ts";
import { type AccountCipher, dataKeyOf } from "./account-cipher.ts";
import { type SealedTable, sealedTables } from "./sealed-tables.ts";

const ROWS_PER_COMMIT = 200;

/**
 * Seals every row of an account that is not under the cipher's current key again. A row that is written meanwhile keeps
 * what its writer has sealed. Resolves to how many columns were changed: after none, no row is under another key.
 */
export async function reseal(database: Database, place: Place, cipher: AccountCipher): Promise<number> {
  let changed = 0;
  for (const table of sealedTables) changed += await resealTable(database, place, cipher, table);
  return changed;
}

async function resealTable(
  database: Database,
  place: Place,
  cipher: AccountCipher,
  { table, key, columns }: SealedTable,
): Promise<number> {
  const keys = key.join(", ");
  const names = Object.keys(columns);
  const at = [place.accountId, place.region];
  let after: SqlValue[] | undefined;
  let changed = 0;
  for (;;) {
    const rows: Record<string, SqlValue>[] = await database.query(
      `SELECT ${[...key, ...names].join(", ")} FROM ${table} WHERE account_id = ? AND region = ?
        ${after ? `AND (${keys}) > (${key.map(() => "?").join(", ")})` : ""} ORDER BY ${keys} LIMIT ${ROWS_PER_COMMIT}`,
      [...at, ...(after ?? [])],
    );
    const writes = rows.flatMap((row) =>
      Object.entries(columns).flatMap(([column, purpose]): Write[] => {
        const sealed = row[column];
        if (!(sealed instanceof Uint8Array) || dataKeyOf(sealed) === cipher.keyId) return [];
        return [
          {
            sql: `UPDATE ${table} SET ${column} = ? WHERE account_id = ? AND region = ?
              AND ${key.map((name) => `${name} = ?`).join(" AND ")} AND ${column} = ?`,
            params: [
              cipher.seal(cipher.open(sealed, purpose), purpose),
              ...at,
              ...key.map((name) => row[name] ?? null),
              sealed,
            ],
          },
        ];
      }),
    );
    if (writes.length > 0) await database.commit(writes);
    changed += writes.length;
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_PER_COMMIT) return changed;
    after = key.map((name) => last[name] ?? null);
  }
}
