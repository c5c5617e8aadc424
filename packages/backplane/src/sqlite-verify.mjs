// @ts-check
// Reads a whole database file, which may take long, in a thread of its own. Plain JavaScript as sqlite-writer.mjs.
import { parentPort, workerData } from "node:worker_threads";
import Sqlite from "better-sqlite3";

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
try {
  const db = new Sqlite(workerData.file, { readonly: true, fileMustExist: true });
  const problems = db.pragma("integrity_check(5)", { simple: false });
  const table = db.prepare("SELECT COUNT(*) FROM sqlite_master WHERE name = 'hearth_migration'").pluck().get();
  const applied = table ? db.prepare(workerData.appliedMigrations).all() : undefined;
  db.close();
  port.postMessage({ problems: /** @type {any[]} */ (problems).map((row) => row.integrity_check), applied });
} catch (/** @type {any} */ error) {
  port.postMessage({ problems: [error.message] });
}
