import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DefinitionDocument, TypeSchema } from "./documents.ts";
import { extendLibrary, librarySchemas } from "./schema-set.ts";

interface Vector {
  clause: string;
  schema: TypeSchema;
  accepts: unknown[];
  rejects: unknown[];
}

const vectors = JSON.parse(readFileSync(new URL("type-vectors.json", import.meta.url), "utf8")) as Vector[];

const checkOf = (schema: TypeSchema) => {
  const document: DefinitionDocument = { $id: "/schema-versions/definition/test.Type@1.0", name: "Type", ...schema };
  return extendLibrary([], [document]).definition("test.Type@1.0")!;
};

describe("rows 25 and 30: a value of a type", () => {
  test.each(vectors)("$clause", ({ schema, accepts, rejects }) => {
    const check = checkOf(schema);
    for (const value of accepts) expect(check(value), JSON.stringify(value)).toBeUndefined();
    for (const value of rejects) expect(check(value), JSON.stringify(value)).toBeDefined();
  });

  test("is told where it is wrong and why, without being repeated", () => {
    const check = librarySchemas.capability("matter.DishwasherMode@1.4")!.property("SupportedModes")!;
    const mode = (value: unknown) => ({ Label: "Eco", Mode: 1, ModeTags: [{ Value: value }] });
    expect(check([mode("Auto"), mode("Light")])).toBeUndefined();
    expect(check([mode("Auto"), mode("secret")])).toEqual({
      path: "[1].ModeTags[0].Value",
      message: expect.stringMatching(/^must be one of "Auto", "Quick"/),
    });
    expect(check([mode("Auto"), { Label: "Eco", Mode: 1 }])).toEqual({ path: "[1].ModeTags", message: "is required" });
    expect(check([mode("Auto"), { ...mode("Auto"), Extra: 1 }])).toEqual({
      path: "[1].Extra",
      message: "is not allowed",
    });
  });

  test("checks any JSON without failing", () => {
    const checks = vectors.map(({ schema }) => checkOf(schema));
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        for (const check of checks) check(value);
      }),
    );
  });

  test("every property of the library can be compiled, and refuses what no Matter type holds", () => {
    const nothing = { "no member has this name": Symbol("nothing") };
    for (const id of librarySchemas.source.ids("capability")) {
      const capability = librarySchemas.capability(id)!;
      for (const name of Object.keys(capability.document.properties ?? {})) {
        expect(capability.property(name)!(nothing), `${id} ${name}`).toBeDefined();
      }
    }
  });

  test("numbers of Matter's types have their bounds", () => {
    const accepted = (type: string, value: unknown) =>
      librarySchemas.definition(`matter.${type}@1.4`)!(value) === undefined;
    expect(accepted("int16", -32768)).toBe(true);
    expect(accepted("int16", 32768)).toBe(false);
    expect(accepted("uint24", 2 ** 24 - 1)).toBe(true);
    expect(accepted("uint24", 2 ** 24)).toBe(false);
    expect(accepted("nodeId", -1)).toBe(false);
    expect(accepted("percent", 100)).toBe(true);
    expect(accepted("percent", 101)).toBe(false);
    expect(accepted("percent100ths", 10_001)).toBe(false);
    expect(accepted("temperature", -27_316)).toBe(false);
    expect(accepted("octstr", "00ff")).toBe(true);
    expect(accepted("octstr", "0")).toBe(false);
    expect(accepted("map8", { Bit0: 1, Bit7: 1 })).toBe(true);
    expect(accepted("map8", { Bit8: 1 })).toBe(false);
  });
});
