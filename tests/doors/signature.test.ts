import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Credentials } from "../kit/platform.ts";
import { allow, type Clients, type Door, openDoor } from "./door.ts";
import { presign, type Signing, send, sign, type WireAnswer, type WireRequest } from "./wire.ts";

const MINUTE = 60_000;

let door: Door;
let endpoint: string;
let root: Signing;
beforeAll(async () => {
  door = await openDoor();
  endpoint = door.file.apiEndpoint;
  root = { credentials: door.file, region: door.file.region, service: "iotmanagedintegrations" };
});
afterAll(() => door.stop());

const listing: WireRequest = { method: "GET", path: "/managed-things?MaxResults=5", headers: { "x-amz-note": "n" } };
const creating: WireRequest = {
  method: "POST",
  path: "/managed-things",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: "SN:signed;UPC:123456789012",
  }),
};

const at = (offset: number): { signingDate: Date } => ({ signingDate: new Date(Date.now() + offset) });

const signedAndSent = async (plain: WireRequest, signing: Signing): Promise<WireAnswer> =>
  send(endpoint, await sign(endpoint, plain, signing));

const withAuthorization = (signed: WireRequest, change: (authorization: string) => string): WireRequest => ({
  ...signed,
  headers: { ...signed.headers, authorization: change(signed.headers["authorization"] ?? "") },
});

/** One byte of the signature's hex another one. */
const flipped = (authorization: string): string => authorization.replace(/.$/, (last) => (last === "0" ? "1" : "0"));

