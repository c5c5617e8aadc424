import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACCOUNT, openTestRoom, presign, REGION, sign, type TestRoom, type ToSign } from "../testing.ts";
import type { SignedRequest } from "./signed-request.ts";

let room: TestRoom;
beforeAll(async () => {
  room = await openTestRoom();
});
afterAll(() => room.close());

const MINUTE = 60_000;

/** The error's name, or "accepted". */
const outcome = (request: SignedRequest): Promise<string> =>
  room.auth.authenticate(request).then(
    () => "accepted",
    (error: Error) => error.name,
  );

const message = (request: SignedRequest): Promise<string> =>
  room.auth.authenticate(request).then(
    () => "accepted",
    (error: Error) => error.message,
  );

describe("requests signed in the header", () => {
  test("tell who the caller is", async () => {
    const request = await sign(room.root, { method: "POST", path: "/things/a", body: "{}" });
    expect(await room.auth.authenticate(request)).toEqual({
      principal: {
        type: "Root",
        accountId: ACCOUNT,
        arn: `arn:aws:iam::${ACCOUNT}:root`,
        principalId: ACCOUNT,
        accessKeyId: room.root.accessKeyId,
      },
      accountId: ACCOUNT,
      region: REGION,
      service: "iot",
    });
  });

  test.each<[string, ToSign]>([
    ["an encoded path", { path: "/things/a%2Fb%3A%C3%BC%2B%201/shadow" }],
    ["a path with characters that need no encoding", { path: "/tags/arn:aws:iot:us-east-1:1:thing/x@y,z;(a)" }],
    ["dots and doubled slashes", { path: "/a/./b/../c//d/" }],
    ["dots only", { path: "/.." }],
    ["an encoded percent sign", { path: "/a%252Fb%25" }],
    ["a query", { query: { b: "2", a: "1 + 1 = 2 & ü/*~", "": "empty", A: "upper" } }],
    ["a query with several values", { query: { tag: ["z", "a", "a b"], tagX: "y" } }],
    ["a header with runs of spaces", { headers: { host: "localhost:4566", "x-amz-meta": "  a   b  c " } }],
    ["a query-protocol body", { method: "POST", body: "Action=GetCallerIdentity&Version=2011-06-15" }],
    ["a body of UTF-8", { method: "PUT", body: '{"ü":"\u{1f600}"}' }],
    ["HTTP/2", { method: "POST", headers: { ":authority": "localhost:4566", "x-amz-target": "Kinesis_20131202.X" } }],
  ])("are accepted with %s", async (_name, toSign) => {
    expect(await outcome(await sign(room.root, toSign))).toBe("accepted");
  });

  test("agree with the reference signer on any path, query and body", async () => {
    const segment = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 12 }).map(encodeURIComponent),
      fc.constantFrom("", ".", "..", "%2F", "a:b", "$aws", "x=y;z"),
    );
    const query = fc.dictionary(
      fc.string({ unit: "grapheme", maxLength: 8 }),
      fc.string({ unit: "grapheme", maxLength: 12 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(segment), query, fc.string({ unit: "binary" }), async (segments, parameters, body) => {
        const pairs = Object.fromEntries(Object.entries(parameters).filter(([name]) => !/^x-amz-/i.test(name)));
        const request = await sign(room.root, { method: "POST", path: `/${segments.join("/")}`, query: pairs, body });
        expect(await message(request)).toBe("accepted");
      }),
      { numRuns: 300 },
    );
  });

  test("a signature covers every part", async () => {
    const request = await sign(room.root, {
      method: "POST",
      path: "/things/a",
      query: { a: "1" },
      headers: { host: "localhost", "x-amz-target": "T.X", "content-type": "application/json" },
      body: "body",
    });
    expect(await outcome(request)).toBe("accepted");
    const changed: Partial<SignedRequest>[] = [
      { method: "PUT" },
      { rawPath: "/things/b" },
      { rawPath: "/things/a/" },
      { rawQuery: "a=2" },
      { rawQuery: "a=1&b=" },
      { body: Buffer.from("Body") },
      { headers: { ...request.headers, host: "localhost:1" } },
      { headers: { ...request.headers, "x-amz-target": "T.Y" } },
      { headers: { ...request.headers, "content-type": "text/plain" } },
      { headers: { ...request.headers, "x-amz-extra": "1" } },
      {
        headers: {
          ...request.headers,
          authorization: request.headers["authorization"]?.replace(/.$/, (c) => (c === "0" ? "1" : "0")) ?? "",
        },
      },
    ];
    for (const change of changed) expect(await outcome({ ...request, ...change })).toBe("InvalidSignatureException");
    const headers = { ...request.headers };
    delete (headers as Record<string, string>)["content-type"];
    expect(await outcome({ ...request, headers })).toBe("InvalidSignatureException");
    expect(await message({ ...request, method: "PUT" })).toMatch(/^The request signature we calculated does not match/);
  });

  test("a declared payload hash must be the body's; unsigned payloads are S3's", async () => {
    const headers = { host: "localhost", "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    expect(await outcome(await sign(room.root, { method: "POST", headers, body: "x" }))).toBe(
      "InvalidSignatureException",
    );
    const zeros = { host: "localhost", "x-amz-content-sha256": "0".repeat(64) };
    expect(await outcome(await sign(room.root, { method: "POST", headers: zeros, body: "x" }))).toBe(
      "InvalidSignatureException",
    );
  });

  test.each([
    [-5 * MINUTE, "accepted"],
    [-5 * MINUTE - 1000, "InvalidSignatureException"],
    [5 * MINUTE, "accepted"],
    [5 * MINUTE + 1000, "InvalidSignatureException"],
  ])("a clock that is off by %d ms: %s", async (offset, expected) => {
    const request = await sign(room.root, {}, { now: Date.UTC(2026, 0, 1, 12) + offset });
    expect(await outcome({ ...request, now: Date.UTC(2026, 0, 1, 12) })).toBe(expected);
  });

  test("are for the account's region; global services may be signed for us-east-1", async () => {
    const request = await sign(room.root, {}, { region: "eu-west-1" });
    expect(await message(request)).toBe("Credential should be scoped to a valid region, not 'eu-west-1'.");
    const other = await room.auth.createAccount({ region: "eu-central-1" });
    expect(await outcome(await sign(other, {}, { region: "eu-central-1" }))).toBe("accepted");
    expect(await outcome(await sign(other, {}, { region: "us-east-1" }))).toBe("InvalidSignatureException");
    expect(await outcome(await sign(other, {}, { region: "us-east-1", service: "iam" }))).toBe("accepted");
  });

  test("the date of the scope is the date of the request", async () => {
    const request = await sign(room.root, {});
    const authorization = request.headers["authorization"]?.replace("/20260101/", "/20260102/") ?? "";
    expect(await message({ ...request, headers: { ...request.headers, authorization } })).toMatch(
      /^Date in Credential scope/,
    );
  });

  test("the host must be signed", async () => {
    const request = await sign(room.root, {});
    const authorization = request.headers["authorization"]?.replace("host;", "") ?? "";
    expect(await message({ ...request, headers: { ...request.headers, authorization } })).toBe(
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    );
  });

  test("an unknown key, another's token, a key of another secret", async () => {
    const unknown = { accessKeyId: "AKIAAAAAAAAAAAAAAAAA", secretAccessKey: room.root.secretAccessKey };
    expect(await outcome(await sign(unknown, {}))).toBe("UnrecognizedClientException");
    expect(await outcome(await sign({ ...room.root, sessionToken: "bm90aGluZw==" }, {}))).toBe(
      "UnrecognizedClientException",
    );
    expect(await outcome(await sign({ ...room.root, secretAccessKey: "x".repeat(40) }, {}))).toBe(
      "InvalidSignatureException",
    );
  });

  test("no signature, half a signature, nonsense", async () => {
    const request = await sign(room.root, {});
    const withAuthorization = (authorization: string) =>
      outcome({ ...request, headers: { ...request.headers, authorization } });
    expect(await outcome({ ...request, headers: { host: "localhost" } })).toBe("MissingAuthenticationTokenException");
    const valid = request.headers["authorization"] as string;
    for (const broken of [
      "",
      "Bearer x",
      "AWS4-HMAC-SHA256",
      "AWS4-HMAC-SHA256 ",
      valid.replace(/Signature=.*/, ""),
      valid.replace(/Signature=/, "Signature=zz"),
      valid.replace(/Credential=[^,]*,/, ""),
      valid.replace("/aws4_request", ""),
      valid.replace("SignedHeaders=", "SignedHeaders=Host;"),
      `${valid}, Signature=${"0".repeat(64)}`,
      `${valid}${" ".repeat(10_000)}`,
    ]) {
      expect([broken, await withAuthorization(broken)]).toEqual([broken, "IncompleteSignatureException"]);
    }
    const { "x-amz-date": _date, ...undated } = request.headers;
    expect(await outcome({ ...request, headers: undated })).toBe("IncompleteSignatureException");
  });

  test("any authorization header is answered", async () => {
    const request = await sign(room.root, {});
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.boolean(), async (text, prefixed) => {
        const authorization = prefixed ? `AWS4-HMAC-SHA256 ${text}` : text;
        const result = await outcome({ ...request, headers: { ...request.headers, authorization } });
        expect(result).toBe("IncompleteSignatureException");
      }),
    );
  });

  test("refusals do not repeat the secret", async () => {
    const request = await sign(room.root, {});
    for (const change of [{ method: "PUT" }, { now: request.now + 10 * MINUTE }, { rawQuery: "x=y" }]) {
      expect(await message({ ...request, ...change })).not.toContain(room.root.secretAccessKey);
    }
  });
});

