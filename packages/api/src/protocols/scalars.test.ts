import type { Shape } from "@hearth/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatBase64, parseBase64 } from "./base64.ts";
import { readText, writeText } from "./scalars.ts";
import { formatTimestamp, parseTimestamp, type TimestampFormat } from "./timestamps.ts";
import { escapeXml } from "./xml.ts";

const formats: TimestampFormat[] = ["epoch-seconds", "iso8601", "http-date"];

describe("timestamps", () => {
  test("come back as they were", () => {
    fc.assert(
      fc.property(fc.integer({ min: -2e9, max: 8e9 }), fc.constantFrom(...formats), (seconds, format) => {
        expect(parseTimestamp(formatTimestamp(seconds, format), format)).toBe(seconds);
      }),
    );
  });

  test("fractions", () => {
    expect(formatTimestamp(1_748_968_266.655, "iso8601")).toBe("2025-06-03T16:31:06.655Z");
    expect(parseTimestamp("2025-06-03T18:31:06.655+02:00", "iso8601")).toBe(1_748_968_266.655);
    expect(parseTimestamp("1.748968266655E9", "epoch-seconds")).toBe(1_748_968_266.655);
  });

  test("texts that are none", () => {
    for (const text of ["", "2025", "2025-13-01T00:00:00Z", "now", "Infinity", "0x10", "1e9999999"]) {
      for (const format of formats.slice(1)) expect(parseTimestamp(text, format)).toBeUndefined();
    }
    expect(parseTimestamp("0x10", "epoch-seconds")).toBeUndefined();
  });
});

test("base64 comes back as it was, and only base64 is read", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(parseBase64(formatBase64(bytes))).toEqual(bytes);
    }),
  );
  for (const text of ["a", "a=", "ab=", "=", "a===", "a b=", "ab-_", "ab=c", "a\nbc", "é===", "abc\u0000"])
    expect(parseBase64(text)).toBeUndefined();
  expect(parseBase64("YQ")).toEqual(Uint8Array.of(97));
});

describe("scalars as text", () => {
  const shapes: Shape["type"][] = ["string", "integer", "long", "float", "double", "boolean", "blob", "timestamp"];

  test("any text is read as its type or left as it is", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...shapes), (text, type) => {
        const shape = { type } as Shape;
        const value = readText(shape, text, "iso8601");
        if (typeof value !== "string" && type !== "blob") {
          expect(readText(shape, writeText(shape, value, "iso8601"), "iso8601")).toEqual(value);
        }
      }),
    );
  });

  test("numbers and truth are strict", () => {
    const read = (type: "integer" | "double" | "boolean", text: string) => readText({ type }, text, "iso8601");
    expect([read("integer", "-12"), read("integer", "1.0"), read("integer", ""), read("integer", " 1")]).toEqual([
      -12,
      "1.0",
      "",
      " 1",
    ]);
    expect([read("double", "1.5e3"), read("double", "NaN"), read("double", ".")]).toEqual([1500, Number.NaN, "."]);
    expect([read("boolean", "true"), read("boolean", "false"), read("boolean", "TRUE")]).toEqual([true, false, "TRUE"]);
  });
});

test("escaped XML text has no mark-up and says the same", () => {
  const read = (text: string) =>
    text
      .replaceAll("&#xD;", "\r")
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&apos;", "'")
      .replaceAll("&amp;", "&");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const escaped = escapeXml(text);
      expect(escaped).not.toMatch(/[<>"'\r\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
      expect(read(escaped)).toBe(text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd"));
    }),
  );
  expect(escapeXml("\ud800x")).toBe("\ufffdx");
});
