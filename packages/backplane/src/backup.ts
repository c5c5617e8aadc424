import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { randomHex } from "@hearth/base";

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

/** Lets `copy` write a new file beside `path` and puts it in its place only when it is complete and durable. */
export async function backupInto(path: string, copy: (temporary: string) => Promise<void>): Promise<void> {
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
