import type { Write } from "@hearth/backplane";
import { placed } from "../storage/place.ts";
import type { Planned } from "../storage/planned.ts";
import type { JobEngine, JobEngineDeps } from "./engine.ts";
import { TIMER, timerId } from "./engine-timers.ts";
import { type Execution, isTerminal } from "./execution.ts";
import { deleteWaiting, insertExecutions, insertNext, listOpenOfThing, readLatest } from "./execution-store.ts";
import { COUNT_OF } from "./executions.ts";
import { isLive, type Job } from "./job.ts";
import { forgetThing, markDue } from "./job-thing-store.ts";

const NOTHING: Planned = { writes: [], committed: () => {} };

/** Things that come to a continuous job and leave it (reference 4.6), as writes for the batch of whoever knows. */
export function createMembership(deps: JobEngineDeps): Pick<JobEngine, "planEnter" | "planLeave" | "planForget"> {
  const { clock, timers, jobs, executions, notices, observing } = deps;

  async function leaving(job: Job, open: readonly Execution[]): Promise<Planned> {
    const waiting = open.filter(({ status }) => status === "WAITING");
    const seen = open.filter(({ status }) => status !== "WAITING" && !isTerminal(status));
    const dropped: Write[] =
      waiting.length === 0 ? [] : [deleteWaiting(job, waiting), jobs.planCount(job, { waiting: -waiting.length })];
    if (seen.length === 0) return { writes: dropped, committed: () => {} };
    const { writes, after, committed } = await executions.planChanges(job, seen, { type: "remove" });
    return {
      writes: [...dropped, ...writes, ...notices.planTold(job, after)],
      committed() {
        committed();
        if (job.namespaceId !== undefined) timers.wake(clock.now());
      },
    };
  }

  return {
    async planEnter(key, thingNames, { atRate } = { atRate: false }) {
      const job = await jobs.get(key);
      const now = clock.now();
      const isOpen = job !== undefined && isLive(job) && (job.endAt === undefined || job.endAt > now);
      if (!isOpen || job.targetSelection !== "CONTINUOUS" || thingNames.length === 0) return NOTHING;
      const latest = await readLatest(deps, job, thingNames);
      const isBegun =
        !atRate && (job.status === "IN_PROGRESS" || (job.rules.windows !== undefined && now >= (job.startAt ?? 0)));
      const entering = thingNames.flatMap((thingName): Execution[] => {
        const last = latest.get(thingName);
        if (last !== undefined && (atRate || !isTerminal(last.status))) return [];
        const executionNumber = (last?.executionNumber ?? 0) + 1;
        return [
          {
            accountId: job.accountId,
            region: job.region,
            jobId: job.jobId,
            thingName,
            executionNumber,
            status: isBegun ? "QUEUED" : "WAITING",
            versionNumber: 1,
            retryAttempt: 0,
            forceCanceled: false,
            queuedAt: now,
            updatedAt: now,
          },
        ];
      });
      if (entering.length === 0) return NOTHING;
      const fresh = entering.filter(({ executionNumber }) => executionNumber === 1);
      const back = entering.filter(({ executionNumber }) => executionNumber > 1);
      const names = entering.map(({ thingName }) => thingName);
      const told = isBegun ? entering.map((after) => ({ job, after })) : [];
      const theirs = await observing.executionsChanged(job, told);
      const writes: Write[] = [];
      if (fresh.length > 0) writes.push(insertExecutions(fresh));
      for (const execution of back) {
        writes.push(...insertNext({ ...execution, executionNumber: execution.executionNumber - 1 }, execution));
      }
      if (isBegun)
        writes.push(...(job.namespaceId === undefined ? [markDue(job, names, true)] : notices.planTold(job, entering)));
      // Guarded by the job's revision: a rollout that is about to find that nothing waits looks again.
      if (atRate) {
        writes.push(jobs.planWrite(job, { phase: job.phase === "ROLLED" ? "ROLLING" : job.phase }));
        writes.push(timers.arm(TIMER.rollout, timerId(job), Math.max(now, job.rollout.anchor)));
      }
      // A thing that comes back leaves the count of how it ended before.
      const counts: Parameters<typeof jobs.planCount>[1] = isBegun
        ? { queued: entering.length, notified: fresh.length }
        : { waiting: entering.length };
      for (const { thingName } of back) {
        const name = COUNT_OF[(latest.get(thingName) as Execution).status];
        counts[name] = (counts[name] ?? 0) - 1;
      }
      // A job that is cancelled meanwhile takes nobody in, and one that begins meanwhile has its things queued.
      writes.push(jobs.planStill(job), jobs.planCount(job, counts), ...theirs.writes);
      return {
        writes,
        committed() {
          if (isBegun) notices.wake(names.map((thingName) => ({ ...placed(job), thingName })));
          if (atRate || job.namespaceId !== undefined) timers.wake(now);
          theirs.committed();
        },
      };
    },

    async planLeave(key, thingNames) {
      const job = await jobs.get(key);
      if (job === undefined || job.phase === "DELETING") return NOTHING;
      const latest = await readLatest(deps, job, thingNames);
      const open = [...latest.values()].filter(({ status }) => !isTerminal(status));
      const planned = await leaving(job, open);
      if (job.phase !== "EXPANDING") return planned;
      // The page of members that is being chosen may have them: it is looked at again.
      return { ...planned, writes: [...planned.writes, jobs.planWrite(job, {})] };
    },

    async planForget(at, thingName) {
      const open = await listOpenOfThing(deps, at, thingName);
      const all = await Promise.all(
        open.map(async (execution) => {
          const job = await jobs.get(execution);
          return job === undefined ? NOTHING : leaving(job, [execution]);
        }),
      );
      return {
        writes: [...all.flatMap(({ writes }) => writes), forgetThing(at, thingName)],
        committed: () => {
          for (const { committed } of all) committed();
        },
      };
    },
  };
}
