import {
  CreateCommandCommand,
  type CreateCommandCommandInput,
  GetCommandExecutionCommand,
  type GetCommandExecutionCommandOutput,
} from "@aws-sdk/client-iot";
import { decode, encode } from "cborg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Clients } from "../doors/door.ts";
import { sdkClient } from "../doors/sdk.ts";
import { eventually, type Fleet, openFleet } from "./fleet.ts";
import type { Peer } from "./peer.ts";

const REQUESTS = "$aws/commands/things/lamp/executions/+/request/#";
const own = ["$aws/commands/things/lamp/*"];

let fleet: Fleet;
let data: Clients["iot-jobs-data"];
let key: { certificate: string; privateKey: string };
/** Who hears the account's events. */
let observer: Peer;
beforeAll(async () => {
  fleet = await openFleet();
  const { apiEndpoint: endpoint, region } = fleet.file;
  data = sdkClient("iot-jobs-data", { endpoint, region, credentials: fleet.file, maxAttempts: 1 });
  const onTopics = (kind: string, topics: readonly string[]) => topics.map((topic) => fleet.arn(`${kind}/${topic}`));
  key = await fleet.identity(
    [
      { Effect: "Allow", Action: "iot:Connect", Resource: fleet.arn("client/lamp") },
      { Effect: "Allow", Action: ["iot:Publish", "iot:Receive"], Resource: onTopics("topic", own) },
      { Effect: "Allow", Action: "iot:Subscribe", Resource: onTopics("topicfilter", own) },
    ],
    "lamp",
  );
  const all = await fleet.identity([{ Effect: "Allow", Action: "iot:*", Resource: "*" }]);
  observer = await fleet.connect(all);
  await observer.subscribe("$aws/events/commandExecution/#", 1);
});
afterAll(() => fleet.close());

/** The lamp, with a session that outlives its connection. */
const connectLamp = () =>
  fleet.connect(key, { clientId: "lamp", clean: false, properties: { sessionExpiryInterval: 600 } });

async function command(commandId: string, how: Omit<CreateCommandCommandInput, "commandId">): Promise<string> {
  const { commandArn = "" } = await fleet.iot.send(new CreateCommandCommand({ commandId, ...how }));
  return commandArn;
}

async function start(commandArn: string, more: object = {}): Promise<string> {
  const targetArn = fleet.arn("thing/lamp");
  const { executionId = "" } = await data.send("StartCommandExecution", { commandArn, targetArn, ...more });
  return executionId;
}

const executionOf = (executionId: string): Promise<GetCommandExecutionCommandOutput> =>
  fleet.iot.send(
    new GetCommandExecutionCommand({ executionId, targetArn: fleet.arn("thing/lamp"), includeResult: true }),
  );

const topicOf = (executionId: string, rest: string) => `$aws/commands/things/lamp/executions/${executionId}/${rest}`;

/** Publishes a report; what comes back although the lamp subscribed to no answers. */
async function report(lamp: Peer, executionId: string, body: object) {
  await lamp.publish(topicOf(executionId, "response/json"), { clientToken: "t", ...body });
  const answers = ["accepted", "rejected"].map((kind) => topicOf(executionId, `response/${kind}/json`));
  return (await lamp.next(answers)).json;
}

