import type { Database, Sealer } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import { type OperationTable, type ResourcePolicy, type S3Operations, ServiceError } from "@hearth/contract";
import { compilePolicies, evaluate, type PolicyContext, parsePolicy } from "@hearth/policy";
import { createBodyFiles } from "./body-files.ts";
import { bucketOperations, bucketPolicy } from "./bucket-operations.ts";
import { bodyChecks } from "./checksums.ts";
import { listOperations } from "./list-operations.ts";
import { multipartOperations } from "./multipart-operations.ts";
import { LARGEST_OBJECT, noSuchBucket, objectArn } from "./object.ts";
import type { ObjectAccess, ObjectCaller, ObjectName } from "./object-access.ts";
import { checked, objectOperations } from "./object-operations.ts";
import { createObjectStore, type ObjectVersion } from "./object-store.ts";
import { createPlacing } from "./placing.ts";
import { createReading } from "./reading.ts";

/** A role in the hands of a service. */
export interface ObjectRole {
  /** Throws `AccessDeniedException`. */
  authorize(action: string, resource: string, context: PolicyContext, owned?: ResourcePolicy): Promise<void>;
  /** A URL for GET that is signed by the role; `path` and `query` as they stand in it. */
  presign(path: string, query: readonly (readonly [string, string])[], seconds: number): string;
}

/** Throws `AccessDeniedException` where the role does not trust the service. */
export type AssumeObjectRole = (caller: ObjectCaller & { roleArn: string }) => Promise<ObjectRole>;

export interface Objects {
  /** For the API door, service `s3`. */
  operations: OperationTable<S3Operations>;
  /** For rooms above. */
  access: ObjectAccess;
  /** Removes what a crash has left of bodies; before anything else is asked of the objects. */
  start(): Promise<void>;
}

/** Seconds. */
export const LONGEST_PRESIGNED = 604_800;

/** Simple Storage Service, as far as firmware, documents and audit records need it. */
export function createObjects(deps: {
  database: Pick<Database, "query" | "commit">;
  sealer: Pick<Sealer, "seal" | "open" | "openText">;
  clock: Clock;
  log: Logger;
  /** Where bodies lie. */
  directory: string;
  fsync: boolean;
  assumeRole: AssumeObjectRole;
}): Objects {
  const { clock, assumeRole } = deps;
  const store = createObjectStore(deps);
  const files = createBodyFiles(deps);
  const placing = createPlacing({ store, files, clock });
  const reading = createReading({ store, files });
  const all = { store, files, placing, reading, clock };

  return {
    operations: {
      ...bucketOperations(all),
      ...listOperations(all),
      ...objectOperations(all),
      ...multipartOperations(all),
    },
    access: {
      async head(object, caller) {
        return headOf(await readable(object, caller));
      },
      async read(object, caller, range) {
        const version = await readable(object, caller);
        if (range && (range.first < 0 || range.first > range.last || range.last >= version.size)) {
          throw new ServiceError("InvalidRange", "The requested range is not satisfiable");
        }
        return { ...headOf(version), body: await reading.bytes(version, range) };
      },
      async presign(object, caller, seconds) {
        if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_PRESIGNED) {
          throw new ServiceError("InvalidArgument", "A presigned URL is good for 1 to 604,800 seconds.");
        }
        const role = await roleOf(caller);
        const path = `/${encoded(object.bucket)}/${object.key.split("/").map(encoded).join("/")}`;
        return role.presign(path, object.versionId === undefined ? [] : [["versionId", object.versionId]], seconds);
      },
      checkWrite: permitWrite,
      async write({ bucket, key }, caller, body, headers = {}) {
        await permitWrite({ bucket, key }, caller);
        const checks = bodyChecks({});
        const stored = await files.write(body instanceof Uint8Array ? once(body) : body, LARGEST_OBJECT, checks.tap);
        const placed = await checked(files, stored.id, () => {
          const etag = `"${checks.done().md5}"`;
          const made = { key, size: stored.size, etag, headers };
          return placing.placeBody(bucket, made, { ...stored, ordinal: 1, etag, modifiedAt: 0 });
        });
        return { etag: placed.etag, ...(placed.versioning && { versionId: placed.version }) };
      },
    },
    start: () => files.sweep(store.known),
  };

  /** Services give what they write to the bucket's owner, as AWS's do. */
  function permitWrite(object: ObjectName, caller: ObjectCaller): Promise<void> {
    return permit("s3:PutObject", object, caller, { "s3:x-amz-acl": "bucket-owner-full-control" });
  }

  async function readable(object: ObjectName, caller: ObjectCaller): Promise<ObjectVersion> {
    await permit(object.versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion", object, caller, {});
    return reading.find(object.bucket, object.key, object.versionId);
  }

  async function roleOf(caller: ObjectCaller & { roleArn: string }): Promise<ObjectRole> {
    return assumeRole(caller).catch((error: unknown) => Promise.reject(inWordsOfS3(error)));
  }

  /** Asks the role that was given, or the bucket's policy for the service itself. Throws `NoSuchBucket`, `AccessDenied`. */
  async function permit(action: string, object: ObjectName, caller: ObjectCaller, more: Record<string, string>) {
    const owned = await bucketPolicy(store)({ Bucket: object.bucket });
    if (!owned) throw noSuchBucket(object.bucket);
    const resource = objectArn(object.bucket, object.key);
    const { roleArn } = caller;
    if (roleArn !== undefined) {
      const role = await roleOf({ ...caller, roleArn });
      await role.authorize(action, resource, more, owned).catch((error) => Promise.reject(inWordsOfS3(error)));
      return;
    }
    const reason =
      owned.document === undefined
        ? "the bucket has no policy"
        : byPolicy(owned.document, action, resource, caller, more);
    if (reason === undefined) return;
    throw new ServiceError(
      "AccessDenied",
      `${caller.service} is not authorized to perform ${action} on ${resource}: ${reason}`,
    );
  }
}

/** Why the bucket's policy does not let a service do something; undefined: it does. */
function byPolicy(
  document: string,
  action: string,
  resource: string,
  { service, accountId, sourceArn }: ObjectCaller,
  more: Record<string, string>,
): string | undefined {
  const policies = compilePolicies([
    { name: "bucket policy", document: parsePolicy(document, "resource", document.length) },
  ]);
  const decision = evaluate(policies, {
    action,
    resource,
    context: {
      ...more,
      "aws:SourceAccount": accountId,
      "aws:SourceArn": sourceArn,
      "aws:PrincipalIsAWSService": "true",
      "aws:PrincipalServiceName": service,
      "aws:SecureTransport": "true",
    },
    principal: { type: "Service", name: service },
  });
  return decision.effect === "allow" ? undefined : decision.reason;
}

const inWordsOfS3 = (error: unknown): unknown =>
  error instanceof ServiceError && error.name === "AccessDeniedException"
    ? new ServiceError("AccessDenied", error.message)
    : error;

const headOf = ({ size, etag, version, modifiedAt, headers }: ObjectVersion) => ({
  size,
  etag,
  modifiedAt,
  ...(version !== "null" && { versionId: version }),
  ...(headers.contentType !== undefined && { contentType: headers.contentType }),
});

/** RFC 3986: everything but unreserved characters is escaped. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
