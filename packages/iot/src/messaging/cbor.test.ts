import { decode, encode } from "cborg";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CborError, type CborValue, decodeCbor, encodeCbor } from "./cbor.ts";

const BOUNDS = { bytes: 1_000_000 };
const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
const read = (hex: string, bounds = BOUNDS): unknown => decodeCbor(fromHex(hex), bounds);

const leaf = fc.oneof(
  fc.constantFrom<CborValue>(null, true, false),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 1n << 53n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: -(1n << 63n), max: -(1n << 53n) }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value)),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.uint8Array({ maxLength: 40 }),
);
const values = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie("value"), { maxLength: 6 }),
    fc.dictionary(fc.string({ maxLength: 10 }), tie("value"), { maxKeys: 6 }),
  ),
})).value;

/** Maps and objects, of whatever prototype, as Maps. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [key, plain(member)]));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return new Map(Object.entries(value).map(([key, member]) => [key, plain(member)]));
};

describe("CBOR", () => {
  test("what is written is read again, and another implementation reads and writes the same", () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encodeCbor(value);
        expect(plain(decodeCbor(bytes, BOUNDS))).toEqual(plain(value));
        expect(plain(decode(bytes, { useMaps: true }))).toEqual(plain(value));
        expect(plain(decodeCbor(encode(value), BOUNDS))).toEqual(plain(value));
      }),
      { numRuns: 120 },
    );
  });

  test("hostile bytes are read or refused as CBOR, and nothing else happens", () => {
    const mutated = fc.tuple(values, fc.nat(), fc.nat(255)).map(([value, where, byte]) => {
      const bytes = encodeCbor(value);
      bytes[where % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        try {
          decodeCbor(bytes, BOUNDS);
        } catch (error) {
          expect(error).toBeInstanceOf(CborError);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  // RFC 8949, appendix A.
  test.each([
    ["00", 0],
    ["1818", 24],
    ["1bffffffffffffffff", (1n << 64n) - 1n],
    ["3bffffffffffffffff", -(1n << 64n)],
    ["3903e7", -1000],
    ["f90001", 2 ** -24],
    ["f97bff", 65504],
    ["f9c400", -4],
    ["f97c00", Number.POSITIVE_INFINITY],
    ["f97e00", Number.NaN],
    ["fa47c35000", 100_000],
    ["fb3ff199999999999a", 1.1],
    ["f7", undefined],
    ["62c3bc", "ü"],
    ["5f42010243030405ff", fromHex("0102030405")],
    ["7f657374726561646d696e67ff", "streaming"],
    ["9f018202039f0405ffff", [1, [2, 3], [4, 5]]],
    ["bf61610161629f0203ffff", Object.assign(Object.create(null), { a: 1, b: [2, 3] })],
    ["c11a514b67b0", 1_363_896_240],
    ["c249010000000000000000", fromHex("010000000000000000")],
  ])("%s", (hex, value) => {
    expect(read(hex)).toStrictEqual(value);
  });

  test.each([
    ["nothing", ""],
    ["an array of 2^32 items", "9affffffff"],
    ["an array of 2^64 items", "9bffffffffffffffff"],
    ["text of 2^63 bytes", "7b8000000000000000"],
    ["a map of more members than bytes", "ba00ffffff6161"],
    ["a map with a number as key", "a10102"],
    ["a key twice", "a2616101616102"],
    ["text that is not UTF-8", "62c328"],
    ["text in bytes", "7f4101ff"],
    ["pieces in pieces", "5f5f4101ffff"],
    ["no end", "9f01"],
    ["a break alone", "ff"],
    ["an unknown tag", "d81801"],
    ["an unknown simple value", "f820"],
    ["a reserved head", "1c"],
    ["something after the value", "0000"],
  ])("refuses %s", (_, hex) => {
    expect(() => read(hex)).toThrow(CborError);
  });

  test("depth and size are bounded", () => {
    expect(read(`${"81".repeat(16)}00`)).toBeDefined();
    expect(() => read(`${"81".repeat(17)}00`)).toThrow("deeper than 16 levels");
    expect(() => read("9f".repeat(100_000))).toThrow(CborError);
    expect(() => read("c1".repeat(100_000))).toThrow(CborError);
    expect(() => read("0000000000", { bytes: 4 })).toThrow("more than 4 bytes");
    expect(decodeCbor(encodeCbor({ ["__proto__"]: { isAdmin: true } }), BOUNDS)).not.toHaveProperty("isAdmin");
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
  });

  test("members that are undefined are left out; an integer of more than 64 bits is refused", () => {
    expect(Buffer.from(encodeCbor({ a: 1, b: undefined })).toString("hex")).toBe("a1616101");
    expect(() => encodeCbor(1n << 64n)).toThrow(RangeError);
  });
});
