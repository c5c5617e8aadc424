import type { Place } from "../storage/place.ts";

/** Reference 4.2. */
export type ExecutionStatus =
  | "QUEUED"
  | "IN_PROGRESS"
  | "SUCCEEDED"
  | "FAILED"
  | "TIMED_OUT"
  | "REJECTED"
  | "REMOVED"
  | "CANCELED";

/** `WAITING`: chosen at creation and not rolled out yet: no API and no device sees it. */
export type StoredStatus = ExecutionStatus | "WAITING";

export interface ExecutionKey extends Place {
  jobId: string;
  thingName: string;
}

/** One attempt of one thing at one job. Times in milliseconds since the epoch. */
export interface Execution extends ExecutionKey {
  /** Grows by one with every attempt and every return of the thing; 1 for the first. */
  executionNumber: number;
  status: StoredStatus;
  statusDetails?: Readonly<Record<string, string>>;
  /** Grows by one with every change. */
  versionNumber: number;
  retryAttempt: number;
  forceCanceled: boolean;
  queuedAt: number;
  startedAt?: number;
  updatedAt: number;
  /** Fixed when it starts … */
  inProgressDueAt?: number;
  /** … and this one is replaced by every update that names a step's time. */
  stepDueAt?: number;
}

/** All that can happen to an execution, through whichever door. */
export type ExecutionEvent =
  | { type: "start"; statusDetails?: Readonly<Record<string, string>>; stepTimeoutInMinutes?: number }
  | {
      type: "update";
      status: ExecutionStatus;
      statusDetails?: Readonly<Record<string, string>>;
      stepTimeoutInMinutes?: number;
      expectedVersion?: number;
      executionNumber?: number;
    }
  | { type: "timeout" }
  | { type: "cancel"; force: boolean; statusDetails?: Readonly<Record<string, string>>; expectedVersion?: number }
  | { type: "remove" };
