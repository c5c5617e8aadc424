import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sign, type WireRequest } from "../doors/wire.ts";
import { startTestPlatform, type TestPlatform } from "../kit/platform.ts";

let platform: TestPlatform;
let signed: WireRequest;

beforeAll(async () => {
  platform = await startTestPlatform();
  const { file } = platform;
  const signing = { credentials: file, region: file.region, service: "iot" };
  signed = await sign(file.apiEndpoint, { method: "GET", path: "/things", headers: {} }, signing);
});

afterAll(() => platform?.stop());

/** Status of each answer to bytes that are written at once; the server closes, or we do after the last. */
function statuses(bytes: string, answers: number): Promise<number[]> {
  return new Promise((resolve) => {
    const socket = connect(platform.ports.api, "127.0.0.1");
    let text = "";
    const found = () => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (found().length >= answers) socket.end();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(found()));
    socket.write(bytes);
  });
}

const message = (start: string, headers: Readonly<Record<string, string>>, body = ""): string =>
  `${start} HTTP/1.1\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n${body}`;

describe("one request does not hide another", () => {
  const hidden = message("GET /healthz", { host: "x" });

  test.each([
    ["both lengths", { "content-length": "4", "transfer-encoding": "chunked" }, `0\r\n\r\n${hidden}`],
    ["an unknown coding", { "transfer-encoding": "xchunked" }, `0\r\n\r\n${hidden}`],
    ["a negative length", { "content-length": "-1" }, hidden],
    ["a blank before the colon", { "content-length ": "5" }, hidden],
    ["two lengths", { "content-length": "0", "Content-Length": "5" }, hidden],
  ])("%s: refused, and nothing behind it is answered", async (_, headers, body) => {
    expect(await statuses(message("POST /x", { host: "x", ...headers }, body), 2)).toEqual([400]);
  });

  test("what is pipelined behind a signed request needs a signature of its own", async () => {
    const both = message("GET /things", signed.headers) + message("GET /things", { host: "x" });
    expect(await statuses(both, 2)).toEqual([200, 403]);
  });

  test("headers beyond their bound are refused", async () => {
    expect(await statuses(message("GET /healthz", { host: "x", "x-long": "y".repeat(200_000) }), 1)).toEqual([431]);
  });
});

describe("a signed request that was changed on its way is refused", () => {
  const changed: [string, (given: WireRequest) => [start: string, headers: Record<string, string>]][] = [
    ["another host", ({ headers }) => ["GET /things", { ...headers, host: "evil.example" }]],
    ["another query", ({ headers }) => ["GET /things?maxResults=1", headers]],
    ["a query twice", ({ headers }) => ["GET /things?maxResults=1&maxResults=2", headers]],
    ["another method", ({ headers }) => ["DELETE /things", headers]],
    ["a session token", ({ headers }) => ["GET /things", { ...headers, "x-amz-security-token": "abc" }]],
    ["no payload signed", ({ headers }) => ["GET /things", { ...headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" }]],
    ["an unsigned target", ({ headers }) => ["GET /things", { ...headers, "x-amz-target": "x" }]],
  ];
  test.each(changed)("%s", async (_, change) => {
    const [status] = await statuses(message(...change(signed)), 1);
    expect([403, 404]).toContain(status);
  });

  test.each(["//things", "/./things", "/x/../things", "/%74hings", "/things/"])(
    "the path %s, which signs like /things, is another path",
    async (path) => {
      expect(await statuses(message(`GET ${path}`, signed.headers), 1)).toEqual([404]);
    },
  );
});

test("names of proxies are not believed, and change nothing", async () => {
  const forwarded = { "x-forwarded-for": "203.0.113.9", "x-http-method-override": "DELETE" };
  expect(await statuses(message("GET /things", { ...signed.headers, ...forwarded }), 1)).toEqual([200]);
});

test("metrics stay on the plain port of this machine", async () => {
  const status = await new Promise((resolve, reject) => {
    httpsRequest(
      { host: "localhost", port: platform.ports.https, path: "/metrics", ca: platform.ca, agent: false },
      (response) => resolve(response.resume().statusCode),
    )
      .on("error", reject)
      .end();
  });
  expect(status).toBe(403);
});
