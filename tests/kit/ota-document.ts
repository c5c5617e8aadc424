import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Credentials } from "./platform.ts";

const SERVICE = "iotmanagedintegrations.amazonaws.com";

/** What lets the platform read what OTA tasks of an account name (managed-integrations reference 12), under `prefix`. */
export const otaMayRead = (
  bucket: string,
  prefix: string,
  { accountId, region }: { accountId: string; region: string },
) => ({
  Effect: "Allow",
  Principal: { Service: SERVICE },
  Action: "s3:GetObject",
  Resource: `arn:aws:s3:::${bucket}/${prefix}*`,
  Condition: {
    StringEquals: { "aws:SourceAccount": accountId },
    ArnLike: { "aws:SourceArn": `arn:aws:iotmanagedintegrations:${region}:${accountId}:ota-task/*` },
  },
});

/** A bucket of job documents; close it at the end. */
export function openDocuments(file: Credentials & { apiEndpoint: string; region: string }, Bucket: string) {
  const { accessKeyId, secretAccessKey } = file;
  const client = new S3Client({
    endpoint: file.apiEndpoint,
    region: file.region,
    credentials: { accessKeyId, secretAccessKey },
  });
  return {
    create: () => client.send(new CreateBucketCommand({ Bucket })),
    allow: (...Statement: readonly object[]) =>
      client.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement }) })),
    put: (Key: string, document: object) =>
      client.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(document) })),
    close: () => client.destroy(),
  };
}

/** A document that an account's OTA tasks may name: its `S3Url`. */
export async function makeOtaDocument(
  file: Credentials & { apiEndpoint: string; region: string; accountId: string },
  bucket: string,
  document: object = { operation: "firmware" },
): Promise<string> {
  const documents = openDocuments(file, bucket);
  await documents.create();
  await documents.allow(otaMayRead(bucket, "", file));
  await documents.put("job.json", document);
  documents.close();
  return `s3://${bucket}/job.json`;
}
