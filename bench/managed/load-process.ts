import { answerJobs } from "../load-process.ts";
import type { LoadFigures, LoadJob } from "./job.ts";
import { connectLoad, type Load } from "./load.ts";

let load: Load | undefined;

answerJobs<LoadJob, LoadFigures>(async (job) => {
  if (job.kind === "connect") load = await connectLoad(job);
  else if (job.kind === "disconnect") load?.stop();
  else return load?.send(job.seconds, job.inFlight);
  return undefined;
});
