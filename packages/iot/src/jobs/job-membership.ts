import type { Database, Write } from "@hearth/backplane";
import type { MembershipObserver } from "../registry/groups/membership-observer.ts";
import { type Place, placeOf } from "../storage/place.ts";
import type { Planned } from "../storage/planned.ts";
import type { JobEngine } from "./engine.ts";

export interface JobMembershipDeps {
  database: Pick<Database, "query">;
  engine: Pick<JobEngine, "planEnter" | "planLeave" | "planForget">;
}

interface JobTarget {
  job_id: string;
  target: string;
}

const marks = (list: readonly unknown[]): string => list.map(() => "?").join(", ");
/** Whether the job `j` takes in who comes to its targets. */
const TAKES_IN = "j.target_selection = 'CONTINUOUS' AND j.status IN ('IN_PROGRESS', 'SCHEDULED')";

/** Brings things that join a group into the continuous jobs that target it, and takes out those that leave. */
export function createJobMembership({ database, engine }: JobMembershipDeps): MembershipObserver {
  const targeting = (at: Place, targets: readonly string[]): Promise<JobTarget[]> =>
    database.query<JobTarget>(
      `SELECT t.job_id, t.target FROM iot_job_target t
       JOIN iot_job j ON j.account_id = t.account_id AND j.region = t.region AND j.job_id = t.job_id
       WHERE t.account_id = ? AND t.region = ? AND t.target IN (${marks(targets)}) AND ${TAKES_IN}`,
      [...placeOf(at), ...targets],
    );

  /**
   * Changes nothing; conflicts when a job has come to target one of these since `known` was read. It may have read its
   * things before this batch and would miss the one that the batch is about.
   */
  function noOthers(at: Place, targets: readonly string[], known: readonly JobTarget[]): Write {
    const others =
      known.length === 0 ? "" : `AND (job_id, target) NOT IN (VALUES ${known.map(() => "(?, ?)").join(", ")})`;
    return {
      sql: `UPDATE iot_job_target SET target = target
            WHERE account_id = ? AND region = ? AND target IN (${marks(targets)}) ${others}
              AND EXISTS (SELECT 1 FROM iot_job j WHERE j.account_id = iot_job_target.account_id
                AND j.region = iot_job_target.region AND j.job_id = iot_job_target.job_id AND ${TAKES_IN})`,
      params: [...placeOf(at), ...targets, ...known.flatMap(({ job_id, target }) => [job_id, target])],
      rows: 0,
    };
  }

  return {
    async changed(at, thingName, { entered, left, remaining }) {
      const group = (name: string) => `thinggroup/${name}`;
      const came = new Set(entered.map(group));
      const went = new Set(left.map(group));
      const targets = [`thing/${thingName}`, ...new Set([...came, ...went, ...[...remaining].map(group)])];
      const known = await targeting(at, targets);
      const jobs = new Map<string, Set<string>>();
      for (const { job_id, target } of known) jobs.set(job_id, (jobs.get(job_id) ?? new Set()).add(target));
      const { accountId, region } = at;
      const plans: Promise<Planned>[] = [];
      for (const [jobId, meant] of jobs) {
        const key = { accountId, region, jobId };
        const stays = [...meant].some((target) => !came.has(target) && !went.has(target));
        if (stays) continue;
        const comes = [...meant].some((target) => came.has(target));
        plans.push(comes ? engine.planEnter(key, [thingName]) : engine.planLeave(key, [thingName]));
      }
      const planned = await Promise.all(plans);
      return {
        writes: [noOthers(at, targets, known), ...planned.flatMap(({ writes }) => writes)],
        committed() {
          for (const { committed } of planned) committed();
        },
      };
    },

    removed: (at, thingName) => engine.planForget(at, thingName),
  };
}
