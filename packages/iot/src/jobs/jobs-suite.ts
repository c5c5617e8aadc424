import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AT, type OpenTestRoom, refusalOf } from "../test-room.ts";
import { openTestJobs, type TestJobs } from "./test-jobs.ts";

const arn = (resource: string) => `arn:aws:iot:us-east-1:000000000000:${resource}`;
const MINUTE = 60_000;
const parameter = (name: string) => `\${aws:iot:parameter:${name}}`;
const presigned = (key: string) => `\${aws:iot:s3-presigned-url:https://s3.us-east-1.amazonaws.com/firmware/${key}}`;

/** What jobs and templates say, and what is refused (reference 4.3 to 4.6), on whatever database `open` gives. */
export function describeJobs(open: OpenTestRoom): void {
  let kit: TestJobs;
  let made = 0;
  beforeAll(async () => {
    kit = await openTestJobs(open);
    await kit.addThings("lamp", "fan");
    await kit.addGroup("house", ["fan"]);
  });
  afterAll(async () => {
    await kit.jobs.notices.stop();
    await kit.room.close();
  });

  const create = async (more: object = {}) => {
    const jobId = `job-${++made}`;
    await kit.call("CreateJob", { jobId, targets: [arn("thing/lamp")], document: "{}", ...more });
    await kit.pass(0);
    return jobId;
  };
  const refusal = (more: object) =>
    refusalOf(kit.call("CreateJob", { jobId: "refused", targets: [arn("thing/lamp")], document: "{}", ...more }));
  const job = async (jobId: string) => (await kit.call("DescribeJob", { jobId })).job;
  const documentOf = async (jobId: string): Promise<unknown> =>
    JSON.parse((await kit.ask("DescribeJobExecution", { jobId, thingName: "lamp" })).execution?.jobDocument ?? "null");
  const at = (minutes: number) => new Date(kit.room.clock.now() + minutes * MINUTE).toISOString().slice(0, 16);

  describe("what the constraints lack is refused by name", () => {
    const exponential = (more: object, maximumPerMinute?: number) => ({
      jobExecutionsRolloutConfig: {
        ...(maximumPerMinute === undefined ? {} : { maximumPerMinute }),
        exponentialRate: {
          baseRatePerMinute: 10,
          incrementFactor: 2,
          rateIncreaseCriteria: { numberOfNotifiedThings: 10 },
          ...more,
        },
      },
    });
    const abort = (thresholdPercentage: number) => ({
      abortConfig: {
        criteriaList: [{ failureType: "ALL", action: "CANCEL", minNumberOfExecutedThings: 1, thresholdPercentage }],
      },
    });
    const retries = (...criteriaList: [failureType: string, numberOfRetries: number][]) => ({
      jobExecutionsRetryConfig: {
        criteriaList: criteriaList.map(([failureType, numberOfRetries]) => ({ failureType, numberOfRetries })),
      },
    });
    const scheduled = (schedulingConfig: () => object, targetSelection = "SNAPSHOT") => ({
      targetSelection,
      schedulingConfig,
    });
    const windows = (startTime: string) => ({ maintenanceWindows: [{ startTime, durationInMinutes: 60 }] });

    test.each<[why: string, input: Record<string, unknown>]>([
      ["document", { document: undefined }],
      ["document", { documentSource: "https://s3.us-east-1.amazonaws.com/firmware/a.json" }],
      ["document", { document: "[]" }],
      ["document", { document: "{" }],
      ["document", { document: JSON.stringify({ a: "é".repeat(17_000) }) }],
      ["documentSource", { document: undefined, documentSource: "https://example.com/a.json" }],
      ["presignedUrlConfig", { document: JSON.stringify({ a: presigned("a") }) }],
      ["presignedUrlConfig", { presignedUrlConfig: { expiresInSec: 60 } }],
      ["documentParameters", { documentParameters: { a: "b" } }],
      ["documentParameters", { document: JSON.stringify({ a: parameter("a") }), documentParameters: { a: "b" } }],
      ["targets", { targets: [arn("billinggroup/x")] }],
      ["targets", { targets: ["arn:aws:iot:eu-west-1:000000000000:thing/lamp"] }],
      ["targets", { targets: ["arn:aws:iot:us-east-1:111122223333:thing/lamp"] }],
      ["targets", { targets: ["lamp"] }],
      ["targets", { targets: Array.from({ length: 101 }, () => arn("thing/lamp")) }],
      ["maximumPerMinute", exponential({})],
      ["baseRatePerMinute", exponential({}, 9)],
      ["incrementFactor", exponential({ incrementFactor: 1.25 }, 50)],
      ["rateIncreaseCriteria", exponential({ rateIncreaseCriteria: {} }, 50)],
      [
        "rateIncreaseCriteria",
        exponential({ rateIncreaseCriteria: { numberOfNotifiedThings: 1, numberOfSucceededThings: 1 } }, 50),
      ],
      ["thresholdPercentage", abort(10.999)],
      ["thresholdPercentage", abort(0)],
      ["thresholdPercentage", abort(-1)],
      ["inProgressTimeoutInMinutes", { timeoutConfig: { inProgressTimeoutInMinutes: 0 } }],
      ["inProgressTimeoutInMinutes", { timeoutConfig: { inProgressTimeoutInMinutes: 10_081 } }],
      ["ALL by itself", retries(["ALL", 1], ["FAILED", 1])],
      ["at most once", retries(["FAILED", 1], ["FAILED", 2])],
      ["10 retries", retries(["FAILED", 6], ["TIMED_OUT", 5])],
      ["startTime", scheduled(() => ({ startTime: "tomorrow" }))],
      ["startTime", scheduled(() => ({ startTime: at(-1) }))],
      ["startTime", scheduled(() => ({ startTime: at(367 * 24 * 60) }))],
      ["endTime", scheduled(() => ({ endTime: at(29) }))],
      ["endTime", scheduled(() => ({ startTime: at(60), endTime: at(89) }))],
      ["endTime", scheduled(() => ({ endTime: at(2 * 367 * 24 * 60) }))],
      ["endBehavior", scheduled(() => ({ endBehavior: "CANCEL" }))],
      ["continuous", scheduled(() => windows("cron(0 2 ? * 1 *)"))],
      ["day-of-month and day-of-week", scheduled(() => windows("cron(0 2 * * 1 *)"), "CONTINUOUS")],
      ["does not open", scheduled(() => windows("cron(0 2 30 2 ? *)"), "CONTINUOUS")],
      ["Not a schedule", scheduled(() => windows("rate(1 day)"), "CONTINUOUS")],
      ["tags", { tags: [{ Key: "a" }, { Key: "a" }] }],
    ])("%s (%#)", async (why, input) => {
      const { schedulingConfig: config } = input as { schedulingConfig?: () => object };
      const { name, message } = await refusal({ ...input, ...(config ? { schedulingConfig: config() } : {}) });
      expect(name).toBe("InvalidRequestException");
      expect(message).toContain(why);
    });

    test.each([
      ["thing", { targets: [arn("thing/absent")] }],
      ["group", { targets: [arn("thinggroup/absent")] }],
      ["template", { document: undefined, jobTemplateArn: arn("jobtemplate/absent") }],
      [
        "template of another account",
        { document: undefined, jobTemplateArn: arn("jobtemplate/x").replace("00:", "01:") },
      ],
      ["package", { destinationPackageVersions: ["arn:aws:iot:us-east-1:000000000000:package/p/version/1"] }],
    ])("a %s that is not there", async (_, input) => {
      expect((await refusal(input)).name).toBe("ResourceNotFoundException");
    });

    test("a token that no list gave", async () => {
      const token = (...parts: string[]) => Buffer.from(JSON.stringify(parts)).toString("hex");
      for (const [operation, input] of [
        ["ListJobs", { nextToken: token("NaN", "x") }],
        ["ListJobExecutionsForJob", { jobId: await create(), nextToken: token("lamp", "1e99") }],
        ["ListJobExecutionsForThing", { thingName: "lamp", nextToken: token("x", "x", "-1") }],
      ] as const) {
        expect(await refusalOf(kit.call(operation, input as never))).toMatchObject({
          name: "InvalidRequestException",
        });
      }
    });
  });

  describe("documents", () => {
    test("are kept as their source was when the job was created", async () => {
      kit.room.objects.set("firmware/doc.json", '{"version":1}');
      const documentSource = "https://s3.us-east-1.amazonaws.com/firmware/doc.json";
      const jobId = await create({ document: undefined, documentSource });
      kit.room.objects.set("firmware/doc.json", '{"version":2}');
      expect(await documentOf(jobId)).toEqual({ version: 1 });
      expect(await refusal({ document: undefined, documentSource: `${documentSource}x` })).toMatchObject({
        name: "InvalidRequestException",
        message: expect.stringContaining("firmware/doc.jsonx"),
      });
    });

    test("placeholders are put in at each request, and one signature serves many devices for half its time", async () => {
      const signing = { presignedUrlConfig: { roleArn: "arn:aws:iam::000000000000:role/reads", expiresInSec: 60 } };
      const document = JSON.stringify({ a: presigned("a.bin"), again: presigned("a.bin"), b: presigned("b.bin") });
      const jobId = await create({ document, ...signing });
      const first = (await documentOf(jobId)) as { a: string; again: string; b: string };
      expect(first.a).toMatch(/^https:\/\/objects\.example\/firmware\/a\.bin\?signature=\d+$/);
      expect(first.again).toBe(first.a);
      expect(first.b).toContain("b.bin");
      await kit.pass(29_000);
      expect(await documentOf(jobId)).toEqual(first);
      await kit.pass(2_000);
      expect(await documentOf(jobId)).not.toEqual(first);
      expect(JSON.stringify(await documentOf(jobId))).not.toContain("aws:iot");
    });

    test("a role that may no longer sign fails the request, and nothing else", async () => {
      const signing = { presignedUrlConfig: { roleArn: "arn:aws:iam::000000000000:role/revoked", expiresInSec: 60 } };
      const jobId = await create({ document: JSON.stringify({ a: presigned("revoked") }), ...signing });
      const { presign } = kit.room.deps.objects;
      kit.room.deps.objects.presign = async () => {
        throw Object.assign(new Error("not authorized"), { name: "AccessDenied" });
      };
      try {
        await kit.pass(31_000);
        await expect(documentOf(jobId)).rejects.toThrow();
        expect((await kit.call("DescribeJobExecution", { jobId, thingName: "lamp" })).execution?.status).toBe("QUEUED");
      } finally {
        kit.room.deps.objects.presign = presign;
      }
      expect(await documentOf(jobId)).toMatchObject({ a: expect.stringContaining("https://objects.example/") });
    });
  });

  describe("templates", () => {
    const template = async (more: object = {}) => {
      const jobTemplateId = `template-${++made}`;
      const { jobTemplateArn = "" } = await kit.call("CreateJobTemplate", {
        jobTemplateId,
        description: "from a template",
        document: '{"of":"the template"}',
        ...more,
      });
      return jobTemplateArn;
    };

    test("yield to the job's own values, member by member", async () => {
      const jobTemplateArn = await template({
        jobExecutionsRolloutConfig: { maximumPerMinute: 5 },
        abortConfig: {
          criteriaList: [
            { failureType: "ALL", action: "CANCEL", thresholdPercentage: 50, minNumberOfExecutedThings: 2 },
          ],
        },
        timeoutConfig: { inProgressTimeoutInMinutes: 10 },
        jobExecutionsRetryConfig: { criteriaList: [{ failureType: "ALL", numberOfRetries: 1 }] },
        maintenanceWindows: [{ startTime: "cron(0 2 * * ? *)", durationInMinutes: 30 }],
      });
      const bare = await job(await create({ document: undefined, jobTemplateArn }));
      expect(bare).toMatchObject({
        description: "from a template",
        jobExecutionsRolloutConfig: { maximumPerMinute: 5 },
        abortConfig: { criteriaList: [{ thresholdPercentage: 50 }] },
        timeoutConfig: { inProgressTimeoutInMinutes: 10 },
        jobExecutionsRetryConfig: { criteriaList: [{ numberOfRetries: 1 }] },
      });
      // Windows are for continuous jobs.
      expect(bare?.schedulingConfig).toBeUndefined();
      const own = await create({
        jobTemplateArn,
        document: '{"of":"the job"}',
        description: "its own",
        jobExecutionsRolloutConfig: { maximumPerMinute: 6 },
        timeoutConfig: { inProgressTimeoutInMinutes: 11 },
      });
      expect(await job(own)).toMatchObject({
        description: "its own",
        jobExecutionsRolloutConfig: { maximumPerMinute: 6 },
        timeoutConfig: { inProgressTimeoutInMinutes: 11 },
        jobExecutionsRetryConfig: { criteriaList: [{ numberOfRetries: 1 }] },
      });
      expect((await kit.call("GetJobDocument", { jobId: own })).document).toBe('{"of":"the job"}');
      const continuous = await create({ document: undefined, jobTemplateArn, targetSelection: "CONTINUOUS" });
      expect((await job(continuous))?.schedulingConfig?.maintenanceWindows).toHaveLength(1);
    });

    test("of a job take its document and rules, parameters put in", async () => {
      const jobId = await create({
        document: undefined,
        jobTemplateArn: "arn:aws:iot:us-east-1::jobtemplate/AWS-Reboot:1.0",
        documentParameters: { runAsUser: "root" },
        timeoutConfig: { inProgressTimeoutInMinutes: 3 },
      });
      expect(await documentOf(jobId)).toMatchObject({ steps: [{ action: { runAsUser: "root" } }] });
      const jobTemplateArn = await template({ document: undefined, jobArn: arn(`job/${jobId}`) });
      const copy = await create({ document: undefined, jobTemplateArn });
      expect(await documentOf(copy)).toEqual(await documentOf(jobId));
      expect(await job(copy)).toMatchObject({ timeoutConfig: { inProgressTimeoutInMinutes: 3 } });
    });

    test("of AWS's need their parameters, and keep their document", async () => {
      const jobTemplateArn = "arn:aws:iot:us-east-1::jobtemplate/AWS-Run-Command:1.0";
      const managed = { document: undefined, jobTemplateArn };
      expect((await refusal(managed)).message).toContain("command is missing");
      expect((await refusal({ ...managed, documentParameters: { command: "ls", x: "y" } })).message).toContain("for x");
      expect((await refusal({ jobTemplateArn })).message).toContain("managed");
      const jobId = await create({ ...managed, documentParameters: { command: "ls" } });
      expect((await job(jobId))?.documentParameters).toEqual({ command: "ls" });
      const own = await template();
      expect(
        await refusal({ document: undefined, jobTemplateArn: own, documentParameters: { command: "ls" } }),
      ).toMatchObject({ message: expect.stringContaining("documentParameters") });
    });
  });

  describe("UpdateJob", () => {
    test("a new rate holds at once, a new timeout for what starts later", async () => {
      await kit.addGroup(
        "twenty",
        Array.from({ length: 20 }, (_, index) => `twenty-${String(index).padStart(2, "0")}`),
      );
      const jobId = await create({
        targets: [arn("thinggroup/twenty")],
        jobExecutionsRolloutConfig: { maximumPerMinute: 1 },
        timeoutConfig: { inProgressTimeoutInMinutes: 10 },
      });
      const queued = async () => (await job(jobId))?.jobProcessDetails?.numberOfQueuedThings;
      expect(await queued()).toBe(1);
      await kit.say("twenty-00", "start-next");
      await kit.call("UpdateJob", {
        jobId,
        jobExecutionsRolloutConfig: { maximumPerMinute: 600 },
        timeoutConfig: { inProgressTimeoutInMinutes: 20 },
      });
      await kit.pass(3_000);
      expect(await queued()).toBe(19);
      await kit.say("twenty-01", "start-next");
      const dueIn = async (thingName: string) =>
        Math.round(((await kit.executionOf(thingName))?.approximateSecondsBeforeTimedOut ?? 0) / 60);
      expect([await dueIn("twenty-00"), await dueIn("twenty-01")]).toEqual([10, 20]);
    });

    test("new abort criteria look at what has failed already", async () => {
      await kit.addGroup("two", ["two-0", "two-1"]);
      const jobId = await create({ targets: [arn("thinggroup/two")] });
      await kit.say("two-0", `${jobId}/update`, { status: "FAILED" });
      await kit.pass(1_000);
      const criteria = {
        failureType: "FAILED",
        action: "CANCEL",
        thresholdPercentage: 50,
        minNumberOfExecutedThings: 1,
      } as const;
      await kit.call("UpdateJob", { jobId, abortConfig: { criteriaList: [criteria] } });
      await kit.pass(1_000);
      expect(await job(jobId)).toMatchObject({ status: "CANCELED", reasonCode: "ABORT_CRITERIA_MET" });
    });
  });

  describe("DeleteJobExecution", () => {
    const counts = async (jobId: string) => (await kit.jobs.jobs.get({ ...AT, jobId }))?.counts;

    test("takes an execution out of the counts, and the attempt before it counts again", async () => {
      const jobId = await create({
        jobExecutionsRetryConfig: { criteriaList: [{ failureType: "FAILED", numberOfRetries: 1 }] },
        targets: [arn("thing/lamp"), arn("thing/fan")],
      });
      await kit.say("lamp", `${jobId}/update`, { status: "FAILED" });
      await kit.say("lamp", `${jobId}/update`, { status: "REJECTED" });
      expect(await counts(jobId)).toMatchObject({ queued: 1, rejected: 1, failed: 0 });
      const named = { jobId, thingName: "lamp" };
      await kit.call("DeleteJobExecution", { ...named, executionNumber: 2 });
      expect(await counts(jobId)).toMatchObject({ queued: 1, rejected: 0, failed: 1 });
      expect((await kit.call("DescribeJobExecution", named)).execution).toMatchObject({ executionNumber: 1 });
      await kit.call("DeleteJobExecution", { ...named, executionNumber: 1 });
      expect(await counts(jobId)).toMatchObject({ queued: 1, rejected: 0, failed: 0 });
      expect(await refusalOf(kit.call("DescribeJobExecution", named))).toMatchObject({
        name: "ResourceNotFoundException",
      });
    });

    test("by force ends one in progress: its timer goes, its device is told, and the job may end", async () => {
      const jobId = await create({ timeoutConfig: { inProgressTimeoutInMinutes: 5 } });
      await kit.say("lamp", `${jobId}/update`, { status: "IN_PROGRESS" });
      await kit.pass(0);
      kit.told("/notify");
      const first = { jobId, thingName: "lamp", executionNumber: 1 };
      expect(await refusalOf(kit.call("DeleteJobExecution", first))).toMatchObject({
        name: "InvalidStateTransitionException",
      });
      expect(await refusalOf(kit.call("DeleteJobExecution", { ...first, namespaceId: "other" }))).toMatchObject({
        name: "ResourceNotFoundException",
      });
      await kit.call("DeleteJobExecution", { ...first, force: true });
      await kit.pass(1_000);
      expect(kit.told("things/lamp/jobs/notify")).toHaveLength(1);
      expect(await counts(jobId)).toMatchObject({ inProgress: 0, canceled: 0, notified: 1 });
      expect((await job(jobId))?.status).toBe("COMPLETED");
      const timers = await kit.room.database.query<{ id: string }>(
        "SELECT id FROM hearth_timer WHERE kind = 'job-timeout'",
      );
      expect(timers.filter(({ id }) => id.includes(jobId))).toEqual([]);
      expect((await kit.say("lamp", `${jobId}/update`, { status: "SUCCEEDED" })).body).toMatchObject({
        code: "ResourceNotFound",
      });
    });
  });

  test("a namespace's jobs are told on topics of their own, and are no device's next", async () => {
    await kit.addThings("green");
    const jobId = await create({ namespaceId: "greengrass", targets: [arn("thing/green")] });
    expect(kit.told(`jobs/${jobId}/notify-namespace-greengrass/`)).toMatchObject([
      { body: { jobs: { QUEUED: [{ jobId, executionNumber: 1 }] } } },
    ]);
    expect(await kit.executionOf("green")).toBeUndefined();
    await kit.say("green", `${jobId}/update`, { status: "SUCCEEDED" });
    expect(kit.told(`jobs/${jobId}/notify-namespace-greengrass/`)).toMatchObject([
      { body: { jobs: { SUCCEEDED: [{ jobId }] } } },
    ]);
    expect(kit.told("things/green/jobs/notify")).toEqual([]);
  });
}

