import { Readable } from "node:stream";
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { type ResourcePolicy, ServiceError } from "@hearth/contract";
import { objectArn } from "./object.ts";
import type { ObjectAccess, ObjectCaller, ObjectHead, ObjectName } from "./object-access.ts";
import { type AssumeObjectRole, LONGEST_PRESIGNED } from "./objects.ts";

type Sdk = typeof import("@aws-sdk/client-s3");

/**
 * Objects of a store elsewhere that speaks S3, by the environment's AWS settings (credentials, AWS_ENDPOINT_URL_S3). What
 * an account's role may is asked here, what the store's own policies say the store; a service that comes without a role is
 * whoever the environment's credentials are, and URLs are signed by these: the role is asked when a URL is made, not when
 * it is used. Loaded with the first use.
 */
export function createS3Objects(deps: {
  assumeRole: AssumeObjectRole;
  /** In place of the environment's. */
  client?: S3ClientConfig;
}): ObjectAccess & { close(): void } {
  let opened: Promise<{ sdk: Sdk; client: S3Client }> | undefined;
  const open = () => {
    opened ??= import("@aws-sdk/client-s3").then((sdk) => ({ sdk, client: new sdk.S3Client(deps.client ?? {}) }));
    return opened;
  };

  /** The bucket is another's: the role's own policies decide here as they would there. */
  async function permit(action: string, { bucket, key }: ObjectName, caller: ObjectCaller): Promise<void> {
    const { roleArn } = caller;
    if (roleArn === undefined) return;
    try {
      const role = await deps.assumeRole({ ...caller, roleArn });
      const owned: ResourcePolicy = { accountId: caller.accountId, kind: "bucket" };
      await role.authorize(action, objectArn(bucket, key), {}, owned);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.name !== "AccessDeniedException") throw error;
      throw new ServiceError("AccessDenied", error.message);
    }
  }
  const reading = ({ versionId }: ObjectName): string =>
    versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion";

  return {
    async head(object, caller) {
      await permit(reading(object), object, caller);
      const { sdk, client } = await open();
      return headOf(await client.send(new sdk.HeadObjectCommand(placeOf(object))).catch(told));
    },
    async read(object, caller, range) {
      await permit(reading(object), object, caller);
      const { sdk, client } = await open();
      const Range = range && `bytes=${range.first}-${range.last}`;
      const answer = await client.send(new sdk.GetObjectCommand({ ...placeOf(object), Range })).catch(told);
      const whole = /\/(\d+)$/.exec(answer.ContentRange ?? "")?.[1];
      const head = headOf(answer);
      return {
        ...head,
        size: whole === undefined ? head.size : Number(whole),
        body: answer.Body as unknown as AsyncIterable<Uint8Array>,
      };
    },
    async presign(object, caller, seconds) {
      if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_PRESIGNED) {
        throw new ServiceError("InvalidArgument", "A presigned URL is good for 1 to 604,800 seconds.");
      }
      await permit(reading(object), object, caller);
      const { sdk, client } = await open();
      const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
      return getSignedUrl(client, new sdk.GetObjectCommand(placeOf(object)), { expiresIn: seconds });
    },
    async checkWrite(object, caller) {
      await permit("s3:PutObject", object, caller);
      const { sdk, client } = await open();
      await client.send(new sdk.HeadBucketCommand({ Bucket: object.bucket })).catch((error: unknown) => {
        const missing = nameOf(error) === "NotFound";
        return missing ? Promise.reject(new ServiceError("NoSuchBucket", "The bucket does not exist")) : told(error);
      });
    },
    async write(object, caller, body, headers = {}) {
      await permit("s3:PutObject", object, caller);
      const { sdk, client } = await open();
      // Its length must be known before it is sent, and what services write is small.
      const Body = body instanceof Uint8Array ? body : Buffer.concat(await Readable.from(body).toArray());
      const { contentType: ContentType, contentEncoding: ContentEncoding } = headers;
      const put = new sdk.PutObjectCommand({
        ...placeOf(object),
        Body,
        ...(ContentType !== undefined && { ContentType }),
        ...(ContentEncoding !== undefined && { ContentEncoding }),
      });
      const { ETag = "", VersionId } = await client.send(put).catch(told);
      return { etag: ETag, ...(VersionId !== undefined && { versionId: VersionId }) };
    },
    close() {
      void opened?.then(({ client }) => client.destroy());
    },
  };
}

const placeOf = ({ bucket, key, versionId }: ObjectName) => ({
  ...{ Bucket: bucket, Key: key },
  ...(versionId !== undefined && { VersionId: versionId }),
});

const headOf = (answer: {
  ContentLength?: number | undefined;
  ETag?: string | undefined;
  LastModified?: Date | undefined;
  VersionId?: string | undefined;
  ContentType?: string | undefined;
}): ObjectHead => ({
  size: answer.ContentLength ?? 0,
  etag: answer.ETag ?? "",
  modifiedAt: answer.LastModified?.getTime() ?? 0,
  ...(answer.VersionId !== undefined && { versionId: answer.VersionId }),
  ...(answer.ContentType !== undefined && { contentType: answer.ContentType }),
});

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");

/** What the store refuses, as the traits say it; a store that is away stays what it is. */
function told(error: unknown): never {
  const names: Readonly<Record<string, string>> = {
    NotFound: "NoSuchKey",
    Forbidden: "AccessDenied",
    "403": "AccessDenied",
  };
  const name = names[nameOf(error)] ?? nameOf(error);
  if (!["NoSuchKey", "NoSuchBucket", "NoSuchVersion", "AccessDenied", "InvalidRange"].includes(name)) throw error;
  throw new ServiceError(name, `The store of objects says: ${(error as Error).message}`);
}
