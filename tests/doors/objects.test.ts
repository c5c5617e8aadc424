import { spawnSync } from "node:child_process";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import * as s3 from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { FakeClock } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { createS3Objects } from "@hearth/stand-ins";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Credentials } from "../kit/platform.ts";
import { allow, type Door, openDoor, policy } from "./door.ts";
import { presign, send, sign } from "./wire.ts";

let door: Door;
let root: s3.S3Client;
const opened: s3.S3Client[] = [];

const client = ({ accessKeyId, secretAccessKey, sessionToken }: Credentials): s3.S3Client => {
  const made = new s3.S3Client({
    endpoint: door.file.apiEndpoint,
    region: door.file.region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    maxAttempts: 1,
  });
  opened.push(made);
  return made;
};

beforeAll(async () => {
  door = await openDoor();
  root = client(door.file);
  await root.send(new s3.CreateBucketCommand({ Bucket: "firmware" }));
});
afterAll(async () => {
  for (const one of opened) one.destroy();
  await door.stop();
});

/** Name and status of what was refused. */
async function refusal(promise: Promise<unknown>): Promise<[string, number]> {
  const error = await promise.then(
    (output) => Promise.reject(new Error(`was not refused: ${JSON.stringify(output)}`)),
    (thrown: { name: string; $metadata?: { httpStatusCode: number } }) => thrown,
  );
  if (!error.$metadata) throw error;
  return [error.name, error.$metadata.httpStatusCode];
}

const put = (Key: string, Body: string | Uint8Array, more: Partial<s3.PutObjectCommandInput> = {}, as = root) =>
  as.send(new s3.PutObjectCommand({ Bucket: "firmware", Key, Body, ...more }));
const get = (Key: string, more: Partial<s3.GetObjectCommandInput> = {}, as = root) =>
  as.send(new s3.GetObjectCommand({ Bucket: "firmware", Key, ...more }));
const textOf = async ({ Body }: s3.GetObjectCommandOutput) => (await Body?.transformToString()) ?? "";

