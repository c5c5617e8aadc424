import { createHash } from "node:crypto";
import { onConflictAgain } from "@hearth/backplane";
import { type Clock, randomHex } from "@hearth/base";
import { type ByteStream, type OperationTable, type S3Operations, ServiceError } from "@hearth/contract";
import { bucketPolicy } from "./bucket-operations.ts";
import {
  bodyChecks,
  type Checksum,
  type ChecksumMembers,
  type ChecksumName,
  checksumMembers,
  compositeChecksum,
  isChecksum,
} from "./checksums.ts";
import { listConditions, sizeOf } from "./list-operations.ts";
import {
  bucketArn,
  encodedKey,
  keyBytes,
  LARGEST_OBJECT,
  noSuchUpload,
  objectArn,
  ownerOf,
  rangeOf,
} from "./object.ts";
import { checked, copied, headersOf, type ObjectDeps, versionMember, writeConditions } from "./object-operations.ts";
import type { Part, Upload } from "./object-store.ts";
import { isWriteConflict } from "./placing.ts";

type Operations = OperationTable<
  Pick<
    S3Operations,
    | "CreateMultipartUpload"
    | "UploadPart"
    | "UploadPartCopy"
    | "CompleteMultipartUpload"
    | "AbortMultipartUpload"
    | "ListParts"
    | "ListMultipartUploads"
  >
>;

const MOST_PARTS = 10_000;
/** Every part but the last (AWS: "Amazon S3 multipart upload limits"). */
const SMALLEST_PART = 5 * 1024 * 1024;

interface OfUpload {
  Bucket: string;
  Key: string;
  UploadId: string;
  ExpectedBucketOwner?: string;
}

