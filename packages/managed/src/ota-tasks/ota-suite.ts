import type { ManagedIntegrations } from "@hearth/contract";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type OpenTestRoom, OTHER, refusalOf } from "../test-room.ts";
import { arnOf, DOCUMENT, MINUTE, openTestOta, type TestOta } from "./test-ota.ts";

type Create = Partial<ManagedIntegrations.CreateOtaTaskRequest>;

/** What tasks are and how they run; time is moved by hand. */
export function describeOtaTasks(open: OpenTestRoom): void {
  let kit: TestOta;
  beforeEach(async () => {
    kit = await openTestOta(open);
  });
  afterEach(() => kit.close());

  test("row 98: a one-time task takes 100 things and not 101; all reach SUCCEEDED", async () => {
    const ids = await kit.things(101);
    const refused = await refusalOf(kit.create({ Target: ids.map(arnOf) }));
    expect(refused).toMatchObject({ name: "ValidationException", message: expect.stringContaining("at most 100") });
    const some = ids.slice(0, 100);
    const taskId = await kit.create({ Target: some.map(arnOf), Description: "two" });
    await kit.pass(1_000);
    expect((await kit.task(taskId)).TaskProcessingDetails).toMatchObject({ numberOfQueuedThings: 100 });
    const next = await kit.say(some[0] ?? "", "start-next");
    expect(next["execution"]).toMatchObject({ jobId: `ota-${taskId}`, jobDocument: JSON.parse(DOCUMENT) });
    for (const id of some) await kit.run(id, taskId, "SUCCEEDED");
    await kit.pass(1_000);
    expect(await kit.task(taskId)).toMatchObject({
      Status: "COMPLETED",
      TaskProcessingDetails: { numberOfSucceededThings: 100, numberOfQueuedThings: 0, processingTargets: [] },
    });
    const first = await kit.room.call(kit.operations().ListOtaTaskExecutions, { Identifier: taskId, MaxResults: 60 });
    const { NextToken } = first;
    const second = await kit.room.call(kit.operations().ListOtaTaskExecutions, { Identifier: taskId, NextToken });
    expect([first.ExecutionSummaries?.length, second.ExecutionSummaries?.length]).toEqual([60, 40]);
  });

  test("row 100: the rate grows by the factor, 90 % of failures cancel, what is overdue is TIMED_OUT", async () => {
    const ids = await kit.things(12);
    const TaskConfigurationId = await kit.configured({
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
    const taskId = await kit.create({ Target: ids.map(arnOf), TaskConfigurationId });
    // The first at once, the second after a third of a minute, from then on nine a minute.
    const seen: number[] = [];
    for (const seconds of [1, 18, 3, 6, 6, 7]) {
      await kit.pass(seconds * 1_000);
      seen.push(await kit.begun(taskId));
    }
    expect(seen).toEqual([1, 1, 2, 3, 4, 5]);
    await kit.pass(36_000);
    expect(await kit.begun(taskId)).toBe(10);
    const chosen = Object.keys(await kit.executions(taskId));
    const silent = chosen.pop() ?? "";
    await kit.say(silent, "start-next");
    for (const id of chosen) await kit.run(id, taskId, "FAILED");
    await kit.pass(1_000);
    expect((await kit.task(taskId)).Status).toBe("CANCELED");
    await kit.pass(4 * MINUTE);
    expect((await kit.executions(taskId))[silent]).toEqual(["0 IN_PROGRESS"]);
    await kit.pass(MINUTE);
    expect((await kit.executions(taskId))[silent]).toEqual(["0 TIMED_OUT"]);
    expect((await kit.task(taskId)).TaskProcessingDetails).toMatchObject({
      NumberOfFailedThings: 9,
      numberOfTimedOutThings: 1,
      NumberOfCanceledThings: 0,
    });
  });

  test("row 101: a task starts at its time, and ends as its end behaviour says", async () => {
    const ids = await kit.things(9);
    const slow = await kit.configured({ RolloutConfig: { MaximumPerMinute: 1 } });
    const behaviors = ["STOP_ROLLOUT", "CANCEL", "FORCE_CANCEL"] as const;
    const tasks = await Promise.all(
      behaviors.map((EndBehavior, index) =>
        kit.create({
          Target: ids.slice(3 * index, 3 * index + 3).map(arnOf),
          TaskConfigurationId: slow,
          OtaSchedulingConfig: { StartTime: kit.inMinutes(10), EndTime: kit.inMinutes(41.5), EndBehavior },
        }),
      ),
    );
    await kit.pass(9 * MINUTE);
    expect(await Promise.all(tasks.map(kit.begun))).toEqual([0, 0, 0]);
    expect((await kit.task(tasks[0] ?? "")).Status).toBe("SCHEDULED");
    await kit.pass(2.5 * MINUTE);
    expect(await Promise.all(tasks.map(kit.begun))).toEqual([2, 2, 2]);
    expect((await kit.task(tasks[0] ?? "")).Status).toBe("IN_PROGRESS");
    for (const id of tasks) await kit.say(Object.keys(await kit.executions(id))[0] ?? "", "start-next");
    // The third of each would come in half a minute: a new configuration holds it back.
    const slower = await kit.configured({ RolloutConfig: { MaximumPerMinute: 1 } });
    for (const Identifier of tasks) {
      await kit.room.call(kit.operations().UpdateOtaTask, {
        Identifier,
        TaskConfigurationId: slower,
        Description: "held",
      });
    }
    await kit.pass(30 * MINUTE);
    const ended = await Promise.all(
      tasks.map(async (id) =>
        Object.values(await kit.executions(id))
          .flat()
          .sort(),
      ),
    );
    expect(ended).toEqual([
      ["0 IN_PROGRESS", "0 QUEUED", "0 QUEUED"],
      ["0 CANCELED", "0 CANCELED", "0 IN_PROGRESS"],
      ["0 CANCELED", "0 CANCELED", "0 CANCELED"],
    ]);
    expect(await Promise.all(tasks.map(async (id) => (await kit.task(id)).Status))).toEqual([
      "IN_PROGRESS",
      "CANCELED",
      "CANCELED",
    ]);
  });

  test("row 101 (part): a maintenance window opens and shuts, and a failure is tried again as often as asked", async () => {
    const [first = "", second = ""] = await kit.things(2);
    const at = new Date(kit.room.clock.now() + 60 * MINUTE);
    const StartTime = `cron(${at.getUTCMinutes()} ${at.getUTCHours()} * * ? *)`;
    const windowed = await kit.create({
      Target: [arnOf(first)],
      OtaSchedulingConfig: { MaintenanceWindows: [{ StartTime, DurationInMinutes: 30 }] },
    });
    await kit.pass(50 * MINUTE);
    expect([await kit.begun(windowed), (await kit.task(windowed)).Status]).toEqual([0, "SCHEDULED"]);
    await kit.pass(15 * MINUTE);
    expect([await kit.begun(windowed), (await kit.task(windowed)).Status]).toEqual([1, "IN_PROGRESS"]);
    await kit.pass(30 * MINUTE);
    // What is queued cannot be taken while the window is shut.
    expect(await kit.say(first, "start-next")).not.toHaveProperty("execution.jobId");

    const retried = await kit.create({
      Target: [arnOf(second)],
      OtaTaskExecutionRetryConfig: { RetryConfigCriteria: [{ FailureType: "FAILED", MinNumberOfRetries: 2 }] },
    });
    await kit.pass(1_000);
    for (let attempt = 0; attempt < 3; attempt++) await kit.run(second, retried, "FAILED");
    await kit.pass(1_000);
    expect(await kit.executions(retried)).toEqual({ [second]: ["0 FAILED", "1 FAILED", "2 FAILED"] });
    expect((await kit.task(retried)).Status).toBe("COMPLETED");
  });

  test("what a task cannot be is refused, and says why", async () => {
    const [id = ""] = await kit.things(1);
    const Target = [arnOf(id)];
    const elsewhere = `arn:aws:iotmanagedintegrations:us-east-1:${OTHER.accountId}:managed-thing/${id}`;
    const continuous = { OtaType: "CONTINUOUS", OtaTargetQueryString: "attributes.a=b" } as const;
    const half = await kit.configured({ AbortConfig: { AbortConfigCriteriaList: [{ FailureType: "ALL" }] } });
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
      [{ Target, OtaSchedulingConfig: { StartTime: kit.inMinutes(-1) } }, "ValidationException", /StartTime has to be/],
      [
        { Target, OtaSchedulingConfig: { EndTime: kit.inMinutes(5) } },
        "ValidationException",
        /EndTime is less than 30/,
      ],
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
      expect(await refusalOf(kit.create(input))).toEqual({ name, message: expect.stringMatching(message) });
    }
    for (const [text, message] of [
      ["[]", /not a JSON object/],
      ["{", /not JSON/],
      ['{"url":"${aws:iot:s3-presigned-url:https://firmware.s3.amazonaws.com/x}"}', /has placeholders/],
      ['{"url":"${aws:iot:parameter:x}"}', /has placeholders/],
    ] as const) {
      kit.documents.two = text;
      const refused = await refusalOf(kit.create({ Target }));
      expect(refused).toEqual({ name: "ValidationException", message: expect.stringMatching(message) });
    }
    expect((await kit.room.call(kit.operations().ListOtaTasks, {})).Tasks).toEqual([]);
    // An end behaviour without an end has no effect.
    kit.documents.two = DOCUMENT;
    await kit.create({ Target, OtaSchedulingConfig: { EndBehavior: "CANCEL" } });
  });
}
