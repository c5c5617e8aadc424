import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { makeCertificateRequest } from "../kit/certificate-request.ts";
import { tlsFetch } from "../kit/tls-fetch.ts";
import { allow, type Clients, type Door, openDoor, policy, refusalOf, refusing, sender } from "./door.ts";

let door: Door;
let jobs: Clients["iot-jobs-data"];
let arn: (resource: string) => string;
const refused = refusing("iot-jobs-data", () => door.root);

beforeAll(async () => {
  door = await openDoor();
  jobs = door.root["iot-jobs-data"];
  const { region, accountId } = door.file;
  arn = (resource) => `arn:aws:iot:${region}:${accountId}:${resource}`;
  for (const thingName of ["lamp", "other"]) await door.root.iot.send("CreateThing", { thingName });
});
afterAll(() => door.stop());

/** A job for a lamp, once the lamp can see it. */
async function give(jobId: string, thingName = "lamp"): Promise<void> {
  await door.root.iot.send("CreateJob", { jobId, targets: [arn(`thing/${thingName}`)], document: '{"blink":true}' });
  await vi.waitFor(
    async () => expect(listed((await jobs.send("GetPendingJobExecutions", { thingName })).queuedJobs)).toContain(jobId),
    { timeout: 30_000, interval: 20 },
  );
}
const listed = (list: readonly { jobId?: string }[] = []) => list.map(({ jobId }) => jobId);

test("a lamp's jobs with SigV4, by AWS's own client: pending, start, describe, update", async () => {
  const thingName = "lamp";
  const before = Math.floor(Date.now() / 1000);
  expect(await jobs.send("GetPendingJobExecutions", { thingName })).toEqual({ inProgressJobs: [], queuedJobs: [] });
  expect(await jobs.send("StartNextPendingJobExecution", { thingName })).toEqual({});
  expect(await jobs.send("DescribeJobExecution", { thingName, jobId: "$next" })).toEqual({});
  await give("one");
  await give("two");
  const { queuedJobs = [] } = await jobs.send("GetPendingJobExecutions", { thingName });
  expect(listed(queuedJobs)).toEqual(["one", "two"]);
  expect(queuedJobs[0]).toEqual({
    jobId: "one",
    queuedAt: expect.any(Number),
    lastUpdatedAt: expect.any(Number),
    versionNumber: 1,
    executionNumber: 1,
  });
  expect(queuedJobs[0]?.queuedAt).toBeGreaterThanOrEqual(before);
  const { execution } = await jobs.send("StartNextPendingJobExecution", {
    thingName,
    statusDetails: { step: "1" },
    stepTimeoutInMinutes: 2,
  });
  expect(execution).toMatchObject({
    jobId: "one",
    thingName,
    status: "IN_PROGRESS",
    statusDetails: { step: "1" },
    jobDocument: '{"blink":true}',
    versionNumber: 2,
  });
  expect(execution?.approximateSecondsBeforeTimedOut).toBeGreaterThan(110);
  const described = await jobs.send("DescribeJobExecution", { thingName, jobId: "one", executionNumber: 1 });
  expect(described.execution).toMatchObject({ jobId: "one", jobDocument: '{"blink":true}' });
  const without = await jobs.send("DescribeJobExecution", { thingName, jobId: "$next", includeJobDocument: false });
  expect(without.execution).not.toHaveProperty("jobDocument");
  expect(
    await jobs.send("UpdateJobExecution", {
      thingName,
      jobId: "one",
      status: "IN_PROGRESS",
      statusDetails: { step: "2" },
      expectedVersion: 2,
      executionNumber: 1,
      includeJobExecutionState: true,
      includeJobDocument: true,
      stepTimeoutInMinutes: -1,
    }),
  ).toEqual({
    executionState: { status: "IN_PROGRESS", statusDetails: { step: "2" }, versionNumber: 3 },
    jobDocument: '{"blink":true}',
  });
  expect(await jobs.send("UpdateJobExecution", { thingName, jobId: "one", status: "SUCCEEDED" })).toEqual({});
  expect(await jobs.send("UpdateJobExecution", { thingName, jobId: "two", status: "REJECTED" })).toEqual({});
});

