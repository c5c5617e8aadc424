import { type Database, isConflict, onConflictAgain, type Timers, type Write } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { ThingGroups } from "../registry/groups/membership-observer.ts";
import { type Place, placed, placeOf } from "../storage/place.ts";
import type { Planned } from "../storage/planned.ts";
import { type EngineTimer, jobOfTimer, TIMER, timerId, yieldToOthers } from "./engine-timers.ts";
import type { Execution } from "./execution.ts";
import {
  type ExecutionStoreDeps,
  insertExecutions,
  listByStatus,
  queueWaiting,
  readLatest,
} from "./execution-store.ts";
import { checkTime, type Executions } from "./executions.ts";
import { isLive, type Job, type JobKey, type JobRules } from "./job.ts";
import { invalid } from "./job-checks.ts";
import type { JobEvents } from "./job-events.ts";
import { insertTargets } from "./job-store.ts";
import { markDue } from "./job-thing-store.ts";
import type { Jobs, NewJob } from "./jobs.ts";
import { createMembership } from "./membership.ts";
import type { Notices } from "./notices.ts";
import type { Observing } from "./observing.ts";
import { isUnlimited, release } from "./rollout.ts";
import { createSweep } from "./sweep.ts";
import { nextOpening, openUntil } from "./windows.ts";

/** What rolls a job out, ends it and clears it away. Every step is durable before the next: a kill repeats none. */
export interface JobEngine {
  /** Writes that arm the job's first timers, for the batch that creates it. */
  begin(job: NewJob): readonly Write[];
  /** To be called once that batch, or one that changes the job's rules, is durable. */
  wake(key: JobKey): void;
  /** A new rate begins anew from now. Throws ResourceNotFoundException, InvalidRequestException once the job has ended. */
  update(key: JobKey, change: { rules?: Partial<JobRules>; description?: string }): Promise<Job>;
  /** Throws ResourceNotFoundException, InvalidRequestException. */
  cancel(key: JobKey, how: { force: boolean; reasonCode?: string; comment?: string }): Promise<Job>;
  /** Throws ResourceNotFoundException, InvalidStateTransitionException, LimitExceededException. */
  remove(key: JobKey, force: boolean): Promise<void>;
  /** `targets`: ARNs, beside those that it has. */
  associate(key: JobKey, targets: readonly string[], comment?: string): Promise<Job>;
  /**
   * The things now belong to a continuous job; those that it has already are left alone. They are queued at once;
   * `atRate`: as the job's rollout has it, and those that have ended are left alone, too.
   */
  planEnter(key: JobKey, thingNames: readonly string[], how?: { atRate: boolean }): Promise<Planned>;
  /** They no longer do: open executions become REMOVED. */
  planLeave(key: JobKey, thingNames: readonly string[]): Promise<Planned>;
  /** The thing itself goes. */
  planForget(at: Place, thingName: string): Promise<Planned>;
}

export interface JobEngineDeps extends ExecutionStoreDeps {
  database: Database;
  clock: Clock;
  log: Logger;
  timers: Timers;
  jobs: Jobs;
  executions: Pick<Executions, "planChanges">;
  notices: Pick<Notices, "wake" | "commit" | "planTold">;
  events: JobEvents;
  groups: Pick<ThingGroups, "descendants" | "members">;
  observing: Observing;
}

/** Things that one commit chooses. */
const PAGE = 100;
const MAX_TARGETS = 100;
/** Jobs of an account that may be deleted at once (the model's words on DeleteJob). */
const DELETIONS = 10;
const ABORTED = "ABORT_CRITERIA_MET";

