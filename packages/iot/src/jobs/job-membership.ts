import type { Database } from "@hearth/backplane";
import type { MembershipObserver } from "../registry/groups/membership-observer.ts";
import { type Place, placeOf } from "../storage/place.ts";
import type { Planned } from "../storage/planned.ts";
import type { JobEngine } from "./engine.ts";

export interface JobMembershipDeps {
  database: Pick<Database, "query">;
  engine: Pick<JobEngine, "planEnter" | "planLeave" | "planForget">;
}

/** Brings things that join a group into the continuous jobs that target it, and takes out those that leave. */
export function createJobMembership({ database, engine }: JobMembershipDeps): MembershipObserver {
  async function jobsOf(at: Place, targets: readonly string[]): Promise<Map<string, Set<string>>> {
    const found = new Map<string, Set<string>>();
    if (targets.length === 0) return found;
    const rows = await database.query<{ job_id: string; target: string }>(
      `SELECT t.job_id, t.target FROM iot_job_target t
       JOIN iot_job j ON j.account_id = t.account_id AND j.region = t.region AND j.job_id = t.job_id
       WHERE t.account_id = ? AND t.region = ? AND t.target IN (${targets.map(() => "?").join(", ")})
         AND j.target_selection = 'CONTINUOUS' AND j.status IN ('IN_PROGRESS', 'SCHEDULED')`,
      [...placeOf(at), ...targets],
    );
    for (const { job_id: jobId, target } of rows) {
      const targetsOfJob = found.get(jobId) ?? new Set();
      found.set(jobId, targetsOfJob.add(target));
    }
    return found;
  }

  return {
    async changed(at, thingName, { entered, left, remaining }) {
      const group = (name: string) => `thinggroup/${name}`;
      const came = new Set(entered.map(group));
      const went = new Set(left.map(group));
      const jobs = await jobsOf(at, [
        `thing/${thingName}`,
        ...new Set([...came, ...went, ...[...remaining].map(group)]),
      ]);
      const { accountId, region } = at;
      const plans: Promise<Planned>[] = [];
      for (const [jobId, targets] of jobs) {
        const key = { accountId, region, jobId };
        const stays = [...targets].some((target) => !came.has(target) && !went.has(target));
        if (stays) continue;
        const comes = [...targets].some((target) => came.has(target));
        plans.push(comes ? engine.planEnter(key, [thingName]) : engine.planLeave(key, [thingName]));
      }
      const planned = await Promise.all(plans);
      return {
        writes: planned.flatMap(({ writes }) => writes),
        committed() {
          for (const { committed } of planned) committed();
        },
      };
    },

    removed: (at, thingName) => engine.planForget(at, thingName),
  };
}
