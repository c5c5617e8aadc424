import { answerJobs } from "../load-process.ts";
import type { ShadowFigures, ShadowJob } from "./job.ts";
import { connectShadowLoad, type ShadowLoad } from "./load.ts";

let load: ShadowLoad | undefined;

answerJobs<ShadowJob, ShadowFigures>(async (job) => {
  if (job.kind === "update") return load?.update(job.seconds);
  load?.stop();
  load = job.kind === "connect" ? await connectShadowLoad(job) : undefined;
  return undefined;
});
