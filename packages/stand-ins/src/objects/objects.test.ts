import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createSealer, openSqlite, type SqliteDatabase } from "@hearth/backplane";
import { FakeClock, silentLogger } from "@hearth/base";
import { type RequestContext, ServiceError } from "@hearth/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrations } from "../migrations.ts";
import type { ObjectCaller } from "./object-access.ts";
import { createObjects, type Objects } from "./objects.ts";

const ACCOUNT = "000000000000";
const request = { accountId: ACCOUNT, region: "us-east-1", now: 0 } as RequestContext;
const caller: ObjectCaller = {
  service: "iot.amazonaws.com",
  accountId: ACCOUNT,
  sourceArn: "arn:aws:iot:us-east-1::job/j",
};
const root = mkdtempSync(join(tmpdir(), "hearth-objects-"));
const directory = join(root, "objects");

let database: SqliteDatabase;
let objects: Objects;
beforeAll(async () => {
  database = await openSqlite({ file: join(root, "hearth.db"), migrations, log: silentLogger });
  objects = createObjects({
    ...{ database, directory, log: silentLogger, fsync: true, clock: new FakeClock() },
    sealer: createSealer(new Uint8Array(32).fill(7)),
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
afterAll(async () => {
  await database.close();
  rmSync(root, { recursive: true, force: true });
});

const setPolicy = (statement: object) =>
  objects.operations.PutBucketPolicy?.handle(
    { Bucket: "bucket", Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }) },
    request,
  );
const place = { bucket: "bucket", key: "a/b c" };
const text = async (body: AsyncIterable<Uint8Array>) => Buffer.concat(await Readable.from(body).toArray()).toString();
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

test("a body that breaks off leaves nothing", async () => {
  const before = files().length;
  async function* broken() {
    yield Buffer.alloc(200_000);
    throw new Error("the client is gone");
  }
  const role = { ...caller, roleArn: "role" };
  await expect(objects.access.write({ ...place, key: "broken" }, role, broken())).rejects.toThrow("the client is gone");
  await expect(objects.access.head({ ...place, key: "broken" }, role)).rejects.toMatchObject({ name: "NoSuchKey" });
  expect(files()).toHaveLength(before);
});
