import type { Write } from "@hearth/backplane";
import type { Execution } from "./execution.ts";
import type { Job } from "./job.ts";

/** Somebody whose own state goes with jobs': their writes belong to the batch of the change. */
export interface JobObserver {
  /** Whose jobs it is told of; `*` for all. */
  owner: Job["owner"] | "*";
  /** Called before the batch is committed, and again after a conflict. */
  executionsChanged(changes: readonly { job: Job; before?: Execution; after: Execution }[]): Promise<readonly Write[]>;
  jobChanged(job: Job): Promise<readonly Write[]>;
  /** The batch with these writes is durable. */
  committed(writes: readonly Write[]): void;
  /** The document of a job whose owner keeps it under a key of the account's own. */
  document?(job: Job): Promise<string>;
}