test("a device gets a command, reports on it, and the account hears each step", async () => {
  const payload = { content: Buffer.from('{"turn":"on"}'), contentType: "application/json" };
  const turnOn = await command("turn-on", { payload });
  const lamp = await connectLamp();
  await lamp.subscribe(REQUESTS, 1);
  const types: (string | undefined)[] = [];
  lamp.client.on("message", (_topic, _payload, { properties }) => void types.push(properties?.contentType));

  const executionId = await start(turnOn);
  const request = await lamp.next(topicOf(executionId, "request/json"));
  expect(request).toMatchObject({ json: { turn: "on" }, qos: 1 });
  expect(types).toEqual(["application/json"]);
  expect(await report(lamp, executionId, { status: "IN_PROGRESS" })).toEqual({ executionId, clientToken: "t" });
  expect(await report(lamp, executionId, { status: "SUCCEEDED", result: { level: { s: "5" } } })).toEqual({
    executionId,
    clientToken: "t",
  });
  expect(await executionOf(executionId)).toMatchObject({ status: "SUCCEEDED", result: { level: { S: "5" } } });
  expect(await report(lamp, executionId, { status: "FAILED" })).toMatchObject({ error: "TerminalStateReached" });
  for (const status of ["CREATED", "IN_PROGRESS", "SUCCEEDED"]) {
    const { json } = await observer.next(`$aws/events/commandExecution/turn-on/${status}`);
    expect(json).toMatchObject({
      executionId,
      status,
      eventType: "COMMAND_EXECUTION",
      commandArn: turnOn,
      targetArn: fleet.arn("thing/lamp"),
      timestamp: expect.any(Number),
    });
  }
  await lamp.end();

  // Away: what is still in time comes with the session, what has run out does not come.
  const late = await start(turnOn, { executionTimeoutSeconds: 1 });
  const inTime = await start(turnOn, { executionTimeoutSeconds: 60 });
  await observer.next("$aws/events/commandExecution/turn-on/TIMED_OUT", ({ json }) => json["executionId"] === late);
  const again = await connectLamp();
  await again.next(topicOf(inTime, "request/json"));
  expect(again.heard.filter(({ topic }) => topic.includes(late))).toEqual([]);
  const timedOut = await executionOf(late);
  expect(timedOut).toMatchObject({
    status: "TIMED_OUT",
    statusReason: { reasonCode: "$NO_RESPONSE_FROM_DEVICE" },
  });
  expect(timedOut).not.toHaveProperty("completedAt");
  const reason = { reasonCode: "LATE", reasonDescription: "but done" };
  expect(await report(again, late, { status: "SUCCEEDED", statusReason: reason })).not.toHaveProperty("error");
  expect(await executionOf(late)).toMatchObject({ status: "SUCCEEDED", statusReason: reason });
  await again.end();
});

test("with parameters, in CBOR both ways; a device reports on its own executions alone", async () => {
  const parameter = (name: string) => `\${aws:iot:commandexecution::parameter:${name}}`;
  const dim = await command("dim", {
    payloadTemplate: JSON.stringify({
      level: parameter("level"),
      key: parameter("key"),
      say: `to ${parameter("level")}`,
    }),
    preprocessor: { awsJsonSubstitution: { outputFormat: "CBOR" } },
    mandatoryParameters: [
      {
        name: "level",
        type: "UNSIGNEDLONG",
        valueConditions: [
          { comparisonOperator: "IN_RANGE", operand: { numberRange: { min: "1", max: "18446744073709551615" } } },
        ],
      },
      { name: "key", type: "BINARY", defaultValue: { BIN: Uint8Array.of(1, 2) } },
    ],
  });
  const lamp = await connectLamp();
  await lamp.subscribe(REQUESTS, 1);
  const payloads = new Map<string, Uint8Array>();
  lamp.client.on("message", (topic, payload) => void payloads.set(topic, payload));
  await expect(start(dim, { parameters: { level: { UL: "0" } } })).rejects.toThrow("IN_RANGE");
  const executionId = await start(dim, { parameters: { level: { UL: "18446744073709551615" } } });
  const request = await eventually("the request", async () => payloads.get(topicOf(executionId, "request/cbor")));
  expect(decode(request)).toEqual({
    level: 18446744073709551615n,
    key: Uint8Array.of(1, 2),
    say: "to 18446744073709551615",
  });
  const done = encode({ status: "SUCCEEDED", result: { raw: { bin: Uint8Array.of(9) } }, clientToken: "t" });
  lamp.client.publish(topicOf(executionId, "response/cbor"), Buffer.from(done), { qos: 1 });
  const accepted = await eventually("the answer", async () =>
    payloads.get(topicOf(executionId, "response/accepted/cbor")),
  );
  expect(decode(accepted)).toEqual({ executionId, clientToken: "t" });
  expect((await executionOf(executionId)).result).toEqual({ raw: { BIN: Uint8Array.of(9) } });
  await expect(
    lamp.publish("$aws/commands/things/fan/executions/any/response/json", { status: "FAILED" }),
  ).rejects.toThrow();
});
