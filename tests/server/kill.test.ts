import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createDisk } from "../durability/last-fsync.ts";
import { killServerRounds } from "./kill-server-rounds.ts";
import { allHaveActed, countsOf } from "./ledger.ts";

const long = process.env["HEARTH_LONG"] === "1";
const rounds = long ? 200 : 3;
const powerRounds = long ? 50 : 2;

const root = mkdtempSync(join(tmpdir(), "hearth-killed-"));
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));

describe("a server that is killed", () => {
  test(
    `loses nothing that its doors have acknowledged, and keeps no half state (${rounds} rounds)`,
    async () => {
      const result = await killServerRounds({
        rounds,
        dataDir: join(root, "killed"),
        ...(long
          ? {
              progress: (round, ledger) => {
                if (round % 10 === 0) console.log(`round ${round}: acknowledged`, countsOf(ledger));
              },
            }
          : {}),
      });
      expect(result.problems).toEqual([]);
      expect(result.rounds).toBe(rounds);
      expect(allHaveActed(result.ledger)).toBe(true);
      expect(result.ledger.acknowledged).toBeGreaterThan(10 * rounds);
    },
    rounds * 60_000,
  );
});

describe("a server whose machine loses power", () => {
  test(
    `has fsynced everything that its doors have acknowledged (${powerRounds} rounds)`,
    async () => {
      const disk = createDisk(mkdtempSync(join(root, "power-")));
      const result = await killServerRounds({
        rounds: powerRounds,
        dataDir: disk.directory,
        environment: disk.environment,
        // The last start and the last check have written, too.
        beforeStart: () => disk.settle(),
        afterKill: () => disk.cutPower(),
      });
      expect(result.problems).toEqual([]);
      expect(result.ledger.acknowledged).toBeGreaterThan(10 * powerRounds);
    },
    powerRounds * 120_000,
  );
});

// That the check above can fail takes a third of its time, and is shown with the long runs.
if (long) {
  test("with fsync switched off it loses what it has acknowledged: this test can fail", async () => {
    const disk = createDisk(mkdtempSync(join(root, "no-fsync-")));
    const { problems, ledger } = await killServerRounds({
      rounds: 1,
      dataDir: disk.directory,
      environment: disk.environment,
      loadEnvironment: { HEARTH_UNSAFE_NO_FSYNC: "1" },
      beforeStart: () => disk.settle(),
      afterKill: () => disk.cutPower(),
      patience: 2000,
    });
    expect(ledger.acknowledged).toBeGreaterThan(0);
    const lost = (kind: string) => problems.filter((problem) => problem.startsWith(`acknowledged ${kind} `));
    for (const kind of ["thing", "managed thing", "update", "record", "change without its notification:"]) {
      expect(lost(kind), `what was lost of: ${kind}`).not.toEqual([]);
    }
  });
}
