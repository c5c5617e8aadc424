import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock, uuid } from "@hearth/base";
import { createFunctionHost, createSandbox, type DeployedFunction, zipDirectory } from "@hearth/functions";
import { median, quantile } from "./machine.ts";

const ECHO = "export const handler = async (event) => event;\n";
const CONCURRENT = 50;
const COLD_STARTS = 10;
const WARM_UP = 100;
/** Between the beginnings of bursts. */
const BURST_MS = 100;

/** What an invocation costs beside the handler's own time, what a cold start costs, and memory while warm. */
export async function benchFunctions(seconds: number, runs: number): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), "hearth-bench-functions-"));
  const source = join(parent, "source");
  mkdirSync(source);
  writeFileSync(join(source, "index.mjs"), ECHO);
  const zip = await zipDirectory(source);
  const sandbox = createSandbox();
  const host = createFunctionHost({
    ...{ clock: systemClock, log: silentLogger, sandbox, directory: join(tmpdir(), `hearth-bench-${process.pid}`) },
    ids: { first: 3_200_000, last: 3_200_999 },
    limits: { accountConcurrency: CONCURRENT, environments: CONCURRENT + 10, idleMs: 600_000 },
    surroundings: () => ({}),
    logs: { put: async () => {} },
  });
  const functionNamed = (name: string): DeployedFunction => ({
    ...{ accountId: "000000000000", region: "us-east-1", name, generation: "1", runtime: "nodejs22.x" },
    ...{ arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`, handler: "index.handler" },
    ...{ roleArn: "", timeoutSeconds: 10, memoryMb: 128, logGroup: `/aws/lambda/${name}` },
    codeSha256: createHash("sha256").update(zip).digest("hex"),
    code: async () => zip,
    variables: () => ({}),
  });
  const payload = Buffer.from('{"header":{"auth":{"token":"t","type":"OAuth2.0"}},"payload":{}}');
  const once = async (deployed: DeployedFunction): Promise<number> => {
    const start = performance.now();
    const { outcome } = await host.invoke(deployed, { requestId: uuid(), payload });
    if (outcome !== "answered") throw new Error(`the invocation has ${outcome}`);
    return performance.now() - start;
  };
  try {
    console.log(`functions with ${sandbox.ownUsers ? "user ids of their own" : "the user of this process"}`);
    const cold: number[] = [];
    for (let n = 0; n < COLD_STARTS; n++) cold.push(await once(functionNamed(`cold-${n}`)));
    console.log(`cold start: p50 ${median(cold).toFixed(0)} ms, slowest ${Math.max(...cold).toFixed(0)} ms`);
    const warm = host.environments().processIds.map(memoryOf);
    const mib = (kind: "rss" | "pss") => (median(warm.map((one) => one[kind])) / 1024).toFixed(1);
    console.log(`memory of a warm function: ${mib("rss")} MiB resident, ${mib("pss")} MiB its share`);
    for (const concurrent of [1, CONCURRENT]) {
      const hot = functionNamed(`hot-${concurrent}`);
      await Promise.all(Array.from({ length: concurrent }, () => once(hot)));
      // Who came first has served others: the rest are still starting.
      while (host.environments().all > host.environments().idle) await new Promise((go) => setTimeout(go, 100));
      // Code that has just been loaded is slow.
      for (let n = 0; n < WARM_UP; n++) await Promise.all(Array.from({ length: concurrent }, () => once(hot)));
      for (let run = 0; run < runs; run++) {
        const times: number[] = [];
        const end = performance.now() + seconds * 1000;
        const worker = async () => {
          while (performance.now() < end) times.push(await once(hot));
        };
        await Promise.all(Array.from({ length: concurrent }, worker));
        console.log(
          `warm, ${concurrent} at once: p50 ${median(times).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms, ` +
            `${(times.length / seconds).toFixed(0)}/s`,
        );
      }
    }
    const times: number[] = [];
    const hot = functionNamed(`hot-${CONCURRENT}`);
    for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
      const pause = new Promise((go) => setTimeout(go, BURST_MS));
      times.push(...(await Promise.all(Array.from({ length: CONCURRENT }, () => once(hot)))));
      await pause;
    }
    console.log(
      `warm, ${CONCURRENT} together every ${BURST_MS} ms: p50 ${median(times).toFixed(2)} ms, ` +
        `p99 ${quantile(times, 0.99).toFixed(2)} ms`,
    );
  } finally {
    await host.stop();
    rmSync(parent, { recursive: true, force: true });
  }
}

/** Kilobytes of a process and of what it has started: the sandbox's tools stand before the runtime. */
function memoryOf(pid: number): { rss: number; pss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const value = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").filter(Boolean);
  return children
    .map((child) => memoryOf(Number(child)))
    .reduce((sum, one) => ({ rss: sum.rss + one.rss, pss: sum.pss + one.pss }), {
      rss: value("Rss"),
      pss: value("Pss"),
    });
}
