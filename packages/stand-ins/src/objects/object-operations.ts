import {
  type ByteStream,
  type OperationTable,
  type RequestContext,
  type S3,
  type S3Operations,
  ServiceError,
} from "@hearth/contract";
import type { BodyFiles } from "./body-files.ts";
import { bucketPolicy } from "./bucket-operations.ts";
import { bodyChecks, checksumMembers } from "./checksums.ts";
import {
  bucketArn,
  checkConditions,
  checkMetadata,
  keyBytes,
  LARGEST_OBJECT,
  noSuchBucket,
  objectArn,
  rangeOf,
} from "./object.ts";
import type { ByteRange } from "./object-access.ts";
import type { ObjectHeaders, ObjectStore, ObjectVersion, Part } from "./object-store.ts";
import type { Placing } from "./placing.ts";
import type { Reading } from "./reading.ts";

type Operations = OperationTable<
  Pick<S3Operations, "PutObject" | "GetObject" | "HeadObject" | "DeleteObject" | "DeleteObjects" | "CopyObject">
>;

export interface ObjectDeps {
  store: ObjectStore;
  files: BodyFiles;
  placing: Placing;
  reading: Reading;
}

interface OfObject {
  Bucket: string;
  Key: string;
  ExpectedBucketOwner?: string;
  VersionId?: string;
}

const versioned =
  (action: string) =>
  ({ VersionId }: OfObject) =>
    VersionId === undefined ? action : `${action}Version`;

/** What writes say of an object, and what of it is not built. */
interface Described {
  readonly ACL?: string;
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly ContentType?: string;
  readonly Expires?: unknown;
  readonly Metadata?: Readonly<Record<string, string>>;
  readonly WebsiteRedirectLocation?: string;
  readonly ServerSideEncryption?: string;
  readonly SSECustomerAlgorithm?: string;
  readonly StorageClass?: string;
  readonly Tagging?: string;
  readonly ObjectLockMode?: string;
  readonly ObjectLockLegalHoldStatus?: string;
}

const PRIVATE_ACLS: readonly string[] = ["private", "bucket-owner-read", "bucket-owner-full-control"];

export function headersOf(input: Described): ObjectHeaders {
  const notBuilt = (what: string) =>
    new ServiceError("NotImplementedException", `${what} not built. Leave the header out.`);
  if (input.ACL !== undefined && !PRIVATE_ACLS.includes(input.ACL)) throw notBuilt("Public access control lists are");
  if (input.SSECustomerAlgorithm !== undefined) throw notBuilt("Encryption with a customer's key is");
  if (input.ServerSideEncryption !== undefined && input.ServerSideEncryption !== "AES256") {
    throw notBuilt("Encryption with a key of KMS is");
  }
  if (input.StorageClass !== undefined && input.StorageClass !== "STANDARD")
    throw notBuilt("Other storage classes are");
  if (input.Tagging !== undefined && input.Tagging !== "") throw notBuilt("Tags of objects are");
  if (input.ObjectLockMode !== undefined || input.ObjectLockLegalHoldStatus === "ON") throw notBuilt("Object lock is");
  checkMetadata(input.Metadata);
  const encodings = (input.ContentEncoding ?? "").split(",").map((one) => one.trim());
  const contentEncoding = encodings.filter((one) => one !== "" && one !== "aws-chunked").join(",");
  return {
    contentType: input.ContentType ?? "binary/octet-stream",
    ...(contentEncoding !== "" && { contentEncoding }),
    ...(input.ContentDisposition !== undefined && { contentDisposition: input.ContentDisposition }),
    ...(input.ContentLanguage !== undefined && { contentLanguage: input.ContentLanguage }),
    ...(input.CacheControl !== undefined && { cacheControl: input.CacheControl }),
    ...(input.Expires !== undefined && { expires: String(input.Expires) }),
    ...(input.WebsiteRedirectLocation !== undefined && { websiteRedirect: input.WebsiteRedirectLocation }),
    ...(input.Metadata && Object.keys(input.Metadata).length > 0 && { metadata: { ...input.Metadata } }),
  };
}

/** The condition keys of a write. */
export const writeConditions = ({ ACL }: { ACL?: string }): Record<string, string> =>
  ACL === undefined ? {} : { "s3:x-amz-acl": ACL };

