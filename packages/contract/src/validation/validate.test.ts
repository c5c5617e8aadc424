import { describe, expect, test } from "vitest";
import type { ServiceModel, Shape } from "../model.ts";
import { services } from "../services.ts";
import { validate, validationMessage } from "./validate.ts";

function modelOf(shapes: Record<string, Shape>): ServiceModel {
  return {
    service: "test",
    apiVersion: "1",
    protocol: "rest-json",
    signingNames: [],
    actionPrefix: "test",
    operations: {},
    shapes: { String: { type: "string" }, ...shapes },
  };
}

/** `path constraint` of each violation of a value of one shape, called `It`, inside a structure's member `it`. */
function check(it: Shape, value: unknown, more: Record<string, Shape> = {}): string[] {
  const model = modelOf({ Input: { type: "structure", members: { it: { shape: "It" } } }, It: it, ...more });
  return validate(model, "Input", { it: value }).map(({ path, constraint }) => `${path} ${constraint}`);
}

describe("validate, constraint by constraint", () => {
  const cases: [name: string, shape: Shape, good: unknown[], bad: unknown[], constraint: string][] = [
    ["min length", { type: "string", min: 2 }, ["ab", "😀😀"], ["", "a", "😀"], "length"],
    ["max length in code points", { type: "string", max: 2 }, ["", "😀😀"], ["abc", "😀😀😀"], "length"],
    ["pattern", { type: "string", pattern: "[a-z]+" }, ["abc"], ["", "Abc", "abc!", "abc\n", " abc"], "pattern"],
    [
      "anchored pattern",
      { type: "string", pattern: "^$|^(https):\\/\\/.*" },
      ["", "https://x"],
      ["http://x"],
      "pattern",
    ],
    ["enum", { type: "string", enum: ["A", "B"] }, ["A"], ["a", "", "AB"], "enum"],
    ["integer range", { type: "integer", min: 1, max: 3 }, [1, 3], [0, 4, -1], "range"],
    ["double range", { type: "double", min: 0, max: 1 }, [0, 0.5, 1], [-0.1, 1.1, Number.NaN], "range"],
    [
      "list size",
      { type: "list", member: "String", min: 1, max: 2 },
      [["a"], ["a", "b"]],
      [[], ["a", "b", "c"]],
      "length",
    ],
    ["uniqueness", { type: "list", member: "String", unique: true }, [[], ["a", "b"]], [["a", "a"]], "unique"],
    [
      "map size",
      { type: "map", key: "String", value: "String", min: 1, max: 1 },
      [{ a: "" }],
      [{}, { a: "", b: "" }],
      "length",
    ],
    [
      "blob size",
      { type: "blob", min: 1, max: 2 },
      [new Uint8Array(2)],
      [new Uint8Array(0), new Uint8Array(3)],
      "length",
    ],
    ["string type", { type: "string" }, [""], [1, true, [], {}], "type"],
    ["boolean type", { type: "boolean" }, [true, false], ["true", 0], "type"],
    ["integer type", { type: "integer" }, [0, -(2 ** 31), 2 ** 31 - 1], ["1", 1.5, 2 ** 31, Number.NaN], "type"],
    ["long type", { type: "long" }, [0, 2 ** 53], ["1", 0.5, Number.POSITIVE_INFINITY], "type"],
    ["double type", { type: "double" }, [0.5, Number.POSITIVE_INFINITY], ["0.5"], "type"],
    ["timestamp type", { type: "timestamp" }, [0, 1.5, -1], ["2026-01-01", Number.NaN, 1e300], "type"],
    ["blob type", { type: "blob" }, [new Uint8Array(0)], ["", [1]], "type"],
    ["list type", { type: "list", member: "String" }, [[]], [{}, "a"], "type"],
    ["map type", { type: "map", key: "String", value: "String" }, [{}], [[], "a", new Uint8Array(0)], "type"],
    ["structure type", { type: "structure", members: {} }, [{}], [[], "a"], "type"],
    ["document", { type: "document" }, [1, "a", [], { a: null }, false], [], ""],
  ];
  test.each(cases)("%s", (_name, shape, good, bad, constraint) => {
    for (const value of good) expect(check(shape, value), JSON.stringify(value)).toEqual([]);
    for (const value of bad) expect(check(shape, value), JSON.stringify(value)).toEqual([`it ${constraint}`]);
  });

  test("required members; null is absent; unknown members are ignored", () => {
    const shape: Shape = {
      type: "structure",
      members: { a: { shape: "String" }, b: { shape: "String" } },
      required: ["a"],
    };
    expect(check(shape, { a: "x", b: null, c: 1 })).toEqual([]);
    expect(check(shape, {})).toEqual(["it.a required"]);
    expect(check(shape, { a: null })).toEqual(["it.a required"]);
    expect(check(shape, null)).toEqual([]);
  });

  test("a required member is not found on the prototype", () => {
    const shape: Shape = {
      type: "structure",
      members: { constructor: { shape: "String" } },
      required: ["constructor"],
    };
    expect(check(shape, {})).toEqual(["it.constructor required"]);
  });

  test("union", () => {
    const shape: Shape = {
      type: "structure",
      union: true,
      members: { a: { shape: "String" }, b: { shape: "String" } },
    };
    expect(check(shape, { a: "x" })).toEqual([]);
    expect(check(shape, { a: "x", b: null })).toEqual([]);
    expect(check(shape, { a: "x", b: "y" })).toEqual(["it union"]);
  });

  test("paths of nested lists, maps and structures", () => {
    const more: Record<string, Shape> = {
      Short: { type: "string", max: 1 },
      Endpoint: { type: "structure", members: { name: { shape: "Short" }, tags: { shape: "Tags" } } },
      Tags: { type: "map", key: "Short", value: "Short" },
    };
    const value = [{ name: "a" }, { name: "ab", tags: { k: "vv", kk: "v" } }, null];
    expect(check({ type: "list", member: "Endpoint" }, value, more)).toEqual([
      "it[1].name length",
      "it[1].tags.k length",
      "it[1].tags length",
      "it[2] required",
    ]);
  });

  test("a map's keys may be called __proto__", () => {
    const value: unknown = JSON.parse('{"__proto__": 1, "constructor": "x"}');
    expect(check({ type: "map", key: "String", value: "String" }, value)).toEqual(["it.__proto__ type"]);
  });

  test("a member's own constraints are narrower than its shape's", () => {
    const model = modelOf({
      Input: {
        type: "structure",
        members: {
          text: { shape: "String", max: 2, pattern: "[a-z]*" },
          count: { shape: "Count", max: 5 },
          list: { shape: "Strings", max: 1 },
        },
      },
      Count: { type: "integer", max: 10 },
      Strings: { type: "list", member: "String" },
    });
    const of = (value: unknown) =>
      validate(model, "Input", value).map(({ path, constraint }) => `${path} ${constraint}`);
    expect(of({ text: "ab", count: 5, list: ["a"] })).toEqual([]);
    expect(of({ text: "abc", count: 6, list: ["a", "b"] })).toEqual(["text length", "count range", "list length"]);
    expect(of({ text: "A", count: 11 })).toEqual(["text pattern", "count range"]);
  });

  test("a JSON header is any JSON", () => {
    const model = modelOf({ Input: { type: "structure", members: { it: { shape: "String", jsonValue: true } } } });
    expect(validate(model, "Input", { it: [{ a: "b" }] })).toEqual([]);
  });

  test("depth and the number of violations are bounded", () => {
    const shapes: Record<string, Shape> = { It: { type: "list", member: "It" } };
    let nested: unknown = [];
    for (let level = 0; level < 10_000; level++) nested = [nested];
    expect(check({ type: "list", member: "It" }, nested, shapes)).toEqual([expect.stringMatching(/ depth$/)]);
    expect(check({ type: "list", member: "String" }, new Array(10_000).fill(1))).toHaveLength(100);
  });

  test("an unknown shape is a defect", () => {
    expect(() => validate(modelOf({}), "toString", {})).toThrow(TypeError);
  });
});

