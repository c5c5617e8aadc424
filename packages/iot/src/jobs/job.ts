import type { Place } from "../storage/place.ts";

export type JobStatus = "SCHEDULED" | "IN_PROGRESS" | "COMPLETED" | "CANCELED" | "DELETION_IN_PROGRESS";

/** What the engine still has to do for a job. */
export type JobPhase = "EXPANDING" | "ROLLING" | "ROLLED" | "CANCELING" | "DELETING";

export interface JobKey extends Place {
  jobId: string;
}

/** Reference 4.3; rates are things a minute. */
export interface RolloutConfig {
  maximumPerMinute?: number;
  exponentialRate?: {
    baseRatePerMinute: number;
    incrementFactor: number;
    increaseEvery: { numberOfNotifiedThings: number } | { numberOfSucceededThings: number };
  };
}

export interface AbortCriterion {
  failureType: "FAILED" | "REJECTED" | "TIMED_OUT" | "ALL";
  minNumberOfExecutedThings: number;
  /** Percent. */
  thresholdPercentage: number;
}

export interface RetryCriterion {
  failureType: "FAILED" | "TIMED_OUT" | "ALL";
  numberOfRetries: number;
}

export type EndBehavior = "STOP_ROLLOUT" | "CANCEL" | "FORCE_CANCEL";

export interface MaintenanceWindow {
  /** `cron(…)`. */
  startTime: string;
  durationInMinutes: number;
}

export interface JobRules {
  rollout: RolloutConfig;
  abort?: readonly AbortCriterion[];
  inProgressTimeoutInMinutes?: number;
  retries?: readonly RetryCriterion[];
  presign?: { roleArn: string; expiresInSec: number };
  endBehavior?: EndBehavior;
  windows?: readonly MaintenanceWindow[];
  documentParameters?: Readonly<Record<string, string>>;
}

/** Things by their last attempt. `notified` counts those that were rolled out, each once. */
export type JobCounts = Record<
  | "waiting"
  | "queued"
  | "inProgress"
  | "succeeded"
  | "failed"
  | "rejected"
  | "timedOut"
  | "removed"
  | "canceled"
  | "notified",
  number
>;

/** Where a rollout stands: which step of its rate, since when, and how many things since then. */
export interface RolloutState {
  step: number;
  /** Milliseconds since the epoch. */
  anchor: number;
  done: number;
}

/** Times in milliseconds since the epoch. */
export interface Job extends JobKey {
  /** `managed`: an OTA task's, which `iot`'s own operations do not show. */
  owner: "" | "managed";
  status: JobStatus;
  phase: JobPhase;
  targetSelection: "SNAPSHOT" | "CONTINUOUS";
  rules: JobRules;
  /** Before placeholders are put in. */
  document: string;
  documentSource?: string;
  description?: string;
  /** ARNs. */
  targets: readonly string[];
  namespaceId?: string;
  templateArn?: string;
  tags: Readonly<Record<string, string>>;
  comment?: string;
  reasonCode?: string;
  forceCanceled: boolean;
  createdAt: number;
  updatedAt: number;
  completedAt?: number;
  startAt?: number;
  endAt?: number;
  windowOpen: boolean;
  counts: JobCounts;
  rollout: RolloutState;
  /** How far its targets have been read. */
  cursor?: string;
  /** Grows with every change but those of the counts. */
  revision: number;
}

/** Neither ended nor cancelled: it may be waiting for its time. */
export const isLive = ({ status }: Pick<Job, "status">): boolean => status === "IN_PROGRESS" || status === "SCHEDULED";
