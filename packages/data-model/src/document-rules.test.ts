import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { validateCapabilityDocument, validateDefinitionDocument } from "./document-rules.ts";
import type { CapabilityDocument, DefinitionDocument } from "./documents.ts";
import { library } from "./library.ts";
import { extendLibrary } from "./schema-set.ts";

const boolean = { type: "boolean" };
const property = (changes: object = {}) => ({ extrinsicId: "0x0000", value: boolean, ...changes });
const capability = (changes: object = {}) => ({
  $id: "/schema-versions/capability/acme.light.Lamp@1.0",
  name: "Lamp",
  extrinsicId: "0x12340001",
  extrinsicVersion: "1",
  properties: { Glow: property() },
  ...changes,
});

interface RuleTable {
  type: "capability" | "definition";
  base: object;
  /** `keeps` and `breaks` are laid over `base`; null takes a member away, and what is no object is the document itself. */
  rules: { rule: string; keeps: unknown; breaks: unknown; path: string }[];
}

/** `{{64}}` within a text stands for so many characters. */
const tables = JSON.parse(
  readFileSync(new URL("document-rules.json", import.meta.url), "utf8").replaceAll(/\{\{(\d+)\}\}/g, (_all, length) =>
    "x".repeat(Number(length)),
  ),
) as RuleTable[];

describe.each(tables)("rows 24, 29 and 30: a document of type $type", ({ type, base, rules }) => {
  const validate = type === "capability" ? validateCapabilityDocument : validateDefinitionDocument;
  const laidOver = (changes: unknown): unknown => {
    if (typeof changes !== "object" || changes === null || Array.isArray(changes)) return changes;
    return Object.fromEntries(Object.entries({ ...base, ...changes }).filter(([, member]) => member !== null));
  };
  test.each(rules)("$rule", ({ keeps, breaks, path }) => {
    expect(validate(laidOver(keeps))).toEqual([]);
    expect(validate(laidOver(breaks))[0]?.path).toBe(path);
  });
});

describe("a capability document", () => {
  test("of the library is one", () => {
    for (const id of library.ids("capability")) {
      expect(validateCapabilityDocument(library.capability(id), { isReservedAllowed: true }), id).toEqual([]);
    }
  });

  test("may be any JSON", () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.jsonValue().map((part) => capability({ properties: part, actions: [part] })),
    );
    fc.assert(fc.property(value, (document) => Array.isArray(validateCapabilityDocument(document))));
  });
});

const definition = (changes: object = {}) => ({
  $id: "/schema-versions/definition/acme.Type@1.0",
  name: "Type",
  type: "integer",
  ...changes,
});
describe("a type definition", () => {
  test("may refer to one that a customer made before", () => {
    const before = definition({ $id: "/schema-versions/definition/acme.Before@1.0" }) as DefinitionDocument;
    const after = definition({ $ref: "/schema-versions/definition/acme.Before@1.0" });
    expect(validateDefinitionDocument(after)).toHaveLength(1);
    expect(validateDefinitionDocument(after, { schemas: extendLibrary([], [before]) })).toEqual([]);
  });

  test("of the library is one", () => {
    for (const id of library.ids("definition")) {
      expect(validateDefinitionDocument(library.definition(id), { isReservedAllowed: true }), id).toEqual([]);
    }
  });
});

describe("a document that nobody has checked", () => {
  const level = { type: "object", properties: { n: { $ref: "#/$defs/A" } } };
  const nested = (depth: number): unknown => (depth === 0 ? { n: 1 } : { n: nested(depth - 1) });

  test.each<[string, object]>([
    ["refers to itself", { $ref: "#/$defs/A" }],
    ["multiplies at every level of a value", { anyOf: [level, level] }],
    [
      "refers to itself for what is evaluated",
      { anyOf: [{ $ref: "#/$defs/A" }, { $ref: "#/$defs/A" }], unevaluatedProperties: false },
    ],
  ])("and that %s, ends with a refusal", (_name, schema) => {
    const odd = {
      ...capability({ $id: "/schema-versions/capability/acme.Odd@1.0" }),
      properties: { P: { extrinsicId: "0", value: { $ref: "#/$defs/A" } } },
      $defs: { A: schema },
    } as CapabilityDocument;
    const check = extendLibrary([odd]).capability("acme.Odd@1.0")!.property("P")!;
    expect(check(nested(30))).toBeDefined();
  });
});
