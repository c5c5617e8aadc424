import * as s3 from "@aws-sdk/client-s3";
import type { Credentials } from "../kit/platform.ts";
import { type Door, openDoor } from "./door.ts";

export type ObjectsDoor = Awaited<ReturnType<typeof openObjectsDoor>>;

/** A platform of its own with the bucket `firmware`, and AWS's client for it. */
export async function openObjectsDoor() {
  const door: Door = await openDoor();
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
  const root = client(door.file);
  await root.send(new s3.CreateBucketCommand({ Bucket: "firmware" }));

  return {
    ...{ door, root, client },
    put: (Key: string, Body: string | Uint8Array, more: Partial<s3.PutObjectCommandInput> = {}, as = root) =>
      as.send(new s3.PutObjectCommand({ Bucket: "firmware", Key, Body, ...more })),
    get: (Key: string, more: Partial<s3.GetObjectCommandInput> = {}, as = root) =>
      as.send(new s3.GetObjectCommand({ Bucket: "firmware", Key, ...more })),
    async stop(): Promise<void> {
      for (const one of opened) one.destroy();
      await door.stop();
    },
  };
}

/** Name and status of what was refused. */
export async function refusal(promise: Promise<unknown>): Promise<[string, number]> {
  const error = await promise.then(
    (output) => Promise.reject(new Error(`was not refused: ${JSON.stringify(output)}`)),
    (thrown: { name: string; $metadata?: { httpStatusCode: number } }) => thrown,
  );
  if (!error.$metadata) throw error;
  return [error.name, error.$metadata.httpStatusCode];
}

export const textOf = async ({ Body }: s3.GetObjectCommandOutput) => (await Body?.transformToString()) ?? "";
