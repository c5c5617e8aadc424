import { join } from "node:path";
import { rootCertificates } from "node:tls";
import {
  createJobsHandler,
  createMqttAgent,
  type JobDocument,
  type JobStatus,
  type JobStatusDetails,
  type JobsHandler,
  JobsRejectedError,
  openFileCredentialStore,
} from "@hearth/device-sdk";
import { openFlash } from "./flash.ts";
import { JobOverError, perform } from "./operations.ts";
import { type DeviceOptions, readOptions, USAGE, UsageError } from "./options.ts";
import { createTeller, type Teller } from "./telling.ts";

/** How long to wait for a job before the platform is asked whether it has one. */
const POLL = 300_000;

/** From power-on until it is stopped, or to be restarted. */
async function run(options: DeviceOptions, stop: AbortSignal, teller: Teller): Promise<"restart" | "stopped"> {
  const { host, port, ca, certificate, privateKey, thingName, stateDir } = options;
  const flash = await openFlash(join(stateDir, "flash"));
  const store = await openFileCredentialStore(join(stateDir, "jobs"));
  teller.tell({ event: "started", version: (await flash.running())?.version ?? "1.0, from the factory" });
  const agent = createMqttAgent({
    connection: { host, port, ca, certificate, privateKey, clientId: thingName },
  });
  agent.onEvent((event) => {
    if (event.state === "connected") teller.tell({ event: "connected" });
    if (event.state === "disconnected") teller.tell({ event: "disconnected", reason: event.reason });
  });
  const jobs = createJobsHandler({ agent, thingName, store });
  const stopping = new Promise<undefined>((resolve) => stop.addEventListener("abort", () => resolve(undefined)));

  try {
    agent.start();
    await Promise.race([jobs.start(), stopping]);
    while (!stop.aborted) {
      const job = await Promise.race([jobs.getJobDocument(POLL), stopping]);
      if (!job) {
        // What the platform does not say now, it says the next time.
        await Promise.race([jobs.pollJobDocument().catch(() => {}), stopping]);
      } else if ((await work(job, jobs, { ...options, flash, stop, teller })) === "restart") return "restart";
    }
    return "stopped";
  } finally {
    await jobs.stop();
    await agent.stop();
  }
}

interface Work extends Pick<DeviceOptions, "key" | "ca"> {
  flash: Awaited<ReturnType<typeof openFlash>>;
  stop: AbortSignal;
  teller: Teller;
}

/** Does one job, and reports on it. */
async function work(job: JobDocument, jobs: JobsHandler, { key, ca, flash, stop, teller }: Work) {
  const { jobId, executionNumber, document } = job;
  teller.tell({ event: "job", jobId, operation: String(document["operation"]), attempt: executionNumber });
  let over: JobOverError | undefined;
  const report = async (status: JobStatus, details: JobStatusDetails) => {
    if (over) throw over;
    try {
      await untilStopped(jobs.updateJobStatus(jobId, status, details), stop);
    } catch (error) {
      if (error instanceof JobsRejectedError) over = new JobOverError(error.message);
      throw over ?? error;
    }
    teller.tell({ event: "reported", jobId, status, details });
  };
  try {
    const outcome = await perform(job, {
      flash,
      key,
      ca: [...rootCertificates, ca],
      stop,
      show: teller.show,
      report: (step, progress) => report("JobInProgress", { step, progress: String(progress) }),
    });
    if ("restart" in outcome) return "restart";
    await report(outcome.end, outcome.details);
  } catch (error) {
    if (stop.aborted) return "stopped";
    if (!(error instanceof JobOverError)) throw error;
    teller.tell({ event: "refused", jobId, message: error.message });
  }
  return "done";
}

/** What cannot be told before the device stops, the job handler stores. */
function untilStopped<T>(told: Promise<T>, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stopped = () => reject(stop.reason);
    stop.addEventListener("abort", stopped);
    told.then(resolve, reject).finally(() => stop.removeEventListener("abort", stopped));
  });
}

async function main(): Promise<number> {
  let teller = createTeller(process.stdout);
  try {
    const options = await readOptions(process.argv.slice(2));
    if (options.human) teller = createTeller(process.stdout, options.thingName);
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
    // A device's restart: everything that it knew is gone but its flash, its store and what the platform says.
    while ((await run(options, stop.signal, teller)) === "restart") teller.tell({ event: "restarting" });
    teller.tell({ event: "stopped" });
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${USAGE}\n`);
      return 2;
    }
    teller.tell({ event: "failed", message: error instanceof Error ? error.message : String(error) });
    return 1;
  }
}

process.exitCode = await main();
