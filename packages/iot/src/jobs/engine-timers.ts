import { CHECK_TIMER, jobTimerId } from "./executions.ts";
import type { JobKey } from "./job.ts";

/** The kinds of a job's own timers: at most one each for a job. */
export const TIMER = {
  expand: "job-expand",
  rollout: "job-rollout",
  check: CHECK_TIMER,
  start: "job-start",
  end: "job-end",
  window: "job-window",
  sweep: "job-sweep",
} as const;

export type EngineTimer = keyof typeof TIMER;

export const timerId = jobTimerId;

export function jobOfTimer(id: string): JobKey {
  const [accountId = "", region = "", jobId = ""] = id.split("/");
  return { accountId, region, jobId };
}

/** Between pages: devices' requests come in between. */
export const yieldToOthers = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
