import { connect as connectHttp2 } from "node:http2";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { FakeClock } from "@hearth/base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Door, openDoor } from "./door.ts";
import { type Signing, send, sign, type WireAnswer, type WireRequest } from "./wire.ts";

let door: Door;
let endpoint: string;
let port: number;
beforeAll(async () => {
  door = await openDoor();
  endpoint = door.file.apiEndpoint;
  port = Number(new URL(endpoint).port);
});
afterAll(async () => {
  // Whatever was sent, it goes on.
  expect((await fetch(`${endpoint}/healthz`)).status).toBe(200);
  await door.stop();
});

const signing = (service: string): Signing => ({ credentials: door.file, region: door.file.region, service });
const MANAGED = "iotmanagedintegrations";

async function signed(
  method: string,
  path: string,
  more: Partial<WireRequest> = {},
  service = MANAGED,
): Promise<WireAnswer> {
  return send(endpoint, await sign(endpoint, { method, path, headers: {}, ...more }, signing(service)));
}

const json = { "content-type": "application/json" };
const DEVICE = {
  Role: "DEVICE",
  AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
  AuthenticationMaterial: "SN:http;UPC:123456789012",
};

/** A signed request as the bytes of HTTP/1.1. */
async function rawRequest(method: string, path: string, service = MANAGED, body = "", more = ""): Promise<string> {
  const { headers } = await sign(endpoint, { method, path, headers: {}, body }, signing(service));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}content-length: ${body.length}\r\n${more}\r\n${body}`;
}

/** Writes pieces to a connection of its own and reads until `enough`, or until the server closes it. */
async function exchange(pieces: readonly string[], enough: (text: string) => boolean = () => false): Promise<string> {
  const socket: Socket = connect(port, "127.0.0.1");
  const answer = new Promise<string>((resolve, reject) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (enough(text)) socket.destroy();
    });
    socket.on("close", () => resolve(text));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // The server closes a connection on which it will read no more.
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
  });
  for (const piece of pieces) {
    if (socket.destroyed) break;
    await new Promise((written) => socket.write(piece, written));
    await new Promise(setImmediate);
  }
  return answer;
}

const statuses = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
const answers = (count: number) => (text: string) => (text.match(/\r\n\r\n[\s\S]*?\}/g) ?? []).length >= count;

describe("answers", () => {
  test("say what they are, and who asked", async () => {
    const { headers } = await signed("GET", "/managed-things");
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "x-amzn-requestid": expect.stringMatching(/^[0-9a-f-]{36}$/),
      "cache-control": "no-store, no-cache",
    });
    const refused = await signed("GET", "/managed-things/absent");
    expect(refused).toMatchObject({ status: 404, error: "ResourceNotFoundException" });
    expect(refused.headers["x-amzn-requestid"]).not.toBe(headers["x-amzn-requestid"]);
    const {
      text,
      status,
      headers: empty,
    } = await signed("POST", "/managed-things", {
      headers: json,
      body: JSON.stringify(DEVICE),
    });
    const { Id } = JSON.parse(text) as { Id: string };
    expect({ status, type: empty["content-type"] }).toEqual({ status: 201, type: "application/json" });
    expect(await signed("DELETE", `/managed-things/${Id}`)).toMatchObject({ status: 204, text: "" });
  });
});

describe("names in the path", () => {
  test.each([
    ["/things/a%2Fb%3A%C3%BC%2B%201", "iot", "a/b:ü+ 1"],
    ["/things/a%252Fb", "iot", "a%2Fb"],
    ["/things/..%2F..", "iot", "../.."],
    ["/things/%00", "iot", "thingName"],
    ["/things/a;b=c", "iot", "a;b=c"],
  ])("%s are one label", async (path, service, named) => {
    const { status, error, text } = await signed("GET", path, {}, service);
    expect({ status, error }).toEqual({ status: 400, error: "InvalidRequestException" });
    expect(text).toContain(named);
  });

  test("that are allowed go there and back", async () => {
    const Name = "a ü.1_-";
    const { managed } = door.clients();
    await managed.send("CreateDestination", {
      Name,
      DeliveryDestinationType: "KINESIS",
      DeliveryDestinationArn: "arn:aws:kinesis:us-east-1:000000000000:stream/notes",
      RoleArn: "arn:aws:iam::000000000000:role/notes",
    });
    for (const path of ["/destinations/a%20%C3%BC.1_-", "/destinations/a%20%c3%bc%2E1%5F%2d"]) {
      const { status, text } = await signed("GET", path);
      expect(status, text).toBe(200);
      expect(JSON.parse(text)).toMatchObject({ Name });
    }
  });

  test.each(["/things/%", "/things/%zz", "/things/%ff", "/things/a%C3%28", "/things?nextToken=%"])(
    "that are malformed, as in %s, are refused",
    async (path) => {
      // The signer does not sign what is malformed, so it may fail as well.
      const headers = (await sign(endpoint, { method: "GET", path: "/things", headers: {} }, signing("iot"))).headers;
      const { status, error } = await send(endpoint, { method: "GET", path, headers });
      expect([400, 403]).toContain(status);
      expect(error).toMatch(/^(InvalidRequestException|SerializationException|InvalidSignatureException)$/);
    },
  );
});

describe("bodies", () => {
  const hostile: readonly [what: string, body: string | Uint8Array][] = [
    ["none", ""],
    ["no JSON", "{"],
    ["two documents", "{}{}"],
    ["a list", "[]"],
    ["a number", "1"],
    ["null", "null"],
    ["a string", '"x"'],
    ["no UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["very deep", `{"MetaData":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`],
    ["a very long number", `{"Role":${"9".repeat(100_000)}}`],
    ["a prototype", '{"__proto__":{"Role":"DEVICE"},"constructor":{"prototype":{}}}'],
    ["XML", "<a/>"],
  ];
  test.each(hostile)("with %s are refused", async (_, body) => {
    const { status, error } = await signed("POST", "/managed-things", { headers: json, body });
    expect({ status, error }).toEqual({ status: 400, error: "ValidationException" });
  });

  test.each(hostile.slice(1))("of JSON 1.1 with %s are refused", async (_, body) => {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "Kinesis_20131202.DescribeStream" };
    const { status, error } = await signed("POST", "/", { headers, body }, "kinesis");
    expect(status).toBe(400);
    expect(error).toMatch(/^(SerializationException|ValidationException|InvalidArgumentException)$/);
  });

  test.each([
    "Action",
    "=",
    "&&&",
    "Action=NoSuchAction&Version=2010-05-08",
    "Action=ListUsers&Version=1999-01-01",
    `${"a.".repeat(500)}b=1`,
  ])("of a query that are %s are refused", async (body) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { status, error } = await signed("POST", "/", { headers, body }, "iam");
    expect(status).toBe(400);
    expect(error).toMatch(/^(MissingAction|InvalidAction|MalformedQueryString)$/);
  });

  test("of another content type are read all the same", async () => {
    for (const type of ["text/plain", "application/x-amz-json-1.1", "application/json; charset=utf-8"]) {
      const more = { headers: { "content-type": type }, body: '{"Role":"DEVICE"}' };
      expect(await signed("POST", "/managed-things", more)).toMatchObject({
        status: 400,
        error: "ValidationException",
      });
    }
  });

  const MIB = 1024 * 1024;
  test("over the limit are refused before they are read", async () => {
    const announced = await rawRequest("POST", "/managed-things");
    const text = await exchange([announced.replace("content-length: 0", `content-length: ${100 * MIB}`)]);
    expect(statuses(text)).toEqual([413]);
    expect(text).toContain("RequestEntityTooLargeException");
  });

  test("over the limit that nobody announced are refused while they come", async () => {
    const head = await rawRequest("POST", "/managed-things");
    const chunk = `${MIB.toString(16)}\r\n${" ".repeat(MIB)}\r\n`;
    const text = await exchange([head.replace("content-length: 0", "transfer-encoding: chunked"), chunk, chunk, chunk]);
    // The connection may be reset before the answer was read.
    expect([[413], []]).toContainEqual(statuses(text));
  });

  test("of two lengths are not believed", async () => {
    const raw = await rawRequest("POST", "/managed-things", MANAGED, "{}", "transfer-encoding: chunked\r\n");
    expect(statuses(await exchange([raw]))).toEqual([400]);
  });

  test("that the client breaks off leave nothing behind", async () => {
    const raw = await rawRequest("POST", "/managed-things", MANAGED, JSON.stringify(DEVICE));
    const socket = connect(port, "127.0.0.1");
    await new Promise((written) => socket.write(raw.slice(0, -10), written));
    const closed = new Promise((done) => socket.on("close", done));
    socket.destroy();
    await closed;
    expect(JSON.parse((await signed("GET", "/managed-things")).text)).toEqual({ Items: [] });
  });
});

describe("heads", () => {
  test("that are huge are refused", async () => {
    const { headers } = await sign(endpoint, { method: "GET", path: "/managed-things", headers: {} }, signing(MANAGED));
    const { status } = await send(endpoint, {
      method: "GET",
      path: "/managed-things",
      headers: { ...headers, "x-large": "x".repeat(140_000) },
    });
    expect(status).toBe(431);
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x-h${index}`, "v".repeat(20)]));
    expect(
      (await send(endpoint, { method: "GET", path: "/managed-things", headers: { ...headers, ...many } })).status,
    ).toBe(431);
  });

  test("that are none are refused", async () => {
    for (const garbage of ["\u0000\u0001\u0002\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\r\n\r\n\r\nx"]) {
      const text = await exchange([garbage], (seen) => seen.includes("\r\n\r\n"));
      expect([[400], [505], []]).toContainEqual(statuses(text));
    }
  });

  test("of the absolute form mean the path", async () => {
    const raw = await rawRequest("GET", "/managed-things");
    const text = await exchange([raw.replace("GET /", `GET ${endpoint}/`)], answers(1));
    expect(statuses(text)).toEqual([200]);
  });
});

