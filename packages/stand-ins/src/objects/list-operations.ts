import { type OperationTable, type S3, type S3Operations, ServiceError } from "@hearth/contract";
import { bucketPolicy } from "./bucket-operations.ts";
import { behind, bucketArn, encodedKey, keyBytes, ownerOf } from "./object.ts";
import type { ObjectStore, ObjectVersion } from "./object-store.ts";
import type { Placing } from "./placing.ts";

type Operations = OperationTable<Pick<S3Operations, "ListObjects" | "ListObjectsV2" | "ListObjectVersions">>;

const MOST_KEYS = 1_000;
/** Rows of one query, and queries of one answer: where a delimiter hides more keys than this the next page goes on. */
const ROWS = 1_001;
const MOST_QUERIES = 50;

const NOTHING = Buffer.alloc(0);

interface Listing {
  Bucket: string;
  Prefix?: string;
  Delimiter?: string;
  MaxKeys?: number;
}

interface Page {
  objects: ObjectVersion[];
  prefixes: string[];
  /** The bytes with which the next page begins. */
  next?: Buffer;
  /** The last key or common prefix of this page. */
  last?: string;
}

export const listConditions = ({ Prefix, Delimiter, MaxKeys }: Listing): Record<string, string> => ({
  ...(Prefix !== undefined && { "s3:prefix": Prefix }),
  ...(Delimiter !== undefined && { "s3:delimiter": Delimiter }),
  ...(MaxKeys !== undefined && { "s3:max-keys": String(MaxKeys) }),
});

export const sizeOf = (wanted: number | undefined): number => {
  if (wanted !== undefined && wanted < 0) throw new ServiceError("InvalidArgument", "MaxKeys must not be negative.");
  return Math.min(wanted ?? MOST_KEYS, MOST_KEYS);
};

