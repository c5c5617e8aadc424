import { type Write, WriteConflict } from "@hearth/backplane";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AT, type OpenTestRoom } from "../test-room.ts";
import { createJobMembership } from "./job-membership.ts";
import { openTestJobs, type TestJobs } from "./test-jobs.ts";

const arn = (resource: string) => `arn:aws:iot:us-east-1:000000000000:${resource}`;

/** Things that come to continuous jobs and leave them while something else happens to the job. */
export function describeMembership(open: OpenTestRoom): void {
  let kit: TestJobs;
  let made = 0;
  beforeAll(async () => {
    kit = await openTestJobs(open);
  });
  afterAll(async () => {
    await kit.jobs.notices.stop();
    await kit.room.close();
  });

  /** A group with these things, and a continuous job for it that has not begun to look at them. */
  async function stage(members: readonly string[] = []) {
    made += 1;
    const [group, jobId] = [`group-${made}`, `job-${made}`];
    await kit.addGroup(group, members);
    const membership = createJobMembership({ database: kit.room.database, engine: kit.jobs.engine });
    return {
      jobId,
      create: (more: object = {}) =>
        kit.call("CreateJob", {
          ...{ jobId, targets: [arn(`thinggroup/${group}`)], targetSelection: "CONTINUOUS", document: "{}" },
          ...more,
        }),
      joining: (thingName: string) =>
        membership.changed(AT, thingName, { entered: [group], left: [], remaining: new Set([group]) }),
      leaving: (thingName: string) =>
        membership.changed(AT, thingName, { entered: [], left: [group], remaining: new Set() }),
    };
  }
  const commit = (writes: readonly Write[]) => kit.room.database.commit(writes);
  const statusOf = async (jobId: string, thingName: string) =>
    (await kit.call("ListJobExecutionsForJob", { jobId })).executionSummaries?.find(
      ({ thingArn }) => thingArn === arn(`thing/${thingName}`),
    )?.jobExecutionSummary?.status;

  test("a thing that joins while a job is created for its group is seen by one of the two", async () => {
    const { create, joining, jobId } = await stage();
    const before = await joining("late");
    await create();
    await kit.pass(0);
    await expect(commit(before.writes)).rejects.toBeInstanceOf(WriteConflict);
    const again = await joining("late");
    await commit(again.writes);
    expect(await statusOf(jobId, "late")).toBe("QUEUED");
    // Jobs that are known already hold nobody up.
    await commit((await joining("later")).writes);
    expect(await statusOf(jobId, "later")).toBe("QUEUED");
  });

  test("a thing that leaves while the group's things are chosen is not chosen", async () => {
    const { create, leaving, jobId } = await stage(["gone"]);
    await create();
    await kit.pass(0);
    const made = await kit.jobs.jobs.get({ ...AT, jobId });
    if (made === undefined) throw new Error("the job is not there");
    // Without timers it stays where it is: its first page of members has been read and is not committed yet.
    const fresh = { ...AT, jobId: `${jobId}-fresh` };
    await commit(kit.jobs.jobs.planCreate({ ...made, ...fresh }));
    const job = await kit.jobs.jobs.get(fresh);
    await commit((await leaving("gone")).writes);
    expect(await statusOf(jobId, "gone")).toBe("REMOVED");
    const page = kit.jobs.jobs.planWrite(job as NonNullable<typeof job>, { phase: "ROLLING" });
    await expect(commit([page])).rejects.toBeInstanceOf(WriteConflict);
  });

  test("nobody joins a job that is cancelled meanwhile, nor waits for a rollout that has gone by", async () => {
    const { create, joining, jobId } = await stage(["first"]);
    await create();
    await kit.pass(0);
    const before = await joining("late");
    await kit.call("CancelJob", { jobId });
    await kit.pass(0);
    await expect(commit(before.writes)).rejects.toBeInstanceOf(WriteConflict);
    expect(await statusOf(jobId, "late")).toBeUndefined();

    const planned = await stage(["first"]);
    const startTime = new Date(kit.room.clock.now() + 120_000).toISOString().slice(0, 16);
    await planned.create({ schedulingConfig: { startTime } });
    await kit.pass(0);
    const waiting = await planned.joining("late");
    await kit.pass(180_000);
    expect(await statusOf(planned.jobId, "first")).toBe("QUEUED");
    await expect(commit(waiting.writes)).rejects.toBeInstanceOf(WriteConflict);
    await commit((await planned.joining("late")).writes);
    expect(await statusOf(planned.jobId, "late")).toBe("QUEUED");
  });

  test("a namespaced job tells who comes and who leaves on its own topic", async () => {
    const { create, joining, leaving, jobId } = await stage();
    await create({ namespaceId: "fleet" });
    await kit.pass(0);
    for (const [plan, status, versionNumber] of [
      [joining, "QUEUED", 1],
      [leaving, "REMOVED", 2],
    ] as const) {
      const { writes, committed } = await plan("spaced");
      await commit(writes);
      committed();
      await kit.pass(0);
      expect(kit.told(`jobs/${jobId}/notify-namespace-fleet/`)).toMatchObject([
        {
          topic: `$aws/things/spaced/jobs/${jobId}/notify-namespace-fleet/`,
          body: { jobs: { [status]: [{ jobId, versionNumber }] } },
        },
      ]);
    }
    expect(kit.told("things/spaced/jobs/notify")).toEqual([]);
  });
}
