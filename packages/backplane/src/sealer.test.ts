import { InternalError } from "@hearth/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSealer } from "./sealer.ts";

const key = (fill: number) => new Uint8Array(32).fill(fill);

describe("sealing", () => {
  const sealer = createSealer(key(1));

  test("what is sealed opens again under the same key and purpose, in any process", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (plain, purpose) => {
        const sealed = sealer.seal(plain, purpose);
        expect([...createSealer(key(1)).open(sealed, purpose)]).toEqual([...plain]);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(sealer.openText(sealer.seal(text, "p"), "p")).toBe(text);
      }),
    );
  });

  test("it opens for no other purpose and under no other key", () => {
    const sealed = sealer.seal("secret", "access key");
    expect(() => sealer.open(sealed, "device key")).toThrow(InternalError);
    expect(() => createSealer(key(2)).open(sealed, "access key")).toThrow(InternalError);
  });

  test("any changed, missing or added byte is noticed", () => {
    const sealed = sealer.seal("secret", "p");
    for (let index = 0; index < sealed.length; index++) {
      const changed = new Uint8Array(sealed);
      changed[index]! ^= 1;
      expect(() => sealer.open(changed, "p")).toThrow(InternalError);
      expect(() => sealer.open(sealed.subarray(0, index), "p")).toThrow(InternalError);
    }
    expect(() => sealer.open(new Uint8Array([...sealed, 0]), "p")).toThrow(InternalError);
  });

  test("the same text is sealed differently each time and cannot be seen in it", () => {
    const sealed = Array.from({ length: 50 }, () => Buffer.from(sealer.seal("secret", "p")).toString("latin1"));
    expect(new Set(sealed).size).toBe(50);
    expect(sealed.some((text) => text.includes("secret"))).toBe(false);
  });

  test("hashes find the same value for the same purpose, and tell nothing under another key", () => {
    expect(sealer.hash("v", "p")).toMatch(/^[0-9a-f]{64}$/);
    expect(createSealer(key(1)).hash("v", "p")).toBe(sealer.hash("v", "p"));
    const others = [sealer.hash("w", "p"), sealer.hash("v", "q"), createSealer(key(2)).hash("v", "p")];
    expect(new Set([sealer.hash("v", "p"), ...others]).size).toBe(4);
    expect(sealer.hash("b:c", "a")).not.toBe(sealer.hash("c", "a:b"));
  });

  test("a master key has 32 bytes", () => {
    expect(() => createSealer(new Uint8Array(16))).toThrow(InternalError);
  });
});
