import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createClient } from "@hearth/client";
import Sqlite from "better-sqlite3";
import { type ServerFile, type ServerProcess, startServerProcess } from "../tests/kit/server-process.ts";
import { openDoor } from "../tests/server/doors.ts";
import { MqttPeer } from "../tests/server/mqtt-peer.ts";
import { cpuMicros, residentBytes } from "./mqtt/process-figures.ts";

const THINGS = 100_000;
/** Things a minute. */
const RATES = [600, 6_000];
const SAMPLE = 50;
/** Milliseconds that anything may take. */
const WITHIN = 600_000;
const DELAY = fileURLToPath(new URL("rollout/event-loop-delay.mjs", import.meta.url));

/**
 * A job for a group of 100,000 things: until all are queued, until all are told, memory; how well `maximumPerMinute` is
 * kept, for `seconds` each; 100,000 timeouts that are due at once.
 */
export async function benchRollout(seconds: number, _runs: number, size = String(THINGS)): Promise<void> {
  const things = Number(size);
  const dataDir = mkdtempSync(join(tmpdir(), "hearth-bench-"));
  const start = () =>
    startServerProcess({
      dataDir,
      fromSources: true,
      nodeArguments: ["--import", DELAY, ...(process.env["HEARTH_BENCH_NODE_ARGUMENTS"]?.split(" ") ?? [])],
      environment: { HEARTH_OPEN_MQTT_PORT: "0", HEARTH_OPEN_MQTT_POLICY: "bench" },
      timeout: 120_000,
    });
  let server = await start();
  try {
    await prepare(server.file);
    await server.stop();
    inDatabase(dataDir, (database) => fill(database, server.file, things, seconds));
    server = await start();
    await all(server, things);
    for (const rate of RATES) await paced(server, rate, seconds);
    await server.stop();
    inDatabase(dataDir, (database) => startAll(database, server.file));
    server = await start();
    await timeouts(server, things);
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const clientOf = (file: ServerFile) =>
  createClient("iot", { endpoint: file.apiEndpoint, region: file.region, credentials: file });

const groupOf = (name: string | number): string => `group-${name}`;

async function prepare(file: ServerFile): Promise<void> {
  const iot = clientOf(file);
  await iot.send("CreatePolicy", {
    policyName: "bench",
    policyDocument: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "iot:*", Resource: "*" }],
    }),
  });
  for (const name of ["all", ...RATES]) await iot.send("CreateThingGroup", { thingGroupName: groupOf(name) });
}

function inDatabase(dataDir: string, work: (database: Sqlite.Database) => void): void {
  const database = new Sqlite(join(dataDir, "hearth.db"));
  database.transaction(() => work(database))();
  database.close();
}

/** Members of the groups, enough for a rate to go on for its time. */
function fill(database: Sqlite.Database, { accountId, region }: ServerFile, things: number, seconds: number): void {
  const insert = database.prepare(
    "INSERT INTO iot_thing_group_member (account_id, region, group_name, thing_name) VALUES (?, ?, ?, ?)",
  );
  const add = (name: string | number, count: number) => {
    for (let n = 0; n < count; n++) {
      insert.run(accountId, region, groupOf(name), `${name}-${String(n).padStart(6, "0")}`);
    }
  };
  add("all", things);
  for (const rate of RATES) add(rate, Math.ceil((rate * seconds) / 60) + rate);
}

async function createJob(file: ServerFile, name: string | number, more: object = {}): Promise<void> {
  await clientOf(file).send("CreateJob", {
    jobId: `job-${name}`,
    targets: [`arn:aws:iot:${file.region}:${file.accountId}:thinggroup/${groupOf(name)}`],
    document: '{"operation":"update","version":"2.0"}',
    ...more,
  });
}

/** Times, in milliseconds, at which things of a group were told of their job. */
async function listen(file: ServerFile, name: string): Promise<{ times: number[]; stop(): Promise<void> }> {
  const times: number[] = [];
  const peer = new MqttPeer({
    clientId: `bench-${name}`,
    version: 5,
    // What is cancelled of the job before is told meanwhile.
    onPublish: ({ topic }) => {
      if (topic.startsWith(`$aws/things/${name}-`)) times.push(performance.now());
    },
    onProblem: (problem) => console.error(problem),
  });
  await peer.connect(openDoor(file), true);
  await peer.subscribe("$aws/things/+/jobs/notify-next", 0);
  return { times, stop: () => peer.cut() };
}

async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + WITHIN;
  while (!(await met())) {
    if (performance.now() > end) throw new Error("it takes too long");
    await pause(SAMPLE);
  }
}