describe("connections", () => {
  test("of HTTP/1.1 serve one request after another", async () => {
    const paths = ["/managed-things", "/destinations", "/custom-endpoint"];
    const requests = await Promise.all(paths.map((path) => rawRequest("GET", path)));
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    for (const [index, request] of requests.entries()) {
      socket.write(request);
      while (!answers(index + 1)(text)) await new Promise((seen) => socket.once("data", seen));
    }
    socket.destroy();
    expect(statuses(text)).toEqual([200, 200, 404]);
  });

  test("of HTTP/1.1 answer what was sent ahead, in order", async () => {
    const paths = ["/managed-things", "/destinations", "/custom-endpoint", "/provisioning-profiles"];
    const requests = await Promise.all(paths.map((path) => rawRequest("GET", path)));
    const text = await exchange([requests.join("")], answers(4));
    expect(statuses(text)).toEqual([200, 200, 404, 200]);
    expect(text.indexOf("DestinationList")).toBeGreaterThan(text.indexOf("Items"));
  });

  test("of HTTP/2 without TLS serve many requests at once", async () => {
    const session = connectHttp2(endpoint);
    const { headers } = await sign(endpoint, { method: "GET", path: "/managed-things", headers: {} }, signing(MANAGED));
    const { host, ...others } = headers;
    const ask = (path: string, more: Record<string, string>): Promise<number> =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ":method": "GET", ":path": path, ":authority": host, ...more });
        stream.on("response", (head) => resolve(Number(head[":status"])));
        stream.on("error", reject);
        stream.resume();
      });
    const asked = Array.from({ length: 50 }, () => ask("/managed-things", others));
    expect(await Promise.all([...asked, ask("/healthz", {})])).toEqual(Array(51).fill(200));
    session.close();
  });

  test("of HTTP/2 that break the protocol end alone", async () => {
    const text = await exchange([
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff",
    ]);
    expect(text).not.toContain("HTTP/1.1 200");
  });
});