describe("messages", () => {
  const message = (service: string, shape: string, value: unknown) =>
    validationMessage(validate(services[service]!, shape, value));

  test("name the value, the member and the rule as AWS does", () => {
    expect(message("iot", "CreateThingRequest", { thingName: "a b" })).toBe(
      "1 validation error detected: Value 'a b' at 'thingName' failed to satisfy constraint: " +
        "Member must satisfy regular expression pattern: [a-zA-Z0-9:_-]+",
    );
    expect(message("iot", "ListThingsRequest", { maxResults: 251 })).toBe(
      "1 validation error detected: Value '251' at 'maxResults' failed to satisfy constraint: " +
        "Member must have value less than or equal to 250",
    );
    expect(message("iot", "CreateThingRequest", {})).toBe(
      "1 validation error detected: Value null at 'thingName' failed to satisfy constraint: Member must not be null",
    );
    expect(message("iot", "AttachPolicyRequest", { policyName: "", target: 1 })).toBe(
      "2 validation errors detected: Value '' at 'policyName' failed to satisfy constraint: Member must have length " +
        "greater than or equal to 1; Value of type number at 'target' failed to satisfy constraint: " +
        "Member must be of type string",
    );
    expect(
      message("iot", "AttachThingPrincipalRequest", { thingName: "t", principal: "p", thingPrincipalType: "X" }),
    ).toBe(
      "1 validation error detected: Value 'X' at 'thingPrincipalType' failed to satisfy constraint: " +
        "Member must satisfy enum value set: [EXCLUSIVE_THING, NON_EXCLUSIVE_THING]",
    );
  });

  test("speak of keys as keys", () => {
    expect(
      message("iot", "CreateThingRequest", { thingName: "t", attributePayload: { attributes: { "a b": "v" } } }),
    ).toBe(
      "1 validation error detected: Value 'a b' at 'attributePayload.attributes' failed to satisfy constraint: " +
        "Map keys must satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.,@/:#-]+",
    );
  });

  test("never repeat sensitive values, nor keys and values inside a sensitive map", () => {
    const input = {
      Role: "DEVICE",
      AuthenticationMaterial: "secret€",
      AuthenticationMaterialType: "X",
      Tags: { "key€": "value€" },
    };
    const violations = validate(services["iot-managed-integrations"]!, "CreateManagedThingRequest", input);
    expect(violations.map(({ path, constraint }) => `${path} ${constraint}`)).toEqual([
      "AuthenticationMaterial pattern",
      "AuthenticationMaterialType enum",
    ]);
    expect(JSON.stringify(violations)).not.toMatch(/secret|key€|value€/);
    const secretMap = modelOf({
      Input: { type: "structure", members: { it: { shape: "Map" } } },
      Map: { type: "map", key: "Short", value: "Short", sensitive: true },
      Short: { type: "string", max: 3 },
    });
    const inside = validate(secretMap, "Input", { it: { topsecret: "topsecret" } });
    expect(inside).toHaveLength(2);
    expect(JSON.stringify(inside)).not.toContain("topsecret");
  });

  test("cut long values without splitting a code point", () => {
    const long = `${"a".repeat(255)}😀${"b".repeat(1000)}`;
    const text = message("iot", "CreateThingRequest", { thingName: long });
    expect(text.length).toBeLessThan(500);
    // Throws on half a surrogate pair.
    expect(() => encodeURIComponent(text)).not.toThrow();
  });
});
