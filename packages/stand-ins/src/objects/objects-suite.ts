import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Database, Sealer } from "@hearth/backplane";
import { FakeClock, silentLogger } from "@hearth/base";
import { type RequestContext, type S3, ServiceError } from "@hearth/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ObjectCaller } from "./object-access.ts";
import { createObjects, type Objects } from "./objects.ts";

const ACCOUNT = "000000000000";
const request = { accountId: ACCOUNT, region: "us-east-1", now: 0 } as RequestContext;
const caller: ObjectCaller = {
  service: "iot.amazonaws.com",
  accountId: ACCOUNT,
  sourceArn: "arn:aws:iot:us-east-1::job/j",
};
const place = { bucket: "bucket", key: "a/b c" };
const text = async (body: AsyncIterable<Uint8Array>) => Buffer.concat(await Readable.from(body).toArray()).toString();

/** Objects on a store that is given, their files in a directory of their own. */
export function objectsSuite(store: { database: Database; sealer: Sealer }): void {
  describe("objects", () => {
    let root: string;
    let directory: string;
    let objects: Objects;
    /** Done once, just before an upload in parts becomes an object. */
    let meanwhile: (() => Promise<unknown>) | undefined;
    beforeAll(async () => {
      const database: Pick<Database, "query" | "commit"> = {
        query: store.database.query.bind(store.database) as Database["query"],
        async commit(writes) {
          if (writes.some(({ sql }) => sql.startsWith("UPDATE object_body SET owner"))) {
            const first = meanwhile;
            meanwhile = undefined;
            await first?.();
          }
          return store.database.commit(writes);
        },
      };
      root = mkdtempSync(join(tmpdir(), "hearth-objects-"));
      directory = join(root, "objects");
      objects = createObjects({
        ...store,
        database,
        ...{ directory, log: silentLogger, fsync: true, clock: new FakeClock() },
        async assumeRole({ roleArn }) {
          if (roleArn !== "role") throw new ServiceError("AccessDeniedException", "it trusts somebody else");
          return {
            authorize: async () => {},
            presign: (path, query, seconds) => `${path} ${JSON.stringify(query)} ${seconds}`,
          };
        },
      });
      await objects.start();
      await objects.operations.CreateBucket?.handle({ Bucket: "bucket" }, request);
    });
    afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));

    const setPolicy = (statement: object) =>
      objects.operations.PutBucketPolicy?.handle(
        { Bucket: "bucket", Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }) },
        request,
      );
    const once = async function* (bytes: Uint8Array) {
      yield bytes;
    };
    const put = (Key: string, bytes: Uint8Array, Bucket = "bucket") =>
      objects.operations.PutObject!.handle({ Bucket, Key, Body: once(bytes) }, request);
    const files = () => readdirSync(directory, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());

    test("services come by the bucket's policy, under its conditions, or by a role", async () => {
      const denied = { name: "AccessDenied" };
      await expect(objects.access.write(place, caller, Buffer.from("x"))).rejects.toMatchObject(denied);
      await setPolicy({
        ...{ Effect: "Allow", Principal: { Service: caller.service }, Action: ["s3:PutObject", "s3:GetObject"] },
        ...{ Resource: "arn:aws:s3:::bucket/a/*", Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } } },
      });
      await objects.access.write(place, caller, Buffer.from("0123456789"), { contentType: "text/plain" });
      expect(await objects.access.head(place, caller)).toMatchObject({ size: 10, contentType: "text/plain" });
      expect(await text((await objects.access.read(place, caller, { first: 3, last: 5 })).body)).toBe("345");
      for (const other of [
        { ...caller, service: "lambda.amazonaws.com" },
        { ...caller, accountId: "111111111111" },
        { ...caller, roleArn: "another" },
      ]) {
        await expect(objects.access.head(place, other)).rejects.toMatchObject(denied);
      }
      await expect(objects.access.head({ ...place, key: "elsewhere" }, caller)).rejects.toMatchObject(denied);
      expect((await objects.access.head(place, { ...caller, roleArn: "role" })).size).toBe(10);
      await expect(objects.access.head({ ...place, bucket: "none" }, caller)).rejects.toMatchObject({
        name: "NoSuchBucket",
      });
      const url = await objects.access.presign({ ...place, versionId: "v" }, { ...caller, roleArn: "role" }, 60);
      expect(url).toBe('/bucket/a/b%20c [["versionId","v"]] 60');
    });

    test("a start removes what a crash has left, and nothing else; a changed file does not open", async () => {
      mkdirSync(join(directory, "ff"), { recursive: true });
      writeFileSync(join(directory, "ff", "f".repeat(32)), "left over");
      await objects.start();
      const [file, another] = files();
      expect(another).toBeUndefined();
      const path = join(file!.parentPath, file!.name);
      const sealed = readFileSync(path);
      expect(sealed.includes("0123456789")).toBe(false);
      sealed[0]! ^= 1;
      writeFileSync(path, sealed);
      const { body } = await objects.access.read(place, { ...caller, roleArn: "role" });
      await expect(text(body)).rejects.toThrow(/was changed on the disk/);
    });

    test("an object whose file is missing or cut short is refused before anything is answered", async () => {
      const key = "restored without its file";
      const before = new Set(files().map(({ name }) => name));
      await put(key, Buffer.alloc(100_000, 1));
      const [file] = files().filter(({ name }) => !before.has(name));
      const path = join(file!.parentPath, file!.name);
      const sealed = readFileSync(path);
      for (const spoil of [() => truncateSync(path, sealed.length - 1), () => rmSync(path)]) {
        spoil();
        await expect(
          objects.operations.GetObject!.handle({ Bucket: "bucket", Key: key }, request),
        ).rejects.toMatchObject({
          name: "InternalError",
          message: expect.stringMatching(/is not on the server's disk.*from the backup/),
        });
      }
      writeFileSync(path, sealed);
      const { Body } = await objects.operations.GetObject!.handle({ Bucket: "bucket", Key: key }, request);
      expect(await text(Body as AsyncIterable<Uint8Array>)).toHaveLength(100_000);
    });

    test("versions, folders and parts are kept in the order of their bytes", async () => {
      const { operations } = objects;
      const Bucket = "ordered";
      const keys = ["a/1", "a/2", "b", "z\u{1f600}", "z\uff71"];
      await operations.CreateBucket!.handle({ Bucket }, request);
      for (const key of keys) await put(key, Buffer.from(key), Bucket);
      const folders = await operations.ListObjectsV2!.handle({ Bucket, Delimiter: "/", MaxKeys: 2 }, request);
      expect([folders.CommonPrefixes, folders.Contents?.map(({ Key }) => Key)]).toEqual([[{ Prefix: "a/" }], ["b"]]);
      const { NextContinuationToken: ContinuationToken = "" } = folders;
      const rest = await operations.ListObjectsV2!.handle({ Bucket, Delimiter: "/", ContinuationToken }, request);
      expect(rest.Contents?.map(({ Key }) => Key)).toEqual(["z\uff71", "z\u{1f600}"]);

      const VersioningConfiguration = { Status: "Enabled" } as const;
      await operations.PutBucketVersioning!.handle({ Bucket, VersioningConfiguration }, request);
      const versions = [await put("b", Buffer.from("2"), Bucket), await put("b", Buffer.from("3"), Bucket)];
      await operations.DeleteObject!.handle({ Bucket, Key: "b" }, request);
      const listed = await operations.ListObjectVersions!.handle({ Bucket, Prefix: "b" }, request);
      expect(listed.DeleteMarkers).toMatchObject([{ Key: "b", IsLatest: true }]);
      expect(listed.Versions?.map(({ VersionId }) => VersionId)).toEqual([
        ...versions.map(({ VersionId }) => VersionId).toReversed(),
        "null",
      ]);

      const place = { Bucket, Key: "parts" };
      const { UploadId = "" } = await operations.CreateMultipartUpload!.handle(place, request);
      const Parts: S3.CompletedPart[] = [];
      for (const [PartNumber, bytes] of [
        [10, Buffer.from("last")],
        [2, Buffer.alloc(5 * 1024 * 1024)],
      ] as const) {
        const { ETag } = await operations.UploadPart!.handle(
          { ...place, UploadId, PartNumber, Body: once(bytes) },
          request,
        );
        Parts.unshift({ PartNumber, ETag: ETag! });
      }
      expect((await operations.ListMultipartUploads!.handle({ Bucket }, request)).Uploads).toMatchObject([
        { UploadId },
      ]);
      await operations.CompleteMultipartUpload!.handle({ ...place, UploadId, MultipartUpload: { Parts } }, request);
      const { Body, ContentRange } = await operations.GetObject!.handle({ ...place, Range: "bytes=-5" }, request);
      expect(ContentRange).toBe("bytes 5242879-5242883/5242884");
      expect(await text(Body as AsyncIterable<Uint8Array>)).toBe("\0last");
    });

    test("a part that is replaced, or an upload that is completed, while it is completed is said", async () => {
      const { operations } = objects;
      const upload = { ...place, Key: "raced", Bucket: "bucket" };
      const { UploadId = "" } = await operations.CreateMultipartUpload!.handle(upload, request);
      const part = async (bytes: string) => {
        const Body = once(Buffer.from(bytes));
        return operations.UploadPart!.handle({ ...upload, UploadId, PartNumber: 1, Body }, request);
      };
      const complete = (ETag: string | undefined) => {
        const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: ETag! }] };
        return operations.CompleteMultipartUpload!.handle({ ...upload, UploadId, MultipartUpload }, request);
      };
      const { ETag: first } = await part("first");
      let second: string | undefined;
      meanwhile = async () => {
        second = (await part("of another length")).ETag;
      };
      await expect(complete(first)).rejects.toMatchObject({ name: "InvalidPart" });
      meanwhile = () => complete(second);
      await expect(complete(second)).rejects.toMatchObject({ name: "NoSuchUpload" });
      const { Body, ContentLength } = await operations.GetObject!.handle(upload, request);
      expect([ContentLength, await text(Body as AsyncIterable<Uint8Array>)]).toEqual([17, "of another length"]);
    });

    test("a body that breaks off leaves nothing", async () => {
      const before = files().length;
      async function* broken() {
        yield Buffer.alloc(200_000);
        throw new Error("the client is gone");
      }
      const role = { ...caller, roleArn: "role" };
      await expect(objects.access.write({ ...place, key: "broken" }, role, broken())).rejects.toThrow(
        "the client is gone",
      );
      await expect(objects.access.head({ ...place, key: "broken" }, role)).rejects.toMatchObject({ name: "NoSuchKey" });
      expect(files()).toHaveLength(before);
    });
  });
}
