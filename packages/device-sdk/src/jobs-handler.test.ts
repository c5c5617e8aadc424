import { describe, expect, onTestFinished, test } from "vitest";
import { createMemoryCredentialStore } from "./credential-store.ts";
import { AgentStoppedError, JobsRejectedError, QueueFullError, RefusedError } from "./errors.ts";
import type { JobDocument } from "./job-execution.ts";
import { createJobsHandler, type JobsHandlerOptions } from "./jobs-handler.ts";
import { createMqttAgent, type MqttAgent } from "./mqtt-agent.ts";
import { type Fate, type SimulatedBroker, startSimulatedBroker } from "./simulator/broker.ts";
import { createSimulatedJobs } from "./simulator/jobs.ts";

const THING = "lamp";
const SECOND = 1_000;

/** The device's side of jobs in memory; `fate` decides what becomes of each request. */
async function cloud(fate: (topic: string) => Fate = () => "acknowledge") {
  let broker: SimulatedBroker | undefined;
  const requests: { topic: string; body: Record<string, unknown> }[] = [];
  const jobs = createSimulatedJobs({
    // A little later: where the connection breaks at the request, the answer finds no connection.
    answer: (clientId, topic, body) => setImmediate(() => broker?.send(clientId, topic, JSON.stringify(body))),
    notify: (topic, body) => broker?.publish(topic, JSON.stringify(body)),
  });
  broker = await startSimulatedBroker({
    rules: {
      fate: (_client, { topic }) => fate(topic),
      received(client, { topic, payload }) {
        const body = JSON.parse(payload.toString());
        requests.push({ topic: topic.replace(`$aws/things/${THING}/jobs/`, ""), body });
        jobs.handle(client.clientId, topic, body);
      },
    },
  });
  const { port, close } = broker;
  onTestFinished(close);
  return { broker, jobs, requests, port };
}

function device(port: number, options: Partial<JobsHandlerOptions> = {}, sessionExpiry = 3600) {
  const agent: MqttAgent = createMqttAgent({
    connection: { host: "127.0.0.1", port, plaintext: true, clientId: THING, sessionExpiry },
    backOff: { minimum: 1, maximum: 4 },
  });
  onTestFinished(() => agent.stop({ timeout: 0 }));
  const backOff = { minimum: 1, maximum: 2 };
  const handler = createJobsHandler({ agent, thingName: THING, backOff, ...options });
  onTestFinished(() => handler.stop());
  agent.start();
  return { agent, handler };
}

const taken = async (job: Promise<JobDocument | undefined>): Promise<JobDocument> => {
  const got = await job;
  if (!got) throw new Error("no job came");
  return got;
};

test("a job is told, taken, reported on and done; the next one follows", async () => {
  const { jobs, port } = await cloud();
  const { handler } = device(port);
  await handler.start();
  expect(await handler.getJobDocument(0)).toBeUndefined();
  const waiting = handler.getJobDocument(5 * SECOND);
  jobs.queue(THING, "one", { operation: "reboot", delay: 60 });
  jobs.queue(THING, "two", { operation: "update-config" });
  expect(await waiting).toEqual({
    jobId: "one",
    executionNumber: 1,
    versionNumber: 2,
    document: { operation: "reboot", delay: 60 },
    statusDetails: {},
  });
  await handler.updateJobStatus("one", "JobInProgress", { step: "waits", progress: "50" });
  await handler.pollJobDocument();
  expect(await handler.getJobDocument(0)).toBeUndefined();
  await handler.updateJobStatus("one", "JobSucceeded");
  expect(await handler.getJobDocument(5 * SECOND)).toMatchObject({ jobId: "two" });
  await handler.updateJobStatus("two", "JobRejected", { reason: "no configuration" });
  expect(jobs.of(THING)).toMatchObject([
    { jobId: "one", status: "SUCCEEDED", versionNumber: 4, statusDetails: { step: "waits", progress: "50" } },
    { jobId: "two", status: "REJECTED", statusDetails: { reason: "no configuration" } },
  ]);
  await expect(handler.updateJobStatus("one", "JobSucceeded")).rejects.toThrow(RangeError);
});

