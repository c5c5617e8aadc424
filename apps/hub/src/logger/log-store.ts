import { constants } from "node:fs";
import * as nodeFiles from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@hearth/base";
import { isMissing } from "../state/json-file.ts";
import { formatEntry } from "./log-entry.ts";

/** Names of the reference (10.10). */
const STEM = "ManagedIntegrationsDeviceSdkHub";
const ACTIVE = `${STEM}.log`;
const ROTATED = new RegExp(`^${STEM}\\.(\\d{1,15})\\.log$`);
const UPLOADED = new RegExp(`^${STEM}\\.uploaded\\.(\\d{1,15})$`);

/** A link or a FIFO in the log's place is not written to: in a directory of many, somebody else may have put it there. */
const APPEND =
  constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Lines that wait while the disk takes none; the oldest go first. */
const MOST_WAITING = 2_000;
/** As many do not wait for more. */
export const MANY_WAITING = 500;

export interface LogStoreLimits {
  maxBytes: number;
  maxFiles: number;
}

/** The log files of one directory: the active one, rotated ones (the higher the number, the newer) and uploaded ones. */
export interface LogStore {
  limits: LogStoreLimits;
  /** Kept until the next `flush`; the answer says how many are. */
  append(line: string): number;
  /** What waits, which is not this store's any more. */
  takeWaiting(): string[];
  /** Writes what waits, and rotates. Durable when `sync`. Rejects when the disk takes none: the lines wait on. */
  flush(sync: boolean): Promise<void>;
  /** Closes the active file, if anything is in it, so that it can be uploaded; then the rotated ones, the oldest first. */
  rotated(): Promise<string[]>;
  /** `name` is one of `rotated`. Undefined when it has been removed since, for there are newer ones. */
  read(name: string): Promise<string[] | undefined>;
  /** After the upload: removes the file, or names it `….uploaded.<milliseconds>`. */
  settle(name: string, remove: boolean, now: number): Promise<void>;
}

/** Opens the directory, and makes it if need be. Rejects where the log cannot be written. */
export async function openLogStore(
  directory: string,
  limits: LogStoreLimits,
  clock: Pick<Clock, "now">,
): Promise<LogStore> {
  const made = await nodeFiles.mkdir(directory, { recursive: true });
  if (made !== undefined) await nodeFiles.chmod(directory, 0o750);
  const path = (name: string): string => join(directory, name);
  let size = await openActive(path(ACTIVE)).then(async (handle) => {
    try {
      return (await handle.stat()).size;
    } finally {
      await handle.close();
    }
  });
  const waiting: string[] = [];
  let lost = 0;
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other, whoever asks. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const result = last.then(run);
    last = result.catch(() => {});
    return result;
  };

  const numbered = async (pattern: RegExp): Promise<{ name: string; number: number }[]> => {
    const names = await nodeFiles.readdir(directory);
    const found = names.flatMap((name) => {
      const match = pattern.exec(name);
      return match ? [{ name, number: Number(match[1]) }] : [];
    });
    return found.sort((a, b) => a.number - b.number);
  };

  const prune = async (): Promise<void> => {
    for (const pattern of [ROTATED, UPLOADED]) {
      const files = await numbered(pattern);
      for (const { name } of files.slice(0, Math.max(0, files.length - store.limits.maxFiles))) {
        await nodeFiles.rm(path(name), { force: true });
      }
    }
  };

  const rotate = async (): Promise<void> => {
    const newest = (await numbered(ROTATED)).at(-1)?.number ?? 0;
    await nodeFiles.rename(path(ACTIVE), path(`${STEM}.${newest + 1}.log`));
    size = 0;
    await prune();
  };

  const write = async (text: string, sync: boolean): Promise<void> => {
    const handle = await openActive(path(ACTIVE));
    try {
      try {
        await handle.writeFile(text);
      } catch (error) {
        await handle.truncate(size).catch(() => {});
        throw error;
      }
      if (sync) await handle.datasync();
    } finally {
      await handle.close();
    }
    size += Buffer.byteLength(text);
  };

  const flush = async (sync: boolean): Promise<void> => {
    if (lost > 0) {
      const message = `${lost} lines were lost: more came than the disk took`;
      waiting.unshift(formatEntry({ at: clock.now(), level: "ERROR", part: "Logger", message }));
    }
    lost = 0;
    while (waiting.length > 0) {
      if (size >= store.limits.maxBytes) await rotate();
      const count = linesWithin(waiting, store.limits.maxBytes - size);
      if (count === 0 && size > 0) {
        await rotate();
        continue;
      }
      const lines = waiting.slice(0, Math.max(count, 1));
      await write(`${lines.join("\n")}\n`, sync);
      waiting.splice(0, lines.length);
    }
  };

  const store: LogStore = {
    limits,
    append(line) {
      waiting.push(line);
      if (waiting.length > MOST_WAITING) {
        waiting.shift();
        lost += 1;
      }
      return waiting.length;
    },
    takeWaiting: () => waiting.splice(0),
    flush: (sync) => inTurn(() => flush(sync)),
    rotated: () =>
      inTurn(async () => {
        await flush(false);
        if (size > 0) await rotate();
        else await prune();
        return (await numbered(ROTATED)).map(({ name }) => name);
      }),
    read: (name) =>
      inTurn(async () => {
        try {
          return (await nodeFiles.readFile(path(name), "utf8")).split("\n").filter((line) => line !== "");
        } catch (error) {
          if (isMissing(error)) return undefined;
          throw error;
        }
      }),
    settle: (name, remove, now) =>
      inTurn(async () => {
        if (remove) {
          await nodeFiles.rm(path(name), { force: true });
          return;
        }
        const newest = (await numbered(UPLOADED)).at(-1)?.number ?? 0;
        await nodeFiles.rename(path(name), path(`${STEM}.uploaded.${Math.max(now, newest + 1)}`)).catch((error) => {
          if (!isMissing(error)) throw error;
        });
        await prune();
      }),
  };
  await inTurn(prune);
  return store;
}

/** How many of the first lines fit into so many bytes. */
function linesWithin(lines: readonly string[], bytes: number): number {
  let left = bytes;
  const end = lines.findIndex((line) => {
    left -= Buffer.byteLength(line) + 1;
    return left < 0;
  });
  return end < 0 ? lines.length : end;
}

async function openActive(path: string): Promise<nodeFiles.FileHandle> {
  const handle = await nodeFiles.open(path, APPEND, 0o600);
  if ((await handle.stat()).isFile()) {
    // Whatever the process's umask; another user's file is as that user wants it.
    await handle.chmod(0o640).catch(() => {});
    return handle;
  }
  await handle.close();
  throw new Error(`${path} is no file`);
}
