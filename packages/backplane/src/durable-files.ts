import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { randomHex } from "@hearth/base";

/**
 * Makes an empty private file when there is none. One that exists is never opened here: closing any descriptor of a
 * file drops the locks (POSIX) that SQLite has on it in this process.
 */
export function ensurePrivateFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Makes a rename or a new file in `directory` durable. */
export function syncDirectory(directory: string): void {
  const handle = openSync(directory, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function syncFile(file: string): void {
  const handle = openSync(file, "r+");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const sameFile = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map((file) => statSync(file, { throwIfNoEntry: false }));
  return a !== undefined && a.ino === b?.ino && a.dev === b.dev;
};

/** Lets `copy` write a new file beside `path` and puts it in its place only when it is complete and durable. */
export async function backupInto(
  database: string,
  path: string,
  copy: (temporary: string) => Promise<void>,
): Promise<void> {
  if (sameFile(database, path)) throw new Error(`${path} is the database itself`);
  const temporary = `${path}.${randomHex(6)}.partial`;
  closeSync(openSync(temporary, "wx", 0o600));
  try {
    await copy(temporary);
    chmodSync(temporary, 0o600);
    syncFile(temporary);
    renameSync(temporary, path);
    syncDirectory(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
