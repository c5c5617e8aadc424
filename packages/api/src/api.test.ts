import { createServer, type Server } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { GetRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import {
  AttachPolicyCommand,
  CreateThingCommand,
  DeletePolicyCommand,
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
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApi } from "./api.ts";
import type { Served, SignedRequest } from "./traits.ts";

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

const api = createApi({
  services,
  operations,
  clock: systemClock,
  log: silentLogger,
  async authenticate(request) {
    signed.push(request);
    if (request.headers.authorization?.includes("AKIAUNKNOWN")) {
      throw new ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.");
    }
    const accountId = "000000000000";
    const arn = `arn:aws:iam::${accountId}:root`;
    return {
      principal: { type: "Root", accountId, arn, principalId: accountId, accessKeyId: "AKIATEST" },
      accountId,
      region: "us-east-1",
    };
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
  test("carries labels, attributes and tags of odd names there and back", async () => {
    const iot = new IoTClient(client());
    const created = await iot.send(
      new CreateThingCommand({ thingName: "lamp", attributePayload: { attributes: { ["__proto__"]: "x", a: "b" } } }),
    );
    expect(created.thingName).toBe(ODD_NAME);
    const { attributePayload } = seen.input as { attributePayload: { attributes: Record<string, string> } };
    expect(Object.entries(attributePayload.attributes)).toContainEqual(["a", "b"]);
    const described = await iot.send(new DescribeThingCommand({ thingName: "lamp:1" }));
    expect(seen.input).toEqual({ thingName: "lamp:1" });
    expect(described.attributes).toEqual({ ü: "<&>" });
    expect(described.version).toBe(3);
    expect(described.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
});
