import { isConflict, onConflictAgain, type Timers, type Write } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { decodeToken, type Page } from "../storage/page.ts";
import { type Place, placed } from "../storage/place.ts";
import type { Planned } from "../storage/planned.ts";
import {
  type Execution,
  type ExecutionEvent,
  type ExecutionKey,
  isTerminal,
  nextExecution,
  type StoredStatus,
  timeoutOf,
} from "./execution.ts";
import {
  countRetried,
  deleteExecution,
  type ExecutionStoreDeps,
  insertNext,
  listOfJob,
  markLatest,
  readExecution,
  readPending,
  readPrevious,
  updateExecution,
} from "./execution-store.ts";
import { isLive, type Job, type JobCounts, type JobKey } from "./job.ts";
import type { JobEvents } from "./job-events.ts";
import { markDue } from "./job-thing-store.ts";
import type { Jobs } from "./jobs.ts";
import type { Notices } from "./notices.ts";
import type { ExecutionChange, Observing } from "./observing.ts";

/** The one writer of execution rows once they are QUEUED. */
export interface Executions {
  /** The attempt of that number; the last one without it. */
  get(key: ExecutionKey, executionNumber?: number): Promise<Execution | undefined>;
  /** What a device may see: IN_PROGRESS before QUEUED, each by queuedAt, then jobId. One query. */
  pending(at: Place, thingName: string, limit: number): Promise<Execution[]>;
  /**
   * Reads, decides, commits, and again on a conflict: the execution, a retry, the note that its thing has to be told, the
   * counts, timers and the observers' writes in one batch. Undefined from `decide`: nothing changes.
   * Throws ResourceNotFoundException, and what `nextExecution` does.
   */
  change(
    key: ExecutionKey,
    decide: (execution: Execution, job: Job) => ExecutionEvent | undefined,
    executionNumber?: number,
  ): Promise<{ execution: Execution; job: Job }>;
  /**
   * Removes an attempt that has ended, or with `force` one in progress: its device is told, and the attempt before it
   * counts for its thing again. Throws ResourceNotFoundException, InvalidStateTransitionException.
   */
  remove(key: ExecutionKey, executionNumber: number, force: boolean): Promise<void>;
  /**
   * A change of up to 500 executions of one job, as somebody else's batch; events that change nothing are left out.
   * `after`: as they are then. Things of a namespaced job are the caller's to tell.
   */
  planChanges(
    job: Job,
    executions: readonly Execution[],
    event: ExecutionEvent,
  ): Promise<Planned & { after: readonly Execution[] }>;
  /** Those of a job by thing, then attempt. Throws InvalidRequestException for a token that it did not make. */
  ofJob(key: JobKey, nextToken: string | undefined, limit: number): Promise<Page<Execution>>;
}

export interface ExecutionsDeps extends ExecutionStoreDeps {
  clock: Clock;
  timers: Timers;
  jobs: Jobs;
  notices: Pick<Notices, "wake" | "commit">;
  events: Pick<JobEvents, "executionsChanged" | "executionDeleted">;
  observing: Observing;
}

/** Kind of the timers that end executions in progress. */
const TIMEOUT_TIMER = "job-timeout";
/** A fleet that was started together times out together: as many share a commit. */
const TIMEOUTS_AT_ONCE = 64;
/** Kind of the timers by which a job's end and its abort criteria are looked at. */
export const CHECK_TIMER = "job-check";
/** They fall due on multiples of this, so that a crowd of ends neither pushes the look on nor causes one each. */
const CHECK_EVERY = 250;

/** Which count holds a thing whose last attempt is so. */
export const COUNT_OF: Readonly<Record<StoredStatus, keyof JobCounts>> = {
  WAITING: "waiting",
  QUEUED: "queued",
  IN_PROGRESS: "inProgress",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  TIMED_OUT: "timedOut",
  REJECTED: "rejected",
  REMOVED: "removed",
  CANCELED: "canceled",
};

export const jobTimerId = ({ accountId, region, jobId }: JobKey): string => `${accountId}/${region}/${jobId}`;
const timeoutId = (execution: Execution): string =>
  `${jobTimerId(execution)}/${execution.thingName}/${execution.executionNumber}`;

/** Kind and id of the timer that ends an execution in progress. */
export const timeoutTimer = (execution: Execution): [kind: string, id: string] => [TIMEOUT_TIMER, timeoutId(execution)];

