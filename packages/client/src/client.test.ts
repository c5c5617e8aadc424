import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createClient, ServiceException, type ServiceOperations } from "./index.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** A client of a server that answers so, and what it asked for. */
async function against<Service extends keyof ServiceOperations>(
  service: Service,
  answer: Answer | RequestListener,
  timeout?: number,
) {
  const asked: { request: IncomingMessage; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    asked.push({ request, body: Buffer.concat(chunks).toString() });
    if (typeof answer === "function") return answer(request, response);
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = createClient(service, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret", sessionToken: "session" },
    maxAttempts: 1,
    ...(timeout === undefined ? {} : { timeout }),
  });
  return { client, asked };
}

const failure = (promise: Promise<unknown>): Promise<ServiceException> =>
  promise.then(
    () => Promise.reject(new Error("was not refused")),
    (error) => {
      expect(error).toBeInstanceOf(ServiceException);
      return error as ServiceException;
    },
  );

test("a request is signed for its service, and sent as it was signed", async () => {
  const { client, asked } = await against("iot-managed-integrations", { body: "{}" });
  await client.send("ListManagedThings", { OwnerFilter: "a b&c", MaxResults: 5 });
  const { request } = asked[0] ?? {};
  expect(request?.method).toBe("GET");
  expect(request?.url).toMatch(/^\/managed-things\?/);
  expect([...new URL(request?.url ?? "", "http://h").searchParams].sort()).toEqual([
    ["MaxResults", "5"],
    ["OwnerFilter", "a b&c"],
  ]);
  expect(request?.headers["authorization"]).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/us-east-1\/[a-z-]+\/aws4_request, SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*, Signature=[0-9a-f]{64}$/,
  );
  expect(request?.headers["x-amz-security-token"]).toBe("session");
});

describe("an answer", () => {
  test("of JSON has its blobs as bytes", async () => {
    const record = { Data: "aGk=", PartitionKey: "p", SequenceNumber: "1" };
    const body = JSON.stringify({ Records: [record], MillisBehindLatest: 0 });
    const { client } = await against("kinesis", { body });
    const { Records } = await client.send("GetRecords", { ShardIterator: "i" });
    expect(Records).toEqual([{ ...record, Data: new Uint8Array([104, 105]) }]);
  });

  test("that is a payload is given whole", async () => {
    const { client } = await against("iot-data", { body: Buffer.from([0, 255]) });
    expect(await client.send("GetThingShadow", { thingName: "t" })).toEqual({ payload: new Uint8Array([0, 255]) });
  });

  test("without a body is an empty one", async () => {
    const { client } = await against("iot-managed-integrations", { status: 200 });
    expect(await client.send("DeleteManagedThing", { Identifier: "a" })).toEqual({});
  });

  test("of XML is read by the contract", async () => {
    const body = `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>000000000000</Account>
      </GetCallerIdentityResult></GetCallerIdentityResponse>`;
    const { client } = await against("sts", { body });
    expect(await client.send("GetCallerIdentity", {})).toEqual({ Account: "000000000000" });
  });
});

describe("an error", () => {
  const requestId = { "x-amzn-requestid": "r-1" };

  test("of REST has the name of its header and the members of its body", async () => {
    const { client } = await against("iot-managed-integrations", {
      status: 404,
      headers: { ...requestId, "x-amzn-errortype": "ResourceNotFoundException:http://internal/" },
      body: '{"Message":"not there","ResourceId":"a"}',
    });
    expect(await failure(client.send("GetManagedThing", { Identifier: "a" }))).toMatchObject({
      name: "ResourceNotFoundException",
      message: "not there",
      status: 404,
      requestId: "r-1",
      members: { ResourceId: "a" },
    });
  });

  test("of JSON 1.1 has the name of its body, without namespace", async () => {
    const { client } = await against("kinesis", {
      status: 400,
      body: '{"__type":"com.amazonaws.kinesis#ResourceNotFoundException","message":"no stream"}',
    });
    const error = await failure(client.send("DescribeStreamSummary", { StreamName: "s" }));
    expect(error).toMatchObject({ name: "ResourceNotFoundException", message: "no stream", status: 400 });
    expect(error.requestId).toBeUndefined();
  });

  test("of query has code and message", async () => {
    const { client } = await against("iam", {
      status: 404,
      headers: requestId,
      body: "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no role</Message></Error></ErrorResponse>",
    });
    expect(await failure(client.send("GetRole", { RoleName: "r" }))).toMatchObject({
      name: "NoSuchEntity",
      message: "no role",
      status: 404,
      requestId: "r-1",
    });
  });

  test.each([
    ["nothing", ""],
    ["a page of a proxy", "<html><body>Bad Gateway</body></html>"],
    ["half a document", '{"message":'],
  ])("that is %s is named by its status", async (_name, body) => {
    for (const service of ["iot", "sts"] as const) {
      const { client } = await against(service, { status: 502, body });
      const sent = (client as { send(name: string, input: object): Promise<unknown> }).send(
        service === "iot" ? "ListThings" : "GetCallerIdentity",
        {},
      );
      expect(await failure(sent)).toMatchObject({ name: "Http502", message: "Bad Gateway", status: 502 });
    }
  });

  test("of a server that does not answer comes in time", async () => {
    const { client } = await against("iot", () => {}, 50);
    await expect(client.send("ListThings", {})).rejects.toMatchObject({ name: "TimeoutError" });
  });
});
