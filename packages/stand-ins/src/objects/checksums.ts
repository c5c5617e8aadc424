import { createHash } from "node:crypto";
import { ServiceError } from "@hearth/contract";

/** The checksums of S3's data integrity, by the names of `ChecksumAlgorithm` (AWS: "Checking object integrity"). */
const CHECKSUMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type ChecksumName = (typeof CHECKSUMS)[number];

export interface Checksum {
  algorithm: ChecksumName;
  /** Base64; of an object in parts with `-<parts>` behind it. */
  value: string;
  type: "FULL_OBJECT" | "COMPOSITE";
}

interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** Base64. */
  digest(): string;
}

export const isChecksum = (name: string): name is ChecksumName => (CHECKSUMS as readonly string[]).includes(name);

function runningChecksum(algorithm: ChecksumName): RunningChecksum {
  switch (algorithm) {
    case "SHA1":
    case "SHA256": {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("base64") };
    }
    case "CRC32":
      return crc32Of(CRC32_TABLE);
    case "CRC32C":
      return crc32Of(CRC32C_TABLE);
    case "CRC64NVME":
      return crc64();
  }
}

/** Reflected tables: of the polynomials of ISO 3309 and of Castagnoli (RFC 3720, appendix B.4). */
const tableOf = (polynomial: number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    return value >>> 0;
  });
const CRC32_TABLE = tableOf(0xedb88320);
const CRC32C_TABLE = tableOf(0x82f63b78);

function crc32Of(table: Uint32Array): RunningChecksum {
  let crc = 0xffffffff;
  return {
    update(bytes) {
      let value = crc;
      for (let at = 0; at < bytes.length; at++) value = table[(value ^ bytes[at]!) & 0xff]! ^ (value >>> 8);
      crc = value;
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
      return bytes.toString("base64");
    },
  };
}

/** CRC-64/NVME, reflected, in halves of 32 bits: numbers of 64 bits would be objects. */
const CRC64_TABLE = (() => {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let h = 0;
    let l = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = ((l >>> 1) | (h << 31)) >>> 0;
      h >>>= 1;
      if (odd) {
        h = (h ^ 0x9a6c9329) >>> 0;
        l = (l ^ 0xac4bc9b5) >>> 0;
      }
    }
    high[byte] = h;
    low[byte] = l;
  }
  return { high, low };
})();

function crc64(): RunningChecksum {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(bytes) {
      let h = high;
      let l = low;
      for (let at = 0; at < bytes.length; at++) {
        const index = (l ^ bytes[at]!) & 0xff;
        l = (((l >>> 8) | (h << 24)) ^ CRC64_TABLE.low[index]!) >>> 0;
        h = ((h >>> 8) ^ CRC64_TABLE.high[index]!) >>> 0;
      }
      high = h;
      low = l;
    },
    digest() {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE((high ^ 0xffffffff) >>> 0, 0);
      bytes.writeUInt32BE((low ^ 0xffffffff) >>> 0, 4);
      return bytes.toString("base64");
    },
  };
}

/** The members by which checksums come and go: `ChecksumCRC32`, ... */
export type ChecksumMembers = { readonly [Name in `Checksum${ChecksumName}`]?: string };

const given = (members: ChecksumMembers): Checksum[] =>
  CHECKSUMS.flatMap((algorithm) => {
    const value = members[`Checksum${algorithm}`];
    return value === undefined ? [] : [{ algorithm, value, type: "FULL_OBJECT" as const }];
  });

/** What checks a body while it is read: its MD5 and at most one checksum, which may come in the trailer. */
export function bodyChecks(
  input: ChecksumMembers & { readonly ContentMD5?: string; readonly ChecksumAlgorithm?: string },
  always?: ChecksumName,
) {
  const declared = given(input);
  if (declared.length > 1) throw new ServiceError("InvalidRequest", "Expecting a single x-amz-checksum- header.");
  const named = input.ChecksumAlgorithm;
  if (named !== undefined && !isChecksum(named)) {
    throw new ServiceError("InvalidRequest", `The checksum ${named} is not built. Use one of ${CHECKSUMS.join(", ")}.`);
  }
  const algorithm = declared[0]?.algorithm ?? named ?? always;
  const md5 = createHash("md5");
  const running = algorithm && runningChecksum(algorithm);
  const contentMd5 = input.ContentMD5;
  if (contentMd5 !== undefined && Buffer.from(contentMd5, "base64").length !== 16) {
    throw new ServiceError("InvalidDigest", "The Content-MD5 you specified was invalid.");
  }
  return {
    tap(bytes: Uint8Array): void {
      md5.update(bytes);
      running?.update(bytes);
    },
    /** The body's MD5 in hex and its checksum. Throws `BadDigest`, `InvalidRequest`. */
    done(trailers: Readonly<Record<string, string>> = {}): { md5: string; checksum?: Checksum } {
      const digest = md5.digest();
      if (contentMd5 !== undefined && digest.toString("base64") !== contentMd5) {
        throw new ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.");
      }
      const value = running?.digest();
      let expected = declared[0]?.value;
      for (const [name, text] of Object.entries(trailers)) {
        if (!name.startsWith("x-amz-checksum-")) continue;
        const of = name.slice("x-amz-checksum-".length).toUpperCase();
        if (of !== algorithm) {
          const why = "must be announced by x-amz-sdk-checksum-algorithm";
          throw new ServiceError("InvalidRequest", `The trailing checksum ${of.slice(0, 32)} ${why}.`);
        }
        expected = text;
      }
      if (expected !== undefined && expected !== value) {
        throw new ServiceError("BadDigest", `The ${algorithm} you specified did not match what we received.`);
      }
      if (!algorithm || value === undefined) return { md5: digest.toString("hex") };
      return { md5: digest.toString("hex"), checksum: { algorithm, value, type: "FULL_OBJECT" } };
    },
  };
}

/** The checksum of checksums that an object in parts has. */
export function compositeChecksum(algorithm: ChecksumName, parts: readonly string[]): Checksum {
  const running = runningChecksum(algorithm);
  for (const part of parts) running.update(Buffer.from(part, "base64"));
  return { algorithm, value: `${running.digest()}-${parts.length}`, type: "COMPOSITE" };
}

/** The checksum as an answer's members. */
export const checksumMembers = (
  checksum: Checksum | undefined,
): ChecksumMembers & { ChecksumType?: "FULL_OBJECT" | "COMPOSITE" } =>
  checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } : {};
