import { once } from "node:events";
import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { chmod, copyFile, open } from "node:fs/promises";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { randomHex } from "@hearth/base";
import Sqlite from "better-sqlite3";
import type { Migration } from "./database.ts";
import { lockDirectory } from "./directory-lock.ts";
import { syncDirectory } from "./durable-files.ts";
import { APPLIED_MIGRATIONS, type AppliedMigration, pendingMigrations } from "./migrations.ts";

/** The file is not a whole backup of a Hearth database. */
export class BackupUnusableError extends Error {
  constructor(file: string, reason: string) {
    super(`${file} is not a usable backup: ${reason}`);
    this.name = "BackupUnusableError";
  }
}

/**
 * Reads all of a backup and checks it: SQLite's integrity check, and that this build knows its migrations. Rejects
 * with `BackupUnusableError`, `NewerDatabaseError` or `MigrationChangedError`.
 */
export async function verifyBackup(file: string, migrations: readonly Migration[]): Promise<void> {
  const log = `${file}-wal`;
  if (!existsSync(file)) throw new BackupUnusableError(file, "there is no such file");
  // Part of the data of a database that was copied while it ran. A backup never has one.
  if (existsSync(log) && statSync(log).size > 0) throw new BackupUnusableError(file, "it has a write-ahead log");
  const { problems, applied } = await inspect(file);
  if (problems.length !== 1 || problems[0] !== "ok") throw new BackupUnusableError(file, problems.join("; "));
  if (!applied) throw new BackupUnusableError(file, "it has no table of migrations");
  pendingMigrations(migrations, applied);
}

async function inspect(file: string): Promise<{ problems: string[]; applied?: AppliedMigration[] }> {
  const worker = new Worker(new URL("./sqlite-verify.mjs", import.meta.url), {
    workerData: { file, appliedMigrations: APPLIED_MIGRATIONS },
    execArgv: [],
    name: "sqlite verify",
  });
  const [answer] = await once(worker, "message");
  // A reader of a file in WAL mode makes these and, being a reader, cannot clean them up.
  for (const suffix of ["-wal", "-shm"]) rmSync(`${file}${suffix}`, { force: true });
  return answer;
}

/**
 * Puts the backup `from` in place of the database file `to`, whole or not at all. No server may have the database
 * open: takes the lock of its directory (`DirectoryLockedError`) unless the caller says that it holds it (`locked`).
 * Rejects like `verifyBackup` and leaves the database as it was.
 */
export async function restoreBackup(options: {
  from: string;
  to: string;
  migrations: readonly Migration[];
  locked?: boolean;
}): Promise<void> {
  const { from, to, migrations, locked = false } = options;
  const lock = locked ? undefined : lockDirectory(dirname(to));
  const copy = `${to}.${randomHex(6)}.restoring`;
  try {
    await verifyBackup(from, migrations);
    await copyFile(from, copy);
    await chmod(copy, 0o600);
    const handle = await open(copy, "r+");
    await handle.sync();
    await handle.close();
    // What was copied, not what was there before, takes the place.
    await verifyBackup(copy, migrations);
    foldLog(to);
    renameSync(copy, to);
    syncDirectory(dirname(to));
  } finally {
    rmSync(copy, { force: true });
    lock?.release();
  }
}

/**
 * The log of the old database must not be there when the new one is: SQLite would play it into that. Folding it in
 * first leaves the old database whole if the power fails now.
 */
function foldLog(file: string): void {
  if (!existsSync(file)) return;
  try {
    const old = new Sqlite(file);
    try {
      old.pragma("synchronous = FULL");
      old.pragma("wal_checkpoint(TRUNCATE)");
    } finally {
      old.close();
    }
  } catch (error) {
    // Often the reason to restore; nothing of it can be kept.
    const { code } = error as { code?: string };
    if (!code?.startsWith("SQLITE_CORRUPT") && code !== "SQLITE_NOTADB") throw error;
  }
  for (const suffix of ["-wal", "-shm"]) rmSync(`${file}${suffix}`, { force: true });
}
