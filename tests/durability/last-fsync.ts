import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Disk {
  /** The data directory, for the server. */
  readonly directory: string;
  /** Environment of a process whose files are on this disk. */
  readonly environment: Record<string, string>;
  /** After the process was killed: leaves in the data directory what the disk had for certain. */
  cutPower(): void;
  /** Takes all that is in the data directory now as being on the disk. Call it before a process is started. */
  settle(): void;
  /** Until the returned function is called, writes fail (`full`) or fsync does (`broken`). */
  fail(how: "full" | "broken"): () => void;
}

/**
 * A data directory below `root` (which must exist) whose content can be thrown back to the last fsync of each file.
 * Needs a C compiler: see last-fsync.c.
 */
export function createDisk(root: string): Disk {
  const base = realpathSync(root);
  const directory = join(base, "data");
  const mirror = join(base, "mirror");
  const faults = join(base, "fault");
  for (const each of [directory, mirror]) mkdirSync(each, { mode: 0o700 });
  return {
    directory,
    environment: {
      LD_PRELOAD: compile(base),
      HEARTH_DATA_DIRECTORY: directory,
      HEARTH_MIRROR_DIRECTORY: mirror,
      HEARTH_FAULT_FILE: faults,
      // Node would fsync past the C library.
      UV_USE_IO_URING: "0",
    },
    cutPower() {
      for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
      const complete = (source: string) => !/\.copy-\d+$/.test(source);
      cpSync(mirror, directory, { recursive: true, filter: complete });
    },
    settle() {
      rmSync(mirror, { recursive: true, maxRetries: 10 });
      cpSync(directory, mirror, { recursive: true });
    },
    fail(how) {
      writeFileSync(`${faults}.${how}`, "");
      return () => rmSync(`${faults}.${how}`);
    },
  };
}

function compile(target: string): string {
  const source = fileURLToPath(new URL("./last-fsync.c", import.meta.url));
  const library = join(target, "last-fsync.so");
  const flags = ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, source, "-ldl", "-lpthread"];
  const run = spawnSync("cc", flags, { encoding: "utf8" });
  if (run.error) throw new Error(`the C compiler cc is needed: apt-get install gcc libc6-dev (${run.error.message})`);
  if (run.status !== 0) throw new Error(`last-fsync.c does not compile: apt-get install gcc libc6-dev?\n${run.stderr}`);
  return library;
}
