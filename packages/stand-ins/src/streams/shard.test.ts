import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatSequenceNumber,
  formatShardId,
  hashKeyRange,
  MAX_HASH_KEY,
  parseShardId,
  placeOf,
  shardOf,
} from "./shard.ts";

const counts = fc.integer({ min: 1, max: 500 });

describe("hash keys", () => {
  test("the ranges of a stream's shards follow one another from 0 to 2^128 - 1", () => {
    fc.assert(
      fc.property(counts, (count) => {
        let next = 0n;
        for (let shard = 0; shard < count; shard++) {
          const range = hashKeyRange(shard, count);
          expect(BigInt(range.StartingHashKey)).toBe(next);
          next = BigInt(range.EndingHashKey) + 1n;
        }
        expect(next).toBe(MAX_HASH_KEY + 1n);
      }),
      { numRuns: 20 },
    );
  });

  test("a hash key leads to the shard in whose range it lies", () => {
    fc.assert(
      fc.property(counts, fc.bigInt({ min: 0n, max: MAX_HASH_KEY }), (count, hash) => {
        const range = hashKeyRange(shardOf("ignored", String(hash), count), count);
        expect(hash >= BigInt(range.StartingHashKey) && hash <= BigInt(range.EndingHashKey)).toBe(true);
      }),
    );
    expect(shardOf("", String(MAX_HASH_KEY), 3)).toBe(2);
    expect(() => shardOf("", String(MAX_HASH_KEY + 1n), 3)).toThrow("ExplicitHashKey");
  });

  test("a partition key leads to its MD5", () => {
    // MD5 of "a" is 0cc175b9..., of "abc" 90015098..., of "message digest" f96b697d...
    expect(["a", "abc", "message digest"].map((key) => shardOf(key, undefined, 16))).toEqual([0x0, 0x9, 0xf]);
    // UTF-8 of "ü" has the MD5 c03410a5...
    expect(shardOf("ü", undefined, 16)).toBe(0xc);
  });
});

describe("names", () => {
  test("shard ids", () => {
    expect(formatShardId(12)).toBe("shardId-000000000012");
    fc.assert(fc.property(fc.nat(499), (shard) => parseShardId(formatShardId(shard), 500) === shard));
    for (const text of ["shardId-000000000005", "shardId-5", "", "shardId-00000000000x"]) {
      expect(parseShardId(text, 5)).toBeUndefined();
    }
  });

  test("sequence numbers have 56 digits, grow with the place, and know their shard and stream", () => {
    const created = 1_798_000_000_123;
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), fc.nat(499), (one, other, shard) => {
        const [a, b] = [Math.abs(one), Math.abs(other)].sort((left, right) => left - right) as [number, number];
        const first = formatSequenceNumber(created, shard, a);
        const second = formatSequenceNumber(created, shard, b);
        expect(first).toMatch(/^[1-9]\d{55}$/);
        expect(BigInt(first) <= BigInt(second)).toBe(true);
        expect(placeOf(first, created, shard)).toBe(a);
        expect(placeOf(first, created, shard + 1)).toBeUndefined();
        expect(placeOf(first, created + 1000, shard)).toBeUndefined();
        expect(BigInt(formatSequenceNumber(created + 1000, shard, 0)) > BigInt(second)).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => placeOf(text, created, 0) === undefined));
  });
});
