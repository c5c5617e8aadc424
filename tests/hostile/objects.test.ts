import { createHmac } from "node:crypto";
import { request } from "node:http";
import * as s3 from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Door, openDoor } from "../doors/door.ts";

let door: Door;
let root: s3.S3Client;
beforeAll(async () => {
  door = await openDoor();
  root = new s3.S3Client({
    ...{ endpoint: door.file.apiEndpoint, region: door.file.region, credentials: door.file, maxAttempts: 1 },
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  for (const Bucket of ["shared", "private"]) await root.send(new s3.CreateBucketCommand({ Bucket }));
  await root.send(new s3.PutObjectCommand({ Bucket: "shared", Key: "report", Body: "for everybody" }));
  await root.send(new s3.PutObjectCommand({ Bucket: "private", Key: "shared/report", Body: "for nobody" }));
});
afterAll(async () => {
  root.destroy();
  await door.stop();
});

/** As it goes over the wire, whatever fetch would forbid. */
const raw = (
  url: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
) =>
  new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const sent = request(url, { method, headers }, async (answer) => {
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part as Buffer);
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() });
    });
    sent.on("error", reject);
    sent.end();
  });

/** The older form of a presigned URL, as boto3 makes it. */
function olderUrl(method: string, path: string): string {
  const expires = Math.floor(Date.now() / 1000) + 60;
  const text = `${method}\n\n\n${expires}\n${path}`;
  const signature = createHmac("sha1", door.file.secretAccessKey).update(text).digest("base64");
  const query = new URLSearchParams({
    AWSAccessKeyId: door.file.accessKeyId,
    Expires: `${expires}`,
    Signature: signature,
  });
  return `${door.file.apiEndpoint}${path}?${query}`;
}

describe("whoever was given a presigned URL", () => {
  test("of the older form asks nothing else by parameters that nobody signed", async () => {
    const url = olderUrl("GET", "/shared/report");
    expect(await raw(url)).toMatchObject({ status: 200, body: "for everybody" });
    for (const more of ["attributes", "legal-hold", "retention", "x-id=ListParts", "encryption", "list-type=2"]) {
      expect([more, (await raw(`${url}&${more}`)).status]).toEqual([more, 403]);
    }
    const listing = olderUrl("GET", "/private");
    expect((await raw(`${listing}&prefix=shared`)).status).toBe(403);
  });

  test("of the older form gets no other bucket by another host's name", async () => {
    const { port } = new URL(door.file.apiEndpoint);
    for (const host of [`private.localhost:${port}`, "private.s3.hearth.example"]) {
      const answer = await raw(olderUrl("GET", "/shared/report"), { headers: { host } });
      expect([host, answer.status]).toEqual([host, 403]);
    }
    // What was signed for that bucket may come by its own host.
    const url = olderUrl("GET", "/private/shared/report").replace("/private/shared", "/shared");
    const own = await raw(url, { headers: { host: `private.localhost:${port}` } });
    expect(own).toMatchObject({ status: 200, body: "for nobody" });
  });

  test("adds no header that would make another request of it, and none to the answer", async () => {
    const upload = await getSignedUrl(root, new s3.PutObjectCommand({ Bucket: "shared", Key: "new" }), {
      expiresIn: 60,
    });
    const headers = { "x-amz-copy-source": "/private/shared/report" };
    expect((await raw(upload, { method: "PUT", headers })).status).toBe(403);
    const split = new s3.GetObjectCommand({
      ...{ Bucket: "shared", Key: "report", ResponseContentType: "text/x\r\nset-cookie: a=b" },
    });
    const answer = await raw(await getSignedUrl(root, split, { expiresIn: 60 }));
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(answer.status).toBe(400);
  });
});
