import { type EventEmitter, once } from "node:events";
import { createRequire } from "node:module";
import { CancelJobCommand, CreateJobCommand, DescribeJobExecutionCommand } from "@aws-sdk/client-iot";
import { iotjobs, mqtt, mqtt_request_response } from "aws-iot-device-sdk-v2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, type Fleet, openFleet } from "../walk/fleet.ts";
import { connectMqtt5, connectMqtt311, type DeviceKey, stopMqtt5 } from "./aws-device-connections.ts";

/** What `aws-iot-device-sdk` (version 1, CommonJS, without types) gives a handler of jobs. */
interface Job {
  id: string;
  operation: string;
  document: Record<string, unknown>;
  status: { status: string; statusDetails?: Record<string, string> };
  inProgress(details: Record<string, string> | undefined, callback: (error?: Error) => void): void;
  succeeded(details: Record<string, string> | undefined, callback: (error?: Error) => void): void;
  failed(details: Record<string, string> | undefined, callback: (error?: Error) => void): void;
}

type JobHandler = (error: Error | null | undefined, job?: Job) => void;

interface JobsClient extends EventEmitter {
  subscribeToJobs(thingName: string, operationName: string | null, callback: JobHandler): void;
  unsubscribeFromJobs(thingName: string, operationName: string | null, callback: (error?: Error) => void): void;
  startJobNotifications(thingName: string, callback: (error?: Error) => void): void;
  end(force: boolean, callback: () => void): void;
}

const { jobs: JobsOfVersion1 } = createRequire(import.meta.url)("aws-iot-device-sdk") as {
  jobs: new (options: object) => JobsClient;
};

const limits = { maxRequestResponseSubscriptions: 6, maxStreamingSubscriptions: 3, operationTimeoutInSeconds: 10 };
const everything = [{ Effect: "Allow", Action: "iot:*", Resource: "*" }];

let fleet: Fleet;
const keys = new Map<string, DeviceKey>();
beforeAll(async () => {
  fleet = await openFleet();
  for (const thingName of ["v2-311", "v2-5", "v2-old", "v1"]) {
    keys.set(thingName, await fleet.identity(everything, thingName));
  }
});
afterAll(() => fleet.close());

const keyOf = (thingName: string): DeviceKey => {
  const key = keys.get(thingName);
  if (key === undefined) throw new Error(`no key for ${thingName}`);
  return key;
};

const createJob = (thingName: string, jobId: string, document: object = { operation: "blink", times: 3 }) =>
  fleet.iot.send(
    new CreateJobCommand({
      jobId,
      targets: [fleet.arn(`thing/${thingName}`)],
      document: JSON.stringify(document),
      timeoutConfig: { inProgressTimeoutInMinutes: 60 },
    }),
  );

/** The code and state of a refusal that the service client understood. */
async function refused(request: Promise<unknown>): Promise<iotjobs.model.V2ErrorResponse> {
  const error = await request.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(mqtt_request_response.ServiceError);
  const { modeledError } = error as mqtt_request_response.ServiceError;
  return modeledError as iotjobs.model.V2ErrorResponse;
}

