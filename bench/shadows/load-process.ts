import type { ShadowAnswer, ShadowJob } from "./job.ts";
import { connectShadowLoad, type ShadowLoad } from "./load.ts";

/** The load's own process: takes jobs over IPC, one at a time, and answers each. */

let load: ShadowLoad | undefined;

async function run(job: ShadowJob): Promise<ShadowAnswer> {
  if (job.kind === "update") return { figures: await load?.update(job.seconds) };
  load?.stop();
  load = job.kind === "connect" ? await connectShadowLoad(job) : undefined;
  return {};
}

process.on("message", (job: ShadowJob) => {
  run(job).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
