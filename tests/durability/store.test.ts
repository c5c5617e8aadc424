import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { programArguments } from "../kit/programs.ts";
import { acknowledgedOnOutput, kill, killRounds } from "./kill-rounds.ts";
import { createDisk } from "./last-fsync.ts";
import { checkWork } from "./store-work.ts";

const long = process.env["HEARTH_LONG"] === "1";
const rounds = long ? 200 : 10;
const powerRounds = long ? 200 : 5;
const timeout = rounds * 5000;
const WRITERS = 8;

const root = mkdtempSync(join(tmpdir(), "hearth-durability-"));
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});

function startChild(directory: string, prefix: string, environment: Record<string, string> = {}, ...mode: string[]) {
  const program = programArguments("store-child");
  const child = spawn(process.execPath, [...program, directory, prefix, `${WRITERS}`, ...mode], {
    env: { ...process.env, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  child.on("close", () => running.delete(child));
  return child;
}

const writersOf = (round: number): string => `r${round}-`;

describe("a store that is killed", () => {
  test(
    `loses nothing that it has acknowledged, and keeps no half batch (${rounds} rounds)`,
    async () => {
      const directory = join(root, "killed");
      const all: string[] = [];
      const result = await killRounds({
        rounds,
        start: (round) => acknowledgedOnOutput(startChild(directory, writersOf(round))),
        check: (round, acknowledged) => {
          all.push(...acknowledged);
          return checkWork(directory, writersOf(round), acknowledged);
        },
      });
      expect(result.problems).toEqual([]);
      expect(result.acknowledged).toBeGreaterThan(rounds);
      // Later rounds have not undone earlier ones; their messages were consumed with their round.
      const missing = (await checkWork(directory, "r", all)).filter((problem) => problem.includes("missing"));
      expect(missing).toEqual([]);
    },
    timeout,
  );
});

describe("a store whose machine loses power", () => {
  test(
    `has fsynced everything that it has acknowledged (${powerRounds} rounds)`,
    async () => {
      const disk = createDisk(mkdtempSync(join(root, "power-")));
      const result = await killRounds({
        rounds: powerRounds,
        start: (round) => {
          // The check has written, too.
          disk.settle();
          return acknowledgedOnOutput(startChild(disk.directory, writersOf(round), disk.environment));
        },
        afterKill: () => disk.cutPower(),
        check: (round, acknowledged) => checkWork(disk.directory, writersOf(round), acknowledged),
      });
      expect(result.problems).toEqual([]);
      expect(result.acknowledged).toBeGreaterThan(powerRounds);
    },
    timeout,
  );

  test("with fsync switched off it loses what it has acknowledged: this test can fail", async () => {
    const disk = createDisk(mkdtempSync(join(root, "no-fsync-")));
    const result = await killRounds({
      rounds: 1,
      start: (round) =>
        acknowledgedOnOutput(startChild(disk.directory, writersOf(round), disk.environment, "no-fsync")),
      afterKill: () => disk.cutPower(),
      check: (round, acknowledged) => checkWork(disk.directory, writersOf(round), acknowledged),
    });
    expect(result.acknowledged).toBeGreaterThan(0);
    expect(result.problems.filter((problem) => /^acknowledged batch .* is missing$/.test(problem))).not.toEqual([]);
  });
});

describe("a store whose disk fails", () => {
  const start = async (name: string) => {
    const disk = createDisk(mkdtempSync(join(root, `${name}-`)));
    const victim = acknowledgedOnOutput(startChild(disk.directory, "w", disk.environment));
    const errors: string[] = [];
    createInterface({ input: victim.child.stdout! }).on("line", (line) => {
      if (line.startsWith("error ")) errors.push(line);
    });
    await victim.first;
    return { disk, victim, errors };
  };

  test("tells its callers that the disk is full, and goes on when it is not any more", async () => {
    const { disk, victim, errors } = await start("full");
    const mend = disk.fail("full");
    await expect.poll(() => errors.length, { timeout: 30_000 }).toBeGreaterThan(WRITERS);
    mend();
    const before = victim.acknowledged.length;
    await expect.poll(() => victim.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(before + WRITERS);
    await kill(victim);
    disk.cutPower();
    expect(errors.filter((line) => !line.startsWith("error SQLITE_FULL"))).toEqual([]);
    expect(await checkWork(disk.directory, "w", victim.acknowledged)).toEqual([]);
  });

  test("acknowledges nothing more after an fsync has failed, until it is started again", async () => {
    const { disk, victim, errors } = await start("broken");
    const mend = disk.fail("broken");
    await expect.poll(() => errors.length, { timeout: 30_000 }).toBeGreaterThan(WRITERS);
    mend();
    const before = victim.acknowledged.length;
    const seen = errors.length;
    await expect.poll(() => errors.length, { timeout: 30_000 }).toBeGreaterThan(seen + 2 * WRITERS);
    expect(victim.acknowledged.length).toBe(before);
    expect(errors.at(-1)).toMatch(/the database failed/);
    await kill(victim);
    disk.cutPower();
    expect(await checkWork(disk.directory, "w", victim.acknowledged)).toEqual([]);
  });
});
