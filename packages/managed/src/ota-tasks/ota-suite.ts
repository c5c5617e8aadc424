import type { ManagedIntegrations } from "@hearth/contract";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AT, jsonOf, type OpenTestRoom, OTHER, refusalOf, type TestRoom } from "../test-room.ts";

type Create = Partial<ManagedIntegrations.CreateOtaTaskRequest>;

const MINUTE = 60_000;
const DOCUMENT = '{"operation":"firmware","version":"2"}';
const arnOf = (id: string) => `arn:aws:iotmanagedintegrations:us-east-1:${AT.accountId}:managed-thing/${id}`;

/** OTA tasks with things whose devices are played by this suite; time is moved by hand. */
export function describeOtaTasks(open: OpenTestRoom): void {
  let room: TestRoom;
  let document: string | undefined;
  beforeEach(async () => {
    document = DOCUMENT;
    room = await open({ object: (name) => (name === "firmware/two.json" ? document : undefined) });
  });
  afterEach(async () => {
    await room.iot.jobs.notices.stop();
    await room.close();
  });

  const operations = () => room.managed.operations;
  const create = async (input: Create): Promise<string> => {
    const given = { S3Url: "s3://firmware/two.json", OtaType: "ONE_TIME" as const, ...input };
    const { TaskId = "" } = await room.call(operations().CreateOtaTask, given);
    return TaskId;
  };
  const configured = async (PushConfig: ManagedIntegrations.PushConfig): Promise<string> => {
    const { TaskConfigurationId = "" } = await room.call(operations().CreateOtaTaskConfiguration, { PushConfig });
    return TaskConfigurationId;
  };
  const task = (Identifier: string) => room.call(operations().GetOtaTask, { Identifier });
  const things = (count: number) => Promise.all(Array.from({ length: count }, (_, index) => room.create(`SN${index}`)));
  const edit = (Identifier: string, MetaData: Record<string, string>) =>
    room.call(operations().UpdateManagedThing, { Identifier, MetaData });

  const rest = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) {
      await room.timers.idle();
      await room.iot.jobs.notices.idle();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  /** Steps to each timer that falls due. */
  async function pass(milliseconds: number): Promise<void> {
    await rest();
    const end = room.clock.now() + milliseconds;
    while (room.clock.now() < end) {
      const [row] = await room.database.query<{ due: number | null }>("SELECT MIN(due_at) AS due FROM hearth_timer");
      const due = Math.max(room.clock.now() + 1, Number(row?.due ?? end));
      room.clock.advance(Math.min(end, due) - room.clock.now());
      await rest();
    }
  }
  const say = async (id: string, path: string, body: object = {}): Promise<Record<string, unknown>> => {
    const { reply } = await room.publish(`$aws/things/${id}/jobs/${path}`, body, "certificate");
    return jsonOf(reply?.[0]);
  };
  async function run(id: string, taskId: string, status: string): Promise<void> {
    await say(id, "start-next");
    await say(id, `ota-${taskId}/update`, { status });
  }
  /** Status and attempt of each execution, by thing. */
  const executions = async (Identifier: string): Promise<Record<string, string[]>> => {
    const { ExecutionSummaries = [] } = await room.call(operations().ListOtaTaskExecutions, { Identifier });
    const found: Record<string, string[]> = {};
    for (const { ManagedThingId = "", TaskExecutionSummary = {} } of ExecutionSummaries) {
      const attempt = `${TaskExecutionSummary.RetryAttempt} ${TaskExecutionSummary.Status}`;
      found[ManagedThingId] = [...(found[ManagedThingId] ?? []), attempt];
    }
    return found;
  };
  const begun = async (Identifier: string) => Object.keys(await executions(Identifier)).length;
  const inMinutes = (minutes: number) => new Date(room.clock.now() + minutes * MINUTE).toISOString().slice(0, 19);

  test("row 98: a one-time task takes 100 things and not 101; all reach SUCCEEDED", async () => {
    const ids = await things(101);
    const refused = await refusalOf(create({ Target: ids.map(arnOf) }));
    expect(refused).toMatchObject({ name: "ValidationException", message: expect.stringContaining("at most 100") });
    const some = ids.slice(0, 100);
    const taskId = await create({ Target: some.map(arnOf), Description: "two" });
    await pass(1_000);
    expect((await task(taskId)).TaskProcessingDetails).toMatchObject({ numberOfQueuedThings: 100 });
    const next = await say(some[0] ?? "", "start-next");
    expect(next["execution"]).toMatchObject({ jobId: `ota-${taskId}`, jobDocument: JSON.parse(DOCUMENT) });
    for (const id of some) await run(id, taskId, "SUCCEEDED");
    await pass(1_000);
    expect(await task(taskId)).toMatchObject({
      Status: "COMPLETED",
      TaskProcessingDetails: { numberOfSucceededThings: 100, numberOfQueuedThings: 0, processingTargets: [] },
    });
    const first = await room.call(operations().ListOtaTaskExecutions, { Identifier: taskId, MaxResults: 60 });
    const { NextToken } = first;
    const second = await room.call(operations().ListOtaTaskExecutions, { Identifier: taskId, NextToken });
    expect([first.ExecutionSummaries?.length, second.ExecutionSummaries?.length]).toEqual([60, 40]);
  });

  test("row 100: the rate grows by the factor, 90 % of failures cancel, what is overdue is TIMED_OUT", async () => {
    const ids = await things(12);
    const TaskConfigurationId = await configured({
      AbortConfig: {
        AbortConfigCriteriaList: [
          { Action: "CANCEL", FailureType: "FAILED", MinNumberOfExecutedThings: 10, ThresholdPercentage: 90 },
        ],
      },
      RolloutConfig: {
        ExponentialRolloutRate: {
          BaseRatePerMinute: 1,
          IncrementFactor: 3,
          RateIncreaseCriteria: { numberOfNotifiedThings: 1 },
        },
        MaximumPerMinute: 9,
      },
      TimeoutConfig: { InProgressTimeoutInMinutes: 5 },
    });
    const taskId = await create({ Target: ids.map(arnOf), TaskConfigurationId });
    // The first at once, the second after a third of a minute, from then on nine a minute.
    const seen: number[] = [];
    for (const seconds of [1, 18, 3, 6, 6, 7]) {
      await pass(seconds * 1_000);
      seen.push(await begun(taskId));
    }
    expect(seen).toEqual([1, 1, 2, 3, 4, 5]);
    await pass(36_000);
    expect(await begun(taskId)).toBe(10);
    const chosen = Object.keys(await executions(taskId));
    const silent = chosen.pop() ?? "";
    await say(silent, "start-next");
    for (const id of chosen) await run(id, taskId, "FAILED");
    await pass(1_000);
    expect((await task(taskId)).Status).toBe("CANCELED");
    await pass(4 * MINUTE);
    expect((await executions(taskId))[silent]).toEqual(["0 IN_PROGRESS"]);
    await pass(MINUTE);
    expect((await executions(taskId))[silent]).toEqual(["0 TIMED_OUT"]);
    expect((await task(taskId)).TaskProcessingDetails).toMatchObject({
      NumberOfFailedThings: 9,
      numberOfTimedOutThings: 1,
      NumberOfCanceledThings: 0,
    });
  });

  test("row 101: a task starts at its time, and ends as its end behaviour says", async () => {
    const ids = await things(9);
    const slow = await configured({ RolloutConfig: { MaximumPerMinute: 1 } });
    const behaviors = ["STOP_ROLLOUT", "CANCEL", "FORCE_CANCEL"] as const;
    const tasks = await Promise.all(
      behaviors.map((EndBehavior, index) =>
        create({
          Target: ids.slice(3 * index, 3 * index + 3).map(arnOf),
          TaskConfigurationId: slow,
          OtaSchedulingConfig: { StartTime: inMinutes(10), EndTime: inMinutes(41.5), EndBehavior },
        }),
      ),
    );
    await pass(9 * MINUTE);
    expect(await Promise.all(tasks.map(begun))).toEqual([0, 0, 0]);
    expect((await task(tasks[0] ?? "")).Status).toBe("SCHEDULED");
    await pass(2.5 * MINUTE);
    expect(await Promise.all(tasks.map(begun))).toEqual([2, 2, 2]);
    expect((await task(tasks[0] ?? "")).Status).toBe("IN_PROGRESS");
    for (const id of tasks) await say(Object.keys(await executions(id))[0] ?? "", "start-next");
    // The third of each would come in half a minute: a new configuration holds it back.
    const slower = await configured({ RolloutConfig: { MaximumPerMinute: 1 } });
    for (const Identifier of tasks) {
      await room.call(operations().UpdateOtaTask, { Identifier, TaskConfigurationId: slower, Description: "held" });
    }
    await pass(30 * MINUTE);
    const ended = await Promise.all(
      tasks.map(async (id) =>
        Object.values(await executions(id))
          .flat()
          .sort(),
      ),
    );
    expect(ended).toEqual([
      ["0 IN_PROGRESS", "0 QUEUED", "0 QUEUED"],
      ["0 CANCELED", "0 CANCELED", "0 IN_PROGRESS"],
      ["0 CANCELED", "0 CANCELED", "0 CANCELED"],
    ]);
    expect(await Promise.all(tasks.map(async (id) => (await task(id)).Status))).toEqual([
      "IN_PROGRESS",
      "CANCELED",
      "CANCELED",
    ]);
  });

  test("row 101 (part): a maintenance window opens and shuts, and a failure is tried again as often as asked", async () => {
    const [first = "", second = ""] = await things(2);
    const at = new Date(room.clock.now() + 60 * MINUTE);
    const StartTime = `cron(${at.getUTCMinutes()} ${at.getUTCHours()} * * ? *)`;
    const windowed = await create({
      Target: [arnOf(first)],
      OtaSchedulingConfig: { MaintenanceWindows: [{ StartTime, DurationInMinutes: 30 }] },
    });
    await pass(50 * MINUTE);
    expect([await begun(windowed), (await task(windowed)).Status]).toEqual([0, "SCHEDULED"]);
    await pass(15 * MINUTE);
    expect([await begun(windowed), (await task(windowed)).Status]).toEqual([1, "IN_PROGRESS"]);
    await pass(30 * MINUTE);
    // What is queued cannot be taken while the window is shut.
    expect(await say(first, "start-next")).not.toHaveProperty("execution.jobId");

    const retried = await create({
      Target: [arnOf(second)],
      OtaTaskExecutionRetryConfig: { RetryConfigCriteria: [{ FailureType: "FAILED", MinNumberOfRetries: 2 }] },
    });
    await pass(1_000);
    for (let attempt = 0; attempt < 3; attempt++) await run(second, retried, "FAILED");
    await pass(1_000);
    expect(await executions(retried)).toEqual({ [second]: ["0 FAILED", "1 FAILED", "2 FAILED"] });
    expect((await task(retried)).Status).toBe("COMPLETED");
  });

  test("a continuous task takes what matches at its beginning and whatever comes to match, once each", async () => {
    const ids = await things(4);
    const [one = "", two = "", three = "", four = ""] = ids;
    await edit(one, { owner: "us" });
    await edit(two, { owner: "them" });
    const taskId = await create({ OtaType: "CONTINUOUS", OtaTargetQueryString: "attributes.owner=us" });
    await pass(1_000);
    expect(await executions(taskId)).toEqual({ [one]: ["0 QUEUED"] });
    await run(one, taskId, "SUCCEEDED");
    await edit(one, { owner: "us", room: "hall" });
    await edit(two, { owner: "us" });
    await edit(three, { owner: "them" });
    const created = await room.call(operations().CreateManagedThing, {
      Role: "DEVICE",
      AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
      AuthenticationMaterial: "SN:NEW;UPC:829576019524;",
      MetaData: { owner: "us" },
    });
    await pass(1_000);
    const fresh = created.Id ?? "";
    expect(await executions(taskId)).toEqual({ [one]: ["0 SUCCEEDED"], [two]: ["0 QUEUED"], [fresh]: ["0 QUEUED"] });
    // Who leaves is not asked any more; who comes back is asked anew. Who is deleted leaves.
    await edit(two, { owner: "them" });
    await room.call(operations().DeleteManagedThing, { Identifier: fresh });
    await pass(1_000);
    expect(await executions(taskId)).toEqual({ [one]: ["0 SUCCEEDED"], [two]: ["0 REMOVED"], [fresh]: ["0 REMOVED"] });
    await edit(two, { owner: "us" });
    await pass(1_000);
    expect((await executions(taskId))[two]).toEqual(["0 REMOVED", "0 QUEUED"]);
    // A look at all things that is made twice, as after a kill, finds nothing new.
    await room.database.commit([
      { sql: "UPDATE ota_task SET feed_cursor = '' WHERE id = ?", params: [taskId], rows: 1 },
      room.timers.arm("ota-feed", `${AT.accountId}/${AT.region}/${taskId}`, room.clock.now()),
    ]);
    room.timers.wake();
    const before = await executions(taskId);
    await pass(1_000);
    expect(await executions(taskId)).toEqual(before);
    expect(before).not.toHaveProperty(four);
    expect((await task(taskId)).Status).toBe("IN_PROGRESS");
    await room.call(operations().DeleteOtaTask, { Identifier: taskId });
    await pass(1_000);
    expect(await refusalOf(task(taskId))).toMatchObject({ name: "ResourceNotFoundException" });
    await edit(four, { owner: "us" });
  });

  test("a continuous task rolls out at its rate what matches at its beginning", async () => {
    for (const id of await things(5)) await edit(id, { owner: "us" });
    const taskId = await create({
      OtaType: "CONTINUOUS",
      OtaTargetQueryString: "attributes.owner:u*",
      TaskConfigurationId: await configured({ RolloutConfig: { MaximumPerMinute: 1 } }),
    });
    const seen: number[] = [];
    for (let minute = 0; minute < 5; minute++) {
      await pass(MINUTE);
      seen.push(await begun(taskId));
    }
    expect(seen.at(-1)).toBe(5);
    expect(seen[0]).toBeLessThanOrEqual(2);
    expect(seen).toEqual(seen.map((_, minute) => Math.min(5, (seen[0] ?? 0) + minute)));
  });

  test("each status of an execution is told once, with the commit that makes it", async () => {
    await room.configure("ota", ["DEVICE_OTA"]);
    const id = await room.create("SN1");
    const taskId = await create({
      Target: [arnOf(id)],
      OtaTaskExecutionRetryConfig: { RetryConfigCriteria: [{ FailureType: "ALL", MinNumberOfRetries: 1 }] },
    });
    await pass(1_000);
    await say(id, "start-next");
    await say(id, `ota-${taskId}/update`, { status: "IN_PROGRESS", statusDetails: { progress: "50" } });
    await say(id, `ota-${taskId}/update`, { status: "FAILED", statusDetails: { reason: "flash" } });
    await run(id, taskId, "SUCCEEDED");
    await pass(1_000);
    const told = await room.notified(id);
    expect(told.map(({ payload }) => `${payload["retryAttempt"]} ${payload["status"]}`)).toEqual([
      "0 QUEUED",
      "0 IN_PROGRESS",
      "0 FAILED",
      "1 QUEUED",
      "1 IN_PROGRESS",
      "1 SUCCEEDED",
    ]);
    expect(told[2]).toEqual({
      type: "DEVICE_OTA",
      payload: {
        taskId,
        taskArn: `arn:aws:iotmanagedintegrations:us-east-1:${AT.accountId}:ota-task/${taskId}`,
        managedThingId: id,
        executionNumber: 1,
        retryAttempt: 0,
        status: "FAILED",
        statusDetails: { reason: "flash" },
        queuedAt: expect.stringMatching(/Z$/),
        startedAt: expect.stringMatching(/Z$/),
        lastUpdatedAt: expect.stringMatching(/Z$/),
      },
    });
  });

  test("what a task cannot be is refused, and says why", async () => {
    const [id = ""] = await things(1);
    const Target = [arnOf(id)];
    const elsewhere = `arn:aws:iotmanagedintegrations:us-east-1:${OTHER.accountId}:managed-thing/${id}`;
    const continuous = { OtaType: "CONTINUOUS", OtaTargetQueryString: "attributes.a=b" } as const;
    const half = await configured({ AbortConfig: { AbortConfigCriteriaList: [{ FailureType: "ALL" }] } });
    const cases: [Create, string, RegExp][] = [
      [{}, "ValidationException", /^Target: at least one/],
      [{ Target: [] }, "ValidationException", /^Target: at least one/],
      [{ Target: ["lamp"] }, "ValidationException", /no ARN of a managed thing/],
      [{ Target: [elsewhere] }, "ValidationException", /no ARN of a managed thing/],
      [{ Target: [arnOf("gone")] }, "ResourceNotFoundException", /Managed Thing/],
      [{ Target, OtaTargetQueryString: "attributes.a=b" }, "ValidationException", /has Target instead/],
      [{ ...continuous, Target }, "ValidationException", /has OtaTargetQueryString instead/],
      [{ OtaType: "CONTINUOUS" }, "ValidationException", /needs it/],
      [{ ...continuous, OtaTargetQueryString: "a=b" }, "ValidationException", /at character 1/],
      [{ Target, TaskConfigurationId: "gone" }, "ResourceNotFoundException", /configuration/],
      [{ Target, TaskConfigurationId: half }, "ValidationException", /a criterion needs/],
      [{ Target, S3Url: "two.json" }, "ValidationException", /not the address/],
      [{ Target, S3Url: "s3://firmware/gone" }, "ResourceNotFoundException", /S3Url/],
      [{ Target, OtaSchedulingConfig: { StartTime: "tomorrow" } }, "ValidationException", /StartTime is not a time/],
      [{ Target, OtaSchedulingConfig: { StartTime: inMinutes(-1) } }, "ValidationException", /StartTime has to be/],
      [{ Target, OtaSchedulingConfig: { EndTime: inMinutes(5) } }, "ValidationException", /EndTime is less than 30/],
      [
        { Target, OtaSchedulingConfig: { MaintenanceWindows: [{ DurationInMinutes: 5 }] } },
        "ValidationException",
        /needs StartTime/,
      ],
      [
        { Target, OtaSchedulingConfig: { MaintenanceWindows: [{ StartTime: "noon", DurationInMinutes: 5 }] } },
        "ValidationException",
        /^OtaSchedulingConfig/,
      ],
      [
        {
          Target,
          OtaTaskExecutionRetryConfig: {
            RetryConfigCriteria: [
              { FailureType: "ALL", MinNumberOfRetries: 1 },
              { FailureType: "FAILED", MinNumberOfRetries: 1 },
            ],
          },
        },
        "ValidationException",
        /ALL by itself/,
      ],
    ];
    for (const [input, name, message] of cases) {
      expect(await refusalOf(create(input))).toEqual({ name, message: expect.stringMatching(message) });
    }
    for (const [text, message] of [
      ["[]", /not a JSON object/],
      ["{", /not JSON/],
      ['{"url":"${aws:iot:s3-presigned-url:https://firmware.s3.amazonaws.com/x}"}', /has placeholders/],
      ['{"url":"${aws:iot:parameter:x}"}', /has placeholders/],
    ] as const) {
      document = text;
      const refused = await refusalOf(create({ Target }));
      expect(refused).toEqual({ name: "ValidationException", message: expect.stringMatching(message) });
    }
    expect((await room.call(operations().ListOtaTasks, {})).Tasks).toEqual([]);
    // An end behaviour without an end has no effect.
    document = DOCUMENT;
    await create({ Target, OtaSchedulingConfig: { EndBehavior: "CANCEL" } });
  });
}
