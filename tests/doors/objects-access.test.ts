import { createHash, createHmac } from "node:crypto";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import * as s3 from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { FakeClock } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { createS3Objects } from "@hearth/stand-ins";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allow, openDoor, policy } from "./door.ts";
import { type ObjectsDoor, openObjectsDoor, refusal, textOf } from "./objects-door.ts";
import { presign, send, sign } from "./wire.ts";

let objects: ObjectsDoor;
let door: ObjectsDoor["door"];
let root: ObjectsDoor["root"];
let client: ObjectsDoor["client"];
let put: ObjectsDoor["put"];
let get: ObjectsDoor["get"];
beforeAll(async () => {
  objects = await openObjectsDoor();
  ({ door, root, client, put, get } = objects);
});
afterAll(() => objects.stop());

test("a bucket is found by a host of its own as by the path", async () => {
  const { apiEndpoint, region } = door.file;
  await put("by-host/k", "the same");
  const signing = { credentials: door.file, region, service: "s3" };
  for (const host of ["firmware.s3.hearth.example", "firmware.localhost"]) {
    const { port } = new URL(apiEndpoint);
    const plain = { method: "GET", path: "/by-host/k", headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } };
    // What is signed is that host; where it is sent, a name server would say.
    const signed = await presign(`http://${host}:${port}`, plain, signing, 60);
    const answer = await send(apiEndpoint, { ...signed, headers: { ...signed.headers, host: `${host}:${port}` } });
    expect([answer.status, answer.text], host).toEqual([200, "the same"]);
    const other = { ...signed.headers, host: `other.s3.hearth.example:${port}` };
    expect((await send(apiEndpoint, { ...signed, headers: other })).error).toBe("SignatureDoesNotMatch");
  }
});