/** Versions are told of in buckets that have them. */
export const versionMember = ({ version, versioning }: { version: string; versioning?: string | undefined }) =>
  versioning === undefined && version === "null" ? {} : { VersionId: version };

export function objectOperations(deps: ObjectDeps): Operations {
  const { store, files, placing, reading } = deps;
  const ofObject = {
    resources: ({ Bucket, Key }: OfObject) => [objectArn(Bucket, Key)],
    resourcePolicy: bucketPolicy(store),
  };

  /** Who may not list a bucket is not told whether a key is in it (AWS: GetObject, Permissions). */
  async function found(input: OfObject, request: RequestContext): Promise<ObjectVersion> {
    const { Bucket, Key, VersionId } = input;
    try {
      await placing.bucketOf(Bucket);
      return await reading.find(Bucket, Key, VersionId);
    } catch (error) {
      if (error instanceof ServiceError && error.name === "NoSuchKey") {
        const policy = await ofObject.resourcePolicy(input);
        await request.authorize("s3:ListBucket", bucketArn(Bucket), { "s3:prefix": Key }, policy);
      }
      throw error;
    }
  }

  /** What an answer says of a version, whole or of a part of it. */
  async function described(
    version: ObjectVersion,
    input: OfObject & { ChecksumMode?: string; PartNumber?: number; Range?: string },
  ): Promise<{ members: Partial<S3.GetObjectOutput>; range: ByteRange | undefined }> {
    const { headers, size } = version;
    const part = input.PartNumber === undefined ? undefined : await partRange(version, input.PartNumber);
    const range = part?.range ?? rangeOf(input.Range, size);
    const { versioning } = await placing.bucketOf(input.Bucket);
    const members: Partial<S3.GetObjectOutput> = {
      AcceptRanges: "bytes",
      LastModified: version.modifiedAt / 1000,
      ContentLength: range ? range.last - range.first + 1 : size,
      ETag: version.etag,
      ...versionMember({ ...version, versioning }),
      ContentType: headers.contentType ?? "binary/octet-stream",
      ...(headers.contentEncoding !== undefined && { ContentEncoding: headers.contentEncoding }),
      ...(headers.contentDisposition !== undefined && { ContentDisposition: headers.contentDisposition }),
      ...(headers.contentLanguage !== undefined && { ContentLanguage: headers.contentLanguage }),
      ...(headers.cacheControl !== undefined && { CacheControl: headers.cacheControl }),
      ...(headers.websiteRedirect !== undefined && { WebsiteRedirectLocation: headers.websiteRedirect }),
      ...(headers.metadata && { Metadata: headers.metadata }),
      ServerSideEncryption: "AES256",
      ...(range && { ContentRange: `bytes ${range.first}-${range.last}/${size}` }),
      ...(part && { PartsCount: part.count }),
      ...(input.ChecksumMode === "ENABLED" && !range && checksumMembers(headers.checksum)),
    };
    return { members, range };
  }

  async function partRange(version: ObjectVersion, number: number) {
    const parts = await store.bodies(version.id);
    const at = number - 1;
    if (!Number.isInteger(at) || at < 0 || at >= Math.max(parts.length, 1)) {
      throw new ServiceError("InvalidRange", "The requested partnumber is not satisfiable");
    }
    const first = parts.slice(0, at).reduce((sum, { size }) => sum + size, 0);
    const size = parts[at]?.size ?? 0;
    return { range: size === 0 ? undefined : { first, last: first + size - 1 }, count: parts.length };
  }

  async function remove(
    bucketName: string,
    Key: string,
    VersionId: string | undefined,
  ): Promise<{ VersionId?: string; DeleteMarker?: boolean }> {
    keyBytes(Key);
    const bucket = await placing.bucketOf(bucketName);
    if (VersionId !== undefined) {
      const removed = await placing.removeVersion(bucketName, Key, VersionId);
      return { VersionId, ...(removed?.marker && { DeleteMarker: true }) };
    }
    if (bucket.versioning === undefined) {
      await placing.removeVersion(bucketName, Key, "null");
      return {};
    }
    const marker = await placing.place(
      bucketName,
      { key: Key, size: 0, etag: "", headers: {}, marker: true },
      () => [],
    );
    return { DeleteMarker: true, VersionId: marker.version };
  }

  return {
    PutObject: {
      ...ofObject,
      conditions: writeConditions,
      async handle(input) {
        const { Bucket, Key } = input;
        keyBytes(Key);
        const headers = headersOf(input);
        if (input.WriteOffsetBytes !== undefined) {
          throw new ServiceError("NotImplementedException", "Objects are not appended to.");
        }
        await placing.bucketOf(Bucket);
        const checks = bodyChecks(input);
        const body = input.Body as ByteStream;
        const stored = await files.write(body, LARGEST_OBJECT, checks.tap);
        const placed = await checked(files, stored.id, async () => {
          const { md5, checksum } = checks.done(body.trailers);
          const etag = `"${md5}"`;
          const part: Part = { ...stored, ordinal: 1, etag, modifiedAt: 0 };
          const made = { key: Key, size: stored.size, etag, headers: { ...headers, ...(checksum && { checksum }) } };
          return placing.placeBody(Bucket, made, part, input);
        });
        return {
          ETag: placed.etag,
          ServerSideEncryption: "AES256",
          ...versionMember(placed),
          ...checksumMembers(placed.headers.checksum),
        };
      },
    },
    GetObject: {
      ...ofObject,
      action: versioned("s3:GetObject"),
      async handle(input, request) {
        const version = await found(input, request);
        checkConditions(input, version);
        const { members, range } = await described(version, input);
        return {
          ...members,
          ...overridden(input),
          Body: await reading.bytes(version, range),
        };
      },
    },
    HeadObject: {
      ...ofObject,
      action: versioned("s3:GetObject"),
      async handle(input, request) {
        try {
          const version = await found(input, request);
          checkConditions(input, version);
          const { members } = await described(version, input);
          return { ...members, ...overridden(input) };
        } catch (error) {
          // The answer has no body that could tell more.
          const missing =
            error instanceof ServiceError && ["NoSuchKey", "NoSuchBucket", "NoSuchVersion"].includes(error.name);
          throw missing ? new ServiceError("NotFound", "Not Found") : error;
        }
      },
    },
    DeleteObject: {
      ...ofObject,
      action: versioned("s3:DeleteObject"),
      handle: ({ Bucket, Key, VersionId }) => remove(Bucket, Key, VersionId),
    },
    DeleteObjects: {
      action: "s3:DeleteObject",
      resources: ({ Bucket, Delete }) => Delete.Objects.map(({ Key }) => objectArn(Bucket, Key)),
      resourcePolicy: bucketPolicy(store),
      async handle({ Bucket, Delete: { Objects, Quiet } }, request) {
        if (Objects.length === 0 || Objects.length > 1_000) {
          throw new ServiceError("MalformedXML", "Delete must name 1 to 1,000 objects.");
        }
        const policy = await bucketPolicy(store)({ Bucket });
        if (!policy) throw noSuchBucket(Bucket);
        const Deleted: S3.DeletedObject[] = [];
        const Errors: S3.Error[] = [];
        for (const { Key, VersionId } of Objects) {
          try {
            if (VersionId !== undefined) {
              await request.authorize("s3:DeleteObjectVersion", objectArn(Bucket, Key), {}, policy);
            }
            const gone = await remove(Bucket, Key, VersionId);
            Deleted.push({
              Key,
              ...(VersionId !== undefined && { VersionId }),
              ...(gone.DeleteMarker && { DeleteMarker: true, DeleteMarkerVersionId: gone.VersionId }),
            });
          } catch (error) {
            if (!(error instanceof ServiceError)) throw error;
            const Code = error.name === "AccessDeniedException" ? "AccessDenied" : error.name;
            Errors.push({ Key, Code, Message: error.message, ...(VersionId !== undefined && { VersionId }) });
          }
        }
        return { ...(Quiet ? {} : { Deleted }), Errors };
      },
    },
    CopyObject: {
      ...ofObject,
      action: "s3:PutObject",
      conditions: writeConditions,
      async handle(input, request) {
        const { Bucket, Key, MetadataDirective } = input;
        keyBytes(Key);
        const asked = headersOf(input);
        await placing.bucketOf(Bucket);
        const { version, source } = await copied(deps, input, request);
        if (source.Bucket === Bucket && source.Key === Key && MetadataDirective !== "REPLACE" && !source.VersionId) {
          throw new ServiceError(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata.",
          );
        }
        const { checksum: known, ...kept } = version.headers;
        const checks = bodyChecks(input, known?.algorithm);
        const stored = await files.write(await reading.bytes(version), LARGEST_OBJECT, checks.tap);
        const placed = await checked(files, stored.id, async () => {
          const { md5, checksum } = checks.done();
          const etag = `"${md5}"`;
          const headers = { ...(MetadataDirective === "REPLACE" ? asked : kept), ...(checksum && { checksum }) };
          const part: Part = { ...stored, ordinal: 1, etag, modifiedAt: 0 };
          return placing.placeBody(Bucket, { key: Key, size: stored.size, etag, headers }, part, input);
        });
        return {
          CopyObjectResult: {
            ETag: placed.etag,
            LastModified: placed.modifiedAt / 1000,
            ...checksumMembers(placed.headers.checksum),
          },
          ServerSideEncryption: "AES256",
          ...versionMember(placed),
          ...(source.VersionId !== undefined && { CopySourceVersionId: source.VersionId }),
        };
      },
    },
  };
}

