import { timingSafeEqual } from "node:crypto";
import { ServiceError } from "@hearth/contract";

/** Keyed hash of a text, hex; forging it takes the key. */
export interface KeyedHash {
  hash(value: string, purpose: string): string;
}

/** AWS: "GetShardIterator", "ListShards": iterators and next tokens are good for five minutes. */
export const TOKEN_LIFE_MS = 5 * 60_000;

/** Where a consumer stands in a shard. */
export interface ShardPosition {
  streamName: string;
  streamId: string;
  shard: number;
  /** The first place that is not read yet. */
  place: number;
}

export function formatIterator(at: ShardPosition, scope: string, now: number, key: KeyedHash): string {
  return seal([at.streamName, at.streamId, at.shard, at.place, now], `shard iterator of ${scope}`, key);
}

/**
 * Throws `InvalidArgumentException` for an iterator that was not made here for this `scope` (account and region),
 * `ExpiredIteratorException` after five minutes.
 */
export function parseIterator(text: string, scope: string, now: number, key: KeyedHash): ShardPosition {
  const fields = open(text, `shard iterator of ${scope}`, key);
  if (!fields) throw new ServiceError("InvalidArgumentException", "Invalid ShardIterator.");
  const [streamName, streamId, shard, place, issued] = fields as [string, string, number, number, number];
  if (now - issued > TOKEN_LIFE_MS) {
    throw new ServiceError(
      "ExpiredIteratorException",
      "Iterator expired. The iterator is past its age limit of 300000 milliseconds; get a new one.",
    );
  }
  return { streamName, streamId, shard, place };
}

/** Where a listing of shards goes on. */
export interface ShardListPosition {
  streamName: string;
  streamId: string;
  /** The last shard that was listed. */
  after: number;
}

export function formatShardListToken(at: ShardListPosition, scope: string, now: number, key: KeyedHash): string {
  return seal([at.streamName, at.streamId, at.after, now], `shard list of ${scope}`, key);
}

/** Throws `InvalidArgumentException` or `ExpiredNextTokenException`. */
export function parseShardListToken(text: string, scope: string, now: number, key: KeyedHash): ShardListPosition {
  const fields = open(text, `shard list of ${scope}`, key);
  if (!fields) throw new ServiceError("InvalidArgumentException", "Invalid NextToken.");
  const [streamName, streamId, after, issued] = fields as [string, string, number, number];
  if (now - issued > TOKEN_LIFE_MS) throw new ServiceError("ExpiredNextTokenException", "The NextToken has expired.");
  return { streamName, streamId, after };
}

function seal(fields: readonly (string | number)[], purpose: string, key: KeyedHash): string {
  const text = JSON.stringify(fields);
  return Buffer.from(`${key.hash(text, purpose)}${text}`).toString("base64");
}

function open(token: string, purpose: string, key: KeyedHash): (string | number)[] | undefined {
  const sealed = Buffer.from(token, "base64").toString("utf8");
  const text = sealed.slice(64);
  const given = Buffer.from(sealed.slice(0, 64));
  const right = Buffer.from(key.hash(text, purpose));
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  return JSON.parse(text) as (string | number)[];
}