describe("chunks that are signed one by one", () => {
  const hex = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
  const hmac = (key: string | Uint8Array, text: string) => createHmac("sha256", key).update(text).digest();
  /** AWS: "Signature calculations for the Authorization header: transferring payload in multiple chunks". */
  function chunkSigner(secret: string, timestamp: string, region: string, seed: string) {
    const day = timestamp.slice(0, 8);
    const key = [day, region, "s3", "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${secret}`);
    const scope = `${day}/${region}/s3/aws4_request`;
    let previous = seed;
    const next = (kind: string, ...hashes: string[]) => {
      previous = hmac(key, [`AWS4-HMAC-SHA256-${kind}`, timestamp, scope, previous, ...hashes].join("\n")).toString(
        "hex",
      );
      return previous;
    };
    return {
      chunk: (bytes: Uint8Array) => next("PAYLOAD", hex(""), hex(bytes)),
      trailer: (lines: string) => next("TRAILER", hex(lines)),
    };
  }

  test("have the signatures of AWS's example", () => {
    const seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    const signer = chunkSigner("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524T000000Z", "us-east-1", seed);
    expect([65_536, 1_024, 0].map((size) => signer.chunk(Buffer.alloc(size, "a")))).toEqual([
      "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
      "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
      "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ]);
  });

  const CHUNKS = [Buffer.alloc(65_536, "a"), Buffer.alloc(1_024, "b"), Buffer.alloc(0)];
  const CRC = crc32(Buffer.concat(CHUNKS));

  /** `spoil` changes a part of the body after it was signed: chunks' bytes, then the trailer's line. */
  async function upload(path: string, trailing: boolean, spoil: (parts: Buffer[]) => void = () => {}) {
    const { apiEndpoint, region, secretAccessKey } = door.file;
    const kind = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailing ? "-TRAILER" : ""}`;
    const headers: Record<string, string> = {
      "x-amz-content-sha256": kind,
      "x-amz-decoded-content-length": String(66_560),
      "content-encoding": "aws-chunked",
      ...(trailing && { "x-amz-trailer": "x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm": "CRC32" }),
    };
    const plain = { method: "PUT", path, headers };
    const signed = await sign(apiEndpoint, plain, { credentials: door.file, region, service: "s3" });
    const seed = /Signature=([0-9a-f]{64})/.exec(signed.headers["authorization"] ?? "")?.[1] ?? "";
    const signer = chunkSigner(secretAccessKey, signed.headers["x-amz-date"] ?? "", region, seed);
    const value = Buffer.alloc(4);
    value.writeUInt32BE(CRC);
    const parts = [...CHUNKS, Buffer.from(`x-amz-checksum-crc32:${value.toString("base64")}`)].map((part) =>
      Buffer.from(part),
    );
    const signatures = CHUNKS.map((bytes) => signer.chunk(bytes));
    const ofTrailer = signer.trailer(`${parts[3]}\n`);
    spoil(parts);
    const body = CHUNKS.flatMap(({ length }, index) => [
      Buffer.from(`${length.toString(16)};chunk-signature=${signatures[index]}\r\n`),
      ...(length > 0 ? [parts[index]!, Buffer.from("\r\n")] : []),
    ]);
    body.push(Buffer.from(trailing ? `${parts[3]}\r\nx-amz-trailer-signature:${ofTrailer}\r\n\r\n` : "\r\n"));
    return send(apiEndpoint, { ...signed, body: Buffer.concat(body) });
  }

  test.each([false, true])("are taken as they were signed, and not otherwise (trailer: %s)", async (trailing) => {
    expect(await upload("/firmware/chunked", trailing)).toMatchObject({ status: 200 });
    const { Body, ContentEncoding } = await get("chunked");
    expect(ContentEncoding).toBeUndefined();
    expect(Buffer.compare((await Body?.transformToByteArray()) ?? Buffer.alloc(0), Buffer.concat(CHUNKS))).toBe(0);
    for (const index of trailing ? [0, 1, 3] : [0, 1]) {
      const spoiled = await upload("/firmware/tampered", trailing, (parts) => {
        const part = parts[index]!;
        part[part.length - 3]! ^= 1;
      });
      expect([spoiled.status, spoiled.error], `part ${index}`).toEqual([403, "SignatureDoesNotMatch"]);
    }
    expect(await refusal(get("tampered"))).toEqual(["NoSuchKey", 404]);
  });
});

describe("who may", () => {
  const Bucket = "shared";
  const setPolicy = (...statements: object[]) =>
    root.send(new s3.PutBucketPolicyCommand({ Bucket, Policy: policy(...statements) }));
  const read = (as: s3.S3Client) => as.send(new s3.GetObjectCommand({ Bucket, Key: "k" }));
  const ofBucket = (Effect: string, Principal: unknown, Action: string, Resource = `arn:aws:s3:::${Bucket}/*`) => ({
    ...{ Effect, Principal, Action, Resource },
  });

  test("is said by the caller's policies and the bucket's", async () => {
    await root.send(new s3.CreateBucketCommand({ Bucket }));
    await root.send(new s3.PutObjectCommand({ Bucket, Key: "k", Body: "shared" }));
    const nobody = client(await door.user("nobody"));
    const reader = client(await door.user("reader", [allow("s3:GetObject", `arn:aws:s3:::${Bucket}/*`)]));
    const userArn = (name: string) => `arn:aws:iam::${door.file.accountId}:user/${name}`;
    expect(await refusal(read(nobody))).toEqual(["AccessDenied", 403]);
    expect(await textOf(await read(reader))).toBe("shared");
    // Who may not list is not told what is missing.
    expect(await refusal(reader.send(new s3.GetObjectCommand({ Bucket, Key: "none" })))).toEqual(["AccessDenied", 403]);
    expect(await refusal(root.send(new s3.GetBucketPolicyCommand({ Bucket })))).toEqual(["NoSuchBucketPolicy", 404]);
    await setPolicy(ofBucket("Allow", { AWS: userArn("nobody") }, "s3:GetObject"));
    expect(await textOf(await read(nobody))).toBe("shared");
    expect((await root.send(new s3.GetBucketPolicyCommand({ Bucket }))).Policy).toContain(userArn("nobody"));
    // To name the account leaves it to the account.
    await setPolicy(ofBucket("Allow", { AWS: door.file.accountId }, "s3:GetObject"));
    expect(await refusal(read(nobody))).toEqual(["AccessDenied", 403]);
    await setPolicy(
      ofBucket("Deny", "*", "s3:GetObject"),
      ofBucket("Deny", "*", "s3:*Policy", `arn:aws:s3:::${Bucket}`),
    );
    expect(await refusal(read(reader))).toEqual(["AccessDenied", 403]);
    expect(await refusal(read(root))).toEqual(["AccessDenied", 403]);
    // Else nobody could ever put it right.
    await root.send(new s3.DeleteBucketPolicyCommand({ Bucket }));
    expect(await refusal(setPolicy(ofBucket("Allow", "*", "s3:GetObject", "arn:aws:s3:::other/*")))).toEqual([
      "MalformedPolicy",
      400,
    ]);
  });

  test("from another account only both may say", async () => {
    const made = await door.root.hearth.send("CreateAccount", {});
    const other = client({ accessKeyId: made.AccessKey.AccessKeyId, secretAccessKey: made.AccessKey.SecretAccessKey });
    expect(await refusal(read(other))).toEqual(["AccessDenied", 403]);
    await setPolicy(ofBucket("Allow", { AWS: made.AccountId }, "s3:GetObject"));
    expect(await textOf(await read(other))).toBe("shared");
    expect(await refusal(other.send(new s3.PutObjectCommand({ Bucket, Key: "k", Body: "" })))).toEqual([
      "AccessDenied",
      403,
    ]);
    expect(await refusal(other.send(new s3.CreateBucketCommand({ Bucket })))).toEqual(["BucketAlreadyExists", 409]);
  });
});

describe("presigned URLs", () => {
  test("let anybody read and write until they end", async () => {
    const clock = new FakeClock(Date.UTC(2026, 0, 1));
    const timed = await openDoor({ clock });
    const { apiEndpoint: endpoint, region } = timed.file;
    const signer = new s3.S3Client({
      endpoint,
      region,
      credentials: timed.file,
      // Else it puts the checksum of no bytes into the URL.
      requestChecksumCalculation: "WHEN_REQUIRED",
      systemClockOffset: clock.now() - Date.now(),
    });
    await signer.send(new s3.CreateBucketCommand({ Bucket: "bbb" }));
    const signingDate = new Date(clock.now());
    const upload = await getSignedUrl(signer, new s3.PutObjectCommand({ Bucket: "bbb", Key: "a b/ü" }), {
      expiresIn: 60,
      signingDate,
    });
    expect((await fetch(upload, { method: "PUT", body: "presigned" })).status).toBe(200);
    const download = await getSignedUrl(signer, new s3.GetObjectCommand({ Bucket: "bbb", Key: "a b/ü" }), {
      expiresIn: 60,
      signingDate,
    });
    const answer = await fetch(download);
    expect([answer.status, await answer.text()]).toEqual([200, "presigned"]);
    expect((await fetch(download, { method: "PUT", body: "x" })).status).toBe(403);
    expect((await fetch(download.replace("Signature=", "Signature=0"))).status).toBe(400);
    clock.advance(61_000);
    const late = await fetch(download);
    expect([late.status, await late.text()]).toEqual([
      403,
      expect.stringContaining("<Message>Request has expired</Message>"),
    ]);
    signer.destroy();
    await timed.stop();
  });
});

test("services read and write a store that speaks S3, this one for example", async () => {
  const { apiEndpoint: endpoint, region } = door.file;
  const refused: string[] = [];
  const store = createS3Objects({
    client: { endpoint, region, credentials: door.file, maxAttempts: 1 },
    assumeRole: async ({ roleArn }) => ({
      async authorize(action) {
        refused.push(action);
        if (roleArn !== "role") throw new ServiceError("AccessDeniedException", "it may not");
      },
      presign: () => "",
    }),
  });
  const caller = { service: "iot.amazonaws.com", accountId: door.file.accountId, sourceArn: "*", roleArn: "role" };
  const place = { bucket: "firmware", key: "by service" };
  await store.checkWrite(place, caller);
  const { etag } = await store.write(place, caller, Buffer.from("0123456789"), { contentType: "text/x" });
  expect(await store.head(place, caller)).toMatchObject({ size: 10, etag, contentType: "text/x" });
  const { body, size } = await store.read(place, caller, { first: 2, last: 4 });
  expect([size, Buffer.concat(await Readable.from(body).toArray()).toString()]).toEqual([10, "234"]);
  await expect(store.read({ ...place, key: "none" }, caller)).rejects.toMatchObject({ name: "NoSuchKey" });
  await expect(store.checkWrite({ ...place, bucket: "none-such" }, caller)).rejects.toMatchObject({
    name: "NoSuchBucket",
  });
  await expect(store.head(place, { ...caller, roleArn: "other" })).rejects.toMatchObject({ name: "AccessDenied" });
  const url = await store.presign(place, caller, 60);
  expect(url.startsWith(`${endpoint}/firmware/by%20service?`)).toBe(true);
  expect(await (await fetch(url, { headers: { range: "bytes=7-" } })).text()).toBe("789");
  expect((await fetch(url.replace("by%20service", "lamp"))).status).toBe(403);
  await expect(store.presign(place, { ...caller, roleArn: "other" }, 60)).rejects.toMatchObject({
    name: "AccessDenied",
  });
  await expect(store.presign(place, caller, 604_801)).rejects.toMatchObject({ name: "InvalidArgument" });
  store.close();
});