describe("objects", () => {
  test("come back with what was said of them", async () => {
    const Body = randomBytes(300_000);
    const written = await put("a/b ü+%2F.bin", Body, {
      ContentType: "application/x-firmware",
      CacheControl: "max-age=60",
      Metadata: { board: "esp32" },
      ContentMD5: createHash("md5").update(Body).digest("base64"),
    });
    expect(written.ETag).toBe(`"${createHash("md5").update(Body).digest("hex")}"`);
    const answer = await get("a/b ü+%2F.bin");
    expect(answer).toMatchObject({
      ContentLength: 300_000,
      ContentType: "application/x-firmware",
      CacheControl: "max-age=60",
      Metadata: { board: "esp32" },
      ETag: written.ETag,
      ChecksumCRC32: written.ChecksumCRC32,
    });
    expect(Buffer.compare((await answer.Body?.transformToByteArray()) ?? Buffer.alloc(0), Body)).toBe(0);
    const head = await root.send(new s3.HeadObjectCommand({ Bucket: "firmware", Key: "a/b ü+%2F.bin" }));
    expect(head).toMatchObject({ ContentLength: 300_000, Metadata: { board: "esp32" } });
    const { Body: part, ContentRange, $metadata } = await get("a/b ü+%2F.bin", { Range: "bytes=65530-131080" });
    expect([ContentRange, $metadata.httpStatusCode]).toEqual(["bytes 65530-131080/300000", 206]);
    expect(
      Buffer.compare((await part?.transformToByteArray()) ?? Buffer.alloc(0), Body.subarray(65_530, 131_081)),
    ).toBe(0);
    expect((await get("a/b ü+%2F.bin", { Range: "bytes=-2" })).ContentLength).toBe(2);
  });

  test("of no bytes, and of a stream whose length nobody says, are objects", async () => {
    await put("empty", "");
    expect(await textOf(await get("empty"))).toBe("");
    const Body = Readable.from([Buffer.from("one "), Buffer.from("two")]);
    await root.send(new s3.PutObjectCommand({ Bucket: "firmware", Key: "stream", Body, ContentLength: 7 }));
    expect(await textOf(await get("stream"))).toBe("one two");
  });

  test.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)("are checked by %s", async (algorithm) => {
    if (algorithm !== "CRC64NVME") {
      const written = await put("checked", "123456789", { ChecksumAlgorithm: algorithm });
      const value = written[`Checksum${algorithm}`];
      expect(value).toBeTypeOf("string");
      const answer = await get("checked", { ChecksumMode: "ENABLED" });
      expect(answer[`Checksum${algorithm}`]).toBe(value);
      expect(await textOf(answer)).toBe("123456789");
    }
    // The check values that the algorithms' descriptions give for these nine digits.
    const known = {
      CRC32: "y/Q5Jg==",
      CRC32C: "4waSgw==",
      CRC64NVME: "rosUhgp5mIg=",
      SHA1: "98O8HYCOBHMq32eZZczDTKeuNEE=",
      SHA256: "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
    }[algorithm];
    const right = await put("checked", "123456789", { [`Checksum${algorithm}`]: known });
    expect(right[`Checksum${algorithm}`]).toBe(known);
    expect(await refusal(put("checked", "12345678", { [`Checksum${algorithm}`]: known }))).toEqual(["BadDigest", 400]);
    const another = { [algorithm === "SHA1" ? "ChecksumSHA256" : "ChecksumSHA1"]: known };
    const two = { [`Checksum${algorithm}`]: known, ...another };
    expect(await refusal(put("checked", "123456789", two))).toEqual(["InvalidRequest", 400]);
  });

  test("answer conditions", async () => {
    const { ETag } = await put("conditional", "x");
    expect(await refusal(get("conditional", { IfMatch: '"other"' }))).toEqual(["PreconditionFailed", 412]);
    expect((await refusal(get("conditional", { IfNoneMatch: ETag })))[1]).toBe(304);
    expect(await refusal(put("conditional", "y", { IfNoneMatch: "*" }))).toEqual(["PreconditionFailed", 412]);
    expect(await refusal(get("conditional", { Range: "bytes=9-" }))).toEqual(["InvalidRange", 416]);
    await put("conditional", "y", { IfMatch: ETag });
    expect(await textOf(await get("conditional"))).toBe("y");
  });

  test("are copied with or without what was said of them, and deleted one by one or together", async () => {
    await put("source", "text", { Metadata: { a: "1" }, ContentType: "text/x" });
    const copy = (Key: string, more: Partial<s3.CopyObjectCommandInput> = {}) =>
      root.send(new s3.CopyObjectCommand({ Bucket: "firmware", Key, CopySource: "firmware/source", ...more }));
    expect((await copy("copy")).CopyObjectResult?.ETag).toBe(`"${createHash("md5").update("text").digest("hex")}"`);
    expect(await get("copy")).toMatchObject({ Metadata: { a: "1" }, ContentType: "text/x" });
    await copy("copy", { MetadataDirective: "REPLACE", Metadata: { b: "2" } });
    expect((await get("copy")).Metadata).toEqual({ b: "2" });
    expect(await refusal(copy("source"))).toEqual(["InvalidRequest", 400]);
    await root.send(new s3.DeleteObjectCommand({ Bucket: "firmware", Key: "copy" }));
    expect(await refusal(get("copy"))).toEqual(["NoSuchKey", 404]);
    const Delete = { Objects: [{ Key: "source" }, { Key: "never there" }] };
    const { Deleted } = await root.send(new s3.DeleteObjectsCommand({ Bucket: "firmware", Delete }));
    expect(Deleted).toEqual(Delete.Objects);
    expect((await refusal(root.send(new s3.HeadObjectCommand({ Bucket: "firmware", Key: "source" }))))[1]).toBe(404);
  });

  test("leave no file behind them, and are sealed in theirs", async () => {
    await root.send(new s3.CreateBucketCommand({ Bucket: "files" }));
    const files = () =>
      readdirSync(join(door.dataDir, "objects"), { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
        .length;
    const before = files();
    const place = { Bucket: "files", Key: "k" };
    for (const Body of ["first", "second"]) await root.send(new s3.PutObjectCommand({ ...place, Body }));
    expect(files()).toBe(before + 1);
    expect(
      await refusal(
        root.send(new s3.PutObjectCommand({ ...place, Body: "x", ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" })),
      ),
    ).toEqual(["BadDigest", 400]);
    await root.send(new s3.DeleteObjectCommand(place));
    expect(files()).toBe(before);
    await root.send(new s3.DeleteBucketCommand({ Bucket: "files" }));
  });
});

/** A small file system where bodies lie, which only root may mount; false where it may not. */
function mountSmall(directory: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=128k", "hearth-test", directory]).status === 0;
}

test("a full disk refuses what has no room in words that lead on, and keeps nothing of it", async (context) => {
  const directory = join(door.dataDir, "objects");
  if (!mountSmall(directory)) {
    process.stderr.write("SKIPPED: a full disk, since no file system may be mounted here\n");
    return context.skip();
  }
  try {
    await put("small", "fits");
    const error = await put("full", randomBytes(300_000)).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: "ServiceUnavailable", message: expect.stringMatching(/no room left.*delete/) });
    expect(await refusal(get("full"))).toEqual(["NoSuchKey", 404]);
    expect(await refusal(put("small", randomBytes(300_000)))).toEqual(["ServiceUnavailable", 503]);
    expect(await textOf(await get("small"))).toBe("fits");
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    expect(files).toHaveLength(1);
    await root.send(new s3.DeleteObjectCommand({ Bucket: "firmware", Key: "small" }));
  } finally {
    spawnSync("umount", ["-l", directory]);
  }
});

describe("buckets", () => {
  test("are made, listed, found and removed", async () => {
    await root.send(new s3.CreateBucketCommand({ Bucket: "made-here" }));
    expect(await refusal(root.send(new s3.CreateBucketCommand({ Bucket: "made-here" })))).toEqual([
      "BucketAlreadyOwnedByYou",
      409,
    ]);
    expect(await refusal(root.send(new s3.CreateBucketCommand({ Bucket: "Not_a_name" })))).toEqual([
      "InvalidBucketName",
      400,
    ]);
    const { Buckets } = await root.send(new s3.ListBucketsCommand({ Prefix: "made" }));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["made-here"]);
    expect(await root.send(new s3.HeadBucketCommand({ Bucket: "made-here" }))).toMatchObject({
      BucketRegion: door.file.region,
    });
    expect(
      (await root.send(new s3.GetBucketLocationCommand({ Bucket: "made-here" }))).LocationConstraint,
    ).toBeUndefined();
    await root.send(new s3.PutObjectCommand({ Bucket: "made-here", Key: "k", Body: "" }));
    expect(await refusal(root.send(new s3.DeleteBucketCommand({ Bucket: "made-here" })))).toEqual([
      "BucketNotEmpty",
      409,
    ]);
    await root.send(new s3.DeleteObjectCommand({ Bucket: "made-here", Key: "k" }));
    await root.send(new s3.DeleteBucketCommand({ Bucket: "made-here" }));
    expect((await refusal(root.send(new s3.HeadBucketCommand({ Bucket: "made-here" }))))[1]).toBe(404);
    const gone = { Bucket: "made-here" };
    expect(await refusal(root.send(new s3.ListObjectsV2Command(gone)))).toEqual(["NoSuchBucket", 404]);
    expect(await refusal(root.send(new s3.ListObjectsCommand(gone)))).toEqual(["NoSuchBucket", 404]);
  });

  test("list keys by prefix and delimiter, page by page, in the order of their bytes", async () => {
    const Bucket = "listing";
    await root.send(new s3.CreateBucketCommand({ Bucket }));
    const keys = ["a/1", "a/2", "a/b/3", "b", "c/1", "c/2", "d", "z\u{1f600}", "z\uff71", "é <&>"];
    await Promise.all(keys.map((Key) => root.send(new s3.PutObjectCommand({ Bucket, Key, Body: "x" }))));
    const all: string[] = [];
    for await (const page of s3.paginateListObjectsV2({ client: root, pageSize: 3 }, { Bucket })) {
      all.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
    }
    expect(all).toEqual(keys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))));
    const folders: string[] = [];
    for await (const page of s3.paginateListObjectsV2({ client: root, pageSize: 2 }, { Bucket, Delimiter: "/" })) {
      folders.push(
        ...(page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix),
        ...(page.Contents ?? []).map(({ Key = "" }) => Key),
      );
    }
    expect(folders.toSorted()).toEqual(["a/", "b", "c/", "d", "z\u{1f600}", "z\uff71", "é <&>"].toSorted());
    const inside = await root.send(
      new s3.ListObjectsV2Command({ Bucket, Prefix: "a/", Delimiter: "/", EncodingType: "url" }),
    );
    expect(inside).toMatchObject({ KeyCount: 3, CommonPrefixes: [{ Prefix: "a/b/" }] });
    const first = await root.send(new s3.ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 1 }));
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: "a/" });
    const second = await root.send(new s3.ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 1, Marker: "a/" }));
    expect(second.Contents?.[0]?.Key).toBe("b");
  });

  test("keep versions", async () => {
    const Bucket = "versions";
    await root.send(new s3.CreateBucketCommand({ Bucket }));
    const write = async (Body: string) =>
      (await root.send(new s3.PutObjectCommand({ Bucket, Key: "k", Body }))).VersionId;
    const read = async (VersionId?: string) =>
      textOf(await root.send(new s3.GetObjectCommand({ Bucket, Key: "k", VersionId })));
    expect(await write("before")).toBeUndefined();
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await root.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    expect((await root.send(new s3.GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
    const one = await write("one");
    const two = await write("two");
    expect([await read(), await read(one), await read("null")]).toEqual(["two", "one", "before"]);
    const { VersionId: marker, DeleteMarker } = await root.send(new s3.DeleteObjectCommand({ Bucket, Key: "k" }));
    expect(DeleteMarker).toBe(true);
    expect(await refusal(root.send(new s3.GetObjectCommand({ Bucket, Key: "k" })))).toEqual(["NoSuchKey", 404]);
    const listed = await root.send(new s3.ListObjectVersionsCommand({ Bucket }));
    expect(listed.Versions?.map(({ VersionId }) => VersionId)).toEqual([two, one, "null"]);
    expect(listed.DeleteMarkers).toMatchObject([{ VersionId: marker, IsLatest: true }]);
    await root.send(new s3.DeleteObjectCommand({ Bucket, Key: "k", VersionId: marker }));
    expect(await read()).toBe("two");
    await root.send(new s3.DeleteObjectCommand({ Bucket, Key: "k", VersionId: two }));
    expect(await read()).toBe("one");
    expect(await refusal(root.send(new s3.GetObjectCommand({ Bucket, Key: "k", VersionId: two })))).toEqual([
      "NoSuchVersion",
      404,
    ]);
  });
});

test("an upload in parts becomes one object", async () => {
  const place = { Bucket: "firmware", Key: "large" };
  const begun = await root.send(
    new s3.CreateMultipartUploadCommand({ ...place, ContentType: "x/y", ChecksumAlgorithm: "SHA256" }),
  );
  const { UploadId } = begun;
  const parts = [randomBytes(5 * 1024 * 1024), randomBytes(1_000)];
  const Parts: s3.CompletedPart[] = [];
  for (const [index, Body] of parts.entries()) {
    const PartNumber = index + 1;
    const part = { ...place, UploadId, PartNumber };
    if (index === 0)
      await root.send(new s3.UploadPartCommand({ ...part, Body: "replaced", ChecksumAlgorithm: "SHA256" }));
    const { ETag, ChecksumSHA256 } = await root.send(
      new s3.UploadPartCommand({ ...part, Body, ChecksumAlgorithm: "SHA256" }),
    );
    Parts.push({ PartNumber, ETag, ChecksumSHA256 });
  }
  expect((await root.send(new s3.ListPartsCommand({ ...place, UploadId, MaxParts: 1 }))).NextPartNumberMarker).toBe(
    "1",
  );
  expect((await root.send(new s3.ListMultipartUploadsCommand({ Bucket: "firmware" }))).Uploads).toMatchObject([
    { UploadId },
  ]);
  const complete = (parts: s3.CompletedPart[]) =>
    root.send(new s3.CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts: parts } }));
  expect(await refusal(complete(Parts.toReversed()))).toEqual(["InvalidPartOrder", 400]);
  expect(await refusal(complete([{ PartNumber: 3, ETag: "x" }]))).toEqual(["InvalidPart", 400]);
  const { ETag, ChecksumSHA256 } = await complete(Parts);
  const md5 = createHash("md5");
  for (const part of parts) md5.update(createHash("md5").update(part).digest());
  expect(ETag).toBe(`"${md5.digest("hex")}-2"`);
  expect(ChecksumSHA256).toMatch(/=-2$/);
  const whole = Buffer.concat(parts);
  const answer = await get("large");
  expect(answer.ContentType).toBe("x/y");
  expect(Buffer.compare((await answer.Body?.transformToByteArray()) ?? Buffer.alloc(0), whole)).toBe(0);
  const over = await get("large", { Range: `bytes=${5 * 1024 * 1024 - 3}-${5 * 1024 * 1024 + 2}` });
  expect(Buffer.from((await over.Body?.transformToByteArray()) ?? [])).toEqual(
    whole.subarray(5 * 1024 * 1024 - 3, 5 * 1024 * 1024 + 3),
  );
  expect((await get("large", { PartNumber: 2 })).ContentLength).toBe(1_000);
  expect(await refusal(complete(Parts))).toEqual(["NoSuchUpload", 404]);

  const other = await root.send(new s3.CreateMultipartUploadCommand({ Bucket: "firmware", Key: "copied" }));
  const target = { Bucket: "firmware", Key: "copied", UploadId: other.UploadId };
  const copy = { ...target, PartNumber: 1, CopySource: "firmware/large", CopySourceRange: "bytes=0-9" };
  expect((await root.send(new s3.UploadPartCopyCommand(copy))).CopyPartResult?.ETag).toBeDefined();
  await root.send(new s3.AbortMultipartUploadCommand(target));
  expect(await refusal(root.send(new s3.ListPartsCommand(target)))).toEqual(["NoSuchUpload", 404]);
  expect(await refusal(root.send(new s3.AbortMultipartUploadCommand(target)))).toEqual(["NoSuchUpload", 404]);
});

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
  store.close();
});