describe("what is not there", () => {
  test.each([
    ["GET", "/nowhere", 404],
    ["PATCH", "/managed-things", 404],
    ["OPTIONS", "/managed-things", 404],
    ["GET", "//managed-things", 404],
    ["GET", "/", 404],
  ])("%s %s is said so", async (method, path, status) => {
    expect(await signed(method, path)).toMatchObject({ status, error: "UnknownOperationException" });
  });

  test("has no body for a HEAD", async () => {
    const { status, text } = await signed("HEAD", "/managed-things");
    expect({ status, text }).toEqual({ status: 404, text: "" });
  });

  test("is not told to whom nobody knows", async () => {
    const { status, error } = await send(endpoint, { method: "GET", path: "/nowhere", headers: { host: "x" } });
    expect({ status, error }).toEqual({ status: 403, error: "MissingAuthenticationTokenException" });
  });

  test("is said in JSON 1.1's way too", async () => {
    const headers = { "content-type": "application/x-amz-json-1.1" };
    for (const target of ["Kinesis_20131202.Nothing", "Other.ListStreams", ""]) {
      const more = { headers: { ...headers, "x-amz-target": target }, body: "{}" };
      const { status, error } = await signed("POST", "/", more, "kinesis");
      expect({ status, error }).toEqual({ status: 400, error: "UnknownOperationException" });
    }
  });
});

