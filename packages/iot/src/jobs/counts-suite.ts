import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AT, type OpenTestRoom } from "../test-room.ts";
import type { StoredStatus } from "./execution.ts";
import { COUNT_OF } from "./executions.ts";
import type { JobCounts } from "./job.ts";
import { openTestJobs, type TestJobs } from "./test-jobs.ts";

const arn = (resource: string) => `arn:aws:iot:us-east-1:000000000000:${resource}`;
const THINGS = ["a", "b", "c", "d", "e", "f"];
const GROUPS = ["left", "right"];
const STATUSES = ["IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED"];
/** What a step may be refused by; anything else is a defect. */
const REFUSALS = [
  "InvalidRequestException",
  "InvalidStateTransitionException",
  "LimitExceededException",
  "ResourceNotFoundException",
  "VersionConflictException",
];

/** Counts are kept by increments beside the rows: whatever happens at once, they say what the rows say. */
export function describeCounts(open: OpenTestRoom, histories: number): void {
  let kit: TestJobs;
  beforeAll(async () => {
    kit = await openTestJobs(open);
    await kit.addThings(...THINGS);
    for (const group of GROUPS) await kit.addGroup(group, []);
  });
  afterAll(async () => {
    await kit.jobs.notices.stop();
    await kit.room.close();
  });

  /** Something that a device, a customer or the time may do to the jobs. */
  function step(draw: fc.GeneratorValue, jobIds: readonly string[]): Promise<unknown> {
    const random = (below: number): number => draw(fc.nat, { max: below - 1 });
    const one = <T>(list: readonly T[]): T => list[random(list.length)] as T;
    const [jobId, thingName, group] = [one(jobIds), one(THINGS), one(GROUPS)];
    const executionNumber = 1 + random(3);
    switch (random(12)) {
      case 0:
      case 1:
      case 2:
        return kit.say(thingName, `${jobId}/update`, { status: one(STATUSES) });
      case 3:
        return kit.say(thingName, "start-next", { stepTimeoutInMinutes: 1 });
      case 4:
        return kit.call("CancelJobExecution", { jobId, thingName, force: random(2) === 0 });
      case 5:
        return kit.call("DeleteJobExecution", { jobId, thingName, executionNumber, force: random(2) === 0 });
      case 6:
      case 7:
        return kit.call("AddThingToThingGroup", { thingName, thingGroupName: group });
      case 8:
        return kit.call("RemoveThingFromThingGroup", { thingName, thingGroupName: group });
      case 9:
        return kit.call("AssociateTargetsWithJob", { jobId, targets: [arn(`thing/${thingName}`)] });
      case 10:
        return kit.call("UpdateJob", { jobId, jobExecutionsRolloutConfig: { maximumPerMinute: 1 + random(100) } });
      default:
        return random(8) === 0 ? kit.call("CancelJob", { jobId, force: random(2) === 0 }) : kit.pass(20_000);
    }
  }

  async function agree(jobId: string): Promise<void> {
    const rows = await kit.room.database.query<{ status: StoredStatus; count: number }>(
      "SELECT status, COUNT(*) AS count FROM iot_job_execution WHERE job_id = ? AND is_latest = 1 GROUP BY status",
      [jobId],
    );
    const counted: Partial<JobCounts> = {};
    for (const name of Object.values(COUNT_OF)) counted[name] = 0;
    for (const { status, count } of rows) counted[COUNT_OF[status]] = Number(count);
    const job = await kit.jobs.jobs.get({ ...AT, jobId });
    expect({ ...job?.counts, notified: 0 }, jobId).toEqual({ ...counted, notified: 0 });
    const lasts = await kit.room.database.query(
      `SELECT thing_name FROM iot_job_execution WHERE job_id = ? GROUP BY thing_name
       HAVING SUM(is_latest) <> 1 OR MAX(CASE WHEN is_latest = 1 THEN execution_number ELSE 0 END) <> MAX(execution_number)`,
      [jobId],
    );
    expect(lasts, `${jobId}: each thing's last attempt is one`).toEqual([]);
  }

  let made = 0;
  async function history(draw: fc.GeneratorValue): Promise<void> {
    made += 1;
    const jobIds = [`continuous-${made}`, `snapshot-${made}`] as const;
    const rules = {
      document: "{}",
      jobExecutionsRolloutConfig: { maximumPerMinute: 6 },
      timeoutConfig: { inProgressTimeoutInMinutes: 1 },
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: "ALL", numberOfRetries: 1 } as const] },
    };
    const groups = GROUPS.map((group) => arn(`thinggroup/${group}`));
    const things = THINGS.slice(0, 4).map((name) => arn(`thing/${name}`));
    await kit.call("CreateJob", { jobId: jobIds[0], targets: groups, targetSelection: "CONTINUOUS", ...rules });
    await kit.call("CreateJob", { jobId: jobIds[1], targets: things, ...rules });
    for (let round = 0; round < 12; round++) {
      // Four at once: their batches meet.
      const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => step(draw, jobIds)));
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(REFUSALS).toContain((outcome.reason as Error).name);
      }
      if (round % 4 !== 3) continue;
      await kit.pass(0);
      for (const jobId of jobIds) await agree(jobId);
    }
    await kit.pass(120_000);
    for (const jobId of jobIds) await agree(jobId);
    // What is over is out of the next history's way.
    for (const jobId of jobIds) await kit.call("DeleteJob", { jobId, force: true });
    await kit.pass(0);
    expect(await kit.room.database.query("SELECT * FROM iot_job_execution")).toEqual([]);
    expect(await kit.room.database.query("SELECT * FROM hearth_timer WHERE kind LIKE 'job-%'")).toEqual([]);
  }

  test("agree with the rows after any history", async () => {
    await fc.assert(fc.asyncProperty(fc.gen(), history), { numRuns: histories, endOnFailure: true });
  });
}