test.each([3600, 0])(
  "over connections that break, no update is skipped and none takes effect twice (session of %i s)",
  async (sessionExpiry) => {
    let turn = 0;
    let broken = 0;
    const { jobs, requests, port } = await cloud(() => {
      const fate = (["acknowledge", "process-and-break", "acknowledge", "break"] as const)[turn++ % 4] ?? "acknowledge";
      if (fate !== "acknowledge") broken++;
      return fate;
    });
    const { handler } = device(port, {}, sessionExpiry);
    const steps = Array.from({ length: 4 }, (_, progress) => ({ step: "downloads", progress: String(25 * progress) }));
    for (const jobId of ["a", "b"]) jobs.queue(THING, jobId, { operation: "x" });
    await handler.start();
    for (const jobId of ["a", "b"]) {
      expect((await taken(handler.getJobDocument(10 * SECOND))).jobId).toBe(jobId);
      const told = steps.map((details) => handler.updateJobStatus(jobId, "JobInProgress", details));
      await Promise.all([...told, handler.updateJobStatus(jobId, "JobSucceeded", { step: "done" })]);
    }
    expect(broken).toBeGreaterThan(5);
    for (const { updates } of jobs.of(THING)) {
      expect(updates.map(({ status, statusDetails }) => [status, statusDetails])).toEqual([
        ["IN_PROGRESS", {}],
        ...steps.map((details) => ["IN_PROGRESS", details]),
        ["SUCCEEDED", { step: "done" }],
      ]);
    }
    const updates = requests.filter(({ topic }) => topic.endsWith("/update"));
    // Where no session kept the answer, some were repeated: each time for the attempt and the version that they were made for.
    if (sessionExpiry === 0) expect(updates.length).toBeGreaterThan(10);
    const versions = new Map<unknown, unknown>();
    for (const { body } of updates) {
      expect(body).toMatchObject({ executionNumber: 1, expectedVersion: expect.any(Number) });
      versions.set(body["clientToken"], versions.get(body["clientToken"]) ?? body["expectedVersion"]);
      expect(body["expectedVersion"]).toBe(versions.get(body["clientToken"]));
    }
    expect(versions.size).toBe(10);
  },
);

test("what has no answer is asked again in time", async () => {
  let lost = 0;
  const { jobs, port } = await cloud((topic) => (topic.endsWith("/update") && lost++ < 2 ? "lose" : "acknowledge"));
  const { handler } = device(port, { timeout: 20 });
  await handler.start();
  jobs.queue(THING, "one", {});
  await taken(handler.getJobDocument(5 * SECOND));
  await handler.updateJobStatus("one", "JobFailed", { reason: "it broke" });
  expect(jobs.of(THING)).toMatchObject([{ status: "FAILED", versionNumber: 3 }]);
});

test("what was acknowledged and has no answer is asked again on the next connection", async () => {
  let lost = 0;
  const { broker, jobs, port } = await cloud((topic) =>
    topic.endsWith("/update") && lost++ === 0 ? "lose" : "acknowledge",
  );
  const { agent, handler } = device(port, { timeout: 60 * SECOND });
  await handler.start();
  jobs.queue(THING, "one", {});
  await taken(handler.getJobDocument(5 * SECOND));
  const told = handler.updateJobStatus("one", "JobSucceeded");
  while (lost === 0 || agent.pending > 0) await new Promise((resolve) => setImmediate(resolve));
  broker.break(THING);
  await told;
  expect(jobs.of(THING)).toMatchObject([{ status: "SUCCEEDED", versionNumber: 3 }]);
});