/** A body whose checks or place fail leaves nothing behind. */
export async function checked<Made>(files: BodyFiles, id: string, make: () => Promise<Made>): Promise<Made> {
  try {
    return await make();
  } catch (error) {
    await files.remove([id]);
    throw error;
  }
}

/** Headers of the answer as the request wants them. Throws `InvalidArgument` for what no header can be. */
function overridden(input: S3.GetObjectRequest | S3.HeadObjectRequest): Partial<S3.GetObjectOutput> {
  const wanted = {
    ContentType: input.ResponseContentType,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    CacheControl: input.ResponseCacheControl,
  };
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
  const unfit = given.find(([, value = ""]) => /[^\t\x20-\x7e\x80-\xff]/.test(value));
  if (unfit) throw new ServiceError("InvalidArgument", `The ${unfit[0]} that is asked for cannot be a header.`);
  return Object.fromEntries(given);
}

interface Copying {
  readonly CopySource: string;
  readonly CopySourceIfMatch?: string;
  readonly CopySourceIfNoneMatch?: string;
  readonly CopySourceIfModifiedSince?: number;
  readonly CopySourceIfUnmodifiedSince?: number;
  readonly ExpectedSourceBucketOwner?: string;
}

/** The version that a copy takes its bytes from, which the caller must be allowed to read. */
export async function copied({ store, placing, reading }: ObjectDeps, input: Copying, request: RequestContext) {
  const source = sourceOf(input.CopySource);
  const { Bucket, Key, VersionId } = source;
  const owner = input.ExpectedSourceBucketOwner;
  const policy = await bucketPolicy(store)({ Bucket, ...(owner !== undefined && { ExpectedBucketOwner: owner }) });
  await request.authorize(versioned("s3:GetObject")(source), objectArn(Bucket, Key), {}, policy);
  await placing.bucketOf(Bucket);
  const version = await reading.find(Bucket, Key, VersionId);
  const { CopySourceIfMatch: IfMatch, CopySourceIfNoneMatch: IfNoneMatch } = input;
  const { CopySourceIfModifiedSince: IfModifiedSince, CopySourceIfUnmodifiedSince: IfUnmodifiedSince } = input;
  const conditions = { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince };
  try {
    checkConditions(Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== undefined)), version);
  } catch (error) {
    if (!(error instanceof ServiceError) || error.name !== "NotModified") throw error;
    throw new ServiceError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
  }
  return { version, source };
}

/** `bucket/key`, perhaps with a slash before and `?versionId=` behind, percent-encoded. */
function sourceOf(text: string): OfObject {
  const found = /^\/?([^/]+)\/([^?]+)(?:\?versionId=([^&]{1,64}))?$/s.exec(text);
  try {
    if (found) {
      const [, bucket = "", key = "", versionId] = found;
      return {
        Bucket: decodeURIComponent(bucket),
        Key: decodeURIComponent(key),
        ...(versionId !== undefined && { VersionId: versionId }),
      };
    }
  } catch {
    // Said below.
  }
  throw new ServiceError(
    "InvalidArgument",
    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
  );
}
