import type { Auth } from "@hearth/auth";
import { type OperationTable, type RequestContext, type S3Operations, ServiceError } from "@hearth/contract";
import type { JobObjects, ObjectName } from "@hearth/iot";
import type { ObjectAccess } from "@hearth/stand-ins";

const SERVICE = "iot.amazonaws.com";

/** Objects for jobs, streams and OTA updates. `operations`: absent where the store is elsewhere. */
export function jobObjects(deps: {
  access: () => ObjectAccess;
  operations: () => OperationTable<S3Operations> | undefined;
  auth: () => Pick<Auth, "assumeRoleForService">;
  /** By which devices reach this installation: an address there names an object too. */
  origin: () => string;
}): JobObjects {
  /** The store does not know the caller: his own policies decide here, as those of a role do. */
  async function readElsewhere(request: RequestContext, object: ObjectName, limit: number): Promise<Uint8Array> {
    const { accountId, region } = request;
    const action = object.versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion";
    const owned = { accountId, kind: "bucket" };
    await request.authorize(action, `arn:aws:s3:::${object.bucket}/${object.key}`, {}, owned);
    const reader = { service: SERVICE, accountId, sourceArn: `arn:aws:iot:${region}:${accountId}:*` };
    return collect((await deps.access().read(object, reader)).body, limit);
  }

  return {
    locate: (url) => locateObject(url, deps.origin()),

    async readAs(request, object, limit) {
      const get = deps.operations()?.GetObject;
      if (get === undefined) return readElsewhere(request, object, limit);
      const input = {
        Bucket: object.bucket,
        Key: object.key,
        ...(object.versionId ? { VersionId: object.versionId } : {}),
      };
      const asked: RequestContext = { ...request, service: "s3", operation: "GetObject" };
      const owned = await get.resourcePolicy?.(input, asked);
      const [resource = "*"] = (await get.resources?.(input, asked)) ?? [];
      const action = typeof get.action === "function" ? get.action(input) : (get.action ?? "s3:GetObject");
      await request.authorize(action, resource, {}, owned);
      const { Body, ContentLength = 0 } = await get.handle(input, asked);
      if (ContentLength > limit) throw new ServiceError("EntityTooLarge", `The object has more than ${limit} bytes`);
      return collect(Body as AsyncIterable<Uint8Array> | Uint8Array, limit);
    },

    head: (object, reader) => deps.access().head(object, reader),
    read: async (object, reader, range) => (await deps.access().read(object, reader, range)).body,
    presign: (object, reader, seconds) => deps.access().presign(object, reader, seconds),

    async checkRole(request, roleArn) {
      await request.authorize("iam:PassRole", roleArn, { "iam:PassedToService": SERVICE });
      try {
        await deps.auth().assumeRoleForService({
          roleArn,
          service: SERVICE,
          sourceAccount: request.accountId,
          sourceArn: `arn:aws:iot:${request.region}:${request.accountId}:*`,
        });
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        throw new ServiceError(
          "InvalidRequestException",
          `The role ${roleArn} cannot be assumed by ${SERVICE}: ${error.message}`,
        );
      }
    },
  };
}

async function collect(body: AsyncIterable<Uint8Array> | Uint8Array, limit: number): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw new ServiceError("EntityTooLarge", `The object has more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * The object that an address names: `s3://bucket/key`, AWS's path and virtual-hosted styles with or without a region, or
 * this installation's own; `?versionId=` names a version.
 */
export function locateObject(address: string, origin: string): ObjectName | undefined {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return undefined;
  }
  const path = url.pathname.slice(1);
  const [, hosted] = /^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com$/.exec(url.host) ?? [];
  const isPath = /^s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com$/.test(url.host) || url.origin === origin;
  const slash = path.indexOf("/");
  const [bucket, key] =
    url.protocol === "s3:"
      ? [url.host, path]
      : url.protocol !== "https:" && url.origin !== origin
        ? []
        : hosted !== undefined
          ? [hosted, path]
          : isPath && slash > 0
            ? [path.slice(0, slash), path.slice(slash + 1)]
            : [];
  if (!bucket || !key) return undefined;
  const versionId = url.searchParams.get("versionId") ?? undefined;
  try {
    return { bucket, key: decodeURIComponent(key), ...(versionId === undefined ? {} : { versionId }) };
  } catch {
    return undefined;
  }
}
