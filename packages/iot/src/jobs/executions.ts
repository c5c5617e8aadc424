import type { Write } from "@hearth/backplane";
import type { Place } from "../storage/place.ts";
import type { Execution, ExecutionEvent, ExecutionKey } from "./execution.ts";
import type { Job } from "./job.ts";

/** The one writer of execution rows once they are QUEUED. */
export interface Executions {
  /** The attempt of that number; the last one without it. */
  get(key: ExecutionKey, executionNumber?: number): Promise<Execution | undefined>;
  /** What a device may see: IN_PROGRESS before QUEUED, each by queuedAt, then jobId. One query. */
  pending(at: Place, thingName: string, limit: number): Promise<Execution[]>;
  /** The same for up to 200 things, in one query. */
  pendingOf(at: Place, thingNames: readonly string[], limit: number): Promise<ReadonlyMap<string, Execution[]>>;
  /**
   * Reads, decides, commits, and again on a conflict: the execution, the counts, timers, a retry, the note that its thing
   * has to be told, the observers' writes, in one batch. Undefined from `decide`: nothing changes.
   */
  change(key: ExecutionKey, decide: (execution: Execution, job: Job) => ExecutionEvent | undefined): Promise<Execution>;
  /** The same as writes for somebody else's batch. */
  planChange(
    before: Execution,
    job: Job,
    event: ExecutionEvent,
    now: number,
  ): Promise<{ after: Execution; writes: readonly Write[] }>;
}
