import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createDisk, type Disk } from "../durability/last-fsync.ts";
import { startPostgres } from "../kit/postgres.ts";
import { killMqttRounds } from "./mqtt-kill-rounds.ts";

const long = process.env["HEARTH_LONG"] === "1";
const rounds = Number(process.env["HEARTH_KILL_ROUNDS"] ?? (long ? 200 : 3));

const root = mkdtempSync(join(tmpdir(), "hearth-mqtt-killed-"));
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));

const losesNothing = async (
  way: string,
  options: Pick<Parameters<typeof killMqttRounds>[0], "mutualTls" | "environment">,
) => {
  const { problems, counts, ...result } = await killMqttRounds({
    rounds,
    dataDir: join(root, way),
    ...options,
    ...(long
      ? {
          progress: (round, counts) => {
            if (round % 10 === 0) console.log(`${way}, round ${round}:`, JSON.stringify(counts));
          },
        }
      : {}),
  });
  expect(problems.slice(0, 20)).toEqual([]);
  expect(result.rounds).toBe(rounds);
  for (const qos of [1, 2] as const) {
    expect(counts.acknowledged[qos]).toBeGreaterThan(10 * rounds);
    expect(counts.delivered[qos]).toBeGreaterThan(10 * rounds);
  }
};

test(
  `a broker that is killed loses no message that it has acknowledged, and delivers none twice at QoS 2 (${rounds} rounds)`,
  () => losesNothing("plain TCP", {}),
  rounds * 60_000,
);

if (long) {
  test(
    `nor when its clients come over mutual TLS (${rounds} rounds)`,
    () => losesNothing("mutual TLS", { mutualTls: true }),
    rounds * 60_000,
  );

  test(
    `nor on PostgreSQL (${rounds} rounds)`,
    async () => {
      const postgres = await startPostgres({ durable: true });
      try {
        await losesNothing("PostgreSQL", { environment: { HEARTH_DATABASE_URL: postgres.url } });
      } finally {
        await postgres.stop();
      }
    },
    rounds * 60_000,
  );
}

// The same under power cuts takes long, and `kill.test.ts` cuts the power of the same store in every run.
if (long) {
  const powerRounds = 20;
  const onDisk = (disk: Disk) => ({
    dataDir: disk.directory,
    environment: disk.environment,
    beforeStart: () => disk.settle(),
    afterKill: () => disk.cutPower(),
  });

  test(`a broker whose machine loses power has fsynced what it has acknowledged (${powerRounds} rounds)`, async () => {
    const disk = createDisk(mkdtempSync(join(root, "power-")));
    const { problems, rounds } = await killMqttRounds({ rounds: powerRounds, ...onDisk(disk) });
    expect(problems.slice(0, 20)).toEqual([]);
    expect(rounds).toBe(powerRounds);
  });

  test("with fsync switched off it loses what it has acknowledged: this test can fail", async () => {
    const disk = createDisk(mkdtempSync(join(root, "no-fsync-")));
    const loadEnvironment = { HEARTH_UNSAFE_NO_FSYNC: "1" };
    const { problems } = await killMqttRounds({ rounds: 3, loadEnvironment, ...onDisk(disk) });
    expect(problems.join("\n")).toMatch(/lost or out of order|retained .* is|session of .* is gone|delivered to/);
  });
}
