import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OpenTestRoom, openTestRoom } from "../test-room.ts";
import { openTestJobs, type TestJobs } from "./test-jobs.ts";

const thing = (name: string) => `arn:aws:iot:us-east-1:000000000000:thing/${name}`;
const group = (name: string) => `arn:aws:iot:us-east-1:000000000000:thinggroup/${name}`;
const named = (count: number) => Array.from({ length: count }, (_, index) => `thing-${String(index).padStart(5, "0")}`);

export function describeEngine(open: OpenTestRoom): void {
  let kit: TestJobs;
  beforeEach(async () => {
    kit = await openTestJobs(open);
  });
  afterEach(async () => {
    await kit.jobs.notices.stop();
    await kit.room.close();
  });

  const details = async (jobId: string) => {
    const { job } = await kit.call("DescribeJob", { jobId });
    return { status: job?.status, ...job?.jobProcessDetails };
  };
  const finish = (thingName: string, jobId: string, status: string) =>
    kit.say(thingName, `${jobId}/update`, { status });
  /** Counts are kept by increments: they must say what the rows say. */
  async function countsAgree(jobId: string): Promise<void> {
    const rows = await kit.room.database.query<{ status: string; count: number }>(
      "SELECT status, COUNT(*) AS count FROM iot_job_execution WHERE job_id = ? AND is_latest = 1 GROUP BY status",
      [jobId],
    );
    const job = await kit.jobs.jobs.get({ accountId: "000000000000", region: "us-east-1", jobId });
    const found = Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
    expect({
      WAITING: job?.counts.waiting,
      QUEUED: job?.counts.queued,
      IN_PROGRESS: job?.counts.inProgress,
      SUCCEEDED: job?.counts.succeeded,
      FAILED: job?.counts.failed,
      TIMED_OUT: job?.counts.timedOut,
      REJECTED: job?.counts.rejected,
      REMOVED: job?.counts.removed,
      CANCELED: job?.counts.canceled,
    }).toEqual({
      ...Object.fromEntries(
        ["WAITING", "QUEUED", "IN_PROGRESS", "SUCCEEDED", "FAILED", "TIMED_OUT", "REJECTED", "REMOVED", "CANCELED"].map(
          (status) => [status, found[status] ?? 0],
        ),
      ),
    });
  }

  test("a job's whole life with one thing", async () => {
    await kit.addThings("lamp");
    const created = await kit.call("CreateJob", { jobId: "job", targets: [thing("lamp")], document: '{"a":1}' });
    expect(created).toMatchObject({ jobArn: "arn:aws:iot:us-east-1:000000000000:job/job", jobId: "job" });
    await kit.pass(0);
    expect(kit.told("jobs/notify")).toMatchObject([
      { body: { jobs: { QUEUED: [{ jobId: "job", executionNumber: 1 }] } } },
    ]);
    expect(kit.told("jobs/notify-next")).toMatchObject([
      { topic: "$aws/things/lamp/jobs/notify-next", body: { execution: { jobId: "job", jobDocument: { a: 1 } } } },
    ]);
    const started = await kit.say("lamp", "start-next", { clientToken: "c", statusDetails: { step: "1" } });
    expect(started.topic).toBe("$aws/things/lamp/jobs/start-next/accepted");
    expect(started.body).toMatchObject({
      clientToken: "c",
      execution: { jobId: "job", status: "IN_PROGRESS", versionNumber: 2, statusDetails: { step: "1" } },
    });
    await kit.pass(0);
    // The same execution is still next, and the list has not changed.
    expect([kit.told("jobs/notify"), kit.told("jobs/notify-next")]).toEqual([[], []]);
    const done = await kit.say("lamp", "job/update", { status: "SUCCEEDED", includeJobExecutionState: true });
    expect(done.body).toMatchObject({ executionState: { status: "SUCCEEDED", versionNumber: 3 } });
    await kit.pass(1_000);
    expect(kit.told("jobs/notify")).toMatchObject([{ body: { jobs: {} } }]);
    const [next] = kit.told("jobs/notify-next");
    expect(next?.body).not.toHaveProperty("execution");
    expect(await details("job")).toMatchObject({ status: "COMPLETED", numberOfSucceededThings: 1 });
    await countsAgree("job");
  });

  test("a group of 1,250 in pages, with the groups below it, each thing once", async () => {
    const names = named(1_250);
    await kit.addGroup("parent", names.slice(0, 700));
    await kit.addGroup("child", names.slice(600), "parent");
    await kit.addThings("other");
    await kit.call("CreateJob", { jobId: "job", targets: [group("parent"), thing("other")], document: "{}" });
    await kit.pass(0);
    expect(await details("job")).toMatchObject({ status: "IN_PROGRESS", numberOfQueuedThings: 1_251 });
    expect(kit.told("jobs/notify-next")).toHaveLength(1_251);
    await countsAgree("job");
  });

  test("the rate holds back", async () => {
    await kit.addGroup("all", named(30));
    const rollout = { maximumPerMinute: 10 };
    await kit.call("CreateJob", {
      jobId: "job",
      targets: [group("all")],
      document: "{}",
      jobExecutionsRolloutConfig: rollout,
    });
    const seen: number[] = [];
    for (let minute = 0; minute < 3; minute++) {
      await kit.pass(59_000);
      seen.push(kit.told("jobs/notify-next").length);
      await kit.pass(1_000);
    }
    expect(seen.map((count, minute) => count <= 10 + (minute === 0 ? 0 : 1))).toEqual([true, true, true]);
    expect(await details("job")).toMatchObject({ numberOfQueuedThings: 30 });
  });

  test("enough failures cancel the rest", async () => {
    await kit.addGroup("all", named(20));
    await kit.call("CreateJob", {
      jobId: "job",
      targets: [group("all")],
      document: "{}",
      abortConfig: {
        criteriaList: [
          { failureType: "FAILED", action: "CANCEL", thresholdPercentage: 50, minNumberOfExecutedThings: 10 },
        ],
      },
    });
    await kit.pass(0);
    for (const name of named(9)) await finish(name, "job", "FAILED");
    await kit.pass(1_000);
    expect(await details("job")).toMatchObject({ status: "IN_PROGRESS" });
    await kit.say("thing-00019", "start-next");
    await finish("thing-00009", "job", "FAILED");
    await kit.pass(1_000);
    expect(await details("job")).toMatchObject({
      status: "CANCELED",
      numberOfFailedThings: 10,
      numberOfCanceledThings: 9,
      numberOfInProgressThings: 1,
    });
    const { job } = await kit.call("DescribeJob", { jobId: "job" });
    expect(job).toMatchObject({ reasonCode: "ABORT_CRITERIA_MET" });
    // What is in progress goes on.
    expect((await finish("thing-00019", "job", "SUCCEEDED")).topic).toMatch(/accepted$/);
    await countsAgree("job");
  });

  test("what takes too long times out, also when nobody was there to see; retries come back", async () => {
    await kit.addThings("lamp");
    await kit.call("CreateJob", {
      jobId: "job",
      targets: [thing("lamp")],
      document: "{}",
      timeoutConfig: { inProgressTimeoutInMinutes: 2 },
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: "TIMED_OUT", numberOfRetries: 1 }] },
    });
    await kit.pass(0);
    await kit.say("lamp", "start-next");
    await kit.pass(119_000);
    expect(await kit.executionOf("lamp")).toMatchObject({ status: "IN_PROGRESS", approximateSecondsBeforeTimedOut: 1 });
    await kit.pass(1_000);
    expect(await kit.executionOf("lamp")).toMatchObject({ status: "QUEUED", executionNumber: 2 });
    await kit.say("lamp", "start-next");
    await kit.pass(121_000);
    expect(await kit.executionOf("lamp")).toBeUndefined();
    expect(await details("job")).toMatchObject({ status: "COMPLETED", numberOfTimedOutThings: 1 });
    const { executionSummaries } = await kit.call("ListJobExecutionsForJob", { jobId: "job" });
    expect(executionSummaries?.map(({ jobExecutionSummary }) => jobExecutionSummary)).toMatchObject([
      { status: "TIMED_OUT", executionNumber: 1, retryAttempt: 0 },
      { status: "TIMED_OUT", executionNumber: 2, retryAttempt: 1 },
    ]);
    await countsAgree("job");
  });

  test("each type of failure has its own number of retries", async () => {
    await kit.addThings("lamp");
    await kit.call("CreateJob", {
      jobId: "job",
      targets: [thing("lamp")],
      document: "{}",
      timeoutConfig: { inProgressTimeoutInMinutes: 1 },
      jobExecutionsRetryConfig: {
        criteriaList: [
          { failureType: "FAILED", numberOfRetries: 2 },
          { failureType: "TIMED_OUT", numberOfRetries: 1 },
        ],
      },
    });
    await kit.pass(0);
    await finish("lamp", "job", "FAILED");
    await finish("lamp", "job", "FAILED");
    await kit.say("lamp", "start-next");
    await kit.pass(61_000);
    expect(await kit.executionOf("lamp")).toMatchObject({ status: "QUEUED", executionNumber: 4 });
    await finish("lamp", "job", "FAILED");
    await kit.pass(1_000);
    expect(await kit.executionOf("lamp")).toBeUndefined();
    expect(await details("job")).toMatchObject({ status: "COMPLETED", numberOfFailedThings: 1 });
    await countsAgree("job");
  });

  test("cancel, force, delete", async () => {
    await kit.addGroup("all", named(6));
    await kit.call("CreateJob", { jobId: "job", targets: [group("all")], document: "{}" });
    await kit.pass(0);
    await kit.say("thing-00000", "start-next");
    await kit.call("CancelJob", { jobId: "job", reasonCode: "WHY", comment: "because" });
    await kit.pass(0);
    expect(await details("job")).toMatchObject({
      status: "CANCELED",
      numberOfCanceledThings: 5,
      numberOfInProgressThings: 1,
    });
    await kit.call("CancelJob", { jobId: "job", force: true });
    await kit.pass(0);
    expect(await details("job")).toMatchObject({ numberOfCanceledThings: 6, numberOfInProgressThings: 0 });
    expect((await finish("thing-00000", "job", "SUCCEEDED")).body).toMatchObject({
      code: "InvalidStateTransition",
      executionState: { status: "CANCELED" },
    });
    await countsAgree("job");
    await kit.call("DeleteJob", { jobId: "job" });
    await kit.pass(0);
    await expect(kit.call("DescribeJob", { jobId: "job" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    expect((await finish("thing-00000", "job", "SUCCEEDED")).body).toMatchObject({ code: "ResourceNotFound" });
    expect(await kit.room.database.query("SELECT * FROM hearth_timer WHERE kind LIKE 'job-%'")).toEqual([]);
  });

  test("a schedule: not before its start, and its end stops it", async () => {
    await kit.addGroup("all", named(4));
    const now = kit.room.clock.now();
    const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString().slice(0, 16);
    await kit.call("CreateJob", {
      jobId: "job",
      targets: [group("all")],
      document: "{}",
      jobExecutionsRolloutConfig: { maximumPerMinute: 1 },
      schedulingConfig: { startTime: at(60), endTime: at(92), endBehavior: "FORCE_CANCEL" },
    });
    await kit.pass(59 * 60_000);
    expect(await details("job")).toMatchObject({ status: "SCHEDULED", numberOfQueuedThings: 0 });
    await kit.pass(2 * 60_000);
    expect(await details("job")).toMatchObject({ status: "IN_PROGRESS", numberOfQueuedThings: 2 });
    await kit.say("thing-00000", "start-next");
    await kit.pass(32 * 60_000);
    expect(await details("job")).toMatchObject({ status: "CANCELED", numberOfCanceledThings: 4 });
    await countsAgree("job");
  });

  test("a maintenance window shuts and opens", async () => {
    await kit.addGroup("all", named(2));
    // 2026-01-01 00:00 is where the clock begins.
    await kit.call("CreateJob", {
      jobId: "job",
      targets: [group("all")],
      document: "{}",
      targetSelection: "CONTINUOUS",
      schedulingConfig: { maintenanceWindows: [{ startTime: "cron(0 2 * * ? *)", durationInMinutes: 30 }] },
    });
    await kit.pass(60_000);
    expect(await details("job")).toMatchObject({ status: "SCHEDULED", numberOfQueuedThings: 0 });
    await kit.pass(2 * 3_600_000);
    expect(await details("job")).toMatchObject({ status: "IN_PROGRESS", numberOfQueuedThings: 2 });
    await kit.say("thing-00000", "start-next");
    expect(kit.told("jobs/notify-next")).toHaveLength(2);
    await kit.pass(30 * 60_000);
    // Shut: what is queued is hidden, what is in progress goes on.
    expect(await kit.executionOf("thing-00001")).toBeUndefined();
    expect(kit.told("jobs/notify-next")).toHaveLength(1);
    expect(await kit.executionOf("thing-00000")).toMatchObject({ status: "IN_PROGRESS" });
    await kit.pass(24 * 3_600_000 - 30 * 60_000);
    expect(await kit.executionOf("thing-00001")).toMatchObject({ status: "QUEUED" });
    const planned = async () => (await kit.call("DescribeJob", { jobId: "job" })).job?.scheduledJobRollouts;
    expect(await planned()).toHaveLength(7);
    await kit.call("CancelJob", { jobId: "job" });
    expect(await planned()).toBeUndefined();
  });

  test("a continuous job: things come, leave and come back", async () => {
    await kit.addGroup("all", []);
    const key = { accountId: "000000000000", region: "us-east-1", jobId: "job" };
    await kit.call("CreateJob", {
      jobId: "job",
      targets: [group("all")],
      document: "{}",
      targetSelection: "CONTINUOUS",
    });
    await kit.pass(0);
    const plan = async (how: "planEnter" | "planLeave") => {
      const { writes, committed } = await kit.jobs.engine[how](key, ["late"]);
      await kit.room.database.commit(writes);
      committed();
      await kit.pass(0);
    };
    await plan("planEnter");
    expect(await kit.executionOf("late")).toMatchObject({ status: "QUEUED", executionNumber: 1 });
    await plan("planLeave");
    expect(await kit.executionOf("late")).toBeUndefined();
    await plan("planEnter");
    expect(await kit.executionOf("late")).toMatchObject({ status: "QUEUED", executionNumber: 2 });
    expect(await details("job")).toMatchObject({ numberOfQueuedThings: 1, numberOfRemovedThings: 0 });
    await countsAgree("job");
    await kit.addGroup("more", ["one", "late"]);
    await kit.call("AssociateTargetsWithJob", { jobId: "job", targets: [group("more")] });
    await kit.pass(0);
    expect(await details("job")).toMatchObject({ numberOfQueuedThings: 2, status: "IN_PROGRESS" });
    await countsAgree("job");
  });

  describe("a kill in a rollout", () => {
    test("goes on where it was: nobody is told twice, nobody is left out", async () => {
      await kit.addGroup("all", named(40));
      await kit.call("CreateJob", {
        jobId: "job",
        targets: [group("all")],
        document: "{}",
        jobExecutionsRolloutConfig: { maximumPerMinute: 60 },
      });
      await kit.pass(10_000);
      const first = kit.told("jobs/notify-next").map(({ topic }) => topic);
      // Some have been queued and not told when it ends.
      await kit.jobs.notices.stop();
      await kit.pass(5_000);
      expect(kit.told("jobs/notify-next")).toEqual([]);
      await kit.room.timers.stop();
      const next = await openTestJobs(() => openTestRoom({ database: kit.room.database }));
      next.room.clock.advance(kit.room.clock.now() - next.room.clock.now());
      next.jobs.notices.start();
      await next.pass(60_000);
      const second = next.told("jobs/notify-next").map(({ topic }) => topic);
      expect(new Set([...first, ...second]).size).toBe(40);
      expect(first.length + second.length).toBe(40);
      await next.jobs.notices.stop();
      await next.room.close();
    });
  });
}