describe("refusals", () => {
  const update = (more: object) => ({ thingName: "lamp", jobId: "refusing", status: "IN_PROGRESS", ...more });
  beforeAll(async () => {
    await give("refusing");
    await give("over");
    await jobs.send("UpdateJobExecution", { thingName: "lamp", jobId: "over", status: "FAILED" });
  });

  test.each([
    ["GetPendingJobExecutions", "ResourceNotFoundException", { thingName: "nobody" }],
    ["GetPendingJobExecutions", "InvalidRequestException", { thingName: "x".repeat(129) }],
    ["StartNextPendingJobExecution", "ResourceNotFoundException", { thingName: "nobody" }],
    ["StartNextPendingJobExecution", "InvalidRequestException", { thingName: "lamp", stepTimeoutInMinutes: 0 }],
    ["StartNextPendingJobExecution", "InvalidRequestException", { thingName: "lamp", statusDetails: { "a b": "c" } }],
    ["DescribeJobExecution", "ResourceNotFoundException", { thingName: "lamp", jobId: "absent" }],
    ["DescribeJobExecution", "ResourceNotFoundException", { thingName: "lamp", jobId: "over", executionNumber: 2 }],
    ["DescribeJobExecution", "InvalidRequestException", { thingName: "lamp", jobId: "not an id" }],
    ["DescribeJobExecution", "TerminalStateException", { thingName: "lamp", jobId: "over" }],
    ["UpdateJobExecution", "ResourceNotFoundException", update({ jobId: "absent" })],
    ["UpdateJobExecution", "ResourceNotFoundException", update({ thingName: "other" })],
    ["UpdateJobExecution", "InvalidStateTransitionException", update({ jobId: "over" })],
    ["UpdateJobExecution", "InvalidStateTransitionException", update({ expectedVersion: 2 })],
    ["UpdateJobExecution", "InvalidRequestException", update({ status: "CANCELED" })],
    ["UpdateJobExecution", "InvalidRequestException", update({ status: "DONE" })],
    ["UpdateJobExecution", "InvalidRequestException", update({ stepTimeoutInMinutes: 10_081 })],
    ["UpdateJobExecution", "InvalidRequestException", update({ statusDetails: { a: "" } })],
    ["UpdateJobExecution", "InvalidRequestException", update({ statusDetails: { a: "x".repeat(1_025) } })],
  ] as const)("%s: %s (%#)", async (operation, error, input) => {
    await refused(operation, error, input);
  });

  test("another version is told in the refusal's words", async () => {
    const { message } = await refused(
      "UpdateJobExecution",
      "InvalidStateTransitionException",
      update({ expectedVersion: 7 }),
    );
    expect(message).toMatch(/version 1, not 7/);
  });

  test("one thing's user is not another's", async () => {
    const own = await door.user("lamp-user", [allow("iot:*JobExecution*", arn("thing/lamp"))]);
    const theirs = sender(door.as(own)["iot-jobs-data"]);
    await theirs.send("GetPendingJobExecutions", { thingName: "lamp" });
    for (const thingName of ["other", "nobody"]) {
      const denied = refusalOf(theirs.send("GetPendingJobExecutions", { thingName }));
      expect(await denied).toMatchObject({ name: "AccessDeniedException", status: 403 });
    }
  });
});

describe("with a certificate, on the HTTPS port", () => {
  /** A device's requests; its policy allows what `actions` name on its own thing. */
  async function device(policyName: string, ...actions: string[]) {
    const { privateKey, certificateSigningRequest } = await makeCertificateRequest("device");
    const made = await door.root.iot.send("CreateCertificateFromCsr", { certificateSigningRequest, setAsActive: true });
    const policyDocument = policy(allow(actions, arn("thing/lamp")));
    await door.root.iot.send("CreatePolicy", { policyName, policyDocument });
    await door.root.iot.send("AttachPolicy", { policyName, target: made.certificateArn ?? "" });
    const fetch = tlsFetch({ ca: door.ca, cert: made.certificatePem ?? "", key: privateKey });
    return async (method: string, path: string, body?: object) => {
      const answer = await fetch(`${door.file.httpsEndpoint}/things/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const { status, headers } = answer;
      const error = headers.get("x-amzn-errortype");
      return { status, body: (await answer.json()) as Record<string, unknown>, ...(error === null ? {} : { error }) };
    };
  }

  test("a device does what it may do to its own thing, and is refused as a signer is", async () => {
    await give("by-certificate");
    const ask = await device("jobs-of-lamp", "iotjobsdata:*");
    await jobs.send("UpdateJobExecution", { thingName: "lamp", jobId: "refusing", status: "SUCCEEDED" });
    expect(await ask("GET", "lamp/jobs")).toMatchObject({
      status: 200,
      body: { queuedJobs: [{ jobId: "by-certificate" }] },
    });
    expect(await ask("GET", "lamp/jobs/$next?includeJobDocument=false")).toMatchObject({
      status: 200,
      body: { execution: { jobId: "by-certificate", status: "QUEUED" } },
    });
    expect(await ask("PUT", "lamp/jobs/$next", { statusDetails: { a: "b" } })).toMatchObject({
      status: 200,
      body: { execution: { status: "IN_PROGRESS", statusDetails: { a: "b" }, jobDocument: '{"blink":true}' } },
    });
    const path = "lamp/jobs/by-certificate";
    expect(await ask("POST", path, { status: "IN_PROGRESS", expectedVersion: 1 })).toMatchObject({
      status: 409,
      error: "InvalidStateTransitionException",
    });
    expect(await ask("POST", path, { status: "SUCCEEDED", includeJobExecutionState: true })).toEqual({
      status: 200,
      body: { executionState: { status: "SUCCEEDED", statusDetails: { a: "b" }, versionNumber: 3 } },
    });
    expect(await ask("GET", path)).toMatchObject({ status: 410, error: "TerminalStateException" });
    expect(await ask("GET", "lamp/jobs/absent")).toMatchObject({ status: 404, error: "ResourceNotFoundException" });
    expect((await ask("GET", "other/jobs")).status).toBe(403);
  });

  test("the older names of the actions do as well", async () => {
    const ask = await device("older-names", "iot:GetPendingJobExecutions", "iot:DescribeJobExecution");
    expect((await ask("GET", "lamp/jobs")).status).toBe(200);
    expect((await ask("GET", "lamp/jobs/$next")).status).toBe(200);
    expect((await ask("PUT", "lamp/jobs/$next", {})).status).toBe(403);
  });
});
