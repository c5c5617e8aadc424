import type { LoadAnswer, LoadJob } from "./job.ts";
import { connectLoad, type Load } from "./load.ts";

/** The load's own process: takes jobs over IPC, one at a time, and answers each. */

let load: Load | undefined;

async function run(job: LoadJob): Promise<LoadAnswer> {
  if (job.kind === "connect") load = await connectLoad(job);
  else if (job.kind === "disconnect") load?.stop();
  else return { figures: await load?.send(job.seconds, job.inFlight) };
  return {};
}

process.on("message", (job: LoadJob) => {
  run(job).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