describe("the platform's own pages", () => {
  test("tell that it lives and is ready", async () => {
    for (const [path, body] of [
      ["/healthz", "ok\n"],
      ["/readyz", "ready\n"],
    ]) {
      const answer = await fetch(`${endpoint}${path}`);
      expect({ status: answer.status, body: await answer.text() }).toEqual({ status: 200, body });
    }
  });

  test("count requests for Prometheus", async () => {
    await signed("GET", "/managed-things");
    const answer = await fetch(`${endpoint}/metrics`);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await answer.text();
    expect(text).toMatch(
      /hearth_api_request_seconds_count\{service="iot-managed-integrations",operation="ListManagedThings",status="200"\} [1-9]/,
    );
    for (const line of text.split("\n")) expect(line).toMatch(/^$|^# (HELP|TYPE) \S+|^[a-zA-Z_:][\w:]*(\{.*\})? \S+$/);
    expect(text).not.toContain(door.file.accessKeyId);
  });

  test("are on the public port too, but for the figures", async () => {
    const ask = (path: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const url = new URL(path, door.file.httpsEndpoint);
        const request = httpsRequest(url, { ca: door.ca, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.on("error", reject);
        request.end();
      });
    expect(await ask("/healthz")).toBe(200);
    expect(await ask("/readyz")).toBe(200);
    expect(await ask("/metrics")).toBe(403);
  });
});

describe("a slow client", () => {
  test("is not waited for without end", async () => {
    const clock = new FakeClock(Date.now());
    const slow = await openDoor({ clock });
    try {
      const there = slow.file.apiEndpoint;
      const how = { ...signing(MANAGED), credentials: slow.file };
      const { headers } = await sign(
        there,
        { method: "POST", path: "/managed-things", headers: json, body: "{}" },
        how,
      );
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      const socket = connect(Number(new URL(there).port), "127.0.0.1");
      const answer = new Promise<string>((resolve, reject) => {
        let text = "";
        socket.on("data", (chunk) => {
          text += chunk;
        });
        socket.on("close", () => resolve(text));
        socket.on("error", reject);
      });
      const head = `POST /managed-things HTTP/1.1\r\n${lines.join("")}content-length: 2\r\n`;
      await new Promise((written) => socket.write(`${head}\r\n{`, written));
      // Answered behind it on a connection of its own: the head has been read.
      await fetch(`${there}/healthz`);
      clock.advance(31_000);
      const text = await answer;
      expect(statuses(text)).toEqual([408]);
      expect(text).toContain("RequestTimeoutException");
    } finally {
      await slow.stop();
    }
  });
});