/** How long the server's event loop was held up since the last time. */
async function delays(server: ServerProcess): Promise<string> {
  const before = server.stderr().length;
  process.kill(server.pid, "SIGUSR2");
  const found = () => /event-loop-delay (\{.*\})/.exec(server.stderr().slice(before))?.[1];
  await until(() => found() !== undefined);
  const figures = JSON.parse(found() ?? "{}") as { [name in "p99" | "max" | "workP99" | "workMax"]: number };
  return `event loop p99 ${figures.p99} ms, longest ${figures.max} ms (work ${figures.workP99} and ${figures.workMax} ms)`;
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
const inSeconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;

async function all(server: ServerProcess, things: number): Promise<void> {
  const { file, pid } = server;
  const { times, stop } = await listen(file, "all");
  await delays(server);
  const [before, cpu] = [residentBytes(pid), cpuMicros(pid)];
  let peak = before;
  const start = performance.now();
  await createJob(file, "all");
  const counts = async () =>
    (await clientOf(file).send("DescribeJob", { jobId: "job-all" })).job?.jobProcessDetails?.numberOfQueuedThings ?? 0;
  let queuedAt = 0;
  await until(async () => {
    peak = Math.max(peak, residentBytes(pid));
    if (queuedAt === 0 && (await counts()) === things) queuedAt = performance.now();
    return queuedAt > 0 && times.length >= things;
  });
  const toldAt = (times[things - 1] as number) - start;
  console.log(
    `${things} executions: queued after ${inSeconds(queuedAt - start)}, told after ${inSeconds(toldAt)} ` +
      `(${Math.round((things * 1_000) / toldAt)}/s); resident ${mebibytes(before)} before, ${mebibytes(peak)} at most; ` +
      `CPU ${Math.round((cpuMicros(pid) - cpu) / things)} µs each; ${await delays(server)}`,
  );
  await stop();
}

/** The group of a rate begins with its first thing; what comes after `seconds` is not counted. */
async function paced(server: ServerProcess, rate: number, seconds: number): Promise<void> {
  const { file } = server;
  const { times, stop } = await listen(file, String(rate));
  await createJob(file, rate, { jobExecutionsRolloutConfig: { maximumPerMinute: rate } });
  await until(() => times.length > 0);
  const first = times[0] as number;
  await pause(seconds * 1_000);
  // Steps come once a second: from the first thing of one to the last of another.
  const counted = times.filter((time) => time <= first + seconds * 1_000);
  const count = counted.length;
  const due = (rate * ((counted.at(-1) as number) - first)) / 60_000 + 1;
  let most = 0;
  for (let [from, to] = [0, 0]; to < times.length; to++) {
    while ((times[to] as number) - (times[from] as number) >= 60_000) from += 1;
    most = Math.max(most, to - from + 1);
  }
  const off = ((count - due) / due) * 100;
  const perMinute = seconds >= 60 ? `, at most ${most} in any minute` : "";
  console.log(
    `maximumPerMinute ${rate}: ${count} in ${seconds} s, ${Math.round(due)} due (${off.toFixed(1)} %)${perMinute}; ${await delays(server)}`,
  );
  await clientOf(file).send("CancelJob", { jobId: `job-${rate}`, force: true });
  await stop();
}

/** All executions in progress since an hour, and overdue. */
function startAll(database: Sqlite.Database, { accountId, region }: ServerFile): void {
  const [then, now] = [Date.now() - 3_600_000, Date.now()];
  const { changes } = database
    .prepare(
      `UPDATE iot_job_execution SET status = 'IN_PROGRESS', version_number = 2, started_at = ?, in_progress_due_at = ?
       WHERE job_id = 'job-all'`,
    )
    .run(then, now);
  database.prepare("UPDATE iot_job SET queued = 0, in_progress = ? WHERE job_id = 'job-all'").run(changes);
  database
    .prepare(
      `INSERT INTO hearth_timer (kind, id, due_at, arming, attempt, payload)
       SELECT 'job-timeout', ? || thing_name || '/1', ?, lower(hex(randomblob(16))), 0, x'' FROM iot_job_execution
       WHERE job_id = 'job-all'`,
    )
    .run(`${accountId}/${region}/job-all/`, now);
}

async function timeouts(server: ServerProcess, things: number): Promise<void> {
  const { file, pid } = server;
  // What the process did before it was there, loading its modules, holds up nobody.
  await delays(server);
  const start = performance.now();
  const left = async () =>
    (await clientOf(file).send("DescribeJob", { jobId: "job-all" })).job?.jobProcessDetails?.numberOfInProgressThings;
  const before = (await left()) ?? 0;
  const cpu = cpuMicros(pid);
  let peak = 0;
  await until(async () => {
    peak = Math.max(peak, residentBytes(pid));
    return (await left()) === 0;
  });
  const took = performance.now() - start;
  console.log(
    `${things} timeouts due at the start: ${before} of them in ${inSeconds(took)} (${Math.round((before * 1_000) / took)}/s), ` +
      `CPU ${Math.round((cpuMicros(pid) - cpu) / before)} µs each, resident ${mebibytes(peak)} at most; ${await delays(server)}`,
  );
}
