import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blocksOf, readBlockRequest } from "./blocks.ts";

const MB = 1_048_576;
const ask = (fields: Record<string, unknown>, size = MB) =>
  blocksOf(readBlockRequest({ f: 0, l: 4_096, ...fields }), size);

test("blocks 20, 21, 24 and 43 from 20 on are the bitmap 130080", () => {
  expect(ask({ o: 20, b: "130080" })).toEqual([20, 21, 24, 43]);
  expect(ask({ o: 20, b: "0x130080" })).toEqual([20, 21, 24, 43]);
  expect(ask({ o: 20, b: Uint8Array.from([0x13, 0x00, 0x80]) })).toEqual([20, 21, 24, 43]);
});

test("without more it is 128 KB from the beginning, or what is left", () => {
  expect(ask({})).toHaveLength(32);
  expect(ask({ l: 131_072 })).toEqual([0]);
  expect(ask({ l: 256 })).toHaveLength(512);
  expect(ask({ o: 255 })).toEqual([255]);
  expect(ask({ o: 1, n: 2 })).toEqual([1, 2]);
  expect(ask({}, 5_000)).toEqual([0, 1]);
});

describe("refused", () => {
  test.each([
    ["BlockSizeOutOfBounds", { l: 255 }],
    ["BlockSizeOutOfBounds", { l: 131_073 }],
    ["OffsetOutOfBounds", { o: 256 }],
    ["OffsetOutOfBounds", { l: 256, o: 98_305 }],
    ["BlockCountLimitExceeded", { n: 33 }],
    ["BlockCountLimitExceeded", { n: 0 }],
    ["BlockBitmapLimitExceeded", { b: "ffffffffff" }],
    ["BlockBitmapLimitExceeded", { b: "00".repeat(20_000) }],
    ["InvalidRequest", { b: "xyz" }],
    ["InvalidRequest", { b: "" }],
    ["InvalidRequest", { b: 7 }],
    ["InvalidRequest", { f: 256 }],
    ["InvalidRequest", { f: "0" }],
    ["InvalidRequest", { f: undefined }],
    ["InvalidRequest", { l: undefined }],
    ["InvalidRequest", { l: 1.5 }],
    ["InvalidRequest", { o: -1 }],
    ["InvalidRequest", { n: Number.NaN }],
    ["InvalidRequest", { s: "1" }],
  ])("%s %j", (code, fields) => {
    expect(() => ask(fields)).toThrow(expect.objectContaining({ code }));
  });
});

test("whatever is asked: blocks of the file, each once, at most 128 KB", () => {
  const bitmap = fc.option(fc.uint8Array({ minLength: 1, maxLength: 64 }), { nil: undefined });
  const sizes = [fc.integer({ min: 256, max: 131_072 }), fc.nat(2_000), fc.nat(600), fc.nat(50 * MB)] as const;
  fc.assert(
    fc.property(...sizes, bitmap, (l, o, n, size, b) => {
      let blocks: number[];
      try {
        blocks = ask({ l, o, n, b }, size);
      } catch {
        return;
      }
      expect(new Set(blocks).size).toBe(blocks.length);
      expect(blocks.length * l).toBeLessThanOrEqual(131_072);
      for (const block of blocks) expect(block === 0 || block * l < size).toBe(true);
    }),
  );
});
