import { request } from "node:https";
import { DeleteBucketPolicyCommand, PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Credentials } from "../kit/platform.ts";
import { allow, type Clients, type Input, policy, refusalOf, refusing } from "./door.ts";
import { type ObjectsDoor, openObjectsDoor } from "./objects-door.ts";

const ROLE = "reads-firmware";
const CONTINUOUS = { targetSelection: "CONTINUOUS", document: "{}" } as const;

let firmware: ObjectsDoor;
let iot: Clients["iot"];
let devices: Clients["iot-jobs-data"];
let arnOf: (resource: string) => string;
let roleArn: string;
beforeAll(async () => {
  firmware = await openObjectsDoor();
  const { root, file } = firmware.door;
  ({ iot } = root);
  devices = root["iot-jobs-data"];
  arnOf = (resource) => `arn:aws:iot:${file.region}:${file.accountId}:${resource}`;
  roleArn = `arn:aws:iam::${file.accountId}:role/${ROLE}`;
  const trust = { Effect: "Allow", Principal: { Service: "iot.amazonaws.com" }, Action: "sts:AssumeRole" };
  await root.iam.send("CreateRole", { RoleName: ROLE, AssumeRolePolicyDocument: policy(trust) });
  const PolicyDocument = policy(allow("s3:GetObject", "arn:aws:s3:::firmware/*"));
  await root.iam.send("PutRolePolicy", { RoleName: ROLE, PolicyName: "read", PolicyDocument });
  await firmware.put("lamp.json", '{"operation":"update","from":"the bucket"}');
  await Promise.all(["lamp", "fan"].map((thingName) => iot.send("CreateThing", { thingName })));
});
afterAll(() => firmware.stop());

const refused = refusing("iot", () => firmware.door.root);
const lamp = () => [arnOf("thing/lamp")];
const createJob = (jobId: string, more: Input = {}) =>
  iot.send("CreateJob", { jobId, targets: lamp(), document: '{"a":1}', ...more });
/** What a job's rollout takes a moment for. */
const soon = <T>(look: () => Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 30_000, interval: 20 });
const queued = (jobId: string, thingName = "lamp") =>
  soon(() => iot.send("DescribeJobExecution", { jobId, thingName }));
const report = (jobId: string, status: "IN_PROGRESS" | "SUCCEEDED" | "FAILED", thingName = "lamp") =>
  devices.send("UpdateJobExecution", { jobId, thingName, status });

