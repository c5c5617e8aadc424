// @ts-check
// A process of its own for one statement that a stranger wrote: whoever started it ends it when its time is over,
// which a thread within SQLite would not notice. Its database is in memory and it opens no file.
import Sqlite from "better-sqlite3";

/** @type {import("better-sqlite3").Database | undefined} */
let db;
/** @type {import("better-sqlite3").Statement | undefined} */
let statement;
/** @type {import("better-sqlite3").Statement | undefined} */
let insert;
let mostRows = 0;
let mostBytes = 0;

/** @param {unknown} json @param {unknown} key */
function elementAt(json, key) {
  if (typeof json !== "string" || typeof key !== "string") return null;
  const value = JSON.parse(json);
  if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) return null;
  const found = value[key];
  if (found === null) return null;
  return typeof found === "object" ? JSON.stringify(found) : String(found);
}

/** @param {{ table: string, columns: string[], sql: string, heapBytes: number, rows: number, bytes: number }} asked */
function open({ table, columns, sql, heapBytes, rows, bytes }) {
  mostRows = rows;
  mostBytes = bytes;
  db = new Sqlite(":memory:");
  db.pragma(`hard_heap_limit = ${heapBytes}`);
  db.pragma("case_sensitive_like = ON");
  db.pragma("trusted_schema = OFF");
  db.function("element_at", { deterministic: true }, elementAt);
  db.exec(`CREATE TABLE ${table} (${columns.join(", ")})`);
  insert = db.prepare(`INSERT INTO ${table} VALUES (${columns.map(() => "?").join(", ")})`);
  const made = db.prepare(sql);
  if (!made.reader || !made.readonly) throw new Error("only a statement that reads is allowed");
  statement = made.raw(true);
  return { columns: made.columns().map(({ name, column }) => ({ name, column })) };
}

function run() {
  if (!db || !statement) throw new Error("there is no statement");
  db.pragma("query_only = ON");
  const rows = [];
  let bytes = 0;
  for (const row of /** @type {Iterable<unknown[]>} */ (statement.iterate())) {
    for (const value of row) bytes += typeof value === "string" ? value.length : 8;
    if (rows.length === mostRows || bytes > mostBytes) return { rows, truncated: true };
    rows.push(row);
  }
  return { rows, truncated: false };
}

process.on("message", (/** @type {any} */ message) => {
  try {
    let answer = {};
    if (message.open) answer = open(message.open);
    else if (message.rows) {
      const take = insert;
      db?.transaction(() => {
        for (const row of message.rows) take?.run(row);
      })();
    } else answer = run();
    process.send?.({ answer });
  } catch (error) {
    process.send?.({ refused: error instanceof Error ? error.message : String(error) });
  }
});
process.on("disconnect", () => process.exit());
