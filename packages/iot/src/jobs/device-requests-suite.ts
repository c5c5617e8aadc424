import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AT, jsonOf, type OpenTestRoom } from "../test-room.ts";
import { openTestJobs, type TestJobs } from "./test-jobs.ts";

const MINUTE = 60_000;
const CODES = [
  "InvalidTopic",
  "InvalidJson",
  "InvalidRequest",
  "InvalidStateTransition",
  "ResourceNotFound",
  "VersionMismatch",
  "RequestThrottled",
  "TerminalStateReached",
];

/** Reading requests is the same on every database. */
export function describeDeviceRequests(open: OpenTestRoom): void {
  let kit: TestJobs;
  beforeEach(async () => {
    kit = await openTestJobs(open);
    await kit.addThings("lamp");
  });
  afterEach(async () => {
    await kit.jobs.notices.stop();
    await kit.room.close();
  });

  async function give(jobId: string, more: object = {}): Promise<void> {
    const targets = [`arn:aws:iot:${AT.region}:${AT.accountId}:thing/lamp`];
    await kit.call("CreateJob", { jobId, targets, document: JSON.stringify({ job: jobId }), ...more });
    await kit.pass(1);
  }
  const rowOf = async (jobId: string) =>
    (await kit.call("DescribeJobExecution", { jobId, thingName: "lamp" })).execution;
  /** Bytes as a device sends them, and its answer. */
  async function sayBytes(rest: string, payload: string | Uint8Array) {
    const topic = `$aws/things/lamp/jobs/${rest}`;
    const { reply } = await kit.room.publish(topic, payload, { clientId: "lamp" });
    expect(reply).toHaveLength(1);
    return { topic: reply?.[0]?.topic.slice(topic.length), body: jsonOf(reply?.[0]) as Record<string, unknown> };
  }

  test("steps of 20, 7, 5 and 9 minutes", async () => {
    await give("job", { timeoutConfig: { inProgressTimeoutInMinutes: 20 } });
    const left = async () => (await kit.executionOf("lamp"))?.approximateSecondsBeforeTimedOut;
    const step = (stepTimeoutInMinutes: number) =>
      kit.say("lamp", "job/update", { status: "IN_PROGRESS", stepTimeoutInMinutes });
    await kit.say("lamp", "start-next");
    expect(await left()).toBe(20 * 60);
    await kit.pass(5 * MINUTE);
    await step(7);
    expect(await left()).toBe(7 * 60);
    await kit.pass(5 * MINUTE);
    await step(5);
    expect(await left()).toBe(5 * 60);
    await kit.pass(3 * MINUTE);
    await step(9);
    // 12:22 by the step, 12:20 by the whole.
    expect(await left()).toBe(7 * 60);
    await step(-1);
    expect(await left()).toBe(7 * 60);
    await kit.pass(7 * MINUTE - 1_000);
    expect(await rowOf("job")).toMatchObject({ status: "IN_PROGRESS" });
    await kit.pass(1_000);
    expect(await rowOf("job")).toMatchObject({ status: "TIMED_OUT", versionNumber: 7 });
  });

  test("an update replaces the details when it brings some, and counts as a version", async () => {
    await give("job");
    await kit.say("lamp", "start-next", { statusDetails: { a: "1", b: "2" } });
    const update = async (body: object) =>
      (await kit.say("lamp", "job/update", { status: "IN_PROGRESS", includeJobExecutionState: true, ...body })).body[
        "executionState"
      ];
    expect(await update({})).toEqual({ status: "IN_PROGRESS", statusDetails: { a: "1", b: "2" }, versionNumber: 3 });
    expect(await update({ statusDetails: null, expectedVersion: "3" })).toMatchObject({ statusDetails: { a: "1" } });
    expect(await update({ statusDetails: { c: "3" }, expectedVersion: 4 })).toEqual({
      status: "IN_PROGRESS",
      statusDetails: { c: "3" },
      versionNumber: 5,
    });
    expect(await update({ statusDetails: {} })).toMatchObject({ statusDetails: {}, versionNumber: 6 });
    const { body } = await kit.say("lamp", "job/update", { status: "SUCCEEDED", includeJobDocument: true });
    expect(body).toEqual({ jobDocument: { job: "job" }, timestamp: expect.any(Number) });
  });

  test("what is wrong is said in the reference's codes, with the state where it helps, and changes nothing", async () => {
    await give("job");
    await give("done");
    await kit.say("lamp", "done/update", { status: "REJECTED" });
    const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, "v"]));
    const run = { status: "IN_PROGRESS" };
    const wrong: readonly [rest: string, body: unknown, expected: object][] = [
      ["absent/get", {}, { code: "ResourceNotFound" }],
      ["absent/update", run, { code: "ResourceNotFound" }],
      ["job/get", { executionNumber: 2 }, { code: "ResourceNotFound" }],
      ["job/update", { ...run, executionNumber: 2 }, { code: "ResourceNotFound" }],
      ["bad id/get", {}, { code: "InvalidTopic" }],
      ["$next/update", run, { code: "InvalidTopic" }],
      ["done/get", {}, { code: "TerminalStateReached" }],
      [
        "done/update",
        run,
        { code: "InvalidStateTransition", executionState: { status: "REJECTED", statusDetails: {}, versionNumber: 2 } },
      ],
      [
        "job/update",
        { ...run, expectedVersion: 2 },
        { code: "VersionMismatch", executionState: { status: "QUEUED", statusDetails: {}, versionNumber: 1 } },
      ],
      [
        "job/update",
        { ...run, expectedVersion: "9" },
        { code: "VersionMismatch", executionState: { versionNumber: 1 } },
      ],
      ["job/update", { ...run, expectedVersion: "one" }, { code: "InvalidRequest" }],
      ["job/update", { ...run, expectedVersion: -1 }, { code: "InvalidRequest" }],
      ["job/update", { ...run, expectedVersion: 1.5 }, { code: "InvalidRequest" }],
      ["job/update", { ...run, executionNumber: {} }, { code: "InvalidRequest" }],
      ["job/update", {}, { code: "InvalidRequest" }],
      ["job/update", { status: 1 }, { code: "InvalidRequest" }],
      ...["QUEUED", "CANCELED", "REMOVED", "TIMED_OUT", "WAITING", "DONE", "x".repeat(100_000)].map(
        (status) => ["job/update", { status }, { code: "InvalidRequest" }] as [string, object, object],
      ),
      ["job/update", { ...run, stepTimeoutInMinutes: 0 }, { code: "InvalidRequest" }],
      ["job/update", { ...run, stepTimeoutInMinutes: 10_081 }, { code: "InvalidRequest" }],
      ["job/update", { ...run, includeJobDocument: "yes" }, { code: "InvalidRequest" }],
      ["job/update", { ...run, includeJobExecutionState: 1 }, { code: "InvalidRequest" }],
      ["start-next", { stepTimeoutInMinutes: "5" }, { code: "InvalidRequest" }],
      ["start-next", { statusDetails: pairs(11) }, { code: "InvalidRequest" }],
      ["start-next", { statusDetails: [] }, { code: "InvalidRequest" }],
      ["start-next", { statusDetails: { a: 1 } }, { code: "InvalidRequest" }],
      ["start-next", { statusDetails: { a: "" } }, { code: "InvalidRequest" }],
      ["start-next", { statusDetails: { "a b": "1" } }, { code: "InvalidRequest" }],
      ["start-next", { statusDetails: { a: "line\nbreak" } }, { code: "InvalidRequest" }],
      ["start-next", { statusDetails: { a: "x".repeat(1_025) } }, { code: "InvalidRequest" }],
      ["start-next", { statusDetails: { ["k".repeat(129)]: "x" } }, { code: "InvalidRequest" }],
      ["get", { clientToken: 1 }, { code: "InvalidRequest" }],
      ["get", { clientToken: "ü".repeat(33) }, { code: "InvalidRequest" }],
    ];
    for (const [rest, body, expected] of wrong) {
      const answer = await kit.say("lamp", rest, body);
      const what = `${rest} ${JSON.stringify(body).slice(0, 80)}`;
      expect(answer.topic, what).toBe(`$aws/things/lamp/jobs/${rest}/rejected`);
      expect(answer.body, what).toMatchObject(expected);
      expect(Object.keys(answer.body).sort(), what).toEqual([...Object.keys(expected), "message", "timestamp"].sort());
      expect(String(answer.body["message"]).length, what).toBeLessThan(300);
    }
    expect((await sayBytes("get", Uint8Array.of(0x7b, 0xff, 0x7d))).body).toMatchObject({ code: "InvalidJson" });
    for (const text of ["{", "[]", '"x"', "null", `${"[".repeat(9)}${"]".repeat(9)}`, "[".repeat(100_000)]) {
      expect((await sayBytes("get", text)).body, text.slice(0, 20)).toMatchObject({ code: "InvalidJson" });
    }
    // A token is given back as soon as it could be read.
    const { body } = await kit.say("lamp", "job/update", { status: 1, clientToken: "ü".repeat(32) });
    expect(body).toMatchObject({ code: "InvalidRequest", clientToken: "ü".repeat(32) });
    for (const rest of ["get", "start-next"]) {
      expect((await kit.say("nobody", rest)).body).toMatchObject({ code: "ResourceNotFound" });
    }
    expect(await rowOf("job")).toMatchObject({ status: "QUEUED", versionNumber: 1 });
  });

  test("hostile payloads: an answer with a known code, and an execution that only changes by what is allowed", async () => {
    await give("job");
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.json({ maxDepth: 10 }),
      fc
        .record(
          {
            status: fc.oneof(fc.constant("IN_PROGRESS"), fc.jsonValue()),
            statusDetails: fc.oneof(fc.dictionary(fc.string(), fc.string(), { maxKeys: 12 }), fc.jsonValue()),
            expectedVersion: fc.oneof(fc.nat(5), fc.jsonValue()),
            executionNumber: fc.oneof(fc.constant(1), fc.jsonValue()),
            stepTimeoutInMinutes: fc.oneof(fc.nat(3), fc.jsonValue()),
            includeJobDocument: fc.oneof(fc.boolean(), fc.jsonValue()),
            clientToken: fc.oneof(fc.string({ maxLength: 70 }), fc.jsonValue()),
            ["__proto__"]: fc.jsonValue(),
            constructor: fc.jsonValue(),
          },
          { requiredKeys: [] },
        )
        .map((body) => JSON.stringify(body)),
    );
    const topics = fc.constantFrom("get", "start-next", "job/get", "$next/get", "job/update");
    await fc.assert(
      fc.asyncProperty(topics, hostile, async (rest, payload) => {
        const { topic, body } = await sayBytes(rest, payload);
        expect(body["timestamp"]).toEqual(expect.any(Number));
        if (topic === "/rejected") expect(CODES).toContain(body["code"]);
        else expect(topic).toBe("/accepted");
      }),
      { numRuns: 150 },
    );
    expect(await rowOf("job")).toMatchObject({ status: expect.stringMatching(/^(QUEUED|IN_PROGRESS)$/) });
    expect({}).not.toHaveProperty("polluted");
  });

  test("HTTPS and MQTT say the same: the document apart, which is text there", async () => {
    for (const jobId of ["one", "two"]) await give(jobId, { timeoutConfig: { inProgressTimeoutInMinutes: 9 } });
    const plain = ({ timestamp: _, ...body }: Record<string, unknown>) => body;
    const asObject = ({ execution, ...rest }: { execution?: { jobDocument?: string } }) =>
      JSON.parse(
        JSON.stringify({
          ...rest,
          ...(execution && {
            execution: { ...execution, jobDocument: execution.jobDocument && JSON.parse(execution.jobDocument) },
          }),
        }),
      ) as unknown;
    const lamp = { thingName: "lamp" };
    const same = async (rest: string, body: object, asked: Promise<object>) =>
      expect(plain((await kit.say("lamp", rest, body)).body)).toEqual(asObject(await asked));
    await same("get", {}, kit.ask("GetPendingJobExecutions", lamp));
    await same("$next/get", {}, kit.ask("DescribeJobExecution", { ...lamp, jobId: "$next" }));
    const how = { statusDetails: { a: "1" }, stepTimeoutInMinutes: 3 };
    const first = await kit.ask("StartNextPendingJobExecution", { ...lamp, ...how });
    expect(plain((await kit.say("lamp", "start-next", how)).body)).toEqual(asObject(first));
    await same("one/get", {}, kit.ask("DescribeJobExecution", { ...lamp, jobId: "one" }));
    const update = { status: "SUCCEEDED", includeJobExecutionState: true, includeJobDocument: true } as const;
    const over = await kit.ask("UpdateJobExecution", { ...lamp, jobId: "one", ...update });
    expect(over).toEqual({
      executionState: { status: "SUCCEEDED", statusDetails: { a: "1" }, versionNumber: 3 },
      jobDocument: '{"job":"one"}',
    });
    const { body } = await kit.say("lamp", "two/update", { ...update, statusDetails: { a: "1" } });
    expect(plain(body)).toEqual({
      executionState: { ...over.executionState, versionNumber: 2 },
      jobDocument: { job: "two" },
    });

    const refusals: readonly [rest: string, body: object, code: string, name: string, asked: () => Promise<unknown>][] =
      [
        [
          "one/get",
          {},
          "TerminalStateReached",
          "TerminalStateException",
          () => kit.ask("DescribeJobExecution", { ...lamp, jobId: "one" }),
        ],
        [
          "one/update",
          update,
          "InvalidStateTransition",
          "InvalidStateTransitionException",
          () => kit.ask("UpdateJobExecution", { ...lamp, jobId: "one", ...update }),
        ],
        [
          "two/update",
          { ...update, expectedVersion: 1 },
          "VersionMismatch",
          "InvalidStateTransitionException",
          () => kit.ask("UpdateJobExecution", { ...lamp, jobId: "two", ...update, expectedVersion: 1 }),
        ],
        [
          "none/get",
          {},
          "ResourceNotFound",
          "ResourceNotFoundException",
          () => kit.ask("DescribeJobExecution", { ...lamp, jobId: "none" }),
        ],
        [
          "one/update",
          { status: "CANCELED" },
          "InvalidRequest",
          "InvalidRequestException",
          () => kit.ask("UpdateJobExecution", { ...lamp, jobId: "one", status: "CANCELED" }),
        ],
      ];
    for (const [rest, asked, code, name, ask] of refusals) {
      const { body } = await kit.say("lamp", rest, asked);
      expect(body).toMatchObject({ code });
      await expect(ask(), rest).rejects.toMatchObject({ name });
    }
  });
}
