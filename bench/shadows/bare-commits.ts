import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrations as backplaneMigrations, openSqlite, type Write } from "@hearth/backplane";
import { silentLogger } from "@hearth/base";
import { migrations } from "@hearth/iot";

/** Bytes of a sealed shadow as the load makes it: what such an update writes. */
const DOCUMENT_BYTES = 240;
const ROWS = 10_000;

/** Commits a second of one row each (a shadow's, found by its key and etag), so many of them waiting at a time. */
export async function bareCommits(seconds: number, waiting: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "hearth-bench-"));
  const file = join(directory, "hearth.db");
  const database = await openSqlite({ file, migrations: [...backplaneMigrations, ...migrations], log: silentLogger });
  try {
    const document = randomBytes(DOCUMENT_BYTES);
    const etags = new Array<number>(ROWS).fill(0);
    const key = (row: number) => ["000000000000", "us-east-1", `bench-${row}`, ""];
    const insert = (row: number): Write => ({
      sql: `INSERT INTO iot_shadows (version, etag, state, metadata, document, modified_at, account_id, region,
              thing_name, shadow_name) VALUES (1, '0', '', '', ?, 0, ?, ?, ?, ?)`,
      params: [document, ...key(row)],
    });
    for (let row = 0; row < ROWS; row += 500) {
      await database.commit(Array.from({ length: 500 }, (_, offset) => insert(row + offset)));
    }
    let next = 0;
    let done = 0;
    const end = performance.now() + seconds * 1000;
    const worker = async () => {
      while (performance.now() < end) {
        const row = next++ % ROWS;
        const was = etags[row] as number;
        etags[row] = was + 1;
        await database.commit([
          {
            sql: `UPDATE iot_shadows SET version = ?, etag = ?, document = ?, modified_at = ?
                  WHERE account_id = ? AND region = ? AND thing_name = ? AND shadow_name = ? AND etag = ?`,
            params: [was, String(was + 1), document, next, ...key(row), String(was)],
            rows: 1,
          },
        ]);
        done++;
      }
    };
    await Promise.all(Array.from({ length: waiting }, worker));
    return done / seconds;
  } finally {
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