export function createJobEngine(deps: JobEngineDeps): JobEngine {
  const { database, clock, timers, jobs, notices, events, groups, observing } = deps;
  const sweep = createSweep(deps);
  const membership = createMembership(deps);
  const arm = (timer: EngineTimer, key: JobKey, dueAt: number) => timers.arm(TIMER[timer], timerId(key), dueAt);
  const disarm =
    (...list: EngineTimer[]) =>
    (key: JobKey) =>
      list.map((timer) => timers.disarm(TIMER[timer], timerId(key)));

  async function present(key: JobKey): Promise<Job> {
    const job = await jobs.get(key);
    if (job === undefined) throw new ServiceError("ResourceNotFoundException", `Job ${key.jobId} not found`);
    return job;
  }

  /** Commits a change of the job's own row with what goes with it. */
  async function change(job: Job, patch: Parameters<Jobs["planWrite"]>[1], more: readonly Write[] = []): Promise<Job> {
    const next = { ...job, ...patch };
    const theirs = await observing.jobChanged(next);
    await database.commit([jobs.planWrite(job, patch), ...more, ...theirs.writes]);
    theirs.committed();
    timers.wake(clock.now());
    return { ...next, revision: job.revision + 1 };
  }

  const isRolling = (job: Job): boolean =>
    job.status === "IN_PROGRESS" && job.windowOpen && (job.phase === "EXPANDING" || job.phase === "ROLLING");

  /** Chooses the job's things, a page a commit. A kill begins again at the last page's end. */
  async function expand(key: JobKey): Promise<void> {
    for (;;) {
      const job = await jobs.get(key);
      if (job?.phase !== "EXPANDING" || !isLive(job)) return;
      const { names, cursor } = await nextPage(job);
      const there = await readLatest(deps, job, names);
      const chosen = names.filter((name) => !there.has(name));
      // Who had left a continuous job and is meant again comes back, as one that joins a group does.
      const back = names.filter((name) => there.get(name)?.status === "REMOVED");
      const returning = await membership.planEnter(job, back);
      const now = clock.now();
      const isLast = cursor === undefined;
      // Where nothing holds them back they are queued as they are chosen.
      const atOnce = isRolling(job) && isUnlimited(job.rules.rollout);
      const status = atOnce ? "QUEUED" : "WAITING";
      const executions = chosen.map((thingName) => first(job, thingName, status, now));
      const writes: Write[] = [];
      if (chosen.length > 0) writes.push(insertExecutions(executions));
      writes.push(jobs.planWrite(job, { cursor, ...(isLast ? { phase: "ROLLING" as const } : {}) }));
      if (chosen.length > 0) {
        const by = chosen.length;
        writes.push(atOnce ? queuedCount(job, by, false) : jobs.planCount(job, { waiting: by }));
      }
      writes.push(...returning.writes);
      if (isRolling(job) && (isLast || !atOnce)) writes.push(arm("rollout", job, Math.max(now, job.rollout.anchor)));
      try {
        await (atOnce ? commitQueued(job, executions, writes) : database.commit(writes));
      } catch (error) {
        // Somebody entered, or changed the job, meanwhile: look at the page again.
        if (isConflict(error)) continue;
        throw error;
      }
      returning.committed();
      timers.wake(now);
      if (isLast) return;
      await yieldToOthers();
    }
  }

  /** The next things of the job's targets, and where to go on; no cursor behind the last. */
  async function nextPage(job: Job): Promise<{ names: string[]; cursor: string | undefined }> {
    const [index, group, after] =
      job.cursor === undefined ? [0, 0, ""] : (JSON.parse(job.cursor) as [number, number, string]);
    const go = (...to: [number, number, string]) => (to[0] < job.targets.length ? JSON.stringify(to) : undefined);
    const resource = (job.targets[index] ?? "").split(":").at(-1) ?? "";
    if (resource.startsWith("thing/")) {
      const end = job.targets.findIndex((target, at) => at > index && target.includes(":thinggroup/"));
      const things = job.targets.slice(index, Math.min(end < 0 ? job.targets.length : end, index + PAGE));
      return {
        names: things.map((target) => target.slice(target.indexOf(":thing/") + 7)),
        cursor: go(index + things.length, 0, ""),
      };
    }
    if (!resource.startsWith("thinggroup/")) return { names: [], cursor: undefined };
    const all = await groups.descendants(job, resource.slice("thinggroup/".length));
    const name = all[group];
    if (name === undefined) return { names: [], cursor: go(index + 1, 0, "") };
    const names = await groups.members(job, name, after || undefined, PAGE);
    return { names, cursor: names.length < PAGE ? go(index, group + 1, "") : go(index, group, names.at(-1) as string) };
  }

  /** Queues as many as the rate allows now; one commit a batch. */
  async function rollOut(key: JobKey): Promise<void> {
    for (;;) {
      const job = await jobs.get(key);
      if (job === undefined || !isRolling(job)) return;
      const now = clock.now();
      const { count, next, dueAt } = release(job.rollout, job.counts, job.rules.rollout, now);
      const chosen = count === 0 ? [] : await listByStatus(deps, job, "WAITING", count);
      const queued = chosen.map(
        (execution): Execution => ({ ...execution, status: "QUEUED", queuedAt: now, updatedAt: now }),
      );
      const isDone = job.phase === "ROLLING" && chosen.length === job.counts.waiting;
      const again = !isDone && dueAt !== undefined && dueAt <= now && chosen.length > 0;
      try {
        await commitQueued(job, queued, [
          jobs.planWrite(job, { rollout: next, ...(isDone ? { phase: "ROLLED" as const } : {}) }),
          ...(queued.length === 0 ? [] : [queueWaiting(job, queued, now), queuedCount(job, queued.length, true)]),
          ...(isDone ? [arm("check", job, checkTime(now))] : []),
          ...(again || isDone || dueAt === undefined ? [] : [arm("rollout", job, dueAt)]),
        ]);
      } catch (error) {
        if (isConflict(error)) continue;
        throw error;
      }
      timers.wake(isDone ? checkTime(now) : (dueAt ?? now));
      if (!again) return;
      await yieldToOthers();
    }
  }

  const queuedCount = (job: Job, by: number, waited: boolean) =>
    jobs.planCount(job, { ...(waited ? { waiting: -by } : {}), queued: by, notified: by });

  /** `writes` queue them. */
  async function commitQueued(job: Job, queued: readonly Execution[], writes: readonly Write[]): Promise<void> {
    const told = queued.map((after) => ({ job, after }));
    const theirs = await observing.executionsChanged(job, told);
    const names = queued.map(({ thingName }) => thingName);
    const due = names.length > 0 && job.namespaceId === undefined ? [markDue(job, names, true)] : [];
    await notices.commit(job, queued, [...due, ...writes, ...theirs.writes]);
    notices.wake(names.map((thingName) => ({ ...placed(job), thingName })));
    theirs.committed();
  }

  /** Whether the job has to be aborted, has ended, or may go faster. */
  async function check(key: JobKey): Promise<void> {
    await onConflictAgain(async () => {
      const job = await jobs.get(key);
      if (job === undefined || !isLive(job)) return;
      const { counts, rules } = job;
      const met = rules.abort?.find(({ failureType, minNumberOfExecutedThings, thresholdPercentage }) => {
        const failures =
          failureType === "ALL"
            ? counts.failed + counts.rejected + counts.timedOut
            : counts[failureType === "FAILED" ? "failed" : failureType === "REJECTED" ? "rejected" : "timedOut"];
        return counts.notified >= minNumberOfExecutedThings && failures * 100 >= thresholdPercentage * counts.notified;
      });
      if (met) {
        const comment = `${met.thresholdPercentage} % of the executions ended as ${met.failureType}`;
        await engine.cancel(key, { force: false, reasonCode: ABORTED, comment });
        return;
      }
      const isOver = counts.waiting === 0 && counts.queued === 0 && counts.inProgress === 0;
      if (job.targetSelection === "SNAPSHOT" && job.phase === "ROLLED" && isOver) await complete(job, true);
      else if (isRolling(job) && "numberOfSucceededThings" in (rules.rollout.exponentialRate?.increaseEvery ?? {})) {
        await database.commit([arm("rollout", job, clock.now())]);
        timers.wake(clock.now());
      }
    });
  }

  async function complete(job: Job, guarded: boolean): Promise<void> {
    const now = clock.now();
    const guard: Write = {
      sql: `UPDATE iot_job SET waiting = 0 WHERE account_id = ? AND region = ? AND job_id = ?
              AND waiting = 0 AND queued = 0 AND in_progress = 0`,
      params: [...placeOf(job), job.jobId],
      rows: 1,
    };
    const done = await change(job, { status: "COMPLETED", phase: "ROLLED", completedAt: now, updatedAt: now }, [
      ...(guarded ? [guard] : []),
      ...disarm("rollout", "start", "end", "window")(job),
      arm("sweep", job, sweep.expiryOf(now)),
    ]);
    events.jobChanged(done, "completed");
  }

  async function start(key: JobKey): Promise<void> {
    await onConflictAgain(async () => {
      const job = await jobs.get(key);
      if (job?.status !== "SCHEDULED" || job.rules.windows !== undefined) return;
      const now = clock.now();
      await change(job, { status: "IN_PROGRESS", updatedAt: now }, [arm("rollout", job, now)]);
    });
  }

  async function end(key: JobKey): Promise<void> {
    const behavior = (await jobs.get(key))?.rules.endBehavior;
    if (behavior === "CANCEL" || behavior === "FORCE_CANCEL") {
      const job = await jobs.get(key);
      if (job && isLive(job)) await engine.cancel(key, { force: behavior === "FORCE_CANCEL" });
      return;
    }
    await onConflictAgain(async () => {
      const job = await jobs.get(key);
      if (job === undefined || !isLive(job)) return;
      const stopped = await change(job, { phase: "ROLLED", updatedAt: clock.now() }, disarm("rollout", "expand")(job));
      await sweep.dropWaiting(stopped);
      if (job.targetSelection === "CONTINUOUS") await complete(await present(key), false);
      else await check(key);
    });
  }

  /** Opens or shuts the job, and tells the things whose executions appear or vanish with it. */
  async function turnWindow(key: JobKey): Promise<readonly Write[]> {
    const now = clock.now();
    const job = await onConflictAgain(async () => {
      const found = await jobs.get(key);
      if (found === undefined || !isLive(found) || found.rules.windows === undefined) return undefined;
      const windowOpen = openUntil(found.rules.windows, now) !== undefined && now >= (found.startAt ?? 0);
      if (found.windowOpen === windowOpen) return found;
      const status = windowOpen ? "IN_PROGRESS" : "SCHEDULED";
      const more = windowOpen ? [arm("rollout", found, now)] : disarm("rollout")(found);
      return change(found, { windowOpen, status, updatedAt: now }, more);
    });
    if (job?.rules.windows === undefined) return [];
    await sweep.tellQueued(job);
    const shutsAt = openUntil(job.rules.windows, now);
    const dueAt =
      job.windowOpen && shutsAt !== undefined
        ? shutsAt
        : nextOpening(job.rules.windows, Math.max(now, (job.startAt ?? 0) - 1));
    if (dueAt === undefined) return [];
    timers.wake(dueAt);
    return [arm("window", job, dueAt)];
  }

  const engine: JobEngine = {
    begin(job) {
      const { startAt, endAt, createdAt, rules } = job;
      const opensAt = rules.windows && windowTime(rules.windows, Math.max(createdAt, startAt ?? 0));
      return [
        arm("expand", job, createdAt),
        ...(startAt !== undefined && rules.windows === undefined ? [arm("start", job, startAt)] : []),
        ...(endAt === undefined ? [] : [arm("end", job, endAt)]),
        ...(opensAt === undefined ? [] : [arm("window", job, opensAt)]),
      ];
    },

    wake: () => timers.wake(clock.now()),

    update: (key, { rules = {}, description }) =>
      onConflictAgain(async () => {
        const job = await present(key);
        if (!isLive(job)) throw invalid(`Job ${key.jobId} is ${job.status}: it cannot be updated`);
        const now = clock.now();
        const patch = {
          rules: { ...job.rules, ...rules },
          updatedAt: now,
          ...(description === undefined ? {} : { description }),
          ...(rules.rollout ? { rollout: { step: 0, anchor: Math.max(now, job.startAt ?? now), done: 0 } } : {}),
        };
        return change(job, patch, [
          arm("check", job, checkTime(now)),
          ...(rules.rollout && isRolling(job) ? [arm("rollout", job, now)] : []),
        ]);
      }),

    cancel: (key, { force, reasonCode, comment }) =>
      onConflictAgain(async () => {
        const job = await present(key);
        if (!isLive(job) && !(job.status === "CANCELED" && force && !job.forceCanceled)) {
          throw invalid(`Job ${key.jobId} is ${job.status}: it cannot be canceled`);
        }
        const now = clock.now();
        const patch = { status: "CANCELED", phase: "CANCELING", forceCanceled: force, updatedAt: now } as const;
        const canceled = await change(job, { ...patch, reasonCode, comment }, [
          ...disarm("expand", "rollout", "start", "end", "window")(job),
          arm("sweep", job, now),
        ]);
        events.jobChanged(canceled, "cancellation_in_progress");
        return canceled;
      }),

    remove: (key, force) =>
      onConflictAgain(async () => {
        const job = await present(key);
        const hasEnded = (job.status === "COMPLETED" || job.status === "CANCELED") && job.phase !== "CANCELING";
        if (job.status === "DELETION_IN_PROGRESS" || (!hasEnded && !force)) {
          throw new ServiceError(
            "InvalidStateTransitionException",
            `Job ${key.jobId} is ${job.status}: it can be deleted once it has ended, or with force`,
          );
        }
        const [row] = await database.query<{ count: number }>(
          "SELECT COUNT(*) AS count FROM iot_job WHERE account_id = ? AND region = ? AND status = 'DELETION_IN_PROGRESS'",
          placeOf(key),
        );
        if (Number(row?.count ?? 0) >= DELETIONS) {
          throw new ServiceError("LimitExceededException", `${DELETIONS} jobs are being deleted already`);
        }
        const now = clock.now();
        const going = await change(job, { status: "DELETION_IN_PROGRESS", phase: "DELETING", updatedAt: now }, [
          ...disarm("expand", "rollout", "start", "end", "window", "check")(job),
          arm("sweep", job, now),
        ]);
        events.jobChanged(going, "deletion_in_progress");
      }),

    associate: (key, targets, comment) =>
      onConflictAgain(async () => {
        const job = await present(key);
        if (job.targetSelection !== "CONTINUOUS") throw invalid(`Job ${key.jobId} is not continuous`);
        if (job.status !== "IN_PROGRESS") throw invalid(`Job ${key.jobId} is ${job.status}, not IN_PROGRESS`);
        const added = [...new Set(targets)].filter((target) => !job.targets.includes(target));
        if (added.length === 0) return job;
        if (job.targets.length + added.length > MAX_TARGETS) {
          throw new ServiceError("LimitExceededException", `A job has at most ${MAX_TARGETS} targets`);
        }
        // What is still being read goes on; otherwise it is the new ones' turn.
        const cursor = job.phase === "EXPANDING" ? job.cursor : JSON.stringify([job.targets.length, 0, ""]);
        const now = clock.now();
        const patch = { targets: [...job.targets, ...added], phase: "EXPANDING", cursor, updatedAt: now } as const;
        return change(job, { ...patch, ...(comment === undefined ? {} : { comment }) }, [
          ...insertTargets(job, added),
          arm("expand", job, now),
        ]);
      }),

    ...membership,
  };

  const handle = (timer: EngineTimer, run: (key: JobKey) => Promise<readonly Write[]> | Promise<void>) =>
    timers.handle(TIMER[timer], async (id) => (await run(jobOfTimer(id))) ?? []);
  handle("expand", expand);
  handle("rollout", rollOut);
  handle("check", check);
  handle("start", start);
  handle("end", end);
  handle("window", turnWindow);
  handle("sweep", sweep.run);

  return engine;
}

/** When a window has to be looked at first: now when one is open, else when one opens. */
const windowTime = (windows: NonNullable<Job["rules"]["windows"]>, now: number): number | undefined =>
  openUntil(windows, now) === undefined ? nextOpening(windows, now) : now;

const first = (job: Job, thingName: string, status: "QUEUED" | "WAITING", now: number): Execution => ({
  ...placed(job),
  jobId: job.jobId,
  thingName,
  executionNumber: 1,
  status,
  versionNumber: 1,
  retryAttempt: 0,
  forceCanceled: false,
  queuedAt: now,
  updatedAt: now,
});