describe("row 2: a header's signature", () => {
  test("opens the door", async () => {
    expect(await signedAndSent(listing, root)).toMatchObject({ status: 200, error: undefined });
    expect(await signedAndSent(creating, root)).toMatchObject({ status: 201 });
  });

  const spoiled: readonly [what: string, change: (signed: WireRequest) => WireRequest, request: WireRequest][] = [
    ["the body", (signed) => ({ ...signed, body: String(signed.body).replace("SN:s", "SN:t") }), creating],
    ["the path", (signed) => ({ ...signed, path: "/destinations" }), creating],
    ["the query", (signed) => ({ ...signed, path: signed.path.replace("=5", "=6") }), listing],
    ["an added parameter", (signed) => ({ ...signed, path: `${signed.path}&RoleFilter=DEVICE` }), listing],
    ["the method", (signed) => ({ ...signed, method: "POST" }), listing],
    ["a signed header", (signed) => ({ ...signed, headers: { ...signed.headers, "x-amz-note": "m" } }), listing],
    ["the host", (signed) => ({ ...signed, headers: { ...signed.headers, host: "elsewhere.example" } }), listing],
    ["the date", (signed) => ({ ...signed, headers: { ...signed.headers, "x-amz-date": later(signed) } }), listing],
    ["the signature", (signed) => withAuthorization(signed, flipped), listing],
    ["the scope", (signed) => withAuthorization(signed, (text) => text.replace("/aws4_", "x/aws4_")), listing],
  ];
  const later = (signed: WireRequest): string =>
    String(signed.headers["x-amz-date"]).replace(/\dZ$/, (end) => (end === "0Z" ? "1Z" : "0Z"));

  test.each(spoiled)("does not survive a change of %s", async (_, change, plain) => {
    const signed = await sign(endpoint, plain, root);
    const changed = change(signed);
    expect(changed).not.toEqual(signed);
    expect(await send(endpoint, changed)).toMatchObject({ status: 403, error: "InvalidSignatureException" });
  });

  test.each([
    ["iot", "/things"],
    ["iotdata", "/things/x/shadow"],
    ["iotmanagedintegrations", "/managed-things"],
    ["hearth", "/accounts"],
  ])("made with a wrong secret is refused by %s", async (service, path) => {
    const credentials = { ...door.file, secretAccessKey: `${door.file.secretAccessKey.slice(1)}x` };
    const answer = await signedAndSent({ method: "GET", path, headers: {} }, { ...root, service, credentials });
    expect(answer).toMatchObject({ status: 403, error: "InvalidSignatureException" });
    expect(JSON.parse(answer.text)).toMatchObject({ message: expect.stringContaining("signature") });
  });

  test("made with a wrong secret is refused by the query services in their words", async () => {
    const credentials = { ...door.file, secretAccessKey: "wrong" };
    for (const [service, action, version] of [
      ["sts", "GetCallerIdentity", "2011-06-15"],
      ["iam", "ListUsers", "2010-05-08"],
    ] as const) {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const plain = { method: "POST", path: "/", headers, body: `Action=${action}&Version=${version}` };
      expect(await signedAndSent(plain, { ...root, service, credentials })).toMatchObject({
        status: 403,
        error: "SignatureDoesNotMatch",
      });
      expect(await signedAndSent(plain, { ...root, service })).toMatchObject({ status: 200 });
    }
  });

  test("of a key that nobody has is refused", async () => {
    const credentials = { accessKeyId: "AKIAAAAAAAAAAAAAAAAA", secretAccessKey: "x" };
    expect(await signedAndSent(listing, { ...root, credentials })).toMatchObject({
      status: 403,
      error: "UnrecognizedClientException",
    });
  });

  test.each([
    ["nothing", {}, "MissingAuthenticationTokenException", 403],
    ["another scheme", { authorization: "Bearer x" }, "IncompleteSignatureException", 400],
    ["no credential", { authorization: "AWS4-HMAC-SHA256 Signature=00" }, "IncompleteSignatureException", 400],
    ["an empty scheme", { authorization: "AWS4-HMAC-SHA256 " }, "IncompleteSignatureException", 400],
  ])("that is %s is refused", async (_, headers, error, status) => {
    expect(await send(endpoint, { ...listing, headers: { host: "x", ...headers } })).toMatchObject({ status, error });
  });

  test.each(["SignedHeaders", "Signature"])("without its %s is refused", async (part) => {
    const signed = await sign(endpoint, listing, root);
    const without = withAuthorization(signed, (text) => text.replace(new RegExp(`,?\\s*${part}=[^,]*`), ""));
    expect(await send(endpoint, without)).toMatchObject({ status: 400, error: "IncompleteSignatureException" });
  });

  test.each([
    [-4, 200],
    [4, 200],
    [-6, 403],
    [6, 403],
    [-24 * 60, 403],
  ])("made %i minutes from now is answered %i", async (minutes, status) => {
    const answer = await signedAndSent(listing, { ...root, ...at(minutes * MINUTE) });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.error).toBe("InvalidSignatureException");
  });

  test("for another region is refused", async () => {
    const answer = await signedAndSent(listing, { ...root, region: "eu-central-1" });
    expect(answer).toMatchObject({ status: 403, error: "InvalidSignatureException" });
    expect(answer.text).toContain("region");
  });

  test("for a service that is not served is refused", async () => {
    expect(await signedAndSent(listing, { ...root, service: "dynamodb" })).toMatchObject({
      status: 403,
      error: "InvalidSignatureException",
    });
  });

  test("for another service than the path's finds nothing there", async () => {
    expect(await signedAndSent(listing, { ...root, service: "iot" })).toMatchObject({
      status: 404,
      error: "UnknownOperationException",
    });
  });

  test("that leaves out a header which steers the request is refused", async () => {
    const headers = { "content-type": "application/x-amz-json-1.1" };
    const plain = { method: "POST", path: "/", headers, body: "{}" };
    const signed = await sign(endpoint, plain, { ...root, service: "kinesis" });
    const steered = { ...signed.headers, "x-amz-target": "Kinesis_20131202.ListStreams" };
    expect(await send(endpoint, { ...signed, headers: steered })).toMatchObject({
      status: 403,
      error: "InvalidSignatureException",
    });
  });

  test("with another body's hash is refused", async () => {
    const hash = "0".repeat(64);
    const plain = { ...creating, headers: { ...creating.headers, "x-amz-content-sha256": hash } };
    expect((await signedAndSent(plain, root)).status).toBe(403);
  });
});