describe.each(["MQTT 3.1.1", "MQTT 5"] as const)("iotjobs of AWS's device SDK, version 2's client, %s", (version) => {
  const thingName = version === "MQTT 5" ? "v2-5" : "v2-311";
  let client: iotjobs.IotJobsClientv2;
  let close: () => Promise<unknown>;
  beforeAll(async () => {
    if (version === "MQTT 5") {
      const connection = await connectMqtt5(fleet, keyOf(thingName), thingName);
      client = iotjobs.IotJobsClientv2.newFromMqtt5(connection, limits);
      close = () => stopMqtt5(connection);
    } else {
      const connection = await connectMqtt311(fleet, keyOf(thingName), thingName);
      client = iotjobs.IotJobsClientv2.newFromMqtt311(connection, limits);
      close = () => connection.disconnect();
    }
  });
  afterAll(async () => {
    client.close();
    await close();
  });

  test("its whole API: streams, pending, start, describe, update, and what is refused", async () => {
    const lists: iotjobs.model.JobExecutionsChangedEvent[] = [];
    const nexts: iotjobs.model.NextJobExecutionChangedEvent[] = [];
    const changed = client.createJobExecutionsChangedStream({ thingName });
    const next = client.createNextJobExecutionChangedStream({ thingName });
    changed.on("incomingPublish", ({ message }) => lists.push(message));
    next.on("incomingPublish", ({ message }) => nexts.push(message));
    const established = [changed, next].map((stream) => once(stream, "subscriptionStatus"));
    changed.open();
    next.open();
    await Promise.all(established);

    expect(await client.getPendingJobExecutions({ thingName })).toMatchObject({ inProgressJobs: [], queuedJobs: [] });
    expect((await client.startNextPendingJobExecution({ thingName })).execution).toBeUndefined();
    expect((await client.describeJobExecution({ thingName, jobId: "$next" })).execution).toBeUndefined();
    expect(await refused(client.describeJobExecution({ thingName, jobId: "absent" }))).toMatchObject({
      code: "ResourceNotFound",
      message: expect.any(String),
    });

    const jobId = `${thingName}-job`;
    await createJob(thingName, jobId);
    await eventually("the list", async () => lists[0]);
    await eventually("the next job", async () => nexts[0]);
    expect(lists).toMatchObject([{ jobs: { QUEUED: [{ jobId, versionNumber: 1, executionNumber: 1 }] } }]);
    expect(nexts).toMatchObject([
      { execution: { jobId, thingName, status: "QUEUED", jobDocument: { operation: "blink", times: 3 } } },
    ]);
    expect(await client.getPendingJobExecutions({ thingName })).toMatchObject({
      inProgressJobs: [],
      queuedJobs: [{ jobId, versionNumber: 1 }],
    });
    const { execution: started } = await client.startNextPendingJobExecution({
      thingName,
      statusDetails: { step: "download" },
      stepTimeoutInMinutes: 5,
    });
    expect(started).toMatchObject({
      jobId,
      status: "IN_PROGRESS",
      versionNumber: 2,
      statusDetails: { step: "download" },
      jobDocument: { times: 3 },
    });
    const { execution: described } = await client.describeJobExecution({
      thingName,
      jobId: "$next",
      executionNumber: 1,
      includeJobDocument: true,
    });
    // A second may have passed between the two.
    const { approximateSecondsBeforeTimedOut: left } = { ...described } as Record<string, unknown>;
    expect([298, 299, 300]).toContain(left);
    expect(described).toEqual({ ...started, approximateSecondsBeforeTimedOut: left });

    const update = { thingName, jobId, status: iotjobs.model.JobStatus.IN_PROGRESS };
    expect(await refused(client.updateJobExecution({ ...update, expectedVersion: 7 }))).toMatchObject({
      code: "VersionMismatch",
      executionState: { status: "IN_PROGRESS", versionNumber: 2, statusDetails: { step: "download" } },
    });
    expect(
      await refused(client.updateJobExecution({ ...update, status: "CANCELED" as iotjobs.model.JobStatus })),
    ).toMatchObject({ code: "InvalidRequest" });
    const updated = await client.updateJobExecution({
      ...update,
      expectedVersion: 2,
      executionNumber: 1,
      statusDetails: { step: "install", progress: "50" },
      stepTimeoutInMinutes: -1,
      includeJobExecutionState: true,
      includeJobDocument: true,
    });
    expect(updated).toMatchObject({
      executionState: {
        status: "IN_PROGRESS",
        versionNumber: 3,
        statusDetails: { step: "install", progress: "50" },
      },
      jobDocument: { operation: "blink", times: 3 },
    });
    const done = await client.updateJobExecution({ ...update, status: iotjobs.model.JobStatus.SUCCEEDED });
    expect(done.executionState).toBeUndefined();
    expect(await refused(client.updateJobExecution(update))).toMatchObject({
      code: "InvalidStateTransition",
      executionState: { status: "SUCCEEDED", versionNumber: 4 },
    });
    expect(await refused(client.describeJobExecution({ thingName, jobId }))).toMatchObject({
      code: "TerminalStateReached",
    });

    // One for what came and one for what went; starting it changed neither the list nor what is next.
    await eventually("the empty list", async () => lists[1]);
    await eventually("no next job", async () => nexts[1]);
    expect(lists.slice(1)).toMatchObject([{ jobs: {} }]);
    expect(nexts.slice(1).map(({ execution }) => execution)).toEqual([undefined]);
    changed.close();
    next.close();
  });
});

