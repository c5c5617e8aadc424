import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { silentLogger, systemClock } from "@hearth/base";
import { type AnyOperationTable, type RequestContext, ServiceError, services } from "@hearth/contract";
import { createApi } from "./api.ts";
import type { Caller, Served, SignedRequest } from "./traits.ts";

export const ODD_NAME = "a/b:ü+ 1";
export const NOW = 1_748_968_266.655;

/** The door over toy handlers of every operation, and what it was seen to do. */
export const toy = {
  /** What the handlers were given last. */
  seen: undefined as unknown as { input: Record<string, unknown>; context: RequestContext },
  served: [] as Served[],
  recorded: [] as string[],
  signed: [] as SignedRequest[],
  asked: [] as { action: string; resource: string; context: Readonly<Record<string, string | string[]>> }[],
  /** What waits for a body that is late; run by hand. */
  slow: new Set<() => void>(),
  endpoint: "",
  http2Endpoint: "",
};

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
              toy.seen = { input, context };
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

export async function root(): Promise<Caller> {
  const accountId = "000000000000";
  const arn = `arn:aws:iam::${accountId}:root`;
  return {
    principal: { type: "Root", accountId, arn, principalId: accountId, accessKeyId: "AKIATEST" },
    accountId,
    region: "us-east-1",
  };
}

export const api = createApi({
  services,
  operations,
  clock: {
    ...systemClock,
    after(_, run) {
      toy.slow.add(run);
      return () => toy.slow.delete(run);
    },
  },
  limits: { headerBytes: 8 * 1024 },
  log: silentLogger,
  async authenticate(request) {
    toy.signed.push(request);
    if (request.headers.authorization?.includes("AKIAUNKNOWN")) {
      throw new ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.");
    }
    return root();
  },
  async authorize(principal, action, resource, context) {
    toy.asked.push({ action, resource, context });
    if (resource === "arn:other" || resource === "arn:of:DescribeCertificate" || resource === "arn:of:GetConnection") {
      const message = `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource}`;
      throw new ServiceError("AccessDeniedException", message);
    }
  },
  metrics: (one) => toy.served.push(one),
  record: (service, operation, outcome) => toy.recorded.push(`${service}:${operation}:${outcome}`),
});

/** For the SDK's clients. */
export const client = () => ({
  endpoint: toy.endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
  maxAttempts: 1,
});

const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/SERVICE/aws4_request, SignedHeaders=host, Signature=00";
/** Headers of a request that is signed for `service`, well enough for the toy. */
export const scoped = (service: string) => ({ authorization: AUTHORIZATION.replace("SERVICE", service) });

const http1 = createServer(api.handle);
const http2 = createHttp2Server(api.handle as never);

export async function startToy(): Promise<void> {
  for (const server of [http1, http2]) {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  }
  const url = (server: { address(): unknown }) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  toy.endpoint = url(http1);
  toy.http2Endpoint = url(http2);
}

export async function stopToy(): Promise<void> {
  http1.closeAllConnections();
  await Promise.all([http1, http2].map((server) => new Promise((done) => server.close(done))));
}

/** Lets input and output go on until something has come true; the test's time limit ends a vain wait. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}
