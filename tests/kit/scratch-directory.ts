import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A file system in memory, as Linux has it. */
const MEMORY = "/dev/shm";
const PREFIX = "hearth-tests-";
/** Bytes, for all that tests keep at one time. */
const ROOM = 4 * 1024 ** 3;

let directory: string | undefined;

/**
 * Has tests write into memory where that has room: on one disk they would wait for each other's fsyncs. That what is
 * acknowledged is fsynced first is shown by the tests of power cuts, which watch the calls. TMPDIR says otherwise.
 */
export function setup(): void {
  if (process.env["TMPDIR"] || !existsSync(MEMORY)) return;
  // A run that was killed has left its own.
  for (const name of readdirSync(MEMORY).filter((one) => one.startsWith(PREFIX))) {
    if (!existsSync(`/proc/${name.slice(PREFIX.length)}`)) rmSync(join(MEMORY, name), { recursive: true, force: true });
  }
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize < ROOM) return;
  directory = join(MEMORY, `${PREFIX}${process.pid}`);
  mkdirSync(directory, { mode: 0o755 });
  // What is installed for a test is run, too.
  const program = join(directory, "program");
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
  if (spawnSync(program).status === 0) process.env["TMPDIR"] = directory;
  else teardown();
}

export function teardown(): void {
  if (directory) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}