export function multipartOperations(deps: ObjectDeps & { clock: Pick<Clock, "now"> }): Operations {
  const { store, files, placing, reading, clock } = deps;
  const ofObject = {
    resources: ({ Bucket, Key }: { Bucket: string; Key: string }) => [objectArn(Bucket, Key)],
    resourcePolicy: bucketPolicy(store),
  };

  async function uploadOf({ Bucket, Key, UploadId }: OfUpload): Promise<Upload> {
    await placing.bucketOf(Bucket);
    const upload = /^[0-9a-f]{32}$/.test(UploadId) ? await store.upload(UploadId) : undefined;
    if (upload?.bucket !== Bucket || upload.key !== Key) throw noSuchUpload();
    return upload;
  }

  async function placePart(
    upload: Upload,
    number: number | undefined,
    body: ByteStream,
    input: ChecksumMembers & { readonly ContentMD5?: string; readonly ChecksumAlgorithm?: string },
  ): Promise<Part> {
    if (number === undefined || number < 1 || number > MOST_PARTS) {
      throw new ServiceError("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
    }
    const always = upload.headers.algorithm;
    const checks = bodyChecks(input, always !== undefined && isChecksum(always) ? always : undefined);
    const stored = await files.write(body, LARGEST_OBJECT, checks.tap);
    const { part, removed } = await checked(files, stored.id, async () => {
      const { md5, checksum } = checks.done(body.trailers);
      const part: Part = {
        ...stored,
        ordinal: number,
        etag: `"${md5}"`,
        modifiedAt: clock.now(),
        ...(checksum && { checksum }),
      };
      const removed = await onConflictAgain(async () => {
        const [same] = await store.bodies(upload.id, number - 1, 1);
        const replaced = same?.ordinal === number ? same : undefined;
        if (!(await store.upload(upload.id))) throw noSuchUpload();
        await store.commit([
          store.keepUpload(upload.id),
          ...(replaced ? [store.deleteBody(replaced.id)] : []),
          store.insertBody(upload.id, part),
        ]);
        return replaced ? [replaced.id] : [];
      });
      return { part, removed };
    });
    await files.remove(removed);
    return part;
  }

  return {
    CreateMultipartUpload: {
      ...ofObject,
      action: "s3:PutObject",
      conditions: writeConditions,
      async handle(input, { now }) {
        const { Bucket, Key, ChecksumAlgorithm: algorithm, ChecksumType } = input;
        keyBytes(Key);
        if (algorithm !== undefined && !isChecksum(algorithm)) {
          throw new ServiceError("InvalidRequest", `The checksum ${algorithm} is not built.`);
        }
        const headers = { ...headersOf(input), ...(algorithm !== undefined && { algorithm }) };
        await placing.bucketOf(Bucket);
        const upload = { id: randomHex(16), bucket: Bucket, key: Key, startedAt: now, headers };
        await store.commit([store.insertUpload(upload)]);
        return {
          Bucket,
          Key,
          UploadId: upload.id,
          ServerSideEncryption: "AES256",
          ...(algorithm !== undefined && { ChecksumAlgorithm: algorithm }),
          ...(ChecksumType !== undefined && { ChecksumType }),
        };
      },
    },
    UploadPart: {
      ...ofObject,
      action: "s3:PutObject",
      async handle(input) {
        const upload = await uploadOf(input);
        const part = await placePart(upload, input.PartNumber, input.Body as ByteStream, input);
        const { ChecksumType: _, ...checksum } = checksumMembers(part.checksum);
        return { ETag: part.etag, ServerSideEncryption: "AES256", ...checksum };
      },
    },
    UploadPartCopy: {
      ...ofObject,
      action: "s3:PutObject",
      async handle(input, request) {
        const upload = await uploadOf(input);
        const { version, source } = await copied(deps, input, request);
        const range = rangeOf(input.CopySourceRange, version.size);
        const part = await placePart(upload, input.PartNumber, await reading.bytes(version, range), {});
        const { ChecksumType: _, ...checksum } = checksumMembers(part.checksum);
        return {
          CopyPartResult: { ETag: part.etag, LastModified: part.modifiedAt / 1000, ...checksum },
          ServerSideEncryption: "AES256",
          ...(source.VersionId !== undefined && { CopySourceVersionId: source.VersionId }),
        };
      },
    },
    CompleteMultipartUpload: {
      ...ofObject,
      action: "s3:PutObject",
      async handle(input) {
        const { Bucket, Key } = input;
        const upload = await uploadOf(input);
        const wanted = input.MultipartUpload?.Parts ?? [];
        const parts = await store.bodies(upload.id);
        const chosen = chosenParts(wanted, parts);
        const size = chosen.reduce((sum, part) => sum + part.size, 0);
        if (size > LARGEST_OBJECT) {
          throw new ServiceError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.");
        }
        if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) {
          throw new ServiceError(
            "InvalidRequest",
            "The parts together have another size than x-amz-mp-object-size says.",
          );
        }
        const md5 = createHash("md5");
        for (const { etag } of chosen) md5.update(Buffer.from(etag.replaceAll('"', ""), "hex"));
        const etag = `"${md5.digest("hex")}-${chosen.length}"`;
        const { algorithm, ...kept } = upload.headers;
        const checksum = input.ChecksumType === "FULL_OBJECT" ? undefined : compositeOf(algorithm, chosen);
        const left = parts.filter((part) => !chosen.includes(part)).map(({ id }) => id);
        const headers = { ...kept, ...(checksum && { checksum }) };
        const placed = await placing
          .place(
            Bucket,
            { key: Key, size, etag, headers },
            (owner) => [
              store.deleteUpload(upload.id),
              ...left.map((id) => store.deleteBody(id)),
              ...store.giveBodies(
                upload.id,
                owner,
                chosen.map(({ id }) => id),
              ),
            ],
            input,
          )
          .catch(async (error: unknown) => {
            if (!isWriteConflict(error)) throw error;
            // Somebody else has completed or aborted it, or replaced a part.
            await uploadOf(input);
            chosenParts(wanted, await store.bodies(upload.id));
            throw new ServiceError("InvalidPart", "The parts were changed meanwhile. Try again.");
          });
        await files.remove(left);
        return {
          Location: `/${Bucket}/${Key}`,
          Bucket,
          Key,
          ETag: etag,
          ServerSideEncryption: "AES256",
          ...versionMember(placed),
          ...checksumMembers(checksum),
        };
      },
    },
    AbortMultipartUpload: {
      ...ofObject,
      async handle(input) {
        const upload = await uploadOf(input);
        const parts = await store.bodies(upload.id);
        await store.commit([store.deleteUpload(upload.id), store.deleteBodiesOf(upload.id)]);
        await files.remove(parts.map(({ id }) => id));
        return {};
      },
    },
    ListParts: {
      ...ofObject,
      action: "s3:ListMultipartUploadParts",
      async handle(input) {
        const upload = await uploadOf(input);
        const { accountId } = await placing.bucketOf(input.Bucket);
        const size = sizeOf(input.MaxParts);
        const after = Number(input.PartNumberMarker ?? 0);
        if (!Number.isInteger(after) || after < 0) {
          throw new ServiceError("InvalidArgument", "PartNumberMarker must be the number of a part.");
        }
        const parts = await store.bodies(upload.id, after, size + 1);
        const page = parts.slice(0, size);
        const { algorithm } = upload.headers;
        return {
          Bucket: input.Bucket,
          Key: input.Key,
          UploadId: upload.id,
          PartNumberMarker: String(after),
          MaxParts: size,
          IsTruncated: parts.length > size,
          ...(parts.length > size && page.length > 0 && { NextPartNumberMarker: String(page.at(-1)!.ordinal) }),
          Parts: page.map((part) => {
            const { ChecksumType: _, ...checksum } = checksumMembers(part.checksum);
            return {
              PartNumber: part.ordinal,
              ETag: part.etag,
              Size: part.size,
              LastModified: part.modifiedAt / 1000,
              ...checksum,
            };
          }),
          Owner: ownerOf(accountId),
          Initiator: ownerOf(accountId),
          StorageClass: "STANDARD",
          ...(algorithm !== undefined && { ChecksumAlgorithm: algorithm as ChecksumName }),
        };
      },
    },
    ListMultipartUploads: {
      action: "s3:ListBucketMultipartUploads",
      resources: ({ Bucket }) => [bucketArn(Bucket)],
      resourcePolicy: bucketPolicy(store),
      conditions: listConditions,
      async handle({ Bucket, Prefix = "", Delimiter, EncodingType, KeyMarker = "", UploadIdMarker = "", MaxUploads }) {
        const { accountId } = await placing.bucketOf(Bucket);
        if (Delimiter)
          throw new ServiceError("NotImplementedException", "Uploads are listed without a delimiter only.");
        const size = sizeOf(MaxUploads);
        const from = keyBytes(KeyMarker);
        // Without the upload's id all uploads of the marker's key lie behind.
        const afterId = KeyMarker === "" ? "" : UploadIdMarker === "" ? "g" : UploadIdMarker;
        const rows = size === 0 ? [] : await store.listUploads(Bucket, keyBytes(Prefix), from, afterId, size + 1);
        const page = rows.slice(0, size);
        const last = rows.length > size ? page.at(-1) : undefined;
        return {
          Bucket,
          KeyMarker: encodedKey(KeyMarker, EncodingType),
          UploadIdMarker,
          Prefix: encodedKey(Prefix, EncodingType),
          MaxUploads: size,
          IsTruncated: last !== undefined,
          ...(EncodingType !== undefined && { EncodingType }),
          ...(last && { NextKeyMarker: encodedKey(last.key, EncodingType), NextUploadIdMarker: last.id }),
          Uploads: page.map((upload) => ({
            UploadId: upload.id,
            Key: encodedKey(upload.key, EncodingType),
            Initiated: upload.startedAt / 1000,
            StorageClass: "STANDARD" as const,
            Owner: ownerOf(accountId),
            Initiator: ownerOf(accountId),
          })),
        };
      },
    },
  };
}

