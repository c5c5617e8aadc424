import { createJobsHandler, createMqttAgent, type JobsHandler } from "@hearth/device-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDocuments, otaMayRead } from "../kit/ota-document.ts";
import { eventually, type Fleet, openFleet } from "./fleet.ts";
import type { Peer } from "./peer.ts";
import { openNotifications } from "./stream.ts";

// Rows of the acceptance checklist, section 15 of the reference, by their numbers.
const FIRMWARE = { operation: "firmware", url: "https://firmware.example.com/2.bin", version: "2" };

let fleet: Fleet;
let documents: ReturnType<typeof openDocuments>;
let devices: { id: string; arn: string; handler: JobsHandler }[];
const stops: (() => Promise<void>)[] = [];
/** A device whose every message is looked at. */
let watched: { id: string; peer: Peer };

beforeAll(async () => {
  fleet = await openFleet();
  const claim = await fleet.claim();
  documents = openDocuments(fleet.file, "firmware");
  await documents.create();
  await documents.put("lamp/job.json", FIRMWARE);
  const provisioned = async () => {
    const { id, info } = await fleet.expect();
    return { id, credential: await fleet.provision(claim, info, undefined, true) };
  };
  devices = await Promise.all(
    [1, 2, 3].map(async () => {
      const { id, credential } = await provisioned();
      const { certificate, privateKey, clientId } = credential;
      const { mqttHost: host, mqttsPort: port } = fleet.file;
      const agent = createMqttAgent({ connection: { host, port, ca: fleet.ca, certificate, privateKey, clientId } });
      await agent.start();
      const handler = createJobsHandler({ agent, thingName: id });
      await handler.start();
      stops.push(async () => {
        await handler.stop();
        await agent.stop();
      });
      return { id, arn: arnOf(id), handler };
    }),
  );
  const { id, credential } = await provisioned();
  watched = { id, peer: await fleet.connect(credential, { clientId: credential.clientId }) };
});
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
  documents?.close();
  await fleet?.close();
});

const arnOf = (id: string) =>
  `arn:aws:iotmanagedintegrations:${fleet.file.region}:${fleet.file.accountId}:managed-thing/${id}`;
const create = (input: Partial<Parameters<typeof fleet.managed.send<"CreateOtaTask">>[1]>) =>
  fleet.managed.send("CreateOtaTask", { S3Url: "s3://firmware/lamp/job.json", OtaType: "ONE_TIME", ...input });
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => "created",
    ({ name, message }: Error) => `${name}: ${message}`,
  );
const statusOf = async (Identifier = "") => (await fleet.managed.send("GetOtaTask", { Identifier })).Status;
const executionOf = async (Identifier: string, id: string) => {
  const { ExecutionSummaries = [] } = await fleet.managed.send("ListOtaTaskExecutions", { Identifier });
  return ExecutionSummaries.find(({ ManagedThingId }) => ManagedThingId === id)?.TaskExecutionSummary?.Status;
};

test("row 103: a task is created once the bucket lets the platform read the document, for this account and its tasks", async () => {
  const one = { Target: [arnOf(watched.id)] };
  const { file } = fleet;
  const denied =
    "AccessDeniedException: iotmanagedintegrations.amazonaws.com may not read lamp/job.json of bucket firmware.";
  expect(await refusal(create(one))).toContain(denied);
  await documents.allow(otaMayRead("firmware", "tv/", file));
  expect(await refusal(create(one))).toContain(denied);
  await documents.allow(otaMayRead("firmware", "lamp/", { ...file, accountId: "999999999999" }));
  expect(await refusal(create(one))).toContain(denied);
  expect(await refusal(create({ ...one, S3Url: "s3://absent/job.json" }))).toMatch(/^ResourceNotFoundException/);
  await documents.allow(otaMayRead("firmware", "lamp/", file));
  const { TaskId: Identifier = "" } = await create(one);
  await fleet.managed.send("DeleteOtaTask", { Identifier });
  // By each form of the object's address.
  for (const S3Url of [
    "https://firmware.s3.us-east-1.amazonaws.com/lamp/job.json",
    "https://s3.amazonaws.com/firmware/lamp/job.json",
    `${file.httpsEndpoint}/firmware/lamp/job.json`,
  ]) {
    const { TaskId = "" } = await create({ ...one, S3Url });
    await fleet.managed.send("DeleteOtaTask", { Identifier: TaskId });
  }
});