/** The first time after `now` at which jobs are looked at. */
export const checkTime = (now: number): number => (Math.floor(now / CHECK_EVERY) + 1) * CHECK_EVERY;

interface Change {
  before: Execution;
  after: Execution;
  /** The attempt that follows a failure. */
  retry?: Execution;
  /** Its timer has fired and goes by itself. */
  isFired: boolean;
}

export function createExecutions(deps: ExecutionsDeps): Executions {
  const { clock, timers, jobs, notices, events, observing } = deps;

  async function planned(job: Job, changes: readonly Change[], now: number): Promise<Planned> {
    const told = changes.flatMap(({ before, after, retry }): ExecutionChange[] => [
      { job, before, after },
      ...(retry === undefined ? [] : [{ job, after: retry }]),
    ]);
    const counts: Partial<JobCounts> = {};
    const add = (status: StoredStatus, by: number) => {
      counts[COUNT_OF[status]] = (counts[COUNT_OF[status]] ?? 0) + by;
    };
    const writes: Write[] = [];
    const armed: Write[] = [];
    const due: { [changed in "list" | "order"]: string[] } = { list: [], order: [] };
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const { before, after, retry, isFired } of changes) {
      writes.push(updateExecution(deps, before, after));
      if (retry) writes.push(jobs.planStill(job), ...insertNext(before, retry));
      add(before.status, -1);
      add((retry ?? after).status, 1);
      if (after.status !== before.status) due[after.status === "IN_PROGRESS" ? "order" : "list"].push(after.thingName);
      const [was, is] = [timeoutOf(before), timeoutOf(after)];
      if (is !== undefined && is !== was) armed.push(timers.arm(...timeoutTimer(after), is));
      else if (was !== undefined && is === undefined && !isFired) armed.push(timers.disarm(...timeoutTimer(after)));
      wakeAt = Math.min(wakeAt, is ?? wakeAt);
    }
    if (job.namespaceId === undefined) {
      if (due.list.length > 0) writes.push(markDue(job, due.list, true));
      if (due.order.length > 0) writes.push(markDue(job, due.order, false));
    }
    if (Object.values(counts).some((by) => by !== 0)) writes.push(jobs.planCount(job, counts));
    if (changes.some(({ after }) => isTerminal(after.status))) {
      armed.push(timers.arm(CHECK_TIMER, jobTimerId(job), checkTime(now)));
      wakeAt = Math.min(wakeAt, checkTime(now));
    }
    writes.push(...armed);
    const observed = await observing.executionsChanged(job, told);
    writes.push(...observed.writes);
    return {
      writes,
      committed() {
        if (wakeAt < Number.POSITIVE_INFINITY) timers.wake(wakeAt);
        notices.wake([...due.list, ...due.order].map((thingName) => ({ ...placed(job), thingName })));
        observed.committed();
        events.executionsChanged(told);
      },
    };
  }

  async function changeOf(
    job: Job,
    before: Execution,
    event: ExecutionEvent,
    now: number,
  ): Promise<Change | undefined> {
    const after = nextExecution(before, event, job.rules, now);
    if (after === undefined) return undefined;
    const isFired = event.type === "timeout";
    return (await mayRetry(job, after, now))
      ? { before, after, retry: retryOf(after, now), isFired }
      : { before, after, isFired };
  }

  /** Whether the job's criteria leave a further attempt: each type of failure has its own number (reference 4.4). */
  async function mayRetry(job: Job, after: Execution, now: number): Promise<boolean> {
    const { status, retryAttempt } = after;
    if (status !== "FAILED" && status !== "TIMED_OUT") return false;
    const { retries = [] } = job.rules;
    const isOpen = isLive(job) && (job.endAt === undefined || job.endAt > now);
    const criterion = retries.find(({ failureType }) => failureType === "ALL" || failureType === status);
    if (!isOpen || criterion === undefined) return false;
    if (retryAttempt < criterion.numberOfRetries) return true;
    // As many retries as that have been, but perhaps behind failures of the other type.
    return retries.length > 1 && (await countRetried(deps, after)) < criterion.numberOfRetries;
  }

  async function attempt(
    key: ExecutionKey,
    decide: (execution: Execution, job: Job) => ExecutionEvent | undefined,
    executionNumber: number | undefined,
  ): Promise<{ execution: Execution; job: Job }> {
    const [execution, job] = await Promise.all([readExecution(deps, key, executionNumber), jobs.get(key)]);
    if (execution === undefined || job === undefined || job.phase === "DELETING") {
      throw notFound(key);
    }
    const now = clock.now();
    const event = decide(execution, job);
    const change = event && (await changeOf(job, execution, event, now));
    if (change === undefined) return { execution, job };
    const { writes, committed } = await planned(job, [change], now);
    await notices.commit(job, change.retry === undefined ? [change.after] : [change.after, change.retry], writes);
    committed();
    return { execution: change.after, job };
  }

  async function removal(key: ExecutionKey, executionNumber: number, force: boolean): Promise<void> {
    const [execution, latest, previous, job] = await Promise.all([
      readExecution(deps, key, executionNumber),
      readExecution(deps, key),
      readPrevious(deps, key, executionNumber),
      jobs.get(key),
    ]);
    if (execution === undefined || job === undefined || job.phase === "DELETING") throw notFound(key);
    const { status, thingName } = execution;
    const runs = status === "IN_PROGRESS";
    if (!isTerminal(status) && !(runs && force)) {
      const how = runs ? "it has ended, or with force" : "it has ended";
      throw new ServiceError(
        "InvalidStateTransitionException",
        `The execution is ${status}: it can be deleted once ${how}`,
      );
    }
    const writes: Write[] = [deleteExecution(execution)];
    const isLatest = latest?.executionNumber === executionNumber;
    if (isLatest && previous !== undefined) writes.push(markLatest(previous));
    const tells = runs && job.namespaceId === undefined;
    if (tells) writes.push(markDue(job, [thingName], true));
    if (isLatest && previous?.status !== status) {
      const returns = previous === undefined ? {} : { [COUNT_OF[previous.status]]: 1 };
      writes.push(jobs.planCount(job, { [COUNT_OF[status]]: -1, ...returns }));
    }
    const now = clock.now();
    if (runs) writes.push(timers.disarm(...timeoutTimer(execution)));
    writes.push(timers.arm(CHECK_TIMER, jobTimerId(job), checkTime(now)));
    await notices.commit(job, [], writes);
    timers.wake(checkTime(now));
    if (tells) notices.wake([{ ...placed(job), thingName }]);
    events.executionDeleted(job, execution);
  }

  const executions: Executions = {
    get: (key, executionNumber) => readExecution(deps, key, executionNumber),

    async pending(at, thingName, limit) {
      return (await readPending(deps, at, [thingName], limit)).get(thingName) ?? [];
    },

    change: (key, decide, executionNumber) => onConflictAgain(() => attempt(key, decide, executionNumber)),

    remove: (key, executionNumber, force) => onConflictAgain(() => removal(key, executionNumber, force)),

    async planChanges(job, found, event) {
      const now = clock.now();
      const asked = await Promise.all(found.map((execution) => changeOf(job, execution, event, now)));
      const changes = asked.filter((change) => change !== undefined);
      const batch = await planned(job, changes, now);
      return { ...batch, after: changes.map(({ after }) => after) };
    },

    ofJob(key, nextToken, limit) {
      const after = decodeToken(nextToken, 2) as [string, string] | undefined;
      return listOfJob(deps, key, {}, after, limit);
    },
  };

  async function timeOut(id: string): Promise<readonly Write[]> {
    const [accountId = "", region = "", jobId = "", thingName = "", number] = id.split("/");
    try {
      await executions.change({ accountId, region, jobId, thingName }, () => ({ type: "timeout" }), Number(number));
    } catch (error) {
      // The job or the execution has gone meanwhile.
      if (!(error instanceof ServiceError) || isConflict(error)) throw error;
    }
    return [];
  }
  timers.handle(TIMEOUT_TIMER, timeOut, TIMEOUTS_AT_ONCE);

  return executions;
}

/** The attempt that follows `after`. */
const retryOf = (after: Execution, now: number): Execution => ({
  ...placed(after),
  jobId: after.jobId,
  thingName: after.thingName,
  executionNumber: after.executionNumber + 1,
  status: "QUEUED",
  versionNumber: 1,
  retryAttempt: after.retryAttempt + 1,
  forceCanceled: false,
  queuedAt: now,
  updatedAt: now,
});

const notFound = ({ jobId, thingName }: ExecutionKey): ServiceError =>
  new ServiceError("ResourceNotFoundException", `Execution of job ${jobId} for thing ${thingName} not found`);
