import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type Server, ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { GetRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import {
  AttachPolicyCommand,
  CreateBillingGroupCommand,
  CreateThingCommand,
  DescribeThingCommand,
  IoTClient,
  ListAuditTasksCommand,
  ListTagsForResourceCommand,
} from "@aws-sdk/client-iot";
import { GetThingShadowCommand, IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { CreateStreamCommand, GetRecordsCommand, KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { silentLogger, systemClock } from "@hearth/base";
import { type AnyOperationTable, type RequestContext, ServiceError, services } from "@hearth/contract";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApi } from "./api.ts";
import type { Caller, Served, SignedRequest } from "./traits.ts";

const ODD_NAME = "a/b:ü+ 1";
const NOW = 1_748_968_266.655;

/** What the toy handlers were given last. */
let seen: { input: Record<string, unknown>; context: RequestContext };
const served: Served[] = [];
const recorded: string[] = [];
const signed: SignedRequest[] = [];
const asked: { action: string; resource: string; context: Readonly<Record<string, string | string[]>> }[] = [];

const answers: Record<string, Record<string, unknown>> = {
  CreateThing: { thingName: ODD_NAME, thingArn: "arn:aws:iot:us-east-1:000000000000:thing/x", thingId: "1" },
  DescribeThing: { thingName: ODD_NAME, attributes: { ü: "<&>" }, version: 3 },
  ListTagsForResource: { tags: [{ Key: "a", Value: "b" }], nextToken: "n" },
  ListAuditTasks: { tasks: [{ taskId: "t", taskStatus: "COMPLETED", taskType: "ON_DEMAND_AUDIT_TASK" }] },
  GetThingShadow: { payload: new TextEncoder().encode('{"state":{}}') },
  PutRecord: { ShardId: "shardId-000000000000", SequenceNumber: "1" },
  GetRecords: {
    Records: [
      { SequenceNumber: "1", Data: Uint8Array.of(0, 255, 128), PartitionKey: "k", ApproximateArrivalTimestamp: NOW },
    ],
    MillisBehindLatest: 0,
  },
  GetCallerIdentity: { Account: "000000000000", Arn: "arn:aws:iam::000000000000:root", UserId: "000000000000" },
  AssumeRole: {
    Credentials: { AccessKeyId: "ASIA0123456789ABCDEF", SecretAccessKey: "s", SessionToken: "t+/=", Expiration: NOW },
  },
  GetRole: {
    Role: {
      Path: "/",
      RoleName: "r",
      RoleId: "AROA0123456789ABCDEF",
      Arn: "arn:aws:iam::000000000000:role/r",
      CreateDate: NOW,
      Description: `<b>&amp; "quoted" 'it'\r\n\u0001 ü 🌍`,
      Tags: [
        { Key: "a", Value: "1" },
        { Key: "b", Value: "" },
      ],
    },
  },
  ListRoles: { Roles: [], IsTruncated: false },
};

const operations: Record<string, AnyOperationTable> = Object.fromEntries(
  Object.entries(services).map(([service, model]) => [
    service,
    Object.fromEntries(
      Object.keys(model.operations)
        .filter((name) => name !== "CreateBillingGroup")
        .map((name) => [
          name,
          {
            resources: () => [`arn:of:${name}`],
            handle: async (input: Record<string, unknown>, context: RequestContext) => {
              seen = { input, context };
              if (input.thingName === "missing") {
                throw new ServiceError("ResourceNotFoundException", "Thing missing not found.");
              }
              if (input.thingName === "defect") throw new Error("secret detail");
              if (input.thingName === "undeclared") throw new ServiceError("SqlParseException", "never declared");
              if (input.RoleName === "missing") throw new ServiceError("NoSuchEntityException", 'no <"role">');
              if (input.policyName === "forbidden") await context.authorize("iot:Other", "arn:other");
              return answers[name] ?? {};
            },
          },
        ]),
    ),
  ]),
);

async function root(): Promise<Caller> {
  const accountId = "000000000000";
  const arn = `arn:aws:iam::${accountId}:root`;
  return {
    principal: { type: "Root", accountId, arn, principalId: accountId, accessKeyId: "AKIATEST" },
    accountId,
    region: "us-east-1",
  };
}

/** What waits for a body that is late; run by hand. */
const slow = new Set<() => void>();

const api = createApi({
  services,
  operations,
  clock: {
    now: () => Date.now(),
    after(_, run) {
      slow.add(run);
      return () => slow.delete(run);
    },
  },
  limits: { headerBytes: 8 * 1024 },
  log: silentLogger,
  async authenticate(request) {
    signed.push(request);
    if (request.headers.authorization?.includes("AKIAUNKNOWN")) {
      throw new ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.");
    }
    return root();
  },
  async authorize(principal, action, resource, context) {
    asked.push({ action, resource, context });
    if (resource === "arn:other" || resource === "arn:of:DescribeCertificate" || resource === "arn:of:GetConnection") {
      const message = `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource}`;
      throw new ServiceError("AccessDeniedException", message);
    }
  },
  metrics: (one) => served.push(one),
  record: (service, operation, outcome) => recorded.push(`${service}:${operation}:${outcome}`),
});

let server: Server;
const http2 = createHttp2Server(api.handle as never);
let endpoint: string;
let http2Endpoint: string;
const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
const client = () => ({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });

const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/SERVICE/aws4_request, SignedHeaders=host, Signature=00";
const scoped = (service: string) => ({ authorization: AUTHORIZATION.replace("SERVICE", service) });

beforeAll(async () => {
  server = createServer(api.handle);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  await new Promise<void>((done) => http2.listen(0, "127.0.0.1", done));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  http2Endpoint = `http://127.0.0.1:${(http2.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await Promise.all([server, http2].map((each) => new Promise((done) => each.close(done))));
});

describe("REST-JSON with the SDK", () => {
  test("carries labels, maps and texts of odd names there and back", async () => {
    const iot = new IoTClient(client());
    const attributes = { ["__proto__"]: "x", a: "b" };
    const created = await iot.send(new CreateThingCommand({ thingName: "lamp", attributePayload: { attributes } }));
    expect(created.thingName).toBe(ODD_NAME);
    const payload = seen.input.attributePayload as { attributes: Record<string, string> };
    expect(payload.attributes.a).toBe("b");
    expect(Object.getPrototypeOf(payload.attributes)).toBeNull();
    const described = await iot.send(new DescribeThingCommand({ thingName: "lamp:1" }));
    expect(seen.input).toEqual({ thingName: "lamp:1" });
    expect(described).toMatchObject({ attributes: { ü: "<&>" }, version: 3 });
    expect(described.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("decodes labels after matching", async () => {
    await new IoTDataPlaneClient(client()).send(new PublishCommand({ topic: ODD_NAME, qos: 1 }));
    expect(seen.input).toEqual({ topic: ODD_NAME, qos: 1 });
  });

  test("reads query strings and answers lists", async () => {
    const iot = new IoTClient(client());
    const resourceArn = "arn:aws:iot:us-east-1:000000000000:thing/a+b c";
    const { tags } = await iot.send(new ListTagsForResourceCommand({ resourceArn, nextToken: "n=1&2" }));
    expect(seen.input).toEqual({ resourceArn, nextToken: "n=1&2" });
    expect(tags).toEqual([{ Key: "a", Value: "b" }]);
  });

  test("reads dates in the query string as epoch seconds", async () => {
    const startTime = new Date("2026-02-03T04:05:06Z");
    await new IoTClient(client()).send(new ListAuditTasksCommand({ startTime, endTime: startTime, maxResults: 7 }));
    const seconds = startTime.getTime() / 1000;
    expect(seen.input).toEqual({ startTime: seconds, endTime: seconds, maxResults: 7 });
  });

  test("carries a blob as the whole body and JSON in a header", async () => {
    const data = new IoTDataPlaneClient(client());
    const payload = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await data.send(new PublishCommand({ topic: "t", payload, userProperties: '[{"k":"v"}]' }));
    expect(seen.input.payload).toEqual(payload);
    expect(seen.input.userProperties).toEqual([{ k: "v" }]);
    const shadow = await data.send(new GetThingShadowCommand({ thingName: "lamp" }));
    expect(new TextDecoder().decode(shadow.payload)).toBe('{"state":{}}');
  });

  test("an operation without output has an empty body", async () => {
    const response = await fetch(`${endpoint}/policies/p`, { method: "DELETE", headers: scoped("iot") });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  test("modelled errors arrive by name, with status and message", async () => {
    const error = await new IoTClient(client())
      .send(new DescribeThingCommand({ thingName: "missing" }))
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "ResourceNotFoundException", message: "Thing missing not found." });
    expect(error.$metadata.httpStatusCode).toBe(404);
    expect(recorded).toContain("iot:DescribeThing:ResourceNotFoundException");
    expect(recorded).toContain("iot:CreateThing:Success");
  });

  test("one bad member is named by the service's validation error", async () => {
    const iot = new IoTClient(client());
    const error = await iot.send(new DescribeThingCommand({ thingName: "a b" })).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "InvalidRequestException" });
    expect(error.message).toContain("'thingName' failed to satisfy constraint");
    const managed = await fetch(`${endpoint}/managed-things`, {
      method: "POST",
      headers: scoped("iotmanagedintegrations"),
      body: JSON.stringify({ Role: "KING", AuthenticationMaterial: "a", AuthenticationMaterialType: "CUSTOM" }),
    });
    expect([managed.status, managed.headers.get("x-amzn-errortype")]).toEqual([400, "ValidationException"]);
    expect(((await managed.json()) as { Message: string }).Message).toContain("'Role'");
  });

  test("defects are an internal error without details", async () => {
    const iot = new IoTClient(client());
    for (const thingName of ["defect", "undeclared"]) {
      const error = await iot.send(new DescribeThingCommand({ thingName })).catch((thrown) => thrown);
      expect(error.name).toBe("InternalFailureException");
      expect(error.$metadata.httpStatusCode).toBe(500);
      expect(error.message).not.toMatch(/secret|declared/);
    }
  });

  test("an operation without a handler names itself", async () => {
    const error = await new IoTClient(client())
      .send(new CreateBillingGroupCommand({ billingGroupName: "b" }))
      .catch((thrown) => thrown);
    expect(error).toMatchObject({
      name: "NotImplementedException",
      message: "iot:CreateBillingGroup is not implemented.",
    });
    expect(error.$metadata.httpStatusCode).toBe(501);
  });
});

describe("JSON 1.1 with the SDK", () => {
  test("Kinesis over HTTP/2", async () => {
    const kinesis = new KinesisClient({ ...client(), endpoint: http2Endpoint });
    const Data = Uint8Array.of(1, 2, 250);
    const put = await kinesis.send(new PutRecordCommand({ StreamName: "s", Data, PartitionKey: "ü" }));
    expect(put.SequenceNumber).toBe("1");
    expect(seen.input).toEqual({ StreamName: "s", Data, PartitionKey: "ü" });
    const { Records } = await kinesis.send(new GetRecordsCommand({ ShardIterator: "i" }));
    expect(Records?.[0]?.Data).toEqual(Uint8Array.of(0, 255, 128));
    expect(Records?.[0]?.ApproximateArrivalTimestamp).toEqual(new Date(NOW * 1000));
    expect(signed.at(-1)?.headers.host).toBe(new URL(http2Endpoint).host);
    expect(signed.at(-1)?.sourceIp).toBe("127.0.0.1");
    kinesis.destroy();
  });

  test("Kinesis over HTTP/1.1, without output", async () => {
    const kinesis = new KinesisClient({ ...client(), requestHandler: new NodeHttpHandler() });
    await kinesis.send(new CreateStreamCommand({ StreamName: "s", ShardCount: 1 }));
    expect(seen.input).toEqual({ StreamName: "s", ShardCount: 1 });
    const error = await kinesis.send(new CreateStreamCommand({ StreamName: "a b" })).catch((thrown) => thrown);
    expect(error.name).toBe("ValidationException");
    kinesis.destroy();
  });

  test("an unknown target is a 400, a malformed body a SerializationException", async () => {
    const post = async (target: string, body: string) => {
      const headers = { ...scoped("kinesis"), "x-amz-target": target };
      const response = await fetch(endpoint, { method: "POST", headers, body });
      return [response.status, ((await response.json()) as { __type: string }).__type];
    };
    expect(await post("Kinesis_20131202.Nothing", "{}")).toEqual([400, "UnknownOperationException"]);
    expect(await post("Kinesis_20131202.constructor", "{}")).toEqual([400, "UnknownOperationException"]);
    expect(await post("Other.PutRecord", "{}")).toEqual([400, "UnknownOperationException"]);
    expect(await post("Kinesis_20131202.PutRecord", "{")).toEqual([400, "SerializationException"]);
    expect(await post("Kinesis_20131202.PutRecord", "[]")).toEqual([400, "SerializationException"]);
  });
});

describe("query with the SDK", () => {
  test("STS: input, nested output, dates", async () => {
    const sts = new STSClient(client());
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe("arn:aws:iam::000000000000:root");
    const command = new AssumeRoleCommand({
      RoleArn: "arn:aws:iam::000000000000:role/r",
      RoleSessionName: "s@x=1",
      DurationSeconds: 900,
      Tags: [
        { Key: "ü+ =", Value: "1" },
        { Key: "b", Value: "" },
      ],
      PolicyArns: [],
    });
    const { Credentials } = await sts.send(command);
    expect(Credentials).toMatchObject({ SessionToken: "t+/=", Expiration: new Date(NOW * 1000) });
    expect(seen.input).toMatchObject({ DurationSeconds: 900, Tags: command.input.Tags, PolicyArns: [] });
  });

  test("IAM: XML escapes, lists, empty lists", async () => {
    const iam = new IAMClient(client());
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "r" }));
    expect(Role?.Description).toBe(`<b>&amp; "quoted" 'it'\r\n` + "\ufffd ü 🌍");
    expect(Role?.Tags).toEqual([
      { Key: "a", Value: "1" },
      { Key: "b", Value: "" },
    ]);
    expect(Role?.CreateDate).toEqual(new Date(NOW * 1000));
    expect((await iam.send(new ListRolesCommand({}))).Roles).toEqual([]);
  });

  test("errors carry the code that the model gives them", async () => {
    const iam = new IAMClient(client());
    const error = await iam.send(new GetRoleCommand({ RoleName: "missing" })).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "NoSuchEntityException", message: 'no <"role">' });
    expect(error.$metadata.httpStatusCode).toBe(404);
    const invalid = await iam.send(new GetRoleCommand({ RoleName: "a b" })).catch((thrown) => thrown);
    expect(invalid.name).toBe("ValidationError");
  });

  test("GET works, unknown actions and versions do not", async () => {
    const get = async (search: string) => {
      const response = await fetch(`${endpoint}/?${search}`, { headers: scoped("sts") });
      return [response.status, /<Code>(\w+)/.exec(await response.text())?.[1]];
    };
    expect(await get("Action=GetCallerIdentity&Version=2011-06-15")).toEqual([200, undefined]);
    expect(await get("Action=Nothing&Version=2011-06-15")).toEqual([400, "InvalidAction"]);
    expect(await get("Action=GetCallerIdentity&Version=2000-01-01")).toEqual([400, "InvalidAction"]);
    expect(await get("Version=2011-06-15")).toEqual([400, "MissingAction"]);
    expect(await get("Action=%ZZ")).toEqual([400, "ValidationError"]);
  });
});

describe("who and whether", () => {
  const refusal = async (path: string, init?: RequestInit) => {
    const response = await fetch(endpoint + path, init);
    return [response.status, response.headers.get("x-amzn-errortype")];
  };

  test("without a signature", async () => {
    expect(await refusal("/things")).toEqual([403, "MissingAuthenticationTokenException"]);
    expect(await refusal("/", { method: "OPTIONS" })).toEqual([403, "MissingAuthenticationTokenException"]);
    const response = await fetch(endpoint, {
      method: "POST",
      body: new URLSearchParams({ Action: "GetCallerIdentity" }),
    });
    expect(await response.text()).toContain("<Code>MissingAuthenticationToken</Code>");
  });

  test("with something that is no signature", async () => {
    for (const authorization of [
      "Bearer x",
      "AWS4-HMAC-SHA256 SignedHeaders=host",
      "AWS4-HMAC-SHA256 Credential=a/b",
    ]) {
      expect(await refusal("/things", { headers: { authorization } })).toEqual([400, "IncompleteSignatureException"]);
    }
    expect(await refusal("/things?X-Amz-Signature=0")).toEqual([400, "IncompleteSignatureException"]);
    expect(await refusal("/things", { headers: scoped("s3") })).toEqual([403, "InvalidSignatureException"]);
  });

  test("with a presigned query", async () => {
    const credential = encodeURIComponent("AKIATEST/20260101/us-east-1/iot/aws4_request");
    const response = await fetch(`${endpoint}/things/x?X-Amz-Credential=${credential}&X-Amz-Signature=00`);
    expect(response.status).toBe(200);
    expect(seen.context.operation).toBe("DescribeThing");
  });

  test("an unknown key speaks the service's language", async () => {
    const unknown = { ...client(), credentials: { accessKeyId: "AKIAUNKNOWN", secretAccessKey: "s" } };
    const rest = await new IoTClient(unknown).send(new DescribeThingCommand({ thingName: "x" })).catch((e) => e);
    expect([rest.name, rest.$metadata.httpStatusCode]).toEqual(["UnrecognizedClientException", 403]);
    const query = await new STSClient(unknown).send(new GetCallerIdentityCommand({})).catch((e) => e);
    expect([query.name, query.$metadata.httpStatusCode]).toEqual(["InvalidClientTokenId", 403]);
  });

  test("the action, its resources and the standard condition keys are asked for", async () => {
    await new IoTClient(client()).send(new DescribeThingCommand({ thingName: "x" }));
    const { action, resource, context } = asked.at(-1)!;
    expect([action, resource]).toEqual(["iot:DescribeThing", "arn:of:DescribeThing"]);
    expect(context).toMatchObject({
      "aws:SourceIp": "127.0.0.1",
      "aws:SecureTransport": "false",
      "aws:RequestedRegion": "us-east-1",
      "aws:PrincipalArn": "arn:aws:iam::000000000000:root",
      "aws:PrincipalAccount": "000000000000",
      "aws:PrincipalType": "Account",
      "aws:userid": "000000000000",
    });
    expect(context["aws:UserAgent"]).toContain("aws-sdk-js");
    expect(Number(context["aws:EpochTime"])).toBe(Math.floor(Date.parse(String(context["aws:CurrentTime"])) / 1000));
  });

  test("denials, from the door and from the domain", async () => {
    expect(await refusal(`/certificates/${"0".repeat(64)}`, { headers: scoped("iot") })).toEqual([
      403,
      "AccessDeniedException",
    ]);
    const error = await new IoTClient(client())
      .send(new AttachPolicyCommand({ policyName: "forbidden", target: "t" }))
      .catch((thrown) => thrown);
    expect(error.message).toBe(
      "User: arn:aws:iam::000000000000:root is not authorized to perform: iot:Other on resource: arn:other",
    );
    const data = await fetch(`${endpoint}/connections/c`, { headers: scoped("iotdata") });
    expect(data.headers.get("x-amzn-errortype")).toBe("ForbiddenException");
    expect(await data.json()).toEqual({ message: "Forbidden", traceId: data.headers.get("x-amzn-requestid") });
  });
});

describe("HTTP", () => {
  test("paths, methods and percents that are none", async () => {
    const get = async (path: string, service: string, method = "GET") => {
      const response = await fetch(endpoint + path, { method, headers: scoped(service) });
      return [response.status, response.headers.get("x-amzn-errortype")];
    };
    expect(await get("/nothing", "iot")).toEqual([404, "UnknownOperationException"]);
    expect(await get("/things/x/shadow", "iotdata", "PUT")).toEqual([405, "MethodNotAllowedException"]);
    expect(await get("/things/%ff", "iot")).toEqual([400, "InvalidRequestException"]);
    expect(await get("/things/x", "iot", "HEAD")).toEqual([404, "UnknownOperationException"]);
  });

  test("bodies that are not JSON, not UTF-8, not an object, too deep", async () => {
    const post = async (body: string | Uint8Array) => {
      const response = await fetch(`${endpoint}/things/x`, {
        method: "POST",
        headers: scoped("iot"),
        body: body as never,
      });
      return [response.status, response.headers.get("x-amzn-errortype")];
    };
    for (const body of [
      "{",
      "[]",
      "1",
      Uint8Array.of(0x22, 0xff, 0x22),
      `{"a":${"[".repeat(1e5)}${"]".repeat(1e5)}}`,
    ]) {
      expect(await post(body)).toEqual([400, "InvalidRequestException"]);
    }
    expect(await post('{"unknown":{"__proto__":{"x":1}}}')).toEqual([200, null]);
    expect(seen.input).toEqual({ thingName: "x" });
  });

  test("publish answers as the data plane does, bare slashes allowed", async () => {
    const response = await fetch(`${endpoint}/topics/a/b%2Fc?qos=1`, {
      method: "POST",
      headers: scoped("iotdevicegateway"),
      body: "hello",
    });
    expect(await response.json()).toEqual({ message: "OK", traceId: response.headers.get("x-amzn-requestid") });
    expect(seen.input).toEqual({ topic: "a/b/c", qos: 1, payload: new TextEncoder().encode("hello") });
    expect(signed.at(-1)).toMatchObject({ rawPath: "/topics/a/b%2Fc", rawQuery: "qos=1" });
  });

  test("a body above the limit, declared or not", async () => {
    const body = new Uint8Array(1024 * 1024 + 1);
    const declared = await exchange("POST", "/things/x", { "content-length": String(body.length) });
    expect([declared.status, declared.headers["x-amzn-errortype"]]).toEqual([413, "RequestEntityTooLargeException"]);
    expect(declared.headers.connection).toBe("close");
    const chunked = await exchange("POST", "/things/x", { "transfer-encoding": "chunked" }, body);
    expect(chunked.status).toBe(413);
  });

  test("headers above the limit", async () => {
    const response = await exchange("GET", "/things/x", { "x-long": "a".repeat(9000) });
    expect(response.status).toBe(431);
  });

  test("a body that does not come in time, and a client that breaks off", async () => {
    const late = exchange("POST", "/things/x", { "content-length": "5" });
    await until(() => slow.size === 1);
    for (const run of slow) run();
    expect((await late).status).toBe(408);
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.write(
      `POST /things/x HTTP/1.1\r\nhost: h\r\nauthorization: ${scoped("iot").authorization}\r\ncontent-length: 9\r\n\r\n`,
    );
    await until(() => slow.size === 1);
    const before = served.length;
    socket.destroy();
    await until(() => slow.size === 0);
    expect(served.length).toBe(before);
  });

  test("100-continue and keep-alive", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let i = 0; i < 2; i++) {
      const sent = request(`${endpoint}/things/x`, {
        method: "POST",
        agent,
        headers: { ...scoped("iot"), expect: "100-continue", "content-length": "2" },
      });
      sent.flushHeaders();
      await once(sent, "continue");
      sent.end("{}");
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      expect(response.statusCode).toBe(200);
      ports.add(response.socket.localPort);
      await once(response.resume(), "end");
    }
    expect(ports.size).toBe(1);
    agent.destroy();
  });
});

test("a client certificate leads to the data planes, and to nothing else", async () => {
  const certificate = { raw: Buffer.from("der") };
  const call = async (method: string, url: string) => {
    const message = Object.assign(Readable.from([]), {
      method,
      url,
      headers: {},
      httpVersionMajor: 1,
      socket: { encrypted: true, remoteAddress: "::ffff:10.0.0.1", getPeerX509Certificate: () => certificate },
    });
    const response = new ServerResponse(message as never);
    const end = once(response, "finish");
    response.assignSocket(new PassThrough() as never);
    api.handle(message as never, response);
    await end;
    return response.statusCode;
  };
  expect(await call("POST", "/topics/t")).toBe(200);
  expect(signed.at(-1)).toMatchObject({ peerCertificate: new Uint8Array(certificate.raw), sourceIp: "10.0.0.1" });
  expect(seen.context.service).toBe("iot-data");
  expect(await call("GET", "/things/x/jobs")).toBe(200);
  expect(seen.context.service).toBe("iot-jobs-data");
  expect(await call("GET", "/things/x")).toBe(404);
});

test("an HTTP/2 client that breaks off while its request is served is no error", async () => {
  const errors: unknown[] = [];
  const waiting: (() => void)[] = [];
  const own = createApi({
    services,
    operations: { iot: { ListThings: { handle: () => new Promise((resolve) => waiting.push(() => resolve({}))) } } },
    clock: systemClock,
    log: { ...silentLogger, debug() {}, error: (...line: unknown[]) => errors.push(line) } as never,
    authenticate: root,
    authorize: async () => {},
  });
  const listening = createHttp2Server(own.handle as never).listen(0, "127.0.0.1");
  await once(listening, "listening");
  const session = connectHttp2(`http://127.0.0.1:${(listening.address() as AddressInfo).port}`);
  const stream = session.request({ ":path": "/things", ...scoped("iot") });
  stream.on("error", () => {});
  await until(() => waiting.length === 1);
  const gone = once(stream, "close");
  stream.close(8);
  session.destroy();
  await gone;
  const draining = own.drain();
  for (const answer of waiting) answer();
  await draining;
  expect(errors).toEqual([]);
  listening.close();
});

test("draining waits for open requests and closes connections behind them", async () => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const own = createApi({
    services,
    operations: { iot: { ListThings: { handle: () => held.then(() => ({ things: [] })) } } },
    clock: systemClock,
    log: silentLogger,
    authenticate: root,
    authorize: async () => {},
  });
  const listening = createServer(own.handle).listen(0, "127.0.0.1");
  await once(listening, "listening");
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/things`;
  const arrived = once(listening, "request");
  const pending = fetch(url, { headers: scoped("iot") });
  await arrived;
  let drained = false;
  const draining = own.drain().then(() => {
    drained = true;
  });
  await new Promise(setImmediate);
  expect(drained).toBe(false);
  release();
  const response = await pending;
  expect(response.headers.get("connection")).toBe("close");
  await draining;
  await own.drain();
  listening.close();
});

interface Answer {
  status: number | undefined;
  headers: IncomingMessage["headers"];
}

/** A request whose body need not come whole. */
async function exchange(
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Uint8Array = Uint8Array.of(),
): Promise<Answer> {
  const sent = request(endpoint + path, { method, headers: { ...scoped("iot"), ...headers } });
  sent.on("error", () => {});
  sent.write(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  sent.destroy();
  return { status: response.statusCode, headers: response.headers };
}

/** Lets input and output go on until something has come true; the test's time limit ends a vain wait. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}