export function listOperations({ store, placing }: { store: ObjectStore; placing: Placing }): Operations {
  /** What lies behind all that begins with a common prefix; nothing: the end. */
  const skip = (prefix: string): Buffer | undefined => behind(Buffer.from(prefix));

  async function pageOf({ Bucket, Prefix = "", Delimiter = "" }: Listing, from: Buffer, most: number): Promise<Page> {
    const page: Page = { objects: [], prefixes: [] };
    if (most === 0) return page;
    const prefix = keyBytes(Prefix);
    let at: Buffer | undefined = from;
    for (let queries = 0; at; queries++) {
      if (queries === MOST_QUERIES) return { ...page, next: at };
      const rows: ObjectVersion[] = await store.listLatest(Bucket, prefix, at, ROWS);
      let skipped: Buffer | undefined;
      for (const row of rows) {
        const bytes = Buffer.from(row.key);
        if (skipped && Buffer.compare(bytes, skipped) < 0) continue;
        if (page.objects.length + page.prefixes.length === most) return { ...page, next: bytes };
        const mark = Delimiter === "" ? -1 : row.key.indexOf(Delimiter, Prefix.length);
        if (mark < 0) {
          page.objects.push(row);
          page.last = row.key;
          continue;
        }
        const common = row.key.slice(0, mark + Delimiter.length);
        page.prefixes.push(common);
        page.last = common;
        skipped = skip(common);
        if (!skipped) return page;
      }
      if (rows.length < ROWS) return page;
      const behindLast: Buffer = Buffer.concat([Buffer.from(rows.at(-1)!.key), Buffer.of(0)]);
      at = skipped && Buffer.compare(skipped, behindLast) > 0 ? skipped : behindLast;
    }
    return page;
  }

  const contents = (page: Page, encoding: string | undefined, owner?: { ID: string }) => ({
    Contents: page.objects.map((object) => ({
      Key: encodedKey(object.key, encoding),
      LastModified: object.modifiedAt / 1000,
      ETag: object.etag,
      Size: object.size,
      StorageClass: "STANDARD",
      ...(object.headers.checksum && {
        ChecksumAlgorithm: [object.headers.checksum.algorithm],
        ChecksumType: object.headers.checksum.type,
      }),
      ...(owner && { Owner: owner }),
    })) as S3.Object[],
    CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encodedKey(prefix, encoding) })),
    IsTruncated: page.next !== undefined,
  });

  const common = {
    action: "s3:ListBucket",
    resources: ({ Bucket }: Listing) => [bucketArn(Bucket)],
    resourcePolicy: bucketPolicy(store),
    conditions: listConditions,
  };

  return {
    ListObjectsV2: {
      ...common,
      async handle(input) {
        const { Bucket, Prefix, Delimiter, EncodingType, StartAfter, ContinuationToken, FetchOwner } = input;
        const { accountId } = await placing.bucketOf(Bucket);
        const size = sizeOf(input.MaxKeys);
        const page = await pageOf(input, startOf(ContinuationToken, StartAfter), size);
        return {
          Name: Bucket,
          Prefix: encodedKey(Prefix ?? "", EncodingType),
          MaxKeys: size,
          KeyCount: page.objects.length + page.prefixes.length,
          ...contents(page, EncodingType, FetchOwner ? ownerOf(accountId) : undefined),
          ...(Delimiter !== undefined && { Delimiter: encodedKey(Delimiter, EncodingType) }),
          ...(EncodingType !== undefined && { EncodingType }),
          ...(StartAfter !== undefined && { StartAfter: encodedKey(StartAfter, EncodingType) }),
          ...(ContinuationToken !== undefined && { ContinuationToken }),
          ...(page.next && { NextContinuationToken: page.next.toString("base64url") }),
        };
      },
    },
    ListObjects: {
      ...common,
      async handle(input) {
        const { Bucket, Prefix, Delimiter, EncodingType, Marker } = input;
        const { accountId } = await placing.bucketOf(Bucket);
        const size = sizeOf(input.MaxKeys);
        // A common prefix is a marker as well: the next page goes on behind all that begins with it.
        const from =
          Marker !== undefined && Delimiter && Marker.endsWith(Delimiter)
            ? (skip(Marker) ?? afterKey(Marker))
            : startOf(undefined, Marker);
        const page = await pageOf(input, from, size);
        return {
          Name: Bucket,
          Prefix: encodedKey(Prefix ?? "", EncodingType),
          Marker: encodedKey(Marker ?? "", EncodingType),
          MaxKeys: size,
          ...contents(page, EncodingType, ownerOf(accountId)),
          ...(Delimiter !== undefined && { Delimiter: encodedKey(Delimiter, EncodingType) }),
          ...(EncodingType !== undefined && { EncodingType }),
          ...(page.next && page.last !== undefined && { NextMarker: encodedKey(page.last, EncodingType) }),
        };
      },
    },
    ListObjectVersions: {
      ...common,
      action: "s3:ListBucketVersions",
      async handle(input) {
        const { Bucket, Prefix = "", Delimiter, EncodingType, KeyMarker, VersionIdMarker } = input;
        const { accountId } = await placing.bucketOf(Bucket);
        if (Delimiter)
          throw new ServiceError("NotImplementedException", "Versions are listed without a delimiter only.");
        const size = sizeOf(input.MaxKeys);
        const from = keyBytes(KeyMarker ?? "");
        const marker = VersionIdMarker ? await store.version(Bucket, from, VersionIdMarker) : undefined;
        const placed = KeyMarker === undefined ? Number.MAX_SAFE_INTEGER : (marker?.placed ?? 0);
        const rows = size === 0 ? [] : await store.listVersions(Bucket, keyBytes(Prefix), from, placed, size + 1);
        const page = rows.slice(0, size);
        const last = rows.length > size ? page.at(-1) : undefined;
        const described = (row: ObjectVersion) => ({
          Key: encodedKey(row.key, EncodingType),
          VersionId: row.version,
          IsLatest: row.latest,
          LastModified: row.modifiedAt / 1000,
          Owner: ownerOf(accountId),
        });
        return {
          Name: Bucket,
          Prefix: encodedKey(Prefix, EncodingType),
          KeyMarker: encodedKey(KeyMarker ?? "", EncodingType),
          VersionIdMarker: VersionIdMarker ?? "",
          MaxKeys: size,
          IsTruncated: last !== undefined,
          ...(EncodingType !== undefined && { EncodingType }),
          Versions: page
            .filter(({ marker }) => !marker)
            .map((row) => ({ ...described(row), ETag: row.etag, Size: row.size, StorageClass: "STANDARD" as const })),
          DeleteMarkers: page.filter(({ marker }) => marker).map(described),
          ...(last && { NextKeyMarker: encodedKey(last.key, EncodingType), NextVersionIdMarker: last.version }),
        };
      },
    },
  };
}

const afterKey = (key: string): Buffer => Buffer.concat([keyBytes(key), Buffer.of(0)]);

function startOf(token: string | undefined, after: string | undefined): Buffer {
  if (token === undefined) return after === undefined || after === "" ? NOTHING : afterKey(after);
  const bytes = Buffer.from(token, "base64url");
  if (token === "" || token.length > 2_000 || bytes.toString("base64url") !== token) {
    throw new ServiceError("InvalidArgument", "The continuation token provided is incorrect");
  }
  return bytes;
}
