import { isConflict, type Write } from "@hearth/backplane";
import type { JobEngineDeps } from "./engine.ts";
import { TIMER, timerId, yieldToOthers } from "./engine-timers.ts";
import { deleteExecution, deleteWaiting, listAny, listByStatus } from "./execution-store.ts";
import { timeoutTimer } from "./executions.ts";
import type { Job, JobKey } from "./job.ts";
import { jobKeyParams } from "./job-store.ts";
import { markDue } from "./job-thing-store.ts";

/** Executions that one commit ends or removes. */
const PAGE = 500;
/** How long jobs are kept after their end (reference 4.6). Milliseconds. */
const KEPT = 730 * 86_400_000;

/** What clears away: cancelled jobs' executions, deleted jobs, jobs that ended long ago. */
export function createSweep(deps: JobEngineDeps) {
  const { database, clock, timers, jobs, executions, notices, events, observing } = deps;

  /** Runs `page` until it finds nothing more; a page that met a conflict is looked at again. */
  async function pages(page: () => Promise<boolean>): Promise<void> {
    for (;;) {
      try {
        if (!(await page())) return;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
      await yieldToOthers();
    }
  }

  /** Things whose turn had not come never had an execution. */
  const dropWaiting = (job: JobKey): Promise<void> =>
    pages(async () => {
      const found = await listByStatus(deps, job, "WAITING", PAGE);
      if (found.length === 0) return false;
      await database.commit([deleteWaiting(job, found), jobs.planCount(job, { waiting: -found.length })]);
      return true;
    });

  const cancelAll = (key: JobKey, status: "QUEUED" | "IN_PROGRESS"): Promise<void> =>
    pages(async () => {
      const [job, found] = await Promise.all([jobs.get(key), listByStatus(deps, key, status, PAGE)]);
      if (job === undefined || found.length === 0) return false;
      const { writes, after, committed } = await executions.planChanges(job, found, { type: "cancel", force: true });
      await notices.commit(job, after, writes);
      committed();
      return true;
    });

  async function cancel(job: Job): Promise<void> {
    await dropWaiting(job);
    await cancelAll(job, "QUEUED");
    if (job.forceCanceled) await cancelAll(job, "IN_PROGRESS");
    await pages(async () => {
      const now = clock.now();
      const found = await jobs.get(job);
      if (found?.phase !== "CANCELING") return false;
      const patch = { phase: "ROLLED", completedAt: now, updatedAt: now } as const;
      await database.commit([jobs.planWrite(found, patch), timers.arm(TIMER.sweep, timerId(job), now + KEPT)]);
      events.jobChanged({ ...found, ...patch }, "canceled");
      return false;
    });
  }

  async function remove(job: Job): Promise<void> {
    await pages(async () => {
      const found = await listAny(deps, job, PAGE);
      if (found.length === 0) return false;
      const open = found.filter(({ status }) => status === "QUEUED" || status === "IN_PROGRESS");
      const names = [...new Set(open.map(({ thingName }) => thingName))];
      await database.commit([
        ...found.map(deleteExecution),
        ...(names.length > 0 && job.namespaceId === undefined ? [markDue(job, names, true)] : []),
        ...open.map((execution) => timers.disarm(...timeoutTimer(execution))),
      ]);
      notices.wake(names.map((thingName) => ({ accountId: job.accountId, region: job.region, thingName })));
      return true;
    });
    const theirs = await observing.jobRemoved(job);
    const writes: Write[] = ["iot_job_target", "iot_job"].map((table) => ({
      sql: `DELETE FROM ${table} WHERE account_id = ? AND region = ? AND job_id = ?`,
      params: jobKeyParams(job),
    }));
    await database.commit([...writes, ...theirs.writes]);
    theirs.committed();
    events.jobChanged(job, "deleted");
  }

  return {
    dropWaiting,

    expiryOf: (completedAt: number): number => completedAt + KEPT,

    /** Marks every thing that has the job queued as one to be told. */
    async tellQueued(job: Job): Promise<void> {
      if (job.namespaceId !== undefined) return;
      let after = "";
      for (;;) {
        const found = await listByStatus(deps, job, "QUEUED", PAGE, after);
        if (found.length === 0) return;
        const names = found.map(({ thingName }) => thingName);
        after = names.at(-1) as string;
        await database.commit([markDue(job, names, true)]);
        notices.wake(names.map((thingName) => ({ accountId: job.accountId, region: job.region, thingName })));
        await yieldToOthers();
      }
    },

    /** Goes on with whatever the job's phase says. */
    async run(key: JobKey): Promise<readonly Write[]> {
      const job = await jobs.get(key);
      if (job === undefined) return [];
      if (job.phase === "CANCELING") await cancel(job);
      else if (job.phase === "DELETING") await remove(job);
      else if (job.completedAt !== undefined && job.completedAt + KEPT <= clock.now()) {
        const patch = { status: "DELETION_IN_PROGRESS", phase: "DELETING" } as const;
        await database.commit([jobs.planWrite(job, patch)]);
        await remove({ ...job, ...patch });
      }
      return [];
    },
  };
}
