import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { killServerRounds } from "./kill-server-rounds.ts";
import { countsOf } from "./ledger.ts";

const long = process.env["HEARTH_LONG"] === "1";
const rounds = long ? 200 : 5;

const root = mkdtempSync(join(tmpdir(), "hearth-killed-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

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
      // Each door has taken part.
      expect(Object.entries(countsOf(result.ledger)).filter(([, count]) => count === 0)).toEqual([]);
      expect(result.ledger.acknowledged).toBeGreaterThan(10 * rounds);
    },
    rounds * 30_000,
  );
});