describe("jobs", () => {
  test("live from creation to deletion", async () => {
    const rules = {
      description: "all at once",
      jobExecutionsRolloutConfig: {
        maximumPerMinute: 100,
        exponentialRate: {
          baseRatePerMinute: 50,
          incrementFactor: 2,
          rateIncreaseCriteria: { numberOfNotifiedThings: 1000 },
        },
      },
      abortConfig: {
        criteriaList: [
          { failureType: "ALL", action: "CANCEL", thresholdPercentage: 10.99, minNumberOfExecutedThings: 5 },
        ],
      },
      timeoutConfig: { inProgressTimeoutInMinutes: 30 },
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: "FAILED", numberOfRetries: 2 }] },
    };
    const created = await createJob("whole", rules);
    expect(created).toEqual({ jobArn: arnOf("job/whole"), jobId: "whole", description: "all at once" });
    expect(await queued("whole")).toMatchObject({
      execution: { status: "QUEUED", thingArn: arnOf("thing/lamp"), executionNumber: 1, versionNumber: 1 },
    });
    expect(await iot.send("GetJobDocument", { jobId: "whole" })).toEqual({ document: '{"a":1}' });
    await report("whole", "IN_PROGRESS");
    const { execution } = await iot.send("DescribeJobExecution", {
      jobId: "whole",
      thingName: "lamp",
      executionNumber: 1,
    });
    expect(execution?.approximateSecondsBeforeTimedOut).toBeGreaterThan(29 * 60);
    await report("whole", "SUCCEEDED");
    const { job } = await soon(async () => {
      const found = await iot.send("DescribeJob", { jobId: "whole" });
      expect(found.job?.status).toBe("COMPLETED");
      return found;
    });
    expect(job).toMatchObject({
      ...rules,
      targets: lamp(),
      targetSelection: "SNAPSHOT",
      isConcurrent: false,
      completedAt: expect.any(Number),
      jobProcessDetails: { numberOfSucceededThings: 1, numberOfQueuedThings: 0 },
    });
    await iot.send("DeleteJob", { jobId: "whole" });
    await soon(() => refused("DescribeJob", "ResourceNotFoundException", { jobId: "whole" }));
  });

  test("are listed, with their executions by job and by thing", async () => {
    await iot.send("CreateThingGroup", { thingGroupName: "listed" });
    await iot.send("AddThingToThingGroup", { thingGroupName: "listed", thingName: "fan" });
    const { thingGroupId } = await iot.send("DescribeThingGroup", { thingGroupName: "listed" });
    await createJob("of-group", { ...CONTINUOUS, targets: [arnOf("thinggroup/listed")] });
    await createJob("of-space", { namespaceId: "green", targets: [arnOf("thing/fan")] });
    await queued("of-group", "fan");
    await queued("of-space", "fan");
    const ids = async (input: Input) => (await iot.send("ListJobs", input)).jobs?.map(({ jobId }) => jobId);
    expect(await ids({ thingGroupName: "listed" })).toEqual(["of-group"]);
    expect(await ids({ thingGroupId })).toEqual(["of-group"]);
    expect(await ids({ targetSelection: "CONTINUOUS" })).toEqual(["of-group"]);
    expect(await ids({ namespaceId: "green" })).toEqual(["of-space"]);
    expect(await ids({ status: "IN_PROGRESS" })).toContain("of-group");
    const byJob = await iot.send("ListJobExecutionsForJob", { jobId: "of-group", status: "QUEUED" });
    expect(byJob.executionSummaries).toMatchObject([
      { thingArn: arnOf("thing/fan"), jobExecutionSummary: { status: "QUEUED", executionNumber: 1, retryAttempt: 0 } },
    ]);
    const byThing = async (input: Input) =>
      (await iot.send("ListJobExecutionsForThing", { thingName: "fan", ...input })).executionSummaries?.map(
        ({ jobId }) => jobId,
      );
    expect((await byThing({}))?.sort()).toEqual(["of-group", "of-space"]);
    expect(await byThing({ namespaceId: "green" })).toEqual(["of-space"]);
    expect(await byThing({ jobId: "of-group" })).toEqual(["of-group"]);
    expect(await byThing({ status: "FAILED" })).toEqual([]);
    await refused("ListJobs", "ResourceNotFoundException", { thingGroupId: "00000000-0000-0000-0000-000000000000" });
    await refused("ListJobExecutionsForThing", "ResourceNotFoundException", { thingName: "absent" });
  });

  test("are updated while they live, cancelled, and only then deleted", async () => {
    await createJob("changed", { targets: [arnOf("thing/fan")] });
    await queued("changed", "fan");
    await iot.send("UpdateJob", {
      jobId: "changed",
      description: "slower",
      jobExecutionsRolloutConfig: { maximumPerMinute: 7 },
      timeoutConfig: { inProgressTimeoutInMinutes: 5 },
    });
    const { job } = await iot.send("DescribeJob", { jobId: "changed" });
    expect(job).toMatchObject({
      description: "slower",
      jobExecutionsRolloutConfig: { maximumPerMinute: 7 },
      timeoutConfig: { inProgressTimeoutInMinutes: 5 },
    });
    await refused("DeleteJob", "InvalidStateTransitionException", { jobId: "changed" });
    await iot.send("CancelJob", { jobId: "changed", reasonCode: "NO_MORE", comment: "enough" });
    const { job: canceled } = await soon(async () => {
      const found = await iot.send("DescribeJob", { jobId: "changed" });
      expect(found.job?.isConcurrent).toBe(false);
      return found;
    });
    expect(canceled).toMatchObject({ status: "CANCELED", reasonCode: "NO_MORE", comment: "enough" });
    await refused("CancelJob", "InvalidRequestException", { jobId: "changed" });
    await refused("UpdateJob", "InvalidRequestException", { jobId: "changed", description: "late" });
    await refused("DeleteJob", "ResourceNotFoundException", { jobId: "changed", namespaceId: "another" });
    await iot.send("DeleteJob", { jobId: "changed" });
  });

  test("single executions are cancelled and deleted", async () => {
    await createJob("single");
    await queued("single");
    const named = { jobId: "single", thingName: "lamp" };
    const first = { ...named, executionNumber: 1 };
    await refused("DeleteJobExecution", "InvalidStateTransitionException", { ...first, force: true });
    await report("single", "IN_PROGRESS");
    await refused("CancelJobExecution", "InvalidStateTransitionException", named);
    await refused("CancelJobExecution", "VersionConflictException", { ...named, force: true, expectedVersion: 1 });
    await refused("DeleteJobExecution", "InvalidStateTransitionException", first);
    await iot.send("CancelJobExecution", { ...named, force: true, expectedVersion: 2, statusDetails: { why: "test" } });
    expect((await iot.send("DescribeJobExecution", named)).execution).toMatchObject({
      status: "CANCELED",
      forceCanceled: true,
      statusDetails: { detailsMap: { why: "test" } },
    });
    await iot.send("DeleteJobExecution", first);
    await refused("DeleteJobExecution", "ResourceNotFoundException", first);
    await refused("DescribeJobExecution", "ResourceNotFoundException", named);
  });

  test("take further targets when they are continuous, 100 in all", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `target-${index}`);
    for (let first = 0; first < names.length; first += 25) {
      await Promise.all(names.slice(first, first + 25).map((thingName) => iot.send("CreateThing", { thingName })));
    }
    await createJob("growing", { ...CONTINUOUS, targets: lamp() });
    await createJob("fixed");
    await queued("growing");
    const more = { targets: [arnOf("thing/fan")] };
    const comment = "and the fan";
    expect(await iot.send("AssociateTargetsWithJob", { jobId: "growing", ...more, comment })).toMatchObject({
      jobArn: arnOf("job/growing"),
    });
    await queued("growing", "fan");
    expect((await iot.send("DescribeJob", { jobId: "growing" })).job).toMatchObject({
      comment,
      targets: [...lamp(), ...more.targets],
    });
    await refused("AssociateTargetsWithJob", "InvalidRequestException", { jobId: "fixed", ...more });
    const targets = names.map((name) => arnOf(`thing/${name}`));
    await refused("AssociateTargetsWithJob", "LimitExceededException", { jobId: "growing", targets });
    await refused("AssociateTargetsWithJob", "ResourceNotFoundException", {
      jobId: "growing",
      targets: [arnOf("thing/absent")],
    });
    const tooMany = [...targets, ...lamp()];
    await refused("CreateJob", "InvalidRequestException", { jobId: "too-many", targets: tooMany, document: "{}" });
    await refused("CreateJob", "ResourceAlreadyExistsException", { jobId: "fixed", targets: lamp(), document: "{}" });
  });
});