/** The parts that the client names, in its order, which must rise. */
function chosenParts(
  wanted: readonly { readonly PartNumber?: number; readonly ETag?: string }[],
  parts: readonly Part[],
): Part[] {
  if (wanted.length === 0) throw new ServiceError("MalformedXML", "You must specify at least one part");
  const byNumber = new Map(parts.map((part) => [part.ordinal, part]));
  const chosen: Part[] = [];
  for (const { PartNumber = 0, ETag = "" } of wanted) {
    const part = byNumber.get(PartNumber);
    if (!part || part.etag.replaceAll('"', "") !== ETag.replaceAll('"', "")) {
      throw new ServiceError(
        "InvalidPart",
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      );
    }
    if (part.ordinal <= (chosen.at(-1)?.ordinal ?? 0)) {
      throw new ServiceError("InvalidPartOrder", "The list of parts was not in ascending order.");
    }
    chosen.push(part);
  }
  if (chosen.slice(0, -1).some(({ size }) => size < SMALLEST_PART)) {
    throw new ServiceError(
      "EntityTooSmall",
      "Your proposed upload is smaller than the minimum allowed size: 5 MiB a part.",
    );
  }
  return chosen;
}

/** Of the parts' checksums, where each has one. That of the whole bytes is not known: they were never read together. */
function compositeOf(algorithm: string | undefined, parts: readonly Part[]): Checksum | undefined {
  if (algorithm === undefined || !isChecksum(algorithm) || algorithm === "CRC64NVME") return undefined;
  const values = parts.flatMap(({ checksum }) => (checksum?.algorithm === algorithm ? [checksum.value] : []));
  return values.length === parts.length ? compositeChecksum(algorithm, values) : undefined;
}
