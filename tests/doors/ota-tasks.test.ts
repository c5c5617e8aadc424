import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { makeOtaDocument } from "../kit/ota-document.ts";
import { allow, type Door, expectModelled, type Input, openDoor, refusalOf, sender } from "./door.ts";

const SERVICE = "iot-managed-integrations";

let door: Door;
let S3Url: string;
beforeAll(async () => {
  door = await openDoor();
  S3Url = await makeOtaDocument(door.file, "documents");
});
afterAll(() => door.stop());

const send = (operation: string, input: Input, clients = door.root): Promise<Input> =>
  sender(clients[SERVICE]).send(operation, input);
const refused = (operation: string, error: string, input: Input) =>
  expectModelled(SERVICE, operation, error, send(operation, input));
const thing = (serial: string, more: Input = {}) =>
  send("CreateManagedThing", {
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: `SN:${serial};UPC:123456789012`,
    ...more,
  });

test("a one-time task is kept as it was given, changed, listed with its executions, and deleted", async () => {
  const made = await thing("OTA-1");
  const { TaskConfigurationId } = await send("CreateOtaTaskConfiguration", { Name: "slow" });
  const given = {
    S3Url,
    OtaType: "ONE_TIME",
    Target: [made["Arn"]],
    Description: "second version",
    OtaSchedulingConfig: { StartTime: "2099-01-01T00:00" },
    Tags: { env: "test" },
  };
  // More than a year ahead.
  await refused("CreateOtaTask", "ValidationException", given);
  const { OtaSchedulingConfig: _, ...now } = given;
  const { TaskId: Identifier, TaskArn, Description } = await send("CreateOtaTask", now);
  expect([TaskArn, Description]).toEqual([
    `arn:aws:iotmanagedintegrations:${door.file.region}:${door.file.accountId}:ota-task/${Identifier}`,
    "second version",
  ]);
  await vi.waitFor(async () => {
    const { ExecutionSummaries } = await send("ListOtaTaskExecutions", { Identifier });
    expect(ExecutionSummaries).toEqual([
      {
        ManagedThingId: made["Id"],
        TaskExecutionSummary: {
          ExecutionNumber: 1,
          QueuedAt: expect.any(Number),
          LastUpdatedAt: expect.any(Number),
          RetryAttempt: 0,
          Status: "QUEUED",
        },
      },
    ]);
  }, 30_000);
  await send("UpdateOtaTask", { Identifier, Description: "third version", TaskConfigurationId });
  const found = await send("GetOtaTask", { Identifier });
  expect(found).toEqual({
    ...now,
    ...{ TaskId: Identifier, TaskArn, TaskConfigurationId, Description: "third version" },
    ...{ Protocol: "HTTP", OtaMechanism: "PUSH", Status: "IN_PROGRESS" },
    ...{ CreatedAt: expect.any(Number), LastUpdatedAt: expect.any(Number) },
    TaskProcessingDetails: {
      ...{ NumberOfCanceledThings: 0, NumberOfFailedThings: 0, NumberOfInProgressThings: 0, numberOfQueuedThings: 1 },
      ...{ numberOfRejectedThings: 0, numberOfRemovedThings: 0, numberOfSucceededThings: 0, numberOfTimedOutThings: 0 },
      processingTargets: [],
    },
  });
  const { CreatedAt, LastUpdatedAt, Status } = found;
  const { Tasks } = await send("ListOtaTasks", {});
  expect(Tasks).toEqual([{ TaskId: Identifier, TaskArn, TaskConfigurationId, CreatedAt, LastUpdatedAt, Status }]);
  // Nobody works on the task from below.
  const jobId = `ota-${Identifier}`;
  expect(await door.root.iot.send("ListJobs", {})).toMatchObject({ jobs: [] });
  for (const operation of ["DescribeJob", "CancelJob", "DeleteJob"] as const) {
    expect((await refusalOf(door.root.iot.send(operation, { jobId }))).name).toBe("ResourceNotFoundException");
  }
  await send("DeleteOtaTask", { Identifier });
  for (const operation of ["GetOtaTask", "ListOtaTaskExecutions", "DeleteOtaTask", "UpdateOtaTask"]) {
    await vi.waitFor(() => refused(operation, "ResourceNotFoundException", { Identifier }), 30_000);
  }
  expect((await send("ListOtaTasks", {}))["Tasks"]).toEqual([]);
});

test("a task is for things of its own account, by a configuration that is there, and a token is one of its own", async () => {
  const { Arn } = await thing("OTA-2");
  const one = { S3Url, OtaType: "ONE_TIME", Target: [Arn] };
  await refused("CreateOtaTask", "ResourceNotFoundException", { ...one, TaskConfigurationId: "gone" });
  const { TaskId: Identifier } = await send("CreateOtaTask", one);
  await refused("UpdateOtaTask", "ResourceNotFoundException", { Identifier, TaskConfigurationId: "gone" });
  await refused("ListOtaTaskExecutions", "ValidationException", { Identifier, NextToken: "A" });
  await refused("ListOtaTasks", "ValidationException", { NextToken: "A" });
  const { AccessKey } = await door.root.hearth.send("CreateAccount", {});
  const other = door.as({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
  expect((await refusalOf(send("GetOtaTask", { Identifier }, other))).name).toBe("ResourceNotFoundException");
  expect((await refusalOf(send("CreateOtaTask", one, other))).name).toBe("ValidationException");
  await send("DeleteOtaTask", { Identifier });
});

test("tasks are guarded by their ARN and tags", async () => {
  const task = { S3Url, OtaType: "CONTINUOUS", OtaTargetQueryString: "attributes.nobody=has" };
  const { TaskId: prod } = await send("CreateOtaTask", { ...task, Tags: { env: "prod" } });
  const { TaskId: test, TaskArn } = await send("CreateOtaTask", { ...task, Tags: { env: "test" } });
  const tester = door.as(
    await door.user("ota-tester", [
      { ...allow("iotmanagedintegrations:*"), Condition: { StringEquals: { "aws:ResourceTag/env": "test" } } },
      { ...allow("iotmanagedintegrations:DeleteOtaTask"), Effect: "Deny", Resource: String(TaskArn) },
    ]),
  );
  await send("GetOtaTask", { Identifier: test }, tester);
  expect((await refusalOf(send("GetOtaTask", { Identifier: prod }, tester))).name).toBe("AccessDeniedException");
  expect((await refusalOf(send("DeleteOtaTask", { Identifier: test }, tester))).name).toBe("AccessDeniedException");
});

test("a hundred continuous tasks at most are open", async () => {
  const { AccessKey } = await door.root.hearth.send("CreateAccount", {});
  const busy = door.as({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
  const accountId = String((await busy.sts.send("GetCallerIdentity", {})).Account);
  const mine = await makeOtaDocument({ ...door.file, accountId }, "busy");
  const task = { S3Url: mine, OtaType: "CONTINUOUS", OtaTargetQueryString: "attributes.nobody=has" };
  for (let ten = 0; ten < 10; ten++) {
    await Promise.all(Array.from({ length: 10 }, () => send("CreateOtaTask", task, busy)));
  }
  await expectModelled(SERVICE, "CreateOtaTask", "ConflictException", send("CreateOtaTask", task, busy));
});
