import type { Write } from "@hearth/backplane";
import type { Job, JobCounts, JobKey } from "./job.ts";

/** What CreateJob, or an OTA task, has decided. */
export type NewJob = Omit<Job, "counts" | "rollout" | "revision" | "phase" | "updatedAt">;

export interface Jobs {
  /** Counts as they are now. */
  get(key: JobKey): Promise<Job | undefined>;
  /** The job's row and its targets', phase EXPANDING. */
  planCreate(job: NewJob): readonly Write[];
  /** Guarded by the revision of `job`; the counts are left alone. */
  planWrite(job: Job, patch: Partial<Omit<Job, keyof JobKey | "counts" | "revision">>): Write;
  /** Unguarded increments of the counts. */
  planCount(key: JobKey, delta: Partial<JobCounts>): Write;
  /** Changes nothing; conflicts when the job's status is another by now. Whoever adds an execution needs it. */
  planStill(job: Pick<Job, keyof JobKey | "status">): Write;
}
