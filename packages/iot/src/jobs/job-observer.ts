import type { Write } from "@hearth/backplane";
import type { Job } from "./job.ts";
import type { ExecutionChange } from "./observing.ts";

/** Somebody whose own state goes with jobs': their writes belong to the batch of the change. */
export interface JobObserver {
  /** Whose jobs it is told of; `*` for all. */
  owner: Job["owner"] | "*";
  /** Called before the batch is committed, and again after a conflict. */
  executionsChanged(changes: readonly ExecutionChange[]): Promise<readonly Write[]>;
  jobChanged(job: Job): Promise<readonly Write[]>;
  /** The job's row goes for good. */
  jobRemoved(job: Job): Promise<readonly Write[]>;
  /** The batch with these writes is durable. */
  committed(writes: readonly Write[]): void;
  /** The document of a job whose owner keeps it under a key of the account's own. */
  document?(job: Job): Promise<string>;
}
