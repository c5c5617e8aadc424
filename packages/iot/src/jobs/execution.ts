import { ServiceError } from "@hearth/contract";
import type { Place } from "../storage/place.ts";
import type { JobRules } from "./job.ts";

const MINUTE = 60_000;

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

/** What a device may set (reference 4.1). */
const BY_DEVICES: readonly ExecutionStatus[] = ["IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED"];

/** A change that the execution's state does not allow; `execution` is what there is. */
export class ExecutionRefused extends ServiceError {
  readonly execution: Execution;

  constructor(
    name: "InvalidStateTransitionException" | "VersionConflictException",
    message: string,
    execution: Execution,
  ) {
    super(name, message);
    this.execution = execution;
  }
}

export const isTerminal = (status: StoredStatus): boolean =>
  status !== "WAITING" && status !== "QUEUED" && status !== "IN_PROGRESS";

/** When an execution in progress times out; undefined when it may take its time. */
export const timeoutOf = ({ inProgressDueAt, stepDueAt }: Execution): number | undefined =>
  stepDueAt === undefined ? inProgressDueAt : Math.min(stepDueAt, inProgressDueAt ?? stepDueAt);

/**
 * The execution after `event`; undefined when nothing changes. Throws ExecutionRefused, and InvalidRequestException for a
 * status that is not a device's to set.
 */
export function nextExecution(
  before: Execution,
  event: ExecutionEvent,
  rules: Pick<JobRules, "inProgressTimeoutInMinutes">,
  now: number,
): Execution | undefined {
  switch (event.type) {
    case "start":
      return before.status === "QUEUED" ? started(before, event, rules, now) : undefined;
    case "update":
      return updated(before, event, rules, now);
    case "timeout": {
      const dueAt = timeoutOf(before);
      if (before.status !== "IN_PROGRESS" || dueAt === undefined || dueAt > now) return undefined;
      return ended(before, "TIMED_OUT", now);
    }
    case "cancel":
      return canceled(before, event, now);
    case "remove":
      return isTerminal(before.status) ? undefined : ended(before, "REMOVED", now);
  }
}

const grown = (before: Execution, now: number): Execution => ({
  ...before,
  versionNumber: before.versionNumber + 1,
  updatedAt: now,
});

function ended(before: Execution, status: StoredStatus, now: number): Execution {
  const { inProgressDueAt: _, stepDueAt: __, ...rest } = grown(before, now);
  return { ...rest, status };
}

function started(
  before: Execution,
  { statusDetails, stepTimeoutInMinutes }: Extract<ExecutionEvent, { type: "start" | "update" }>,
  { inProgressTimeoutInMinutes }: Pick<JobRules, "inProgressTimeoutInMinutes">,
  now: number,
): Execution {
  const after: Execution = { ...grown(before, now), status: "IN_PROGRESS", startedAt: now };
  if (statusDetails !== undefined) after.statusDetails = statusDetails;
  if (inProgressTimeoutInMinutes !== undefined) after.inProgressDueAt = now + inProgressTimeoutInMinutes * MINUTE;
  return timed(after, stepTimeoutInMinutes, now);
}

/** Each new step's time replaces the last; -1 ends it (reference 4.4). */
function timed(after: Execution, minutes: number | undefined, now: number): Execution {
  if (minutes === undefined) return after;
  const { stepDueAt: _, ...rest } = after;
  return minutes === -1 ? rest : { ...rest, stepDueAt: now + minutes * MINUTE };
}

function updated(
  before: Execution,
  event: Extract<ExecutionEvent, { type: "update" }>,
  rules: Pick<JobRules, "inProgressTimeoutInMinutes">,
  now: number,
): Execution {
  const { status, statusDetails, stepTimeoutInMinutes, expectedVersion } = event;
  if (!BY_DEVICES.includes(status)) {
    throw new ServiceError(
      "InvalidRequestException",
      `A device sets ${BY_DEVICES.join(", ")}, not ${String(status).slice(0, 50)}`,
    );
  }
  checkVersion(before, expectedVersion);
  if (before.status !== "QUEUED" && before.status !== "IN_PROGRESS") throw notFrom(before, status);
  if (status === "IN_PROGRESS" && before.status === "QUEUED") return started(before, event, rules, now);
  const after = status === "IN_PROGRESS" ? grown(before, now) : ended(before, status, now);
  if (statusDetails !== undefined) after.statusDetails = statusDetails;
  return status === "IN_PROGRESS" ? timed(after, stepTimeoutInMinutes, now) : after;
}

function canceled(before: Execution, event: Extract<ExecutionEvent, { type: "cancel" }>, now: number): Execution {
  checkVersion(before, event.expectedVersion);
  const running = before.status === "IN_PROGRESS";
  if (isTerminal(before.status) || (running && !event.force)) throw notFrom(before, "CANCELED");
  const after: Execution = { ...ended(before, "CANCELED", now), forceCanceled: running };
  if (event.statusDetails !== undefined) after.statusDetails = event.statusDetails;
  return after;
}

function checkVersion(before: Execution, expected: number | undefined): void {
  if (expected === undefined || expected === before.versionNumber) return;
  throw new ExecutionRefused(
    "VersionConflictException",
    `The job execution has version ${before.versionNumber}, not ${expected}`,
    before,
  );
}

const notFrom = (before: Execution, to: string): ExecutionRefused =>
  new ExecutionRefused(
    "InvalidStateTransitionException",
    `A job execution that is ${before.status} cannot become ${to}`,
    before,
  );
