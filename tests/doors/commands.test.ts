import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allow, type Clients, type Door, type Input, openDoor, refusalOf, refusing } from "./door.ts";

const content = new TextEncoder().encode('{"do":1}');
const payload = { content, contentType: "application/json" };
const TEMPLATE = {
  payloadTemplate: `{"level": "\${aws:iot:commandexecution::parameter:level}"}`,
  preprocessor: { awsJsonSubstitution: { outputFormat: "CBOR" } },
  mandatoryParameters: [
    {
      name: "level",
      type: "UNSIGNEDLONG",
      description: "how bright",
      defaultValue: { UL: "18446744073709551615" },
      valueConditions: [{ comparisonOperator: "GREATER_THAN", operand: { number: "4.5" } }],
    },
    { name: "key", type: "BINARY", defaultValue: { BIN: content } },
  ],
} as const;

let door: Door;
let iot: Clients["iot"];
let data: Clients["iot-jobs-data"];
let arnOf: (resource: string) => string;
beforeAll(async () => {
  door = await openDoor();
  ({ iot } = door.root);
  data = door.root["iot-jobs-data"];
  arnOf = (resource) => `arn:aws:iot:${door.file.region}:${door.file.accountId}:${resource}`;
  await iot.send("CreateThing", { thingName: "lamp" });
  await iot.send("CreateCommand", { commandId: "do", payload });
});
afterAll(() => door.stop());

const refused = refusing("iot", () => door.root);
const startRefused = refusing("iot-jobs-data", () => door.root);
const start = (more: Input = {}) => ({ commandArn: arnOf("command/do"), targetArn: arnOf("thing/lamp"), ...more });
const allTime = { startedTimeFilter: { after: "2020-01-01T00:00" } };

describe("commands", () => {
  test("live from creation to deletion", async () => {
    const commandId = "whole";
    const created = await iot.send("CreateCommand", {
      commandId,
      namespace: "AWS-IoT",
      displayName: "Whole",
      description: "a command",
      ...TEMPLATE,
    });
    expect(created).toEqual({ commandId, commandArn: arnOf("command/whole") });
    expect(await iot.send("GetCommand", { commandId })).toEqual({
      ...created,
      namespace: "AWS-IoT",
      displayName: "Whole",
      description: "a command",
      ...TEMPLATE,
      createdAt: expect.any(Number),
      lastUpdatedAt: expect.any(Number),
      deprecated: false,
      pendingDeletion: false,
    });
    expect(await iot.send("UpdateCommand", { commandId, description: "old", deprecated: true })).toEqual({
      commandId,
      displayName: "Whole",
      description: "old",
      deprecated: true,
      lastUpdatedAt: expect.any(Number),
    });
    const listed = async (input: Input) =>
      (await iot.send("ListCommands", input)).commands?.map((one) => one.commandId);
    expect(await listed({})).toEqual(["whole", "do"]);
    expect(await listed({ sortOrder: "ASCENDING" })).toEqual(["do", "whole"]);
    expect(await listed({ commandParameterName: "level" })).toEqual(["whole"]);
    expect(await listed({ namespace: "AWS-IoT-FleetWise" })).toEqual([]);
    expect(await iot.send("GetCommand", { commandId: "do" })).toMatchObject({ payload });
    await startRefused("StartCommandExecution", "ValidationException", start({ commandArn: created.commandArn }));
    expect(await iot.send("DeleteCommand", { commandId })).toMatchObject({ statusCode: 204 });
    expect(await listed({ commandParameterName: "level" })).toEqual([]);
    await refused("GetCommand", "ResourceNotFoundException", { commandId });
  });

  test("are refused when they say nothing that can be done", async () => {
    await refused("CreateCommand", "ConflictException", { commandId: "do", payload });
    const unclear: readonly Input[] = [
      {},
      { payload: { contentType: "text/plain" } },
      { payload: { content, contentType: "text" } },
      { payload: { content: new Uint8Array(32_769) } },
      { payload, mandatoryParameters: TEMPLATE.mandatoryParameters },
      { payload, ...TEMPLATE },
      { ...TEMPLATE, preprocessor: undefined },
      { ...TEMPLATE, mandatoryParameters: undefined },
      { ...TEMPLATE, payloadTemplate: "{" },
      { payload, namespace: "AWS-IoT-FleetWise" },
      { payload, roleArn: "arn:aws:iam::000000000000:role/any" },
      { payload, tags: [{ Key: "aws:own", Value: "x" }] },
    ];
    for (const input of unclear) await refused("CreateCommand", "ValidationException", { commandId: "not", ...input });
    await refused("ListCommands", "ValidationException", { nextToken: "not ours" });
    await refused("UpdateCommand", "ResourceNotFoundException", { commandId: "absent" });
    expect(await iot.send("DeleteCommand", { commandId: "absent" })).toMatchObject({ statusCode: 204 });
  });
});