/** AWS's quotas, which the profile `aws` keeps. */
export function describeJobQuotas(open: OpenTestRoom): void {
  let kit: TestJobs;
  beforeAll(async () => {
    kit = await openTestJobs(() => open({ profile: "aws" }));
    await kit.addThings("lamp");
  });
  afterAll(async () => {
    await kit.jobs.notices.stop();
    await kit.room.close();
  });
  const input = (jobId: string) => ({ jobId, targets: [arn("thing/lamp")], document: "{}" });

  test("rates: 1,000 a minute at most, and unless a job says less", async () => {
    await kit.call("CreateJob", input("default"));
    expect((await kit.call("DescribeJob", { jobId: "default" })).job).toMatchObject({
      jobExecutionsRolloutConfig: { maximumPerMinute: 1_000 },
    });
    const faster = { jobExecutionsRolloutConfig: { maximumPerMinute: 1_001 } };
    expect(await refusalOf(kit.call("CreateJob", { ...input("faster"), ...faster }))).toMatchObject({
      message: expect.stringContaining("maximumPerMinute"),
    });
    expect(await refusalOf(kit.call("UpdateJob", { jobId: "default", ...faster }))).toMatchObject({
      message: expect.stringContaining("maximumPerMinute"),
    });
  });

  test("a start is 30 minutes ahead", async () => {
    const startTime = new Date(kit.room.clock.now() + 29 * MINUTE).toISOString().slice(0, 16);
    expect(await refusalOf(kit.call("CreateJob", { ...input("soon"), schedulingConfig: { startTime } }))).toMatchObject(
      {
        message: expect.stringContaining("startTime has to be 30 minutes ahead"),
      },
    );
  });

  test("500 concurrent jobs, 100 templates, ten deletions at once", async () => {
    await kit.call("CreateJob", input("model"));
    const model = await kit.jobs.jobs.get({ ...AT, jobId: "model" });
    if (model === undefined) throw new Error("the job is not there");
    // Without timers of their own they stay what they are: on their way.
    const others = Array.from({ length: 500 }, (_, index) => ({
      ...model,
      jobId: `other-${index}`,
      status: "IN_PROGRESS" as const,
    }));
    await kit.room.database.commit(others.flatMap((other) => [...kit.jobs.jobs.planCreate(other)]));
    expect(await refusalOf(kit.call("CreateJob", input("refused")))).toMatchObject({ name: "LimitExceededException" });

    const template = (index: number) => ({ jobTemplateId: `t-${index}`, description: "d", document: "{}" });
    for (let index = 0; index < 100; index++) await kit.call("CreateJobTemplate", template(index));
    expect(await refusalOf(kit.call("CreateJobTemplate", template(100)))).toMatchObject({
      name: "LimitExceededException",
    });

    await kit.room.timers.stop();
    const remove = (index: number) => kit.call("DeleteJob", { jobId: `other-${index}`, force: true });
    for (let index = 0; index < 10; index++) await remove(index);
    expect(await refusalOf(remove(10))).toMatchObject({ name: "LimitExceededException" });
    expect(await refusalOf(remove(0))).toMatchObject({ name: "InvalidStateTransitionException" });
  });
}