describe("iotjobs of AWS's device SDK, version 1's client over version 2's connection", () => {
  const thingName = "v2-old";

  test("publishes four requests, and hears all that it can subscribe to", async () => {
    const connection = await connectMqtt311(fleet, keyOf(thingName), thingName);
    const client = new iotjobs.IotJobsClient(connection);
    const jobId = "old-job";
    const heard: { [kind: string]: unknown[] } = {};
    const hear =
      (kind: string) =>
      (error?: iotjobs.IotJobsError, response?: unknown): void => {
        heard[kind] = [...(heard[kind] ?? []), error ?? response];
      };
    const next = <Answer>(kind: string): Promise<Answer> =>
      eventually(kind, async () => heard[kind]?.shift() as Answer | undefined);
    const qos = mqtt.QoS.AtLeastOnce;
    for (const id of [jobId, "$next"]) {
      await client.subscribeToDescribeJobExecutionAccepted({ thingName, jobId: id }, qos, hear("described"));
      await client.subscribeToDescribeJobExecutionRejected({ thingName, jobId: id }, qos, hear("not described"));
    }
    await client.subscribeToGetPendingJobExecutionsAccepted({ thingName }, qos, hear("pending"));
    await client.subscribeToGetPendingJobExecutionsRejected({ thingName }, qos, hear("not pending"));
    await client.subscribeToStartNextPendingJobExecutionAccepted({ thingName }, qos, hear("started"));
    await client.subscribeToStartNextPendingJobExecutionRejected({ thingName }, qos, hear("not started"));
    await client.subscribeToUpdateJobExecutionAccepted({ thingName, jobId }, qos, hear("updated"));
    await client.subscribeToUpdateJobExecutionRejected({ thingName, jobId }, qos, hear("not updated"));
    await client.subscribeToJobExecutionsChangedEvents({ thingName }, qos, hear("list"));
    await client.subscribeToNextJobExecutionChangedEvents({ thingName }, qos, hear("next"));

    await client.publishDescribeJobExecution({ thingName, jobId, clientToken: "a" }, qos);
    expect(await next("not described")).toMatchObject({ code: "ResourceNotFound", clientToken: "a" });
    // This client hands on the times as they came, in seconds, though its types say otherwise.
    const before = Math.floor(Date.now() / 1000);
    await createJob(thingName, jobId);
    const change = await next<iotjobs.model.NextJobExecutionChangedEvent>("next");
    expect(change.execution).toMatchObject({ jobId, status: "QUEUED" });
    expect(change.execution?.queuedAt).toBeGreaterThanOrEqual(before);
    expect(await next("list")).toMatchObject({ jobs: { QUEUED: [{ jobId }] } });

    await client.publishGetPendingJobExecutions({ thingName, clientToken: "b" }, qos);
    expect(await next("pending")).toMatchObject({ clientToken: "b", queuedJobs: [{ jobId }], inProgressJobs: [] });
    await client.publishGetPendingJobExecutions({ thingName, clientToken: "x".repeat(65) }, qos);
    expect(await next("not pending")).toMatchObject({ code: "InvalidRequest" });
    await client.publishStartNextPendingJobExecution({ thingName, stepTimeoutInMinutes: 10_081 }, qos);
    expect(await next("not started")).toMatchObject({ code: "InvalidRequest" });
    await client.publishStartNextPendingJobExecution({ thingName, statusDetails: { a: "b" } }, qos);
    const { execution } = await next<iotjobs.model.StartNextJobExecutionResponse>("started");
    expect(execution).toMatchObject({ jobId, status: "IN_PROGRESS", statusDetails: { a: "b" } });
    expect(execution?.startedAt).toBeGreaterThanOrEqual(before);
    await client.publishDescribeJobExecution({ thingName, jobId: "$next" }, qos);
    expect((await next<iotjobs.model.DescribeJobExecutionResponse>("described")).execution).toEqual(execution);
    const update = { thingName, jobId, status: iotjobs.model.JobStatus.REJECTED };
    await client.publishUpdateJobExecution({ ...update, expectedVersion: 1, clientToken: "c" }, qos);
    expect(await next("not updated")).toMatchObject({ code: "VersionMismatch", clientToken: "c" });
    await client.publishUpdateJobExecution({ ...update, expectedVersion: 2, includeJobExecutionState: true }, qos);
    expect(await next("updated")).toMatchObject({ executionState: { status: "REJECTED", versionNumber: 3 } });
    expect(await next("next")).toEqual({ timestamp: expect.any(Number) });
    expect(Object.values(heard).flat()).toEqual([{ timestamp: expect.any(Number), jobs: {} }]);
    await connection.disconnect();
  });
});

