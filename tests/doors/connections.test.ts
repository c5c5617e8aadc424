import { request } from "node:https";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  allow,
  type Clients,
  type Door,
  expectModelled,
  openDoor,
  policy,
  refusalOf,
  refusing,
  sender,
} from "./door.ts";

/** Direct messages that may wait for one client's acknowledgement. */
const WAITING = 5;
let door: Door;
let data: Clients["iot-data"];
let own: { certificate: string; key: string };
const open: MqttClient[] = [];

beforeAll(async () => {
  door = await openDoor({ limits: { sendMaximum: WAITING } });
  data = door.root["iot-data"];
  const { iot } = door.root;
  const made = await iot.send("CreateKeysAndCertificate", { setAsActive: true });
  const { region, accountId } = door.file;
  const arn = (resource: string) => `arn:aws:iot:${region}:${accountId}:${resource}`;
  const statements = [
    allow(["iot:Connect", "iot:Publish", "iot:Subscribe", "iot:RetainPublish"]),
    allow("iot:Receive", [arn("topic/direct/*"), arn("topic/will")]),
    allow(["iot:GetConnection", "iot:DeleteConnection", "iot:ListSubscriptions"], arn("client/mine")),
    allow("iot:GetRetainedMessage", arn("topic/kept/mine")),
    allow("iot:ListRetainedMessages"),
    {
      Effect: "Allow",
      Action: "iot:SendDirectMessage",
      Resource: arn("client/mine"),
      Condition: { StringEquals: { "iot:Topic": ["direct/a"] } },
    },
  ];
  await iot.send("CreatePolicy", { policyName: "device", policyDocument: policy(...statements) });
  await iot.send("AttachPolicy", { policyName: "device", target: made.certificateArn ?? "" });
  own = { certificate: made.certificatePem ?? "", key: made.keyPair?.PrivateKey ?? "" };
});
afterAll(async () => {
  for (const client of open) client.end(true);
  await door.stop();
});

function connect(clientId: string, more: IClientOptions = {}): Promise<MqttClient> {
  const client = mqtt.connect({
    protocol: "mqtts",
    host: "localhost",
    port: door.file.mqttsPort,
    ca: door.ca,
    cert: own.certificate,
    key: own.key,
    protocolVersion: 5,
    clientId,
    reconnectPeriod: 0,
    ...more,
  });
  open.push(client);
  return new Promise((resolve, reject) => client.once("connect", () => resolve(client)).once("error", reject));
}
const once = <Value>(client: MqttClient, event: string): Promise<Value[]> =>
  new Promise((resolve) => client.once(event as "message", (...values: unknown[]) => resolve(values as Value[])));
const keep: IClientOptions = { clean: false, properties: { sessionExpiryInterval: 300 } };
const refused = refusing("iot-data", () => door.root);

