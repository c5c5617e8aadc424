import type { ServiceModel } from "@hearth/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson, readJson, writeJson } from "./json-values.ts";

const model: ServiceModel = {
  service: "toy",
  apiVersion: "1",
  protocol: "rest-json",
  signingNames: ["toy"],
  actionPrefix: "toy",
  operations: {},
  shapes: {
    Tree: {
      type: "structure",
      members: {
        text: { shape: "Text", locationName: "Text" },
        whole: { shape: "Whole" },
        ratio: { shape: "Ratio" },
        flag: { shape: "Flag" },
        bytes: { shape: "Bytes" },
        at: { shape: "At" },
        day: { shape: "Day" },
        anything: { shape: "Anything" },
        children: { shape: "Trees" },
        named: { shape: "TreeMap" },
      },
    },
    Text: { type: "string" },
    Whole: { type: "long" },
    Ratio: { type: "double" },
    Flag: { type: "boolean" },
    Bytes: { type: "blob" },
    At: { type: "timestamp" },
    Day: { type: "timestamp", format: "iso8601" },
    Anything: { type: "document" },
    Trees: { type: "list", member: "Tree" },
    TreeMap: { type: "map", key: "Text", value: "Tree" },
  },
};

const { tree } = fc.letrec<{ tree: Record<string, unknown> }>((tie) => ({
  tree: fc.record(
    {
      text: fc.string({ unit: "binary" }),
      whole: fc.maxSafeInteger(),
      // JSON has no negative zero.
      ratio: fc.double().map((number) => number || Math.abs(number)),
      flag: fc.boolean(),
      bytes: fc.uint8Array(),
      at: fc.integer({ min: -1e9, max: 4e9 }).map((tenths) => tenths / 10),
      day: fc.integer({ min: 0, max: 4e9 }),
      anything: fc
        .jsonValue()
        .filter((value) => value !== null)
        .map((value) => JSON.parse(JSON.stringify(value)) as unknown),
      children: fc.array(tie("tree"), { maxLength: 2, depthIdentifier: "tree" }),
      named: fc.dictionary(fc.oneof(fc.string(), fc.constant("__proto__")), tie("tree"), {
        maxKeys: 2,
        depthIdentifier: "tree",
      }),
    },
    { requiredKeys: [] },
  ),
}));

const overTheWire = (value: unknown): unknown =>
  parseJson(new TextEncoder().encode(JSON.stringify(writeJson(model, "Tree", value))));

describe("JSON values", () => {
  test("come back as they were", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const back = readJson(model, "Tree", overTheWire(value));
        // Clones differ in nothing but the values; maps come back without a prototype.
        expect(structuredClone(back)).toEqual(structuredClone(value));
      }),
    );
  });

  test("whatever comes, reading neither throws nor touches a prototype", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(model.shapes)), (value, shape) => {
        readJson(model, shape, value);
      }),
    );
    const hostile =
      '{"named":{"__proto__":{"Text":"x"}},"__proto__":{"polluted":1},"constructor":{"prototype":{"a":1}}}';
    const read = readJson(model, "Tree", parseJson(new TextEncoder().encode(hostile))) as Record<string, unknown>;
    expect(Object.keys(read)).toEqual(["named"]);
    expect(Object.keys(read.named as object)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("null members are absent, null items stay to be refused", () => {
    expect(readJson(model, "Tree", { Text: null, children: [null] })).toEqual({ children: [null] });
  });

  test("what does not fit stays as it is", () => {
    const odd = { Text: 1, whole: "x", bytes: "!", at: "yesterday", day: 5, children: {}, named: [] };
    expect(readJson(model, "Tree", odd)).toEqual({ ...odd, Text: undefined, text: 1 });
  });

  test("numbers without a literal are strings on the wire", () => {
    for (const ratio of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(writeJson(model, "Tree", { ratio })).toEqual({ ratio: String(ratio) });
      expect(readJson(model, "Tree", { ratio: String(ratio) })).toEqual({ ratio });
    }
  });

  test("timestamps are numbers, or texts where the model says so", () => {
    expect(writeJson(model, "Tree", { at: 1.5, day: 0 })).toEqual({ at: 1.5, day: "1970-01-01T00:00:00Z" });
  });

  test("an output of the wrong form is a defect", () => {
    expect(() => writeJson(model, "Tree", { bytes: "text" })).toThrow("not a Uint8Array");
    expect(() => writeJson(model, "Tree", { children: {} })).toThrow("not an array");
  });
});

describe("parseJson", () => {
  const parse = (text: string) => parseJson(new TextEncoder().encode(text));

  test("refuses nesting that is too deep, not brackets in strings", () => {
    expect(parse(`${"[".repeat(100)}${"]".repeat(100)}`)).toBeDefined();
    expect(() => parse(`${"[".repeat(101)}${"]".repeat(101)}`)).toThrow("nested deeper");
    const text = `\\"${"[{".repeat(200)}`;
    expect(parse(`"${text}"`)).toBe(`"${"[{".repeat(200)}`);
    const deep = `${"[".repeat(101)}${"]".repeat(101)}`;
    // An even number of backslashes ends the string, an odd one does not.
    expect(() => parse(`["\\\\",${deep}]`)).toThrow("nested deeper");
    expect(parse(`["\\\\\\"","${deep}"]`)).toEqual([`\\"`, deep]);
  });

  test("only ever throws SerializationException", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          parseJson(bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: "SerializationException" });
        }
      }),
    );
  });
});
