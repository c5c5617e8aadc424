import { createHash } from "node:crypto";
import { ServiceError } from "@hearth/contract";

/** How records find their shard and their place in it: pure rules. */

const HASH_SPACE = 1n << 128n;
export const MAX_HASH_KEY = HASH_SPACE - 1n;

/** `shardId-000000000000` */
export const formatShardId = (shard: number): string => `shardId-${String(shard).padStart(12, "0")}`;

/** The shard's number; undefined for an id that no shard of a stream with `count` shards has. */
export function parseShardId(text: string, count: number): number | undefined {
  if (!/^shardId-\d{12}$/.test(text)) return undefined;
  const shard = Number(text.slice(8));
  return shard < count ? shard : undefined;
}

/** The part of the 128-bit hash keys that leads to a shard, both ends included, as decimal numbers. */
export function hashKeyRange(shard: number, count: number): { StartingHashKey: string; EndingHashKey: string } {
  const width = HASH_SPACE / BigInt(count);
  const end = shard === count - 1 ? MAX_HASH_KEY : width * BigInt(shard + 1) - 1n;
  return { StartingHashKey: String(width * BigInt(shard)), EndingHashKey: String(end) };
}

/**
 * The shard of a record: by the MD5 of its partition key, or by the hash key that the producer chose (a decimal
 * number). Throws `InvalidArgumentException` for a hash key above 2^128 - 1.
 */
export function shardOf(partitionKey: string, explicitHashKey: string | undefined, count: number): number {
  const hash =
    explicitHashKey === undefined
      ? BigInt(`0x${createHash("md5").update(partitionKey, "utf8").digest("hex")}`)
      : BigInt(explicitHashKey);
  if (hash > MAX_HASH_KEY) {
    throw new ServiceError("InvalidArgumentException", `ExplicitHashKey must be between 0 and ${MAX_HASH_KEY}.`);
  }
  const shard = hash / (HASH_SPACE / BigInt(count));
  return Math.min(Number(shard), count - 1);
}

/**
 * Sequence numbers have 56 digits, like those that consumers know: `49`, the stream's creation (12 digits, seconds),
 * the place in the shard (30 digits), the shard (12 digits). So they grow within a shard, differ between shards, and
 * those of a stream that was deleted and made again are larger than the old ones.
 */
export function formatSequenceNumber(createdAt: number, shard: number, place: number): string {
  const created = String(Math.floor(createdAt / 1000)).padStart(12, "0");
  return `49${created}${String(place).padStart(30, "0")}${String(shard).padStart(12, "0")}`;
}

/** The place of a sequence number in `shard`; undefined when it is not one of that shard's. */
export function placeOf(sequenceNumber: string, createdAt: number, shard: number): number | undefined {
  if (!/^49\d{54}$/.test(sequenceNumber)) return undefined;
  const place = Number(sequenceNumber.slice(14, 44));
  return Number.isSafeInteger(place) && formatSequenceNumber(createdAt, shard, place) === sequenceNumber
    ? place
    : undefined;
}
