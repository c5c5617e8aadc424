import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AT, jsonOf, type OpenTestRoom, openTestRoom } from "../test-room.ts";
import { openTestJobs, type TestJobs } from "./test-jobs.ts";

export function describeDevices(open: OpenTestRoom): void {
  let kit: TestJobs;
  beforeEach(async () => {
    kit = await openTestJobs(open);
    await kit.addThings("lamp");
  });
  afterEach(async () => {
    await kit.jobs.notices.stop();
    await kit.room.close();
  });

  const thing = (name: string) => `arn:aws:iot:${AT.region}:${AT.accountId}:thing/${name}`;
  async function give(jobId: string, more: object = {}, ...things: string[]): Promise<void> {
    const targets = (things.length === 0 ? ["lamp"] : things).map(thing);
    await kit.call("CreateJob", { jobId, targets, document: JSON.stringify({ job: jobId }), ...more });
    await kit.pass(1);
  }
  const rowOf = async (jobId: string) =>
    (await kit.call("DescribeJobExecution", { jobId, thingName: "lamp" })).execution;
  test("$next, start-next and the lists: what is in progress comes first, then what was queued first", async () => {
    expect((await kit.say("lamp", "$next/get")).body).toEqual({ timestamp: expect.any(Number) });
    expect((await kit.say("lamp", "start-next")).body).toEqual({ timestamp: expect.any(Number) });
    for (const jobId of ["c", "a", "b"]) await give(jobId);
    expect(await kit.executionOf("lamp")).toMatchObject({ jobId: "c" });
    await kit.say("lamp", "a/update", { status: "IN_PROGRESS" });
    expect((await kit.say("lamp", "$next/get", { includeJobDocument: false })).body["execution"]).toEqual({
      jobId: "a",
      thingName: "lamp",
      status: "IN_PROGRESS",
      statusDetails: {},
      queuedAt: expect.any(Number),
      startedAt: expect.any(Number),
      lastUpdatedAt: expect.any(Number),
      versionNumber: 2,
      executionNumber: 1,
    });
    const { body } = await kit.say("lamp", "start-next", { statusDetails: { not: "taken" } });
    expect(body).toMatchObject({ execution: { jobId: "a", versionNumber: 2, statusDetails: {} } });
    const jobsOf = (list: unknown) => (list as { jobId: string }[]).map(({ jobId }) => jobId);
    const { inProgressJobs, queuedJobs } = (await kit.say("lamp", "get")).body;
    expect([jobsOf(inProgressJobs), jobsOf(queuedJobs)]).toEqual([["a"], ["c", "b"]]);
    await kit.pass(0);
    expect(kit.told("jobs/notify-next").map(({ body }) => (body["execution"] as { jobId: string }).jobId)).toEqual([
      "c",
      "a",
    ]);
  });

  test("two devices, one expectedVersion: one of them has it, the other is told the state", async () => {
    await give("job");
    const update = (clientId: string) =>
      kit.room.publish("$aws/things/lamp/jobs/job/update", { status: "IN_PROGRESS", expectedVersion: 1 }, { clientId });
    const answers = (await Promise.all([update("one"), update("two")])).map(({ reply }) => jsonOf(reply?.[0]));
    expect(answers).toContainEqual({ timestamp: expect.any(Number) });
    expect(answers).toContainEqual(
      expect.objectContaining({
        code: "VersionMismatch",
        executionState: { status: "IN_PROGRESS", statusDetails: {}, versionNumber: 2 },
      }),
    );
  });

  test("a flood is its own: it keeps its order, is bounded, and another client is answered", async () => {
    await kit.addThings("other");
    await give("job", {}, "lamp", "other");
    const topic = "$aws/things/lamp/jobs/job/update";
    const flood = Array.from({ length: 120 }, (_, n) =>
      kit.room.publish(topic, { status: "IN_PROGRESS", statusDetails: { n: `${n}` } }, { clientId: "lamp" }),
    );
    const other = await kit.say("other", "job/update", { status: "SUCCEEDED" });
    expect(other.topic).toMatch(/accepted$/);
    const answers = (await Promise.all(flood)).map(({ reply }) => (jsonOf(reply?.[0]) as { code?: string }).code);
    expect(answers).toEqual([...Array(100).fill(undefined), ...Array(20).fill("RequestThrottled")]);
    expect(await rowOf("job")).toMatchObject({ versionNumber: 101, statusDetails: { detailsMap: { n: "99" } } });
    // Sent without waiting for answers.
    const later = [
      kit.say("lamp", "job/update", { status: "IN_PROGRESS" }),
      kit.say("lamp", "job/update", { status: "SUCCEEDED" }),
      kit.say("lamp", "job/update", { status: "IN_PROGRESS" }),
    ];
    expect((await Promise.all(later)).map(({ body }) => body["code"])).toEqual([
      undefined,
      undefined,
      "InvalidStateTransition",
    ]);
  });

  test("a list names ten, both states together; a namespace has its own topic and is in no list", async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `job-${String(n).padStart(2, "0")}`);
    for (const jobId of ids) await give(jobId);
    await kit.say("lamp", "job-11/update", { status: "IN_PROGRESS" });
    kit.told("jobs/notify");
    await give("spaced", { namespaceId: "ns" });
    expect(kit.told("jobs/spaced/notify-namespace-ns/")).toMatchObject([
      { topic: "$aws/things/lamp/jobs/spaced/notify-namespace-ns/", body: { jobs: { QUEUED: [{ jobId: "spaced" }] } } },
    ]);
    await give("thirteen");
    const [list, ...more] = kit.told("jobs/notify");
    const jobsOf = (entries: unknown) => (entries as { jobId: string }[]).map(({ jobId }) => jobId);
    const listed = list?.body["jobs"] as { [status in "IN_PROGRESS" | "QUEUED"]: unknown };
    expect([jobsOf(listed.IN_PROGRESS), jobsOf(listed.QUEUED), more]).toEqual([["job-11"], ids.slice(0, 9), []]);
    // By its id it is there.
    expect((await kit.say("lamp", "spaced/get")).body).toMatchObject({ execution: { jobId: "spaced" } });
    expect((await kit.say("lamp", "spaced/update", { status: "SUCCEEDED" })).topic).toMatch(/accepted$/);
    expect(kit.told("notify-namespace-ns/")).toMatchObject([{ body: { jobs: { SUCCEEDED: [{ jobId: "spaced" }] } } }]);
  });

  describe("notifications", () => {
    test("one that cannot be stored is tried again, alone; what was told is told once", async () => {
      await kit.addThings("broken");
      const { sendTogether } = kit.room.deps.router;
      let failing = true;
      kit.room.deps.router.sendTogether = async (messages, publisher, writes) => {
        if (failing && messages.some(({ topic }) => topic.includes("/broken/"))) throw new Error("no room");
        return sendTogether(messages, publisher, writes);
      };
      await give("job", {}, "lamp", "broken");
      expect(kit.told("notify-next").map(({ topic }) => topic)).toEqual(["$aws/things/lamp/jobs/notify-next"]);
      failing = false;
      await kit.pass(5_000);
      expect(kit.told("notify-next").map(({ topic }) => topic)).toEqual(["$aws/things/broken/jobs/notify-next"]);
      await kit.pass(60_000);
      expect(kit.told("notify-next")).toEqual([]);
    });

    test("a stop ends them at once; the next start tells what is left, page by page", async () => {
      const names = Array.from({ length: 450 }, (_, n) => `m-${n}`);
      await kit.addGroup("many", names);
      await kit.jobs.notices.stop();
      await kit.call("CreateJob", {
        jobId: "job",
        targets: [`arn:aws:iot:${AT.region}:${AT.accountId}:thinggroup/many`],
        document: "{}",
      });
      await kit.pass(0);
      expect(kit.told("notify-next")).toEqual([]);
      await kit.room.timers.stop();
      const next = await openTestJobs(() => openTestRoom({ database: kit.room.database }));
      next.jobs.notices.start();
      await next.jobs.notices.idle();
      expect(new Set(next.told("notify-next").map(({ topic }) => topic)).size).toBe(450);
      next.jobs.notices.start();
      await next.jobs.notices.stop();
      expect(next.told("notify-next")).toEqual([]);
      await next.room.close();
    });
  });
}