/** As a device does, which knows the installation's root. */
const download = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asking = request(url, { ca: firmware.door.ca }, async (answer) => {
      resolve(Buffer.concat(await answer.toArray()).toString());
    });
    asking.on("error", reject).end();
  });

describe("documents", () => {
  test("come from the object store, and hold URLs that really download", async () => {
    const address = "https://s3.us-east-1.amazonaws.com/firmware/lamp.json";
    await createJob("sourced", { document: undefined, documentSource: address });
    expect((await iot.send("DescribeJob", { jobId: "sourced" })).documentSource).toBe(address);
    const { document } = await iot.send("GetJobDocument", { jobId: "sourced" });
    expect(JSON.parse(document ?? "")).toEqual({ operation: "update", from: "the bucket" });

    const placeholder = `\${aws:iot:s3-presigned-url:${address}}`;
    await createJob("signed", {
      document: JSON.stringify({ url: placeholder }),
      presignedUrlConfig: { roleArn, expiresInSec: 60 },
    });
    await queued("signed");
    const { execution } = await devices.send("DescribeJobExecution", { jobId: "signed", thingName: "lamp" });
    const { url } = JSON.parse(execution?.jobDocument ?? "") as { url: string };
    expect(JSON.parse(await download(url))).toMatchObject({ from: "the bucket" });
    expect((await iot.send("GetJobDocument", { jobId: "signed" })).document).toContain(placeholder);
  });

  test("are read as the caller: by the own policies for that prefix, or by the bucket's", async () => {
    const { put, root } = firmware;
    const Resource = "arn:aws:s3:::firmware/jobs/*";
    await put("jobs/a.json", '{"from":"jobs"}');
    const user = async (name: string, ...more: object[]): Promise<Clients> =>
      firmware.door.as(await firmware.door.user(name, [allow("iot:CreateJob"), ...more]));
    const [nobody, reader] = await Promise.all([user("no-reader"), user("reader", allow("s3:GetObject", Resource))]);
    const create = (as: Clients, jobId: string, key: string) =>
      as.iot.send("CreateJob", { jobId, targets: lamp(), documentSource: `s3://firmware/${key}` });
    const denied = (key: string) => ({
      name: "InvalidRequestException",
      message: expect.stringMatching(`object firmware/${key} cannot be read \\(AccessDenied`),
    });
    expect(await refusalOf(create(nobody, "denied", "jobs/a.json"))).toMatchObject(denied("jobs/a.json"));
    expect(await refusalOf(create(reader, "denied", "lamp.json"))).toMatchObject(denied("lamp.json"));
    // Who may not list is not told what is missing.
    expect(await refusalOf(create(reader, "denied", "jobs/b.json"))).toMatchObject(denied("jobs/b.json"));
    expect((await create(reader, "by-own-policy", "jobs/a.json")).jobId).toBe("by-own-policy");

    const arn = (name: string) => `arn:aws:iam::${firmware.door.file.accountId}:user/${name}`;
    const ofBucket = (Effect: string, name: string) => ({
      ...{ Effect, Action: "s3:GetObject", Resource, Principal: { AWS: arn(name) } },
    });
    const Policy = policy(ofBucket("Allow", "no-reader"), ofBucket("Deny", "reader"));
    await root.send(new PutBucketPolicyCommand({ Bucket: "firmware", Policy }));
    expect((await create(nobody, "by-bucket", "jobs/a.json")).jobId).toBe("by-bucket");
    expect(await refusalOf(create(reader, "denied", "jobs/a.json"))).toMatchObject(denied("jobs/a.json"));
    await root.send(new DeleteBucketPolicyCommand({ Bucket: "firmware" }));
  });

  test.each([
    ["missing", undefined, "NoSuchKey"],
    ["large", `{"a":"${"x".repeat(32 * 1024)}"}`, "more than 32768 bytes"],
    ["latin-1", Buffer.from([0x7b, 0x22, 0xe4, 0x22, 0x3a, 0x31, 0x7d]), "not UTF-8"],
    ["no JSON", "{", "not JSON"],
    ["a list", "[]", "not a JSON object"],
  ])("are refused when they are %s", async (key, body, why) => {
    if (body !== undefined) await firmware.put(key, body);
    const documentSource = `s3://firmware/${encodeURIComponent(key)}`;
    const input = { jobId: "never", targets: lamp(), documentSource };
    expect((await refused("CreateJob", "InvalidRequestException", input)).message).toContain(why);
  });

  test("are refused from elsewhere", async () => {
    const elsewhere = { jobId: "never", targets: lamp(), documentSource: "https://example.com/a.json" };
    await refused("CreateJob", "InvalidRequestException", elsewhere);
  });

  test("are signed by a role that the caller may pass and that trusts iot.amazonaws.com", async () => {
    const document = '{"u":"${aws:iot:s3-presigned-url:s3://firmware/lamp.json}"}';
    const input = { jobId: "passed", targets: lamp(), document, presignedUrlConfig: { roleArn } };
    const as = async (name: string, ...statements: object[]): Promise<Clients> => {
      const key: Credentials = await firmware.door.user(name, [allow("iot:*"), ...statements]);
      return firmware.door.as(key);
    };
    const without = await as("passes-nothing");
    expect(await refusalOf(without.iot.send("CreateJob", input))).toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("iam:PassRole"),
    });
    expect(
      await refusalOf(without.iot.send("UpdateJob", { jobId: "sourced", presignedUrlConfig: { roleArn } })),
    ).toMatchObject({ name: "AccessDeniedException" });
    const passing = await as("passes", allow("iam:PassRole", roleArn));
    expect((await passing.iot.send("CreateJob", input)).jobId).toBe("passed");
    const trust = policy({ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" });
    await firmware.door.root.iam.send("CreateRole", { RoleName: "of-lambda", AssumeRolePolicyDocument: trust });
    const other = { roleArn: roleArn.replace(ROLE, "of-lambda") };
    await refused("CreateJob", "InvalidRequestException", { ...input, jobId: "untrusted", presignedUrlConfig: other });
    await refused("CreateJob", "InvalidRequestException", { jobId: "no-role", targets: lamp(), document });
  });
});

