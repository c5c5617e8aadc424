import { join } from "node:path";
import { createOutbox, createSealer, type Migration, migrations, openSqlite } from "@hearth/backplane";
import { silentLogger, systemClock } from "@hearth/base";

/** What the store test writes, and how it is found again. */

export const workMigrations: readonly Migration[] = [
  ...migrations,
  {
    room: "durability",
    version: 1,
    name: "work",
    statements: [
      "CREATE TABLE writer (id TEXT NOT NULL PRIMARY KEY, count BIGINT NOT NULL)",
      `CREATE TABLE part (
        batch TEXT NOT NULL, part BIGINT NOT NULL, parts BIGINT NOT NULL, filling BLOB, PRIMARY KEY (batch, part))`,
    ],
  },
];

export const CONSUMER = "durability";
const sealer = createSealer(new Uint8Array(32).fill(7));

export async function openWork(directory: string, unsafeNoFsync = false) {
  const log = silentLogger;
  const file = join(directory, "hearth.db");
  const database = await openSqlite({ file, migrations: workMigrations, log, unsafeNoFsync });
  return { database, outbox: createOutbox({ database, sealer, clock: systemClock, log }) };
}

/** The `number`th batch of a writer: some rows, the writer's count, and a message. */
export function workBatch(writer: string, number: number) {
  const batch = `${writer}/${number}`;
  const parts = 1 + (number % 5);
  const part = (index: number) => ({
    sql: "INSERT INTO part (batch, part, parts, filling) VALUES (?, ?, ?, ?)",
    params: [batch, index, parts, new Uint8Array((number * 37) % 3000).fill(index)],
  });
  const count = { sql: "UPDATE writer SET count = ? WHERE id = ? AND count = ?", params: [number, writer, number - 1] };
  const rows = Array.from({ length: parts }, (_, index) => part(index));
  return { batch, writes: [...rows, { ...count, rows: 1 }] };
}

/**
 * What is wrong with the store in `directory`, given the batches that writers named `<prefix>…` have acknowledged:
 * batches that are missing, that are there in part, or whose message is not delivered. Consumes the messages.
 */
export async function checkWork(directory: string, prefix: string, acknowledged: readonly string[]): Promise<string[]> {
  const { database, outbox } = await openWork(directory);
  const messages = new Set<string>();
  outbox.consume(CONSUMER, async (message) => {
    messages.add(`${message}`);
  });
  await outbox.start();
  await outbox.idle();
  await outbox.stop();
  const like = [`${prefix}%`];
  const found = await database.query<{ batch: string; parts: number; found: number }>(
    "SELECT batch, parts, COUNT(*) AS found FROM part WHERE batch LIKE ? GROUP BY batch, parts",
    like,
  );
  const writers = await database.query<{ id: string; count: number }>("SELECT * FROM writer WHERE id LIKE ?", like);
  const [integrity] = await database.query<{ integrity_check: string }>("PRAGMA integrity_check");
  await database.close();

  const problems: string[] = [];
  if (integrity?.integrity_check !== "ok") problems.push(`integrity: ${integrity?.integrity_check}`);
  const batches = new Map(found.map((row) => [row.batch, row]));
  for (const batch of acknowledged) if (!batches.has(batch)) problems.push(`acknowledged batch ${batch} is missing`);
  for (const { batch, parts, found: rows } of found) {
    if (rows !== parts) problems.push(`batch ${batch} has ${rows} of ${parts} rows`);
    if (!messages.has(batch)) problems.push(`batch ${batch} has no message`);
  }
  for (const message of messages) if (!batches.has(message)) problems.push(`message ${message} has no batch`);
  const counted = writers.reduce((sum, { count }) => sum + count, 0);
  if (counted !== found.length) problems.push(`${found.length} batches are there, ${counted} were counted`);
  return problems;
}
