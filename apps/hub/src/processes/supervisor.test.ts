import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@hearth/base";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRunDirectory, problemOf } from "./run-directory.ts";
import { type Supervised, supervise } from "./supervisor.ts";

const SLEEP = ["-e", "setInterval(() => {}, 1_000)"];

let directory: string;
let file: string;
let supervised: Supervised[];
let strangers: ChildProcess[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "run-"));
  file = join(directory, "zigbee.pid");
  supervised = [];
  strangers = [];
});
afterEach(async () => {
  for (const one of supervised) await one.stop();
  for (const one of strangers) one.kill("SIGKILL");
  rmSync(directory, { recursive: true, maxRetries: 10 });
});

/** Resolves to the id of the process that is looked after. */
function look(args: readonly string[]): number {
  supervised.push(supervise({ name: "zigbee", args }, { directory, clock: systemClock, log: silentLogger }));
  return JSON.parse(readFileSync(file, "utf8")).pid;
}

function stranger(): { pid: number; started: string } {
  const child = spawn(process.execPath, SLEEP, { stdio: "ignore" });
  strangers.push(child);
  const pid = child.pid ?? expect.unreachable();
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return { pid, started: stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "" };
}

test("a process that is none of this hub's is neither taken over nor ended, whatever the file says of it", async () => {
  for (const args of [SLEEP, ["run", "--part", "AceZigbee", "--run", directory]]) {
    const { pid, started } = stranger();
    writeFileSync(file, JSON.stringify({ pid, started, args }));
    expect(look(SLEEP)).not.toBe(pid);
    await supervised.pop()?.stop();
    expect(process.kill(pid, 0)).toBe(true);
  }
});

test("what somebody has put in the file's place is neither followed nor waited for", () => {
  const precious = join(directory, "precious");
  writeFileSync(precious, "precious");
  symlinkSync(precious, file);
  look(SLEEP);
  expect(readFileSync(precious, "utf8")).toBe("precious");
  expect(lstatSync(file).isFile()).toBe(true);
});

test("nor is a pipe that nobody writes into", () => {
  execFileSync("mkfifo", [file]);
  look(SLEEP);
  expect(lstatSync(file).isFile()).toBe(true);
});

test("a run directory that others can write to is not used", async () => {
  const open = join(directory, "open");
  await mkdir(open);
  await openRunDirectory(open);
  await chmod(open, 0o777);
  await expect(openRunDirectory(open)).rejects.toThrow("can be written by everybody");
  expect(problemOf({ uid: 1001, mode: 0o40750 }, 1000)).toMatch("belongs to user 1001");
  expect(problemOf({ uid: 1001, mode: 0o40750 }, 0)).toMatch("belongs to user 1001");
  expect(problemOf({ uid: 0, mode: 0o40750 }, 1000)).toBeUndefined();
  expect(problemOf({ uid: 1000, mode: 0o41777 }, 1000)).toMatch("can be written by everybody");
});
