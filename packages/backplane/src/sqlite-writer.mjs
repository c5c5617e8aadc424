// @ts-check
// The thread that owns the one write connection. Plain JavaScript, because a worker thread does not inherit what lets
// the main thread run TypeScript (tsx, vitest), and loading that a second time would slow every start.
import { closeSync, fdatasync, openSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import Sqlite from "better-sqlite3";

/**
 * @typedef {{ texts: string[], values: (string | number | null | Uint8Array)[], bytes: Uint8Array, lengths: Uint32Array, batches: number }} Group
 *   `values` is flat: for each batch the number of its writes; for each write the index of its SQL in `texts`,
 *   the guard (-1: none), the number of parameters, the parameters. Those that are bytes are null there and stand in `bytes`
 *   one after another; `lengths` has two numbers for each, its index in `values` and its length.
 * @typedef {{ batch: number, write: number, kind: "conflict" | "unique" | "error", message: string, code: string }} Failure
 */

const STATEMENTS = 500;
const PAGES_PER_BACKUP_STEP = 64;
const PAGES_PER_BACKUP_SYNC = 4096;

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const { file, unsafeNoFsync } = workerData;

const db = new Sqlite(file, { fileMustExist: true, timeout: 5000 });
db.pragma("journal_mode = WAL");
db.pragma(`synchronous = ${unsafeNoFsync ? "OFF" : "FULL"}`);
db.pragma("foreign_keys = ON");
db.pragma("case_sensitive_like = ON");
db.pragma("cache_size = -16384");
db.pragma("journal_size_limit = 16777216");

const begin = db.prepare("BEGIN IMMEDIATE");
const commit = db.prepare("COMMIT");
const rollback = db.prepare("ROLLBACK");
const savepoint = db.prepare("SAVEPOINT batch");
const release = db.prepare("RELEASE batch");
const undo = db.prepare("ROLLBACK TO batch");

/** Least recently used first. @type {Map<string, import("better-sqlite3").Statement>} */
const statements = new Map();

/** @param {string} sql */
function prepared(sql) {
  let statement = statements.get(sql);
  if (statement) {
    statements.delete(sql);
  } else {
    statement = db.prepare(sql);
    if (statements.size >= STATEMENTS) statements.delete(/** @type {string} */ (statements.keys().next().value));
  }
  statements.set(sql, statement);
  return statement;
}

const UNIQUE = new Set(["SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"]);

/** @param {any} error */
const describe = (error) => ({ message: String(error?.message ?? error), code: String(error?.code ?? "") });

/** Some errors (disk full, I/O) end the whole transaction: no batch of the group can be kept. */
class GroupLost extends Error {}

/** @param {Group} group @returns {Failure[]} */
function applyGroup({ texts, values, bytes, lengths, batches }) {
  for (let blob = 0, from = 0; blob < lengths.length; blob += 2) {
    const to = from + /** @type {number} */ (lengths[blob + 1]);
    values[/** @type {number} */ (lengths[blob])] = bytes.subarray(from, to);
    from = to;
  }
  /** @type {Failure[]} */
  const failures = [];
  /** @type {import("better-sqlite3").Statement[]} */
  const used = [];
  let at = 0;
  for (let batch = 0; batch < batches; batch++) {
    const writes = /** @type {number} */ (values[at++]);
    savepoint.run();
    /** @type {Failure | undefined} */
    let failure;
    for (let write = 0; write < writes; write++) {
      const text = /** @type {number} */ (values[at]);
      const guard = /** @type {number} */ (values[at + 1]);
      const end = at + 3 + /** @type {number} */ (values[at + 2]);
      const params = values.slice(at + 3, end);
      at = end;
      if (failure) continue;
      try {
        used[text] ??= prepared(texts[text]);
        const { changes } = used[text].run(params);
        if (guard >= 0 && changes !== guard) failure = { batch, write, kind: "conflict", message: "", code: "" };
      } catch (error) {
        if (!db.inTransaction) throw new GroupLost("the transaction was ended", { cause: error });
        const { message, code } = describe(error);
        failure = { batch, write, kind: UNIQUE.has(code) ? "unique" : "error", message, code };
      }
    }
    if (failure) {
      failures.push(failure);
      undo.run();
    }
    release.run();
  }
  return failures;
}

/** @param {Group} group */
function commitGroup(group) {
  try {
    begin.run();
    const failures = applyGroup(group);
    commit.run();
    return { failures };
  } catch (error) {
    const reason = error instanceof GroupLost ? error.cause : error;
    let unusable = false;
    try {
      if (db.inTransaction) rollback.run();
    } catch {
      unusable = true;
    }
    const lost = describe(reason);
    // After a failed fsync the kernel may have dropped the dirty pages and will report success the next time:
    // nothing that this process reads tells any more what is on the disk. Only a restart does.
    if (lost.code === "SQLITE_IOERR_FSYNC" || lost.code === "SQLITE_IOERR_DIR_FSYNC") unusable = true;
    return { lost, unusable };
  }
}

/**
 * Copies the database in steps between the commits. Being on the same connection, a write never restarts it.
 * @param {string} path
 */
async function backup(path) {
  const target = openSync(path, "r");
  let syncing = false;
  let pages = 0;
  const progress = () => {
    pages += PAGES_PER_BACKUP_STEP;
    if (pages >= PAGES_PER_BACKUP_SYNC && !syncing) {
      // In the background; otherwise the end of the copy would hold up the commits until all of it is on the disk.
      pages = 0;
      syncing = true;
      fdatasync(target, () => {
        syncing = false;
      });
    }
    return PAGES_PER_BACKUP_STEP;
  };
  try {
    await db.backup(path, { progress });
  } finally {
    closeSync(target);
  }
  // A backup is one file that can be read without writing beside it.
  const copy = new Sqlite(path);
  copy.pragma("journal_mode = DELETE");
  copy.close();
}

port.on("message", (message) => {
  if (message.texts) {
    port.postMessage(commitGroup(message));
  } else if (message.backup) {
    backup(message.backup).then(
      () => port.postMessage({ backup: message.id }),
      (error) => port.postMessage({ backup: message.id, error: describe(error) }),
    );
  } else if (message.close) {
    try {
      db.close();
    } finally {
      port.close();
    }
  }
});

port.postMessage({ ready: true });
