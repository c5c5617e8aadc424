import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import * as s3 from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ObjectsDoor, openObjectsDoor, refusal, textOf } from "./objects-door.ts";

let objects: ObjectsDoor;
let door: ObjectsDoor["door"];
let root: ObjectsDoor["root"];
let put: ObjectsDoor["put"];
let get: ObjectsDoor["get"];
beforeAll(async () => {
  objects = await openObjectsDoor();
  ({ door, root, put, get } = objects);
});
afterAll(() => objects.stop());

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
    const why = "no file system may be mounted here";
    process.stderr.write(`SKIPPED: a full disk: ${why}\n`);
    return context.skip(why);
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