test("row 98 (part): three devices take a one-time task and succeed", async () => {
  const { TaskId: Identifier = "" } = await create({ Target: devices.map(({ arn }) => arn) });
  await Promise.all(
    devices.map(async ({ handler }) => {
      const job = await handler.getJobDocument(8_000);
      expect(job?.document).toEqual(FIRMWARE);
      await handler.updateJobStatus(job?.jobId ?? "", "JobInProgress", { progress: "50" });
      await handler.updateJobStatus(job?.jobId ?? "", "JobSucceeded");
    }),
  );
  await eventually("the task's end", async () => ((await statusOf(Identifier)) === "COMPLETED" ? true : undefined));
  const { TaskProcessingDetails } = await fleet.managed.send("GetOtaTask", { Identifier });
  expect(TaskProcessingDetails).toMatchObject({ numberOfSucceededThings: 3, NumberOfInProgressThings: 0 });
});

test("row 45: one DEVICE_OTA for each status of an execution and of its second attempt", async () => {
  const told = await openNotifications(fleet, "ota", ["DEVICE_OTA"]);
  const [{ id, arn, handler } = devices[0]!] = devices;
  const { TaskId = "", TaskArn } = await create({
    Target: [arn],
    OtaTaskExecutionRetryConfig: { RetryConfigCriteria: [{ FailureType: "FAILED", MinNumberOfRetries: 1 }] },
  });
  for (const outcome of ["JobFailed", "JobSucceeded"] as const) {
    const job = await handler.getJobDocument(8_000);
    await handler.updateJobStatus(job?.jobId ?? "", "JobInProgress", { progress: "50" });
    await handler.updateJobStatus(job?.jobId ?? "", outcome, { outcome });
  }
  await told.next("DEVICE_OTA", ({ payload }) => payload["status"] === "SUCCEEDED");
  const all = await told.all();
  expect(all.map(({ payload }) => [payload["executionNumber"], payload["retryAttempt"], payload["status"]])).toEqual([
    [1, 0, "QUEUED"],
    [1, 0, "IN_PROGRESS"],
    [1, 0, "FAILED"],
    [2, 1, "QUEUED"],
    [2, 1, "IN_PROGRESS"],
    [2, 1, "SUCCEEDED"],
  ]);
  expect(all[2]).toMatchObject({
    resources: [arn],
    payload: { taskId: TaskId, taskArn: TaskArn, managedThingId: id, statusDetails: { outcome: "JobFailed" } },
  });
});

test("row 99: a thing whose metadata come to match gets the job at once, and loses it when they cease to", async () => {
  const { id, peer } = watched;
  const next = `$aws/things/${id}/jobs/notify-next`;
  await peer.subscribe(next);
  const { TaskId = "" } = await create({
    Target: undefined,
    OtaType: "CONTINUOUS",
    OtaTargetQueryString: "attributes.owner=managedintegrations AND NOT attributes.model:old*",
  });
  const edit = (MetaData: Record<string, string>) =>
    fleet.managed.send("UpdateManagedThing", { Identifier: id, MetaData });
  await edit({ owner: "managedintegrations", model: "older" });
  expect(await executionOf(TaskId, id)).toBeUndefined();
  await edit({ owner: "managedintegrations", model: "new" });
  const come = await peer.next(next, ({ json }) => json["execution"] !== undefined);
  expect(come.json["execution"]).toMatchObject({ jobId: `ota-${TaskId}`, jobDocument: FIRMWARE });
  await edit({ owner: "managedintegrations", model: "old" });
  const gone = await peer.next(next, ({ json }) => !JSON.stringify(json).includes(TaskId));
  expect(gone.json["execution"]).toBeUndefined();
  expect(await executionOf(TaskId, id)).toBe("REMOVED");
  expect(await statusOf(TaskId)).toBe("IN_PROGRESS");
});
