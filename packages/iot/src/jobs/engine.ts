import type { Write } from "@hearth/backplane";
import type { Place } from "../storage/place.ts";
import type { Planned } from "../storage/planned.ts";
import type { Job, JobKey } from "./job.ts";
import type { NewJob } from "./jobs.ts";

/** What rolls a job out, ends it and clears it away. Every step is durable before the next: a kill repeats none. */
export interface JobEngine {
  /** Writes that arm the job's first timers, for the batch that creates it. */
  begin(job: NewJob): readonly Write[];
  /** To be called once that batch is durable. */
  wake(key: JobKey): void;
  cancel(key: JobKey, how: { force: boolean; reasonCode?: string; comment?: string }): Promise<Job>;
  remove(key: JobKey, force: boolean): Promise<void>;
  /** `targets`: ARNs, beside those that it has. */
  associate(key: JobKey, targets: readonly string[], comment?: string): Promise<Job>;
  /** The things now belong to a continuous job; those that it has already are left alone. */
  planEnter(key: JobKey, thingNames: readonly string[]): Promise<Planned>;
  /** They no longer do: open executions become REMOVED. */
  planLeave(key: JobKey, thingNames: readonly string[]): Promise<Planned>;
  /** The thing itself goes. */
  planForget(at: Place, thingName: string): Promise<Planned>;
}
