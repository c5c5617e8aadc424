import { createClient } from "@hearth/client";
import { type ServerFile, startServerProcess } from "../tests/kit/server-process.ts";
import { type LoadProcess, startLoadProcess } from "./load-process.ts";
import { median, quantile } from "./machine.ts";
import { cpuMicros, firstThreadMicros } from "./mqtt/process-figures.ts";
import { bareCommits } from "./shadows/bare-commits.ts";
import { deltaCost } from "./shadows/delta.ts";
import type { Identity, ShadowFigures, ShadowJob } from "./shadows/job.ts";

const THINGS = "1,100,10000";
const CONNECTIONS = 50;
/** Updates of one connection that wait for their `accepted`. */
const IN_FLIGHT = 8;
/** Of a single thing's, whose connection may have 100. */
const IN_FLIGHT_ALONE = 64;
const WARM_UP_SECONDS = 4;

/**
 * Durable shadow updates a second: devices over mutual TLS publish `reported` at QoS 1 and wait for `accepted`, each of
 * which leaves after the fsync. Beside it the store alone, with the same rows and as many waiting.
 */
export async function benchShadows(seconds: number, runs: number, things = THINGS): Promise<void> {
  const { bytes, delta, update } = deltaCost();
  console.log(
    `delta of a document of ${bytes} bytes: ${delta.toFixed(1)} µs; an update with it ${update.toFixed(1)} µs`,
  );
  const bare: number[] = [];
  for (let run = 0; run < runs; run++) bare.push(await bareCommits(seconds, CONNECTIONS * IN_FLIGHT));
  console.log(
    `the store alone: ${median(bare).toFixed(0)} commits of one row a second, ${CONNECTIONS * IN_FLIGHT} waiting`,
  );
  console.log(
    `\n${runs} runs of ${seconds} s; history: ${process.env["HEARTH_SHADOW_HISTORY_ENTRIES"] ?? "as it comes"}\n`,
  );
  console.log(HEAD);
  const nodeArguments = process.env["HEARTH_BENCH_NODE_ARGUMENTS"]?.split(" ") ?? [];
  const server = await startServerProcess({ fromSources: true, nodeArguments });
  try {
    const identity = await identityOf(server.file);
    for (const count of things.split(",").map(Number)) {
      const load = startLoadProcess<ShadowJob, ShadowFigures>(new URL("shadows/load-process.ts", import.meta.url));
      try {
        const connections = Math.min(count, CONNECTIONS);
        const inFlight = count === 1 ? IN_FLIGHT_ALONE : IN_FLIGHT;
        await load.run({ kind: "connect", file: server.file, identity, connections, things: count, inFlight });
        await measure(load, server.pid, { count, seconds, runs, waiting: connections * inFlight });
        await load.run({ kind: "disconnect" });
      } finally {
        load.stop();
      }
    }
  } finally {
    await server.stop();
  }
}

const HEAD = `| things | in flight | updates/s (runs) | ms p50 / p99 | server CPU µs an update (its JavaScript thread) | load CPU µs an update |
|---|---|---|---|---|---|`;

/** A certificate that may do everything. */
async function identityOf(file: ServerFile): Promise<Identity> {
  const iot = createClient("iot", { endpoint: file.apiEndpoint, region: file.region, credentials: file });
  const keys = await iot.send("CreateKeysAndCertificate", { setAsActive: true });
  const Statement = [{ Effect: "Allow", Action: "iot:*", Resource: "*" }];
  const policyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iot.send("CreatePolicy", { policyName: "bench", policyDocument });
  await iot.send("AttachPolicy", { policyName: "bench", target: keys.certificateArn ?? "" });
  return { certificate: keys.certificatePem ?? "", privateKey: keys.keyPair?.PrivateKey ?? "" };
}

async function measure(
  load: LoadProcess<ShadowJob, ShadowFigures>,
  pid: number,
  { count, seconds, runs, waiting }: { count: number; seconds: number; runs: number; waiting: number },
): Promise<void> {
  const update = async (duration: number): Promise<ShadowFigures> => {
    const figures = await load.run({ kind: "update", seconds: duration });
    if (!figures) throw new Error("the load gave no figures");
    return figures;
  };
  await update(WARM_UP_SECONDS);
  const each: ShadowFigures[] = [];
  const server: number[] = [];
  const thread: number[] = [];
  for (let run = 0; run < runs; run++) {
    const before = [cpuMicros(pid), firstThreadMicros(pid)] as const;
    const figures = await update(seconds);
    server.push((cpuMicros(pid) - before[0]) / figures.latencies.length);
    thread.push((firstThreadMicros(pid) - before[1]) / figures.latencies.length);
    each.push(figures);
  }
  const rates = each.map((one) => one.latencies.length / one.seconds);
  const of = (share: number) => median(each.map((one) => quantile(one.latencies, share))).toFixed(1);
  console.log(
    `| ${count.toLocaleString("en")} | ${waiting} | ${median(rates).toFixed(0)} (${rates.map((one) => one.toFixed(0)).join(", ")}) ` +
      `| ${of(0.5)} / ${of(0.99)} | ${median(server).toFixed(0)} (${median(thread).toFixed(0)}) | ${median(each.map((one) => one.cpu / one.latencies.length)).toFixed(0)} |`,
  );
}
