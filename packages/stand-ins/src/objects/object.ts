import { createHash } from "node:crypto";
import { ServiceError } from "@hearth/contract";
import type { ByteRange } from "./object-access.ts";

/** Rules of buckets and objects: pure functions. */

/** AWS allows 5 TB in parts; one disk of ours is not meant for that. */
export const LARGEST_OBJECT = 5 * 1024 ** 3;
const LONGEST_KEY = 1_024;
const LARGEST_METADATA = 2_048;

export const objectArn = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`;
export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;

/** AWS: "General purpose bucket naming rules". */
export function checkBucketName(name: string): void {
  const proper =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !/\.\.|\.-|-\./.test(name) && !/^\d+\.\d+\.\d+\.\d+$/.test(name);
  if (proper) return;
  throw new ServiceError(
    "InvalidBucketName",
    "The specified bucket is not valid: a name has 3 to 63 small letters, digits, hyphens and dots.",
    { BucketName: name.slice(0, 255) },
  );
}

/** The key's bytes, by which keys are ordered. */
export function keyBytes(key: string): Buffer {
  const bytes = Buffer.from(key);
  if (bytes.length > LONGEST_KEY) throw new ServiceError("KeyTooLongError", "Your key is too long: 1,024 bytes.");
  return bytes;
}

/** The first bytes behind all that begin with these; undefined: there are none. */
export function behind(prefix: Buffer): Buffer | undefined {
  for (let at = prefix.length - 1; at >= 0; at--) {
    if (prefix[at] === 0xff) continue;
    const next = Buffer.from(prefix.subarray(0, at + 1));
    next[at]!++;
    return next;
  }
  return undefined;
}

export function checkMetadata(metadata: Readonly<Record<string, string>> | undefined): void {
  const size = Object.entries(metadata ?? {}).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (size > LARGEST_METADATA) {
    throw new ServiceError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size: 2 KB.");
  }
}

export const noSuchBucket = (bucket: string): ServiceError =>
  new ServiceError("NoSuchBucket", "The specified bucket does not exist", { BucketName: bucket });
export const noSuchKey = (key: string): ServiceError =>
  new ServiceError("NoSuchKey", "The specified key does not exist.", { Key: key });
export const noSuchUpload = (): ServiceError =>
  new ServiceError(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
  );

export interface Conditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly IfModifiedSince?: number;
  readonly IfUnmodifiedSince?: number;
}

const listed = (list: string, etag: string): boolean =>
  list.split(",").some((one) => {
    const text = one.trim().replace(/^W\//, "");
    return text === "*" || text.replaceAll('"', "") === etag.replaceAll('"', "");
  });

const preconditionFailed = (): ServiceError =>
  new ServiceError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");

/** RFC 9110, 13.2.2. Throws `PreconditionFailed`, `NotModified`. `modifiedAt` in milliseconds. */
export function checkConditions(
  { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince }: Conditions,
  { etag, modifiedAt }: { etag: string; modifiedAt: number },
): void {
  const modified = Math.floor(modifiedAt / 1000);
  if (IfMatch !== undefined) {
    if (!listed(IfMatch, etag)) throw preconditionFailed();
  } else if (IfUnmodifiedSince !== undefined && modified > IfUnmodifiedSince) throw preconditionFailed();
  const unmodified =
    IfNoneMatch !== undefined
      ? listed(IfNoneMatch, etag)
      : IfModifiedSince !== undefined && modified <= IfModifiedSince;
  if (unmodified) throw new ServiceError("NotModified", "Not Modified", { ETag: etag });
}

/** What a write asks of the object that is there. */
export function checkWriteConditions(
  { IfMatch, IfNoneMatch }: Conditions,
  key: string,
  etag: string | undefined,
): void {
  if (IfMatch !== undefined) {
    if (etag === undefined) throw noSuchKey(key);
    if (!listed(IfMatch, etag)) throw preconditionFailed();
  }
  if (IfNoneMatch !== undefined && etag !== undefined && listed(IfNoneMatch, etag)) throw preconditionFailed();
}

/**
 * `bytes=0-99`, `bytes=100-`, `bytes=-100` of so many bytes; undefined: the whole, as for a range of another kind
 * (RFC 9110, 14.2). Throws `InvalidRange`.
 */
export function rangeOf(text: string | undefined, size: number): ByteRange | undefined {
  const found = text === undefined ? undefined : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(text.trim());
  if (!found || (found[1] === "" && found[2] === "")) return undefined;
  const unsatisfiable = () =>
    new ServiceError("InvalidRange", "The requested range is not satisfiable", { ActualObjectSize: String(size) });
  if (found[1] === "") {
    const count = Math.min(Number(found[2]), size);
    if (count === 0) throw unsatisfiable();
    return { first: size - count, last: size - 1 };
  }
  const first = Number(found[1]);
  const last = found[2] === "" ? size - 1 : Math.min(Number(found[2]), size - 1);
  if (found[2] !== "" && Number(found[2]) < first) return undefined;
  if (first >= size) throw unsatisfiable();
  return { first, last };
}

/** S3 knows an owner by 64 hexadecimal digits. */
export const ownerOf = (accountId: string): { ID: string } => ({
  ID: createHash("sha256").update(`canonical user ${accountId}`).digest("hex"),
});

/** What a bucket's listing says of its keys where the client asked for URL encoding. */
export const encodedKey = (key: string, encoding: string | undefined): string =>
  encoding === "url" ? encodeURIComponent(key).replaceAll("%2F", "/") : key;