describe("templates", () => {
  test("live from creation to deletion, and what a job says itself wins", async () => {
    const given = {
      jobTemplateId: "calm",
      description: "calmly",
      document: '{"b":2}',
      jobExecutionsRolloutConfig: { maximumPerMinute: 3 },
      timeoutConfig: { inProgressTimeoutInMinutes: 9 },
    };
    const created = await iot.send("CreateJobTemplate", given);
    const { jobTemplateArn } = created;
    expect(created).toEqual({ jobTemplateArn: arnOf("jobtemplate/calm"), jobTemplateId: "calm" });
    expect(await iot.send("DescribeJobTemplate", { jobTemplateId: "calm" })).toEqual({
      jobTemplateArn,
      ...given,
      createdAt: expect.any(Number),
    });
    const { jobTemplates } = await iot.send("ListJobTemplates", {});
    expect(jobTemplates).toMatchObject([{ jobTemplateArn, jobTemplateId: "calm", description: "calmly" }]);
    await refused("CreateJobTemplate", "ConflictException", given);
    await refused("CreateJobTemplate", "InvalidRequestException", { jobTemplateId: "none", description: "d" });
    await refused("CreateJobTemplate", "ResourceNotFoundException", {
      jobTemplateId: "none",
      description: "d",
      jobArn: arnOf("job/absent"),
    });
    await createJob("calmed", {
      document: undefined,
      jobTemplateArn,
      timeoutConfig: { inProgressTimeoutInMinutes: 1 },
    });
    expect((await iot.send("DescribeJob", { jobId: "calmed" })).job).toMatchObject({
      jobTemplateArn,
      description: "calmly",
      jobExecutionsRolloutConfig: { maximumPerMinute: 3 },
      timeoutConfig: { inProgressTimeoutInMinutes: 1 },
    });
    await iot.send("DeleteJobTemplate", { jobTemplateId: "calm" });
    await refused("DeleteJobTemplate", "ResourceNotFoundException", { jobTemplateId: "calm" });
  });

  test("of AWS's names are there for everybody, with parameters", async () => {
    const { managedJobTemplates } = await iot.send("ListManagedJobTemplates", {});
    expect(managedJobTemplates?.map(({ templateName }) => templateName)).toContain("AWS-Reboot");
    const one = await iot.send("ListManagedJobTemplates", { templateName: "AWS-Run-Command" });
    expect(one.managedJobTemplates).toHaveLength(1);
    const template = await iot.send("DescribeManagedJobTemplate", { templateName: "AWS-Run-Command" });
    expect(template).toMatchObject({ templateVersion: "1.0", environments: ["LINUX"] });
    await createJob("commanded", {
      document: undefined,
      jobTemplateArn: template.templateArn,
      documentParameters: { command: 'echo,"hi"' },
    });
    const put = JSON.parse((await iot.send("GetJobDocument", { jobId: "commanded" })).document ?? "");
    expect(put.steps[0].action).toMatchObject({ input: { command: 'echo,"hi"' }, runAsUser: "" });
    const before = await iot.send("GetJobDocument", { jobId: "commanded", beforeSubstitution: true });
    expect(before.document).toBe(template.document);
    await refused("DescribeManagedJobTemplate", "ResourceNotFoundException", {
      templateName: "AWS-Reboot",
      templateVersion: "9.9",
    });
  });
});
