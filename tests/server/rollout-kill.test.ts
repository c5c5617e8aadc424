import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "@hearth/client";
import Sqlite from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import type { ServerFile } from "../kit/server-process.ts";
import { clientsOf, openDoor, policyDocument } from "./doors.ts";
import { KilledServer } from "./killed-server.ts";
import { MqttPeer } from "./mqtt-peer.ts";
import { ToldOnce } from "./rollout-ledger.ts";

const rounds = Number(process.env["HEARTH_KILL_ROUNDS"] ?? (process.env["HEARTH_LONG"] === "1" ? 20 : 1));
const PERSISTENT = 40;
const CLEAN = 15;
/** Things a minute: the rollout takes two to three seconds. */
const RATE = 1_200;
const WITHIN = 60_000;
/** Further rounds for kills that came after the last notification. */
const SPARE = 5;

const root = mkdtempSync(join(tmpdir(), "hearth-rollout-killed-"));
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));

interface Device {
  thingName: string;
  peer: MqttPeer;
  ledger: ToldOnce;
}

test(`a server that is killed in a rollout neither skips nor repeats a notification, and what fell due meanwhile times out (${rounds} rounds)`, async () => {
  const problems: string[] = [];
  const device = (thingName: string, mayMiss: boolean): Device => {
    const note = (problem: string) => {
      problems.push(`${thingName}: ${problem}`);
    };
    const ledger = new ToldOnce(note, mayMiss);
    const peer = new MqttPeer({
      clientId: thingName,
      version: 5,
      onProblem: note,
      onPublish: (packet) => ledger.take(packet),
    });
    return { thingName, peer, ledger };
  };
  const persistent = Array.from({ length: PERSISTENT }, (_, n) => device(`kept-${n}`, false));
  const clean = Array.from({ length: CLEAN }, (_, n) => device(`clean-${n}`, true));
  const devices = [...persistent, ...clean];
  const dataDir = join(root, "data");
  const server = new KilledServer({
    dataDir,
    environment: { HEARTH_OPEN_MQTT_PORT: "0", HEARTH_OPEN_MQTT_POLICY: "devices" },
  });

  const connect = async (file: ServerFile, isFirst: boolean) => {
    for (const { peer, thingName } of persistent) {
      if ((await peer.connect(openDoor(file))) === isFirst) problems.push(`${thingName}: its session`);
    }
    for (const { peer } of clean) await peer.connect(openDoor(file), true, true);
    for (const { peer, thingName } of isFirst ? devices : clean) {
      await peer.subscribe(`$aws/things/${thingName}/jobs/notify-next`, 1);
    }
  };
  const until = async (what: string, met: () => boolean | Promise<boolean>, within = WITHIN): Promise<number> => {
    const start = performance.now();
    while (!(await met())) {
      if (performance.now() - start > within) throw new Error(`waited in vain for ${what}: ${problems.join("; ")}`);
      await pause(10);
    }
    return performance.now() - start;
  };

  try {
    let file = await server.up;
    let { iot } = clientsOf(file);
    const jobsData = () =>
      createClient("iot-jobs-data", { endpoint: file.apiEndpoint, region: file.region, credentials: file });
    const arn = (thingName: string) => `arn:aws:iot:${file.region}:${file.accountId}:thing/${thingName}`;
    await iot.send("CreatePolicy", {
      policyName: "devices",
      policyDocument: policyDocument({ Action: "iot:*", Resource: "*" }),
    });
    const things = [...devices.map(({ thingName }) => thingName), "slow"];
    await Promise.all(things.map((thingName) => iot.send("CreateThing", { thingName })));
    await connect(file, true);

    // Kills that came between the first notification and the last.
    let amid = 0;
    for (let round = 1; amid < rounds && round <= rounds + SPARE; round++) {
      const [jobId, slowId, next] = [`job-${round}`, `slow-${round}`, `job-${round}/1`];
      const toldOf = (list: readonly Device[]) => list.filter(({ ledger }) => ledger.told.includes(next)).length;
      await iot.send("CreateJob", {
        jobId: slowId,
        targets: [arn("slow")],
        document: "{}",
        timeoutConfig: { inProgressTimeoutInMinutes: 1 },
      });
      const slow = { jobId: slowId, thingName: "slow" };
      await until("the slow one's job", () =>
        iot.send("DescribeJobExecution", slow).then(
          () => true,
          () => false,
        ),
      );
      await jobsData().send("UpdateJobExecution", { ...slow, status: "IN_PROGRESS" });
      await iot.send("CreateJob", {
        jobId,
        targets: devices.map(({ thingName }) => arn(thingName)),
        document: '{"install":"everything"}',
        jobExecutionsRolloutConfig: { maximumPerMinute: RATE },
      });
      await until("the first that are told", () => toldOf(devices) > 0);
      await pause(Math.random() * 900);
      await server.kill();
      await Promise.all(devices.map(({ peer }) => peer.gone()));
      if (toldOf(devices) < devices.length) amid++;

      // The minute passes while nobody is there.
      const database = new Sqlite(join(dataDir, "hearth.db"));
      const ago = Date.now() - 1_000;
      database.prepare("UPDATE hearth_timer SET due_at = ? WHERE kind = 'job-timeout'").run(ago);
      database.prepare("UPDATE iot_job_execution SET in_progress_due_at = ? WHERE job_id = ?").run(ago, slowId);
      database.close();

      server.start();
      file = await server.up;
      ({ iot } = clientsOf(file));
      const timedOut = async () => (await iot.send("DescribeJobExecution", slow)).execution?.status === "TIMED_OUT";
      await until("the timeout that fell due", timedOut);
      await connect(file, false);
      await until("every session that was kept", () => toldOf(persistent) === PERSISTENT);
      const counts = async () => (await iot.send("DescribeJob", { jobId })).job?.jobProcessDetails;
      await until("the rollout", async () => (await counts())?.numberOfQueuedThings === devices.length);
      // Those without a session ask once they are back.
      for (const { thingName } of clean) {
        const { queuedJobs } = await jobsData().send("GetPendingJobExecutions", { thingName });
        expect(queuedJobs?.map((job) => `${job.jobId}/${job.executionNumber}`)).toEqual([next]);
      }
      await iot.send("CancelJob", { jobId, force: true });
      await until("the empty queues", () => persistent.every(({ ledger }) => ledger.told.at(-1) === "-"));
      for (const { peer } of devices) await peer.ping();
      expect([...problems, ...server.problems]).toEqual([]);
      for (const { thingName, ledger } of persistent) {
        expect(ledger.told, thingName).toHaveLength(2 * round);
      }
    }
    expect(amid).toBe(rounds);
  } finally {
    await server.end();
  }
});