describe("a presigned query", () => {
  const plain: WireRequest = { ...listing, headers: {} };

  test("opens the door for its time", async () => {
    expect(await send(endpoint, await presign(endpoint, plain, root, 900))).toMatchObject({ status: 200 });
    const old = await presign(endpoint, plain, { ...root, ...at(-10 * MINUTE) }, 900);
    expect(await send(endpoint, old)).toMatchObject({ status: 200 });
  });

  test("is refused when its time is over", async () => {
    const expired = await presign(endpoint, plain, { ...root, ...at(-10 * MINUTE) }, 300);
    expect(await send(endpoint, expired)).toMatchObject({ status: 403, error: "InvalidSignatureException" });
  });

  test("is refused before its time", async () => {
    const early = await presign(endpoint, plain, { ...root, ...at(6 * MINUTE) }, 900);
    expect(await send(endpoint, early)).toMatchObject({ status: 403, error: "InvalidSignatureException" });
  });

  test("lives a week at most", async () => {
    // The signer makes no such link, so it is stretched: refused for its claim or for its signature.
    const link = await presign(endpoint, plain, root, 900);
    const stretched = { ...link, path: link.path.replace("X-Amz-Expires=900", "X-Amz-Expires=604801") };
    const { status } = await send(endpoint, stretched);
    expect([400, 403]).toContain(status);
  });

  test.each([
    ["MaxResults=5", "MaxResults=6"],
    ["X-Amz-Expires=900", "X-Amz-Expires=901"],
    ["/managed-things", "/destinations"],
    [/X-Amz-Signature=./, "X-Amz-Signature=g"],
  ])("is refused when %s becomes %s", async (from, to) => {
    const signed = await presign(endpoint, plain, root, 900);
    const changed = { ...signed, path: signed.path.replace(from, to) };
    expect(changed.path).not.toBe(signed.path);
    const { status } = await send(endpoint, changed);
    expect([400, 403]).toContain(status);
  });

  test.each(["X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"])(
    "without %s is refused",
    async (name) => {
      const signed = await presign(endpoint, plain, root, 900);
      const without = { ...signed, path: signed.path.replace(new RegExp(`([?&])${name}=[^&]*&?`), "$1") };
      const { status, error } = await send(endpoint, without);
      expect([400, 403]).toContain(status);
      expect(error).toMatch(/^(IncompleteSignature|MissingAuthenticationToken|InvalidSignature)Exception$/);
    },
  );

  test("serves a query service by GET", async () => {
    const identity = { method: "GET", path: "/?Action=GetCallerIdentity&Version=2011-06-15", headers: {} };
    const answer = await send(endpoint, await presign(endpoint, identity, { ...root, service: "sts" }, 60));
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(`<Account>${door.file.accountId}</Account>`);
  });
});

describe("temporary credentials", () => {
  // The root may not assume a role.
  let assumer: Clients;
  beforeAll(async () => {
    assumer = door.as(await door.user("assumer", [allow("sts:AssumeRole")]));
  });

  async function session(name: string): Promise<Credentials> {
    const RoleName = `role-${name}`;
    const trust = { Effect: "Allow", Principal: { AWS: door.file.accountId }, Action: "sts:AssumeRole" };
    await door.root.iam.send("CreateRole", {
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    });
    const RoleArn = `arn:aws:iam::${door.file.accountId}:role/${RoleName}`;
    const { Credentials: given } = await assumer.sts.send("AssumeRole", { RoleArn, RoleSessionName: name });
    if (!given) throw new Error("no credentials");
    return {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      sessionToken: given.SessionToken,
    };
  }

  const asking: WireRequest = { method: "GET", path: "/?Action=GetCallerIdentity&Version=2011-06-15", headers: {} };

  test("need their own token", async () => {
    const [one, other] = [await session("one"), await session("other")];
    const signing = { ...root, service: "sts" };
    expect(await signedAndSent(asking, { ...signing, credentials: one })).toMatchObject({ status: 200 });
    const link = await presign(endpoint, asking, { ...signing, credentials: one }, 60);
    expect(await send(endpoint, link)).toMatchObject({ status: 200 });
    for (const sessionToken of [undefined, other.sessionToken, "rubbish", `${one.sessionToken?.slice(0, -4)}AAAA`]) {
      const { accessKeyId, secretAccessKey } = one;
      const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
      expect(await signedAndSent(asking, { ...signing, credentials })).toMatchObject({
        status: 403,
        error: "InvalidClientTokenId",
      });
    }
  });
});

describe("a user's key", () => {
  test("that is switched off or deleted opens nothing", async () => {
    const key = await door.user("switched");
    const caller = door.as(key).sts;
    const named = { UserName: "switched", AccessKeyId: key.accessKeyId };
    expect(await caller.send("GetCallerIdentity", {})).toMatchObject({ Account: door.file.accountId });
    await door.root.iam.send("UpdateAccessKey", { ...named, Status: "Inactive" });
    await expect(caller.send("GetCallerIdentity", {})).rejects.toMatchObject({ status: 403 });
    await door.root.iam.send("UpdateAccessKey", { ...named, Status: "Active" });
    await caller.send("GetCallerIdentity", {});
    await door.root.iam.send("DeleteAccessKey", named);
    await expect(caller.send("GetCallerIdentity", {})).rejects.toMatchObject({ status: 403 });
  });
});
