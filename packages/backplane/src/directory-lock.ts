import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { ensurePrivateFile } from "./durable-files.ts";

/** Another process uses the data directory. */
export class DirectoryLockedError extends Error {
  constructor(directory: string) {
    super(`the data directory ${directory} is in use by another process`);
    this.name = "DirectoryLockedError";
  }
}

export interface DirectoryLock {
  release(): void;
}

/**
 * Keeps every other process off `directory` (made when missing) until `release` or the end of this process, however
 * that comes. The lock is SQLite's own on a file of its own: the kernel drops it with the process, so nothing is left
 * to clean up after kill -9. Throws `DirectoryLockedError`, or the file system's error.
 */
export function lockDirectory(directory: string): DirectoryLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, "lock");
  ensurePrivateFile(file);
  const db = new Sqlite(file, { timeout: 0 });
  try {
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    if ((error as { code?: string }).code?.startsWith("SQLITE_BUSY")) throw new DirectoryLockedError(directory);
    throw error;
  }
  return { release: () => db.close() };
}