describe("presigned URLs", () => {
  test("are accepted for as long as they say", async () => {
    const request = await presign(
      room.root,
      { path: "/things/a%20b", query: { x: "ü 1" } },
      { service: "iot", expiresIn: 900 },
    );
    expect(await outcome(request)).toBe("accepted");
    expect(await outcome({ ...request, now: request.now + 15 * MINUTE })).toBe("accepted");
    expect(await outcome({ ...request, now: request.now + 15 * MINUTE + 1 })).toBe("InvalidSignatureException");
    expect(await outcome({ ...request, now: request.now - 5 * MINUTE - 1000 })).toBe("InvalidSignatureException");
  });

  test("cover the query", async () => {
    const request = await presign(room.root, { query: { x: "1" } });
    expect(await outcome({ ...request, rawQuery: request.rawQuery.replace("x=1", "x=2") })).toBe(
      "InvalidSignatureException",
    );
    expect(await outcome({ ...request, rawQuery: request.rawQuery.replace("Expires=900", "Expires=9000") })).toBe(
      "InvalidSignatureException",
    );
    expect(await outcome({ ...request, rawQuery: request.rawQuery.replace("Expires=900", "Expires=9000000") })).toBe(
      "IncompleteSignatureException",
    );
    expect(await outcome({ ...request, rawQuery: `${request.rawQuery}&X-Amz-Date=20260101T000000Z` })).toBe(
      "IncompleteSignatureException",
    );
  });

  test("need all their parameters", async () => {
    const request = await presign(room.root, {});
    for (const name of [
      "X-Amz-Algorithm",
      "X-Amz-Credential",
      "X-Amz-Date",
      "X-Amz-SignedHeaders",
      "X-Amz-Signature",
    ]) {
      const rawQuery = request.rawQuery
        .split("&")
        .filter((pair) => !pair.startsWith(`${name}=`))
        .join("&");
      expect([name, await outcome({ ...request, rawQuery })]).toEqual([name, "IncompleteSignatureException"]);
    }
  });

  /** As the device SDKs sign for WebSockets (reference 1.2). */
  function signWebSocket(host: string): string {
    const query = [
      "X-Amz-Algorithm=AWS4-HMAC-SHA256",
      `X-Amz-Credential=${room.root.accessKeyId}%2F20260101%2F${REGION}%2Fiotdevicegateway%2Faws4_request`,
      "X-Amz-Date=20260101T000000Z",
      "X-Amz-Expires=86400",
      "X-Amz-SignedHeaders=host",
    ].join("&");
    const hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const canonical = `GET\n/mqtt\n${query}\nhost:${host}\n\nhost\n${hash}`;
    const digest = createHash("sha256").update(canonical).digest("hex");
    const text = `AWS4-HMAC-SHA256\n20260101T000000Z\n20260101/${REGION}/iotdevicegateway/aws4_request\n${digest}`;
    const key = ["20260101", REGION, "iotdevicegateway", "aws4_request"].reduce<string | Buffer>(
      (previous, part) => createHmac("sha256", previous).update(part).digest(),
      `AWS4${room.root.secretAccessKey}`,
    );
    return `${query}&X-Amz-Signature=${createHmac("sha256", key).update(text).digest("hex")}`;
  }

  const webSocket = (rawQuery: string, host: string): SignedRequest => ({
    method: "GET",
    rawPath: "/mqtt",
    rawQuery,
    headers: { host },
    body: new Uint8Array(),
    sourceIp: "127.0.0.1",
    now: Date.UTC(2026, 0, 1),
  });

  test.each([
    ["localhost:8443", "localhost"],
    ["localhost", "localhost:443"],
    ["localhost:443", "localhost"],
    ["localhost:8443", "localhost:8443"],
  ])("a WebSocket to %s may be signed for host %s", async (received, signed) => {
    expect(await outcome(webSocket(signWebSocket(signed), received))).toBe("accepted");
    expect(await outcome(webSocket(signWebSocket("elsewhere"), received))).toBe("InvalidSignatureException");
  });
});