/** With the device's certificate on 8443. */
function https(
  method: string,
  path: string,
  body?: string,
): Promise<{ status: number; json: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(door.file.httpsEndpoint);
    const options = { host: "localhost", port, ca: door.ca, cert: own.certificate, key: own.key, method, path };
    const sent = request({ ...options, agent: false }, (response) => {
      let text = "";
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, json: JSON.parse(text || "{}") as never }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("a connection", () => {
  test.each(["plain", "a/b", "%2F", "ü ? #+&=", "messages/subscriptions"])(
    "of the client %s is shown and ended",
    async (clientId) => {
      const before = Date.now();
      const client = await connect(clientId, { ...keep, keepalive: 77 });
      const found = await data.send("GetConnection", { clientId });
      expect(found).toEqual({
        clientId,
        connected: true,
        cleanSession: false,
        sessionExpiry: 300,
        keepAliveDuration: 77,
        connectedSince: expect.any(Number),
      });
      expect(found.connectedSince).toBeGreaterThanOrEqual(before);
      expect(await data.send("GetConnection", { clientId, includeSocketInformation: true })).toMatchObject({
        sourceIp: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
        sourcePort: expect.any(Number),
        targetPort: door.file.mqttsPort,
      });
      const gone = once<{ reasonCode: number }>(client, "disconnect");
      await data.send("DeleteConnection", { clientId });
      expect((await gone)[0]).toMatchObject({ reasonCode: 0x98 });
      expect(await data.send("GetConnection", { clientId })).toMatchObject({
        connected: false,
        disconnectReason: "API_INITIATED_DISCONNECT",
        disconnectedSince: expect.any(Number),
      });
      await data.send("DeleteConnection", { clientId, cleanSession: true });
      await refused("DeleteConnection", "ResourceNotFoundException", { clientId });
      await refused("ListSubscriptions", "ResourceNotFoundException", { clientId });
    },
  );

  test("ends with its will, or without it", async () => {
    const watcher = await connect("watcher");
    await watcher.subscribeAsync("will");
    const heard: string[] = [];
    watcher.on("message", (_, payload) => heard.push(payload.toString()));
    for (const [clientId, preventWillMessage] of [
      ["silent", true],
      ["loud", false],
    ] as const) {
      await connect(clientId, { will: { topic: "will", payload: Buffer.from(clientId), qos: 1, retain: false } });
      await data.send("DeleteConnection", { clientId, preventWillMessage });
    }
    await watcher.subscribeAsync("direct/none");
    expect(heard).toEqual(["loud"]);
  });

  test("that is nobody's, or another account's, is not found", async () => {
    await connect("elsewhere", keep);
    const { AccessKey } = await door.root.hearth.send("CreateAccount", {});
    const credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
    const other = sender(door.as(credentials)["iot-data"]);
    for (const operation of ["GetConnection", "DeleteConnection", "ListSubscriptions", "SendDirectMessage"]) {
      const input = { clientId: "elsewhere", ...(operation === "SendDirectMessage" ? { topic: "direct/a" } : {}) };
      await expectModelled("iot-data", operation, "ResourceNotFoundException", other.send(operation, input));
    }
    expect((await data.send("GetConnection", { clientId: "elsewhere" })).connected).toBe(true);
  });

  test("has subscriptions, page by page", async () => {
    const client = await connect("many", keep);
    const filters = ["direct/#", "e/+", "f/%2F", "$share/g/x", "ü"];
    await client.subscribeAsync(filters, { qos: 1 });
    const found: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await data.send("ListSubscriptions", { clientId: "many", maxResults: 2, nextToken });
      expect(page.subscriptions?.every(({ qos }) => qos === 1)).toBe(true);
      found.push(...(page.subscriptions ?? []).map(({ topicFilter }) => topicFilter));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(found).toEqual([...filters].sort());
    await refused("ListSubscriptions", "InvalidRequestException", { clientId: "many", nextToken: "!" });
  });
});

describe("a direct message", () => {
  test("comes to the one client with its properties, and is confirmed", async () => {
    const client = await connect("direct/target");
    const heard = once<unknown>(client, "message");
    const sent = await data.send("SendDirectMessage", {
      clientId: "direct/target",
      topic: "direct/a",
      confirmation: true,
      timeout: 5,
      payload: Buffer.from("hello"),
      contentType: "text/plain",
      userProperties: JSON.stringify([{ a: "1" }, { a: "2" }]) as never,
      correlationData: Buffer.from("c").toString("base64"),
    });
    expect(sent).toEqual({ message: "OK", traceId: expect.any(String) });
    const [topic, payload, packet] = (await heard) as [string, Buffer, { qos: number; properties: object }];
    expect([topic, payload.toString(), packet.qos]).toEqual(["direct/a", "hello", 1]);
    expect(packet.properties).toMatchObject({ contentType: "text/plain", userProperties: { a: ["1", "2"] } });
  });

  test("is refused with what hinders it", async () => {
    await connect("hindered", { customHandleAcks: () => {} });
    const input = { clientId: "hindered", topic: "direct/a" };
    for (const [error, more] of [
      ["ForbiddenException", { topic: "not/allowed" }],
      ["InvalidRequestException", { topic: "a/#" }],
      ["InvalidRequestException", { topic: "$aws/x" }],
      ["InvalidRequestException", { confirmation: true, timeout: 16 }],
      ["InvalidRequestException", { responseTopic: "+" }],
      ["RequestEntityTooLargeException", { payload: new Uint8Array(128 * 1024 + 1) }],
      ["GatewayTimeoutException", { confirmation: true, timeout: 1 }],
      ["ResourceNotFoundException", { clientId: "nobody" }],
    ] as const) {
      await refused("SendDirectMessage", error, { ...input, ...more });
    }
  });
});

test("direct messages wait to be confirmed, as many as a client may leave unacknowledged", async () => {
  await connect("busy", { customHandleAcks: () => {} });
  const input = { clientId: "busy", topic: "direct/a", confirmation: true, timeout: 1 };
  const sent = Array.from({ length: WAITING + 1 }, () => refusalOf(data.send("SendDirectMessage", input)));
  const names = (await Promise.all(sent)).map(({ name }) => name);
  expect(names.sort()).toEqual([...Array(WAITING).fill("GatewayTimeoutException"), "ThrottlingException"]);
});

describe("retained messages", () => {
  test("are read and listed", async () => {
    for (const topic of ["kept/b", "kept/mine", "kept/ü %2F"]) {
      await data.send("Publish", {
        topic,
        retain: true,
        payload: Buffer.from(topic),
        userProperties: JSON.stringify([{ k: "v" }]) as never,
      });
    }
    const client = await connect("keeper");
    await client.publishAsync("kept/short", "x", { retain: true, qos: 1, properties: { messageExpiryInterval: 1 } });
    const got = await data.send("GetRetainedMessage", { topic: "kept/ü %2F" });
    expect(got).toMatchObject({ topic: "kept/ü %2F", qos: 0, lastModifiedTime: expect.any(Number) });
    expect(Buffer.from(got.payload ?? []).toString()).toBe("kept/ü %2F");
    expect(Buffer.from(got.userProperties ?? []).toString()).toBe('[{"k":"v"}]');
    const first = await data.send("ListRetainedMessages", { maxResults: 2 });
    expect(first.retainedTopics).toMatchObject([{ topic: "kept/b", payloadSize: 6, qos: 0 }, { topic: "kept/mine" }]);
    const rest = await data.send("ListRetainedMessages", { nextToken: first.nextToken });
    expect(rest.retainedTopics?.at(-1)).toMatchObject({ topic: "kept/ü %2F" });
    expect(rest.nextToken).toBeUndefined();
    await refused("GetRetainedMessage", "ResourceNotFoundException", { topic: "kept" });
    await refused("GetRetainedMessage", "InvalidRequestException", { topic: "kept/#" });
    await refused("ListRetainedMessages", "InvalidRequestException", { nextToken: "!" });
  });
});

test("a device does all this over HTTPS with its certificate, as far as its policy goes", async () => {
  const client = await connect("mine", keep);
  await connect("theirs");
  const heard = once<unknown>(client, "message");
  const direct = (to: string, topic: string) =>
    https("POST", `/connections/${to}/messages?topic=${topic}&confirmation=true`, "x");
  expect(await https("GET", "/connections/mine")).toMatchObject({ status: 200, json: { connected: true } });
  expect(await https("GET", "/connections/mine/subscriptions")).toEqual({ status: 200, json: { subscriptions: [] } });
  expect(await direct("mine", "direct%2Fa")).toMatchObject({ status: 200, json: { message: "OK" } });
  expect((await heard)[0]).toBe("direct/a");
  expect(await https("GET", "/retainedMessage/kept/mine")).toMatchObject({ status: 200, json: { topic: "kept/mine" } });
  expect((await https("GET", "/retainedMessage")).status).toBe(200);
  const denied = [
    https("GET", "/connections/theirs"),
    https("DELETE", "/connections/theirs"),
    https("GET", "/connections/theirs/subscriptions"),
    https("GET", "/retainedMessage/kept/b"),
    direct("theirs", "direct%2Fa"),
    direct("mine", "direct%2Fb"),
  ];
  for (const answer of await Promise.all(denied))
    expect(answer).toMatchObject({ status: 403, json: { message: "Forbidden" } });
  expect((await https("DELETE", "/connections/mine?cleanSession=true")).status).toBe(200);
  expect((await https("DELETE", "/connections/mine")).status).toBe(404);
});

test("who may not see addresses is refused them", async () => {
  const Condition = { Bool: { "iot:IncludeSocketInformation": "false" } };
  const user = await door.user("blind", [{ ...allow("iot:GetConnection"), Condition }]);
  await connect("seen");
  const blind = door.as(user)["iot-data"];
  expect((await blind.send("GetConnection", { clientId: "seen" })).connected).toBe(true);
  const asked = blind.send("GetConnection", { clientId: "seen", includeSocketInformation: true });
  expect(await refusalOf(asked)).toMatchObject({ name: "ForbiddenException", status: 403 });
});