describe("jobs of AWS's device SDK for JavaScript, version 1", () => {
  test("takes its jobs one after the other, by operation, and reports what became of them", async () => {
    const thingName = "v1";
    const { certificate, privateKey } = keyOf(thingName);
    await createJob(thingName, "first", { operation: "blink", times: 1 });
    const client = new JobsOfVersion1({
      host: "localhost",
      port: fleet.file.mqttsPort,
      clientId: thingName,
      clientCert: Buffer.from(certificate),
      privateKey: Buffer.from(privateKey),
      caCert: Buffer.from(fleet.ca),
    });
    await once(client, "connect");
    const blinks: Job[] = [];
    const others: Job[] = [];
    const problems: unknown[] = [];
    client.on("error", (error) => problems.push(error));
    const into =
      (list: Job[]): JobHandler =>
      (error, job) => {
        if (job) list.push(job);
        else problems.push(error);
      };
    client.subscribeToJobs(thingName, "blink", into(blinks));
    client.subscribeToJobs(thingName, null, into(others));
    const done = (act: (callback: (error?: Error) => void) => void) =>
      new Promise<void>((resolve, reject) => act((error) => (error ? reject(error) : resolve())));
    await done((callback) => client.startJobNotifications(thingName, callback));

    const first = await eventually("the first job", async () => blinks.find(({ id }) => id === "first"));
    expect(first).toMatchObject({ id: "first", operation: "blink", document: { times: 1 } });
    expect(first.status.status).toBe("QUEUED");
    await createJob(thingName, "second", { operation: "blink", times: 2 });
    await createJob(thingName, "third", { reboot: true });
    await done((callback) => first.inProgress({ step: "one" }, callback));
    await done((callback) => first.inProgress({ step: "two" }, callback));
    await done((callback) => first.succeeded({ blinks: "1" }, callback));
    const second = await eventually("the second job", async () => blinks.find(({ id }) => id === "second"));
    expect(second).toMatchObject({ id: "second", document: { times: 2 } });
    await done((callback) => second.failed({ why: "no bulb" }, callback));
    const third = await eventually("the job of another kind", async () => others[0]);
    expect(third).toMatchObject({ id: "third", document: { reboot: true } });
    // It hears of nothing else: neither answers that it has not asked for nor a queue that is empty.
    await fleet.iot.send(new CancelJobCommand({ jobId: "third" }));
    for (const [thing, operation] of [
      [thingName, "blink"],
      [thingName, null],
    ] as const) {
      await done((callback) => client.unsubscribeFromJobs(thing, operation, callback));
    }
    // Whoever asks while the job is being told may hear of it twice.
    const ids = [...blinks, ...others].map(({ id }) => id);
    expect([...new Set(ids)]).toEqual(["first", "second", "third"]);
    expect(problems).toEqual([]);
    await new Promise<void>((resolve) => client.end(false, resolve));

    const of = async (jobId: string) =>
      (await fleet.iot.send(new DescribeJobExecutionCommand({ thingName, jobId }))).execution;
    expect(await of("first")).toMatchObject({
      status: "SUCCEEDED",
      statusDetails: { detailsMap: { blinks: "1" } },
      versionNumber: 4,
    });
    expect(await of("second")).toMatchObject({ status: "FAILED", statusDetails: { detailsMap: { why: "no bulb" } } });
  });
});