test("a device that may not publish is told so", async () => {
  let asked = 0;
  const started = await startSimulatedBroker({ rules: { mayPublish: () => asked++ > 0 } });
  onTestFinished(() => started.close());
  const { agent, handler } = device(started.port);
  await handler.start();
  await expect(handler.pollJobDocument()).rejects.toThrow(RefusedError);
  // The broker ends the connection besides.
  await new Promise<void>((resolve) => agent.onEvent(({ state }) => state === "connected" && resolve()));
});

describe("stopped", () => {
  test("with three things left, three are stored, and told by the next one", async () => {
    const { broker, jobs, requests, port } = await cloud();
    const store = createMemoryCredentialStore();
    const first = device(port, { store });
    await first.handler.start();
    jobs.queue(THING, "one", { url: "old" });
    await taken(first.handler.getJobDocument(5 * SECOND));
    await first.agent.stop();
    const left = [
      first.handler.updateJobStatus("one", "JobInProgress", { step: "installs" }),
      first.handler.updateJobStatus("one", "JobInProgress", { step: "starts" }),
      first.handler.updateJobStatus("one", "JobSucceeded", { step: "done" }),
    ].map((update) => expect(update).rejects.toThrow(AgentStoppedError));
    await first.handler.stop();
    await Promise.all(left);
    const { content = "" } = (await store.load("Job Queue")) ?? {};
    expect(JSON.parse(content).updates).toHaveLength(3);
    expect(broker.isConnected(THING)).toBe(false);

    requests.length = 0;
    const second = device(port, { store });
    await second.handler.start();
    await second.handler.pollJobDocument();
    // What is over is not done again: it is told before anything is asked.
    expect(await second.handler.getJobDocument(0)).toBeUndefined();
    expect(jobs.of(THING)[0]?.updates.map(({ statusDetails }) => statusDetails["step"])).toEqual([
      undefined,
      "installs",
      "starts",
      "done",
    ]);
    expect(requests.map(({ topic }) => topic).slice(0, 3)).toEqual(["one/update", "one/update", "one/update"]);
    await second.handler.stop();
    expect(JSON.parse((await store.load("Job Queue"))?.content ?? "")).toEqual({ jobs: [], updates: [], attempts: [] });
  });

  test("with a job that nobody has taken, it is there again, with its document of now", async () => {
    const { jobs, port } = await cloud();
    const store = createMemoryCredentialStore();
    const first = device(port, { store });
    await first.handler.start();
    jobs.queue(THING, "one", { url: "old" });
    await first.handler.pollJobDocument();
    await first.handler.stop();
    expect((await store.load("Job Queue"))?.content).toContain('"old"');
    await first.agent.stop();

    const execution = jobs.of(THING)[0];
    if (execution) execution.document = { url: "new" };
    const second = device(port, { store });
    await second.handler.start();
    await second.handler.pollJobDocument();
    expect(await second.handler.getJobDocument(0)).toMatchObject({ jobId: "one", document: { url: "new" } });
    expect(await second.handler.getJobDocument(0)).toBeUndefined();
    await second.handler.updateJobStatus("one", "JobSucceeded");
  });

  test("with a job that was cancelled meanwhile, there is none", async () => {
    const { jobs, port } = await cloud();
    const store = createMemoryCredentialStore();
    const first = device(port, { store });
    await first.handler.start();
    jobs.queue(THING, "one", {});
    await first.handler.pollJobDocument();
    await first.handler.stop();
    await first.agent.stop();
    jobs.end(THING, "one", "CANCELED");
    const second = device(port, { store });
    await second.handler.start();
    await second.handler.pollJobDocument();
    expect(await second.handler.getJobDocument(0)).toBeUndefined();
  });

  test("offline, a stored job can be taken and done at once", async () => {
    const { jobs, port } = await cloud();
    const store = createMemoryCredentialStore();
    const first = device(port, { store });
    await first.handler.start();
    jobs.queue(THING, "one", { operation: "reboot" });
    await first.handler.pollJobDocument();
    await first.handler.stop();
    await first.agent.stop();
    const agent = createMqttAgent({ connection: { host: "127.0.0.1", port, plaintext: true, clientId: THING } });
    onTestFinished(() => agent.stop({ timeout: 0 }));
    const handler = createJobsHandler({ agent, thingName: THING, store });
    const started = handler.start();
    expect(await handler.getJobDocument(SECOND)).toMatchObject({ document: { operation: "reboot" } });
    const told = handler.updateJobStatus("one", "JobSucceeded");
    agent.start();
    await Promise.all([started, told]);
    expect(jobs.of(THING)).toMatchObject([{ status: "SUCCEEDED" }]);
    await handler.stop();
  });

  test.each(["", "{", "[]", '{"jobs":7}', '{"jobs":[{"jobId":"a/b","executionNumber":1,"versionNumber":1}]}'])(
    "and started with %j in the store, it asks the platform",
    async (content) => {
      const { jobs, port } = await cloud();
      const store = createMemoryCredentialStore();
      await store.save("Job Queue", { content });
      jobs.queue(THING, "one", {});
      const { handler } = device(port, { store });
      await handler.start();
      expect(await handler.getJobDocument(5 * SECOND)).toMatchObject({ jobId: "one" });
    },
  );
});

