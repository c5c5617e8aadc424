import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TypeSchema } from "./documents.ts";
import { extendLibrary } from "./schema-set.ts";

/**
 * docs/decisions/0006: our own checker runs, ajv says what JSON Schema 2020-12 means. Where the schema language differs
 * (reference 5.5) it is written in JSON Schema's words first: `nullable` is an alternative that is null.
 */
const ajv = new Ajv2020({ strict: false, allErrors: false, unicodeRegExp: true, logger: false });

function inJsonSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(inJsonSchema);
  if (typeof schema !== "object" || schema === null) return schema;
  const { nullable, ...rest } = schema as TypeSchema;
  const plain = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, key === "enum" ? value : inJsonSchema(value)]),
  );
  return nullable === true ? { anyOf: [{ type: "null" }, plain] } : plain;
}

const ourVerdict = (schema: TypeSchema, value: unknown): boolean => {
  const document = { $id: "/schema-versions/definition/test.Type@1.0", name: "Type", ...schema };
  return extendLibrary([], [document]).definition("test.Type@1.0")!(value) === undefined;
};

const name = fc.constantFrom("a", "b", "ab", "S_1", "I_1");
const small = fc.integer({ min: -4, max: 12 });
const scalar = fc.oneof(
  small,
  fc.constantFrom(0.5, 1.5, -2.5),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom("", "a", "ab", "abc", "S_1", "😀", "x9", "A b"),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    scalar,
    fc.array(tie("any"), { maxLength: 4 }),
    fc.dictionary(name, tie("any"), { maxKeys: 4 }),
  ),
})).any;

const size = fc.integer({ min: 0, max: 4 });
const pattern = fc.constantFrom("^a", "b$", "^[a-z]+$", "^S_", "^I_", "[0-9]", "^(ab?|c)*$", "^.{1,2}$", "\\d", "^a|b");
const type = fc.constantFrom("boolean", "integer", "number", "string", "null", "array", "object");
const rare = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
const schema = fc.letrec<{ any: TypeSchema }>((tie) => {
  const inner = tie("any");
  const map = fc.dictionary(name, inner, { maxKeys: 3 });
  const closing = fc.oneof(fc.boolean(), inner);
  const keywords = fc.oneof(
    fc.record({ minimum: rare(small), maximum: rare(small), multipleOf: rare(fc.integer({ min: 1, max: 5 })) }),
    fc.record({ exclusiveMinimum: rare(small), exclusiveMaximum: rare(small), minimum: rare(small) }),
    fc.record({ minLength: rare(size), maxLength: rare(size), pattern: rare(pattern) }),
    fc.record({
      items: rare(inner),
      prefixItems: rare(fc.array(inner, { minLength: 1, maxLength: 3 })),
      minItems: rare(size),
      maxItems: rare(size),
      uniqueItems: rare(fc.boolean()),
    }),
    fc.record({
      properties: rare(map),
      patternProperties: rare(fc.dictionary(pattern, inner, { maxKeys: 2 })),
      required: rare(fc.uniqueArray(name, { maxLength: 2 })),
      propertyNames: rare(fc.record({ pattern })),
      additionalProperties: rare(closing),
    }),
    fc.record({
      properties: rare(map),
      anyOf: rare(
        fc.array(fc.record({ properties: map, required: fc.uniqueArray(name, { maxLength: 1 }) }), {
          minLength: 1,
          maxLength: 2,
        }),
      ),
      unevaluatedProperties: rare(closing),
    }),
    fc.record({ enum: fc.array(value, { minLength: 1, maxLength: 4 }) }),
    fc.record({ anyOf: fc.array(inner, { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(inner, { minLength: 1, maxLength: 3 }) }),
  );
  const one = fc
    .record({ type: rare(type), nullable: rare(fc.boolean()), keywords })
    .map(({ keywords: more, ...rest }) => JSON.parse(JSON.stringify({ ...rest, ...more })) as TypeSchema);
  return { any: fc.oneof({ maxDepth: 2, depthSize: "small" }, fc.record({ type }), one) };
}).any;

describe("row 25: the verdict of JSON Schema 2020-12", () => {
  test("is ours, for any type and any value", () => {
    const verdicts = { accepts: 0, rejects: 0 };
    const property = fc.property(schema, fc.array(value, { minLength: 8, maxLength: 8 }), (type, values) => {
      const validate = ajv.compile(inJsonSchema(type) as object);
      for (const one of values) {
        const verdict = validate(one);
        verdicts[verdict ? "accepts" : "rejects"]++;
        expect({ value: one, verdict: ourVerdict(type, one) }).toEqual({ value: one, verdict });
      }
      ajv.removeSchema();
    });
    fc.assert(property, { numRuns: 600, seed: 2020 });
    // Both verdicts were given often: the values were not all of no type.
    expect(Math.min(verdicts.accepts, verdicts.rejects)).toBeGreaterThan(500);
  });
});