describe("executions", () => {
  test("live from the start to the deletion, which the device's end allows", async () => {
    const { executionId = "" } = await data.send("StartCommandExecution", start({ clientToken: "a-token" }));
    expect(await data.send("StartCommandExecution", start({ clientToken: "a-token" }))).toEqual({ executionId });
    const other = start({ clientToken: "a-token", executionTimeoutSeconds: 11 });
    await startRefused("StartCommandExecution", "ConflictException", other);
    const named = { executionId, targetArn: arnOf("thing/lamp") };
    const { startedAt: _, ...first } = await iot.send("GetCommandExecution", named);
    expect(first).toMatchObject({
      ...named,
      commandArn: arnOf("command/do"),
      status: "CREATED",
      executionTimeoutSeconds: 10,
      timeToLive: (first.createdAt ?? 0) + 180 * 86_400,
    });
    await refused("DeleteCommandExecution", "ConflictException", named);
    await refused("GetCommandExecution", "ResourceNotFoundException", { ...named, targetArn: arnOf("client/lamp") });
    await refused("GetCommandExecution", "ValidationException", { ...named, targetArn: arnOf("job/lamp") });
    const list = async (input: Input) =>
      (await iot.send("ListCommandExecutions", input)).commandExecutions?.map((one) => one.executionId);
    expect(await list({ ...allTime, commandArn: arnOf("command/do") })).toContain(executionId);
    expect(await list({ ...allTime, targetArn: arnOf("thing/lamp"), status: "CREATED" })).toEqual([executionId]);
    expect(await list({ ...allTime, targetArn: arnOf("thing/lamp"), status: "FAILED" })).toEqual([]);
    // The device answers by HTTPS.
    await door.root["iot-data"].send("Publish", {
      topic: `$aws/commands/things/lamp/executions/${executionId}/response/json`,
      payload: new TextEncoder().encode('{"status":"SUCCEEDED","result":{"level":{"s":"5"}}}'),
    });
    const ended = await iot.send("GetCommandExecution", { ...named, includeResult: true });
    expect(ended).toMatchObject({
      status: "SUCCEEDED",
      completedAt: expect.any(Number),
      result: { level: { S: "5" } },
    });
    expect(await iot.send("GetCommandExecution", named)).not.toHaveProperty("result");
    await iot.send("DeleteCommandExecution", named);
    await iot.send("DeleteCommandExecution", {
      ...named,
      targetArn: named.targetArn.replace(door.file.region, "eu-west-1"),
    });
    await refused("GetCommandExecution", "ResourceNotFoundException", named);
  });

  test("are refused when they cannot be", async () => {
    const bad: readonly Input[] = [
      { targetArn: arnOf("job/lamp") },
      { targetArn: arnOf("client/a/b") },
      { targetArn: "lamp" },
      { executionTimeoutSeconds: 43_201 },
      { parameters: { level: { I: 1 } } },
    ];
    for (const input of bad) await startRefused("StartCommandExecution", "ValidationException", start(input));
    const absent = [
      { targetArn: arnOf("thing/absent") },
      { commandArn: arnOf("command/absent") },
      { commandArn: "do" },
    ];
    for (const input of absent) await startRefused("StartCommandExecution", "ResourceNotFoundException", start(input));
    const both = { targetArn: arnOf("thing/lamp"), commandArn: arnOf("command/do") };
    const unclear = [
      {},
      { ...allTime },
      { ...allTime, ...both },
      { targetArn: arnOf("thing/lamp") },
      { targetArn: arnOf("thing/lamp"), startedTimeFilter: {} },
      { targetArn: arnOf("thing/lamp"), startedTimeFilter: { after: "yesterday" } },
      { targetArn: arnOf("thing/lamp"), ...allTime, completedTimeFilter: allTime.startedTimeFilter },
    ];
    for (const input of unclear) await refused("ListCommandExecutions", "ValidationException", input);
    const gone = { ...allTime, targetArn: arnOf("thing/absent") };
    await refused("ListCommandExecutions", "ResourceNotFoundException", gone);
    await refused("DeleteCommandExecution", "ValidationException", { executionId: "x", targetArn: "lamp" });
  });

  test("of one target are open 100 at a time; a command whose executions are open waits with its deletion", async () => {
    await iot.send("CreateCommand", { commandId: "busy", payload });
    const input = start({ commandArn: arnOf("command/busy"), targetArn: arnOf("client/busy") });
    await Promise.all(Array.from({ length: 100 }, () => data.send("StartCommandExecution", input as never)));
    await startRefused("StartCommandExecution", "ServiceQuotaExceededException", input);
    expect(await iot.send("DeleteCommand", { commandId: "busy" })).toMatchObject({ statusCode: 202 });
    await refused("UpdateCommand", "ConflictException", { commandId: "busy", deprecated: true });
  });

  test("take permission on the command and on the target, under either name of the action", async () => {
    const asked = async (name: string, ...statements: object[]) => {
      const credentials = await door.user(name, statements);
      return door.call("iot-jobs-data", "StartCommandExecution", start(), credentials);
    };
    const both = [arnOf("command/do"), arnOf("thing/lamp")];
    const denied = await refusalOf(asked("half", allow("iot:StartCommandExecution", arnOf("command/do"))));
    expect(denied).toMatchObject({ name: "AccessDeniedException" });
    expect(await asked("whole", allow("iot:StartCommandExecution", both))).toHaveProperty("executionId");
    expect(await asked("other", allow("iotjobsdata:StartCommandExecution", both))).toHaveProperty("executionId");
  });
});