describe("an attempt that is over", () => {
  test.each(["CANCELED", "TIMED_OUT"])("by %s refuses all that is still to be told", async (status) => {
    const { jobs, port } = await cloud();
    const { handler } = device(port);
    await handler.start();
    jobs.queue(THING, "one", {});
    await taken(handler.getJobDocument(5 * SECOND));
    jobs.end(THING, "one", status);
    const told = [
      handler.updateJobStatus("one", "JobInProgress", { step: "x" }),
      handler.updateJobStatus("one", "JobSucceeded"),
    ];
    for (const update of told) {
      const refused: unknown = await update.catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(JobsRejectedError);
      expect(refused).toMatchObject({ executionState: { status } });
    }
    // Another attempt at it is another job.
    jobs.queue(THING, "one", {});
    expect(await handler.getJobDocument(5 * SECOND)).toMatchObject({ jobId: "one", executionNumber: 2 });
    await handler.updateJobStatus("one", "JobSucceeded");
    expect(jobs.of(THING).map((execution) => execution.status)).toEqual([status, "SUCCEEDED"]);
  });
});

test("somebody else's update is told to the caller, who may say it again", async () => {
  const { jobs, port } = await cloud();
  const { handler } = device(port);
  await handler.start();
  jobs.queue(THING, "one", {});
  await taken(handler.getJobDocument(5 * SECOND));
  const execution = jobs.of(THING)[0];
  if (execution) execution.versionNumber = 9;
  await expect(handler.updateJobStatus("one", "JobSucceeded")).rejects.toMatchObject({ code: "VersionMismatch" });
  await handler.updateJobStatus("one", "JobSucceeded");
  expect(execution).toMatchObject({ status: "SUCCEEDED", versionNumber: 10 });
});

test("a full queue refuses work in progress at once, and never the end of a job", async () => {
  const { jobs, port } = await cloud();
  const { agent, handler } = device(port, { queueSize: 2 });
  await handler.start();
  jobs.queue(THING, "one", {});
  await taken(handler.getJobDocument(5 * SECOND));
  await agent.stop();
  const waiting = [1, 2].map((progress) =>
    handler.updateJobStatus("one", "JobInProgress", { progress: String(progress) }),
  );
  await expect(handler.updateJobStatus("one", "JobInProgress", {})).rejects.toThrow(QueueFullError);
  waiting.push(handler.updateJobStatus("one", "JobFailed"));
  await expect(handler.updateJobStatus("one", "JobSucceeded")).rejects.toThrow(RangeError);
  const left = waiting.map((update) => expect(update).rejects.toThrow(AgentStoppedError));
  await handler.stop();
  await Promise.all(left);
});
