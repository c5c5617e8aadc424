import type { IotJobsDataOperations, IotOperations, OperationBinding } from "@hearth/contract";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { decodeCbor, encodeCbor } from "../messaging/cbor.ts";
import { insertThing } from "../registry/thing-store.ts";
import {
  AT,
  jsonOf,
  type OpenTestRoom,
  openTestRoom,
  refusalOf,
  requestOf,
  type TestRoom,
  textOf,
} from "../test-room.ts";

const ARN = "arn:aws:iot:us-east-1:000000000000:";
const LAMP = `${ARN}thing/lamp`;
const HOUR = 3_600_000;
const content = Buffer.from('{"do":1}');
const payload = { content, contentType: "application/json" };

export function describeCommands(open: OpenTestRoom): void {
  let room: TestRoom;
  beforeAll(async () => {
    room = await open();
    const lamp = { thingName: "lamp", thingId: "lamp", version: 1, attributes: {}, createdAt: 0 };
    await room.database.commit(insertThing(AT, lamp));
  });
  afterAll(() => room.close());

  type Input<Operations, Name extends keyof Operations> = Operations[Name] extends { input: infer In } ? In : never;
  type Output<Operations, Name extends keyof Operations> = Operations[Name] extends { output: infer Out } ? Out : never;
  const at = () => requestOf(AT, room.clock.now());

  function call<Name extends keyof IotOperations>(
    name: Name,
    input: Input<IotOperations, Name>,
  ): Promise<Output<IotOperations, Name>> {
    const binding = room.iot.operations.iot[name] as OperationBinding<unknown, unknown>;
    return room.call(binding, input, at()) as Promise<Output<IotOperations, Name>>;
  }

  function start(commandId: string, more: Partial<Input<IotJobsDataOperations, "StartCommandExecution">> = {}) {
    const input = { commandArn: `${ARN}command/${commandId}`, targetArn: LAMP, ...more };
    return room.call(room.iot.operations["iot-jobs-data"].StartCommandExecution, input, at());
  }

  const get = (executionId = "", targetArn = LAMP) =>
    call("GetCommandExecution", { executionId, targetArn, includeResult: true });

  /** Publishes a device's report; what it is answered. */
  async function say(executionId: string | undefined, body: unknown, target = "things/lamp", format = "json") {
    const topic = `$aws/commands/${target}/executions/${executionId}/response/${format}`;
    const { reply } = await room.publish(topic, body);
    expect(reply).toHaveLength(1);
    return { topic: reply?.[0]?.topic.replace(`${topic.slice(0, -format.length)}`, ""), body: jsonOf(reply?.[0]) };
  }

  /** What was sent of an execution since the last look. */
  const told = () => room.sent.splice(0).map((message) => ({ topic: message.topic, body: textOf(message) }));
  const events = () =>
    told().flatMap(({ topic }) => (topic.startsWith("$aws/events/") ? [topic.split("/").at(-1)] : []));

  async function pass(milliseconds: number): Promise<void> {
    room.clock.advance(milliseconds);
    await room.timers.idle();
  }

  let made = 0;
  /** A command of its own for a test. */
  async function command(more: object = { payload }): Promise<string> {
    const commandId = `command-${++made}`;
    await call("CreateCommand", { commandId, ...more });
    return commandId;
  }

  beforeEach(() => void told());

  test("an execution goes from its start to the device's end", async () => {
    const commandId = await command();
    const { executionId } = await start(commandId);
    const [request, created] = room.sent;
    expect(request).toMatchObject({
      topic: `$aws/commands/things/lamp/executions/${executionId}/request/json`,
      qos: 1,
      neverLate: true,
      properties: { contentType: "application/json", messageExpiryInterval: 10 },
    });
    expect(textOf(request)).toBe('{"do":1}');
    expect(created?.topic).toBe(`$aws/events/commandExecution/${commandId}/CREATED`);
    expect(jsonOf(created)).toEqual({
      executionId,
      status: "CREATED",
      eventType: "COMMAND_EXECUTION",
      commandArn: `${ARN}command/${commandId}`,
      targetArn: LAMP,
      timestamp: room.clock.now(),
    });
    told();
    await pass(1_000);
    const reason = { reasonCode: "BUSY", reasonDescription: "warming up" };
    expect(await say(executionId, { status: "IN_PROGRESS", statusReason: reason, clientToken: "t" })).toEqual({
      topic: "accepted/json",
      body: { executionId, clientToken: "t" },
    });
    await pass(1_000);
    const result = { ok: { b: true }, text: { s: "x" }, raw: { bin: "AQI=" }, constructor: { s: "y" } };
    await say(executionId, { status: "SUCCEEDED", result });
    const now = room.clock.now() / 1_000;
    expect(await get(executionId)).toEqual({
      commandArn: `${ARN}command/${commandId}`,
      executionId,
      targetArn: LAMP,
      status: "SUCCEEDED",
      statusReason: reason,
      result: { ok: { B: true }, text: { S: "x" }, raw: { BIN: Uint8Array.of(1, 2) }, constructor: { S: "y" } },
      executionTimeoutSeconds: 10,
      createdAt: now - 2,
      startedAt: now - 1,
      completedAt: now,
      lastUpdatedAt: now,
      timeToLive: now - 2 + 180 * 86_400,
    });
    expect(events()).toEqual(["IN_PROGRESS", "SUCCEEDED"]);
    expect(await say(executionId, { status: "FAILED", clientToken: "u" })).toEqual({
      topic: "rejected/json",
      body: {
        executionId,
        clientToken: "u",
        error: "TerminalStateReached",
        errorMessage: "The execution is SUCCEEDED",
      },
    });
    // Nothing times out that has ended; after 180 days it is forgotten.
    await pass(20_000);
    expect(events()).toEqual([]);
    await pass(180 * 24 * HOUR);
    expect(await refusalOf(get(executionId))).toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("late terminal after TIMED_OUT, and a TIMED_OUT of the device's own", async () => {
    const commandId = await command();
    const { executionId } = await start(commandId, { executionTimeoutSeconds: 60 });
    await pass(59_999);
    expect((await get(executionId)).status).toBe("CREATED");
    await pass(1);
    const timedOut = await get(executionId);
    expect(timedOut).toMatchObject({
      status: "TIMED_OUT",
      statusReason: { reasonCode: "$NO_RESPONSE_FROM_DEVICE" },
    });
    expect(timedOut.completedAt).toBeUndefined();
    expect(events()).toEqual(["CREATED", "TIMED_OUT"]);
    const named = { executionId: executionId ?? "", targetArn: LAMP };
    expect(await refusalOf(call("DeleteCommandExecution", named))).toMatchObject({ name: "ConflictException" });
    expect((await say(executionId, { status: "IN_PROGRESS" })).body).toMatchObject({ error: "InvalidStateTransition" });
    expect((await say(executionId, { status: "TIMED_OUT" })).topic).toBe("accepted/json");
    const ended = await get(executionId);
    expect(ended).toMatchObject({ status: "TIMED_OUT", completedAt: room.clock.now() / 1_000 });
    expect(ended.statusReason).toBeUndefined();
    expect((await say(executionId, { status: "SUCCEEDED" })).body).toMatchObject({ error: "TerminalStateReached" });
    await call("DeleteCommandExecution", named);
    await call("DeleteCommandExecution", named);
    expect(await refusalOf(get(executionId))).toMatchObject({ name: "ResourceNotFoundException" });
    expect((await say(executionId, { status: "SUCCEEDED" })).body).toMatchObject({ error: "ResourceNotFound" });
  });

  test("parameters: given, of the command, of its default; the device gets JSON or CBOR", async () => {
    const name = (of: string) => `\${aws:iot:commandexecution::parameter:${of}}`;
    const dynamic = (outputFormat: "JSON" | "CBOR") => ({
      payloadTemplate: JSON.stringify({ level: name("level"), mode: `mode ${name("mode")}`, key: name("key") }),
      preprocessor: { awsJsonSubstitution: { outputFormat } },
      mandatoryParameters: [
        {
          name: "level",
          type: "INTEGER" as const,
          valueConditions: [
            { comparisonOperator: "IN_RANGE" as const, operand: { numberRange: { min: "1", max: "9" } } },
          ],
        },
        { name: "mode", type: "STRING" as const, defaultValue: { S: "eco" }, value: { S: "day" } },
        { name: "key", type: "BINARY" as const, defaultValue: { BIN: Uint8Array.of(7) } },
      ],
    });
    const json = await command(dynamic("JSON"));
    const { mandatoryParameters } = await call("GetCommand", { commandId: json });
    expect(mandatoryParameters).toEqual(dynamic("JSON").mandatoryParameters);
    const { executionId } = await start(json, { parameters: { level: { I: 9 } } });
    expect(told()[0]).toEqual({
      topic: `$aws/commands/things/lamp/executions/${executionId}/request/json`,
      body: '{"level":9,"mode":"mode day","key":"Bw=="}',
    });
    expect((await get(executionId)).parameters).toEqual({
      level: { I: 9 },
      mode: { S: "day" },
      key: { BIN: Uint8Array.of(7) },
    });
    const cbor = await command(dynamic("CBOR"));
    const second = await start(cbor, { parameters: { level: { I: 1 }, mode: { S: "off" } } });
    const [message] = room.sent;
    expect(message?.topic).toBe(`$aws/commands/things/lamp/executions/${second.executionId}/request/cbor`);
    expect(decodeCbor(message?.payload ?? new Uint8Array(), { bytes: 1_000 })).toEqual({
      level: 1,
      mode: "mode off",
      key: Uint8Array.of(7),
    });
    const topic = `$aws/commands/things/lamp/executions/${second.executionId}/response/cbor`;
    const response = room.iot.reservedTopics.find(
      ({ filter }) => filter === "$aws/commands/things/+/executions/+/response/cbor",
    );
    const bytes = encodeCbor({ status: "SUCCEEDED", result: { raw: { bin: Uint8Array.of(5) } }, clientToken: "c" });
    const { reply } = (await response?.handle(
      ["lamp", second.executionId ?? ""],
      { accountId: AT.accountId, topic, payload: bytes, qos: 1, retain: false },
      { ...AT, clientId: "lamp", principalId: "p" },
    )) ?? { reply: [] };
    expect(reply?.[0]?.topic).toBe(topic.replace(/cbor$/, "accepted/cbor"));
    expect(decodeCbor(reply?.[0]?.payload ?? new Uint8Array(), { bytes: 1_000 })).toEqual({
      executionId: second.executionId,
      clientToken: "c",
    });
    expect((await get(second.executionId)).result).toEqual({ raw: { BIN: Uint8Array.of(5) } });
    const refusedWith = async (parameters: object) =>
      (await refusalOf(start(json, { parameters: parameters as never }))).message;
    expect(await refusedWith({ level: { I: 0 } })).toContain("does not satisfy");
    expect(await refusedWith({ level: { S: "1" } })).toContain("type INTEGER");
    expect(await refusedWith({ mode: { S: "x" } })).toContain("level has no default");
    expect(await refusedWith({ level: { I: 1 }, other: { I: 1 } })).toContain("no parameter other");
  });

  test("a client token starts one execution, and two clients with it start one", async () => {
    const commandId = await command();
    const both = await Promise.all([1, 2].map(() => start(commandId, { clientToken: "once" })));
    both.push(await start(commandId, { clientToken: "once" }));
    expect(new Set(both.map(({ executionId }) => executionId)).size).toBe(1);
    expect(events()).toEqual(["CREATED"]);
    const other = start(commandId, { clientToken: "once", executionTimeoutSeconds: 9 });
    expect(await refusalOf(other)).toMatchObject({ name: "ConflictException" });
  });

  test("100 executions of a target are open, and not one more", async () => {
    const commandId = await command();
    const targetArn = `${ARN}client/busy`;
    const starts = await Promise.allSettled(Array.from({ length: 103 }, () => start(commandId, { targetArn })));
    const refused = starts.flatMap((one) => (one.status === "rejected" ? [(one.reason as Error).name] : []));
    expect(refused).toEqual(Array.from({ length: 3 }, () => "ServiceQuotaExceededException"));
    const [first] = starts;
    const executionId = first?.status === "fulfilled" ? first.value.executionId : undefined;
    expect((await say(executionId, { status: "REJECTED" }, "clients/busy")).topic).toBe("accepted/json");
    await start(commandId, { targetArn });
    await start(commandId);
  });

  test("a command that is deprecated or deleted starts nothing; deletion waits for open executions alone", async () => {
    const commandId = await command();
    const { executionId } = await start(commandId);
    await call("UpdateCommand", { commandId, deprecated: true });
    expect((await refusalOf(start(commandId))).message).toContain("deprecated");
    await call("UpdateCommand", { commandId, deprecated: false, displayName: "again" });
    await start(commandId, { executionTimeoutSeconds: 60 });
    expect(await call("DeleteCommand", { commandId })).toEqual({ statusCode: 202 });
    expect(await call("DeleteCommand", { commandId })).toEqual({ statusCode: 202 });
    expect(await call("GetCommand", { commandId })).toMatchObject({ displayName: "again", pendingDeletion: true });
    expect((await refusalOf(start(commandId))).message).toContain("being deleted");
    expect(await refusalOf(call("UpdateCommand", { commandId }))).toMatchObject({ name: "ConflictException" });
    expect(await refusalOf(call("CreateCommand", { commandId, payload }))).toMatchObject({ name: "ConflictException" });
    await pass(60_000);
    await pass(1_000);
    expect(await refusalOf(call("GetCommand", { commandId }))).toMatchObject({ name: "ResourceNotFoundException" });
    // What it has done is still known, and its devices may still say how it ended.
    expect((await say(executionId, { status: "SUCCEEDED" })).topic).toBe("accepted/json");
    await call("CreateCommand", { commandId, payload });
    expect(await call("DeleteCommand", { commandId })).toEqual({ statusCode: 204 });
    expect(await call("DeleteCommand", { commandId })).toEqual({ statusCode: 204 });
  });

  test("executions are listed by command or target, by their time, in pages", async () => {
    const commandId = await command();
    const targetArn = `${ARN}client/listed`;
    const ids: string[] = [];
    const first = room.clock.now();
    for (let index = 0; index < 5; index++) {
      ids.push((await start(commandId, { targetArn })).executionId ?? "");
      await pass(60_000);
    }
    await say(ids[1], { status: "FAILED" }, "clients/listed");
    const minutes = (after: number) => new Date(first + after * 60_000).toISOString().slice(0, 19);
    const list = async (input: Input<IotOperations, "ListCommandExecutions">) => {
      const found: (string | undefined)[] = [];
      let nextToken: string | undefined;
      do {
        const page = await call("ListCommandExecutions", { ...input, nextToken, maxResults: 2 });
        found.push(...(page.commandExecutions ?? []).map(({ executionId }) => executionId));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return found.map((id) => ids.indexOf(id ?? ""));
    };
    const all = { startedTimeFilter: { after: "1970-01-01T00:00" } };
    expect(await list({ ...all, targetArn })).toEqual([4, 3, 2, 1, 0]);
    expect(await list({ ...all, commandArn: `${ARN}command/${commandId}`, sortOrder: "ASCENDING" })).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect(await list({ targetArn, startedTimeFilter: { after: minutes(0.5), before: minutes(2.5) } })).toEqual([2, 1]);
    expect(await list({ targetArn, completedTimeFilter: { before: "2100-01-01T00:00Z" } })).toEqual([1]);
    expect(await list({ ...all, targetArn, status: "TIMED_OUT" })).toEqual([4, 3, 2, 0]);
  });

  const bin = (base64: unknown) => ({ status: "SUCCEEDED", result: { raw: { bin: base64 } } });
  const hostile: readonly (readonly [string, unknown])[] = [
    ["no JSON", "{"],
    ["no object", "[]"],
    ["no status", {}],
    ["an unknown status", { status: "DONE" }],
    ["a reason without a code", { status: "FAILED", statusReason: {} }],
    ["a reason in small letters", { status: "FAILED", statusReason: { reasonCode: "no" } }],
    [
      "a description with a control",
      { status: "FAILED", statusReason: { reasonCode: "A", reasonDescription: "a\u0007" } },
    ],
    ["a result that is none", { status: "FAILED", result: [] }],
    ["a result of no type", { status: "FAILED", result: { a: "x" } }],
    ["a result of two types", { status: "FAILED", result: { a: { s: "x", b: true } } }],
    ["a name with a space", { status: "FAILED", result: { "a b": { s: "x" } } }],
    ["no base64", bin("*")],
    ["a token of another type", { status: "FAILED", clientToken: 1 }],
    ["too much", { status: "FAILED", result: { a: { s: "x".repeat(40_000) } } }],
    ["depth", `${"[".repeat(20_000)}`],
  ];

  test("a device's report that says nothing clear is refused and changes nothing; two that race have one winner", async () => {
    const { executionId } = await start(await command());
    for (const [what, body] of hostile) {
      expect(await say(executionId, body), what).toMatchObject({
        topic: "rejected/json",
        body: { executionId, error: "InvalidRequest" },
      });
    }
    expect((await say(executionId, { status: "CREATED" })).body).toMatchObject({ error: "InvalidStateTransition" });
    expect((await get(executionId)).status).toBe("CREATED");
    const raced = await Promise.all(["SUCCEEDED", "FAILED"].map((status) => say(executionId, { status })));
    expect(raced.map(({ topic }) => topic).sort()).toEqual(["accepted/json", "rejected/json"]);
  });

  // The last one: the room has no timers afterwards.
  test("a deadline that fell due while the server was away is kept when it is back", async () => {
    const { executionId } = await start(await command());
    await room.timers.stop();
    const again = await openTestRoom({ database: room.database });
    await again.timers.idle();
    again.clock.advance(room.clock.now() + HOUR - again.clock.now());
    await again.timers.idle();
    expect(again.sent.map(({ topic }) => topic.split("/").at(-1))).toContain("TIMED_OUT");
    expect((await get(executionId)).status).toBe("TIMED_OUT");
    await again.close();
  });
}
