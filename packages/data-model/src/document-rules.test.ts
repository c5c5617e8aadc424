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
const withProperty = (changes: object, name = "Glow") => capability({ properties: { [name]: property(changes) } });
const action = (changes: object = {}) => ({ name: "Blink", extrinsicId: "0x00", ...changes });
const withAction = (changes: object) => capability({ actions: [action(changes)] });
const withRequest = (changes: object) => withAction({ request: { parameters: {}, ...changes } });
const withParameter = (changes: object, name = "Times") => withRequest({ parameters: { [name]: property(changes) } });
const withResponse = (changes: object) => withAction({ response: { parameters: {}, ...changes } });
const withEvent = (changes: object) => capability({ events: [{ name: "Burnt", extrinsicId: "0x00", ...changes }] });
const extrinsic = (count: number) => Object.fromEntries(Array.from({ length: count }, (_unused, i) => [`p${i}`, i]));
const text = (length: number) => "x".repeat(length);

describe("a capability document", () => {
  /** Rule, a document that keeps it, one that breaks it, and where that is said. */
  test.each<[string, object, unknown, string]>([
    ["is an object", capability(), [], "document"],
    ["has at most 50,000 characters", capability(), capability({ x: text(50_000) }), "document"],
    [
      "is nested at most 64 deep",
      capability(),
      capability({ x: JSON.parse("[".repeat(70) + "]".repeat(70)) }),
      "document",
    ],
    ["has an $id", capability(), capability({ $id: undefined }), "$id"],
    ["has an $id of its type", capability(), capability({ $id: "/schema-versions/definition/acme.Lamp@1.0" }), "$id"],
    [
      "has an $id that begins as it should (U12)",
      capability(),
      capability({ $id: "/schema-version/capability/acme.Lamp@1.0" }),
      "$id",
    ],
    [
      "has a root namespace of 3 to 12 characters",
      capability({ $id: "/schema-versions/capability/abc.Lamp@1.0" }),
      capability({ $id: "/schema-versions/capability/ab.Lamp@1.0" }),
      "$id",
    ],
    [
      "has a root namespace of small letters and digits",
      capability({ $id: "/schema-versions/capability/a1b2.Lamp@1.0" }),
      capability({ $id: "/schema-versions/capability/Acme.Lamp@1.0" }),
      "$id",
    ],
    [
      "has an id of at most 128 characters",
      capability({ $id: `/schema-versions/capability/acme.${text(119)}@1.0` }),
      capability({ $id: `/schema-versions/capability/acme.${text(120)}@1.0` }),
      "$id",
    ],
    [
      "has a semantic version in its $id",
      capability({ $id: "/schema-versions/capability/acme.Lamp@100.200.3000" }),
      capability({ $id: "/schema-versions/capability/acme.Lamp@1" }),
      "$id",
    ],
    [
      "does not use the namespace aws",
      capability(),
      capability({ $id: "/schema-versions/capability/aws.Lamp@1.0" }),
      "$id",
    ],
    [
      "does not use the namespace matter",
      capability(),
      capability({ $id: "/schema-versions/capability/matter.Lamp@1.4" }),
      "$id",
    ],
    [
      "refers to aws.capability",
      capability({ $ref: "/schema-versions/definition/aws.capability@1.0" }),
      capability({ $ref: "/schema-versions/definition/aws.enum@1.0" }),
      "$ref",
    ],
    ["has a name", capability({ name: "PM2.5 On/Off - x" }), capability({ name: undefined }), "name"],
    ["has a name that begins with a letter", capability({ name: "A1" }), capability({ name: "1A" }), "name"],
    ["has a name of at most 64 characters", capability({ name: text(64) }), capability({ name: text(65) }), "name"],
    [
      "has a title of at most 256 characters",
      capability({ title: text(256) }),
      capability({ title: text(257) }),
      "title",
    ],
    [
      "has a description of at most 2048 characters",
      capability({ description: text(2048) }),
      capability({ description: text(2049) }),
      "description",
    ],
    ["has a version that is semantic", capability({ version: "1.4.1" }), capability({ version: "1" }), "version"],
    [
      "has an extrinsicVersion of 1 to 10 digits",
      capability({ extrinsicVersion: "1234567890" }),
      capability({ extrinsicVersion: "12345678901" }),
      "extrinsicVersion",
    ],
    ["has an extrinsicId", capability(), capability({ extrinsicId: undefined }), "extrinsicId"],
    [
      "has an extrinsicId in digits",
      capability({ extrinsicId: "305397761" }),
      capability({ extrinsicId: "0xG" }),
      "extrinsicId",
    ],
    ["is not of Matter's vendor", capability(), capability({ extrinsicId: "0x0006" }), "extrinsicId"],
    ["is not of AWS's vendor", capability(), capability({ extrinsicId: "0x15771002" }), "extrinsicId"],
    ["has no extrinsicProperties (U11)", capability(), capability({ extrinsicProperties: {} }), "extrinsicProperties"],
    [
      "has an element",
      capability({ properties: {}, actions: [action()] }),
      capability({ properties: {}, actions: [] }),
      "properties",
    ],
    ["has $defs that are a map", capability({ $defs: {} }), capability({ $defs: [] }), "$defs"],
    [
      "has $defs with keys for a URI",
      capability({ $defs: { "a-b": boolean } }),
      capability({ $defs: { "a b": boolean } }),
      "$defs",
    ],
    [
      "has $defs that are schemas",
      capability({ $defs: { a: boolean } }),
      capability({ $defs: { a: { type: "float" } } }),
      "$defs.a.type",
    ],
    [
      "has $defs that lead somewhere",
      capability({ $defs: { a: { items: { $ref: "#/$defs/a" } } } }),
      capability({ $defs: { a: { anyOf: [{ $ref: "#/$defs/b" }] }, b: { $ref: "#/$defs/a" } } }),
      "$defs.a",
    ],
    ["has properties that are a map", capability(), capability({ properties: [property()] }), "properties"],
    ["has alphanumeric properties", withProperty({}, "Glow2"), withProperty({}, "Glow_2"), "properties.Glow_2"],
    ["has properties with an id", withProperty({}), withProperty({ extrinsicId: 0 }), "properties.Glow.extrinsicId"],
    ["has properties with a value", withProperty({}), withProperty({ value: undefined }), "properties.Glow.value"],
    [
      "has flags that are boolean",
      withProperty({ mutable: false }),
      withProperty({ mutable: "yes" }),
      "properties.Glow.mutable",
    ],
    [
      "has 20 extrinsicProperties at most",
      withProperty({ extrinsicProperties: extrinsic(20) }),
      withProperty({ extrinsicProperties: extrinsic(21) }),
      "properties.Glow.extrinsicProperties",
    ],
    [
      "has alphanumeric extrinsicProperties",
      withProperty({ extrinsicProperties: { side: "server" } }),
      withProperty({ extrinsicProperties: { "a b": 1 } }),
      "properties.Glow.extrinsicProperties",
    ],
    [
      "does not use not",
      withProperty({ value: boolean }),
      withProperty({ value: { ...boolean, not: {} } }),
      "properties.Glow.value.not",
    ],
    ["has actions that are a list", withAction({}), capability({ actions: {} }), "actions"],
    ["has actions with a name", withAction({}), withAction({ name: undefined }), "actions[0].name"],
    ["has actions with an id", withAction({}), withAction({ extrinsicId: undefined }), "actions[0].extrinsicId"],
    [
      "has actions of different names",
      capability({ actions: [action(), action({ name: "Other" })] }),
      capability({ actions: [action(), action()] }),
      "actions[1].name",
    ],
    [
      "describes actions in 1536 characters",
      withAction({ description: text(1536) }),
      withAction({ description: text(1537) }),
      "actions[0].description",
    ],
    [
      "has requests with parameters",
      withRequest({}),
      withRequest({ parameters: undefined }),
      "actions[0].request.parameters",
    ],
    [
      "describes requests in 2048 characters",
      withRequest({ description: text(2048) }),
      withRequest({ description: text(2049) }),
      "actions[0].request.description",
    ],
    [
      "has requests whose id is one",
      withRequest({ extrinsicId: "0x01" }),
      withRequest({ extrinsicId: "x" }),
      "actions[0].request.extrinsicId",
    ],
    ["has alphanumeric parameters", withParameter({}), withParameter({}, "a-b"), "actions[0].request.parameters.a-b"],
    [
      "has parameters with an id",
      withParameter({}),
      withParameter({ extrinsicId: undefined }),
      "actions[0].request.parameters.Times.extrinsicId",
    ],
    [
      "has parameters with a type (U50)",
      withParameter({ value: undefined, parameter: boolean }),
      withParameter({ value: undefined }),
      "actions[0].request.parameters.Times.value",
    ],
    [
      "describes parameters in 1024 characters",
      withParameter({ description: text(1024) }),
      withParameter({ description: text(1025) }),
      "actions[0].request.parameters.Times.description",
    ],
    [
      "has responses with parameters",
      withResponse({}),
      withResponse({ parameters: undefined }),
      "actions[0].response.parameters",
    ],
    [
      "has responses with a name that is one",
      withResponse({ name: "BlinkDone" }),
      withResponse({ name: "" }),
      "actions[0].response.name",
    ],
    [
      "has response codes from 100 to 599",
      withResponse({ responseCode: 599 }),
      withResponse({ responseCode: 600 }),
      "actions[0].response.responseCode",
    ],
    [
      "has errors with a code",
      withResponse({ errors: [{ code: "AD_001", message: "" }] }),
      withResponse({ errors: [{ code: "AD-001", message: "" }] }),
      "actions[0].response.errors[0]",
    ],
    [
      "has different errors",
      withResponse({
        errors: [
          { code: "A", message: "a" },
          { code: "A", message: "b" },
        ],
      }),
      withResponse({
        errors: [
          { code: "A", message: "a" },
          { code: "A", message: "a" },
        ],
      }),
      "actions[0].response.errors[1]",
    ],
    ["has events that are a list", withEvent({}), capability({ events: {} }), "events"],
    [
      "describes events in 512 characters",
      withEvent({ description: text(512) }),
      withEvent({ description: text(513) }),
      "events[0].description",
    ],
    ["has events of different names", withEvent({}), capability({ events: [action(), action()] }), "events[1].name"],
    [
      "has event requests with parameters",
      withEvent({ request: { parameters: {} } }),
      withEvent({ request: {} }),
      "events[0].request.parameters",
    ],
    [
      "has event requests with nothing else",
      withEvent({ request: { parameters: {} } }),
      withEvent({ request: { parameters: {}, description: "" } }),
      "events[0].request.description",
    ],
    ["has events without responses", withEvent({}), withEvent({ response: { parameters: {} } }), "events[0].response"],
  ])("%s", (_rule, kept, broken, path) => {
    expect(validateCapabilityDocument(kept)).toEqual([]);
    expect(validateCapabilityDocument(broken)[0]?.path).toBe(path);
  });

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
const bit = (changes: object = {}) => ({
  extrinsicId: "0x0000",
  value: { type: "integer", minimum: 0, maximum: 1, ...changes },
});
const bitmap = (changes: object = {}) =>
  definition({
    $ref: "/schema-versions/definition/aws.bitmap@1.0",
    type: "object",
    properties: { A: bit() },
    ...changes,
  });
const enumeration = (changes: object = {}) =>
  definition({
    $ref: "/schema-versions/definition/aws.enum@1.0",
    type: "string",
    enum: ["A", "B"],
    extrinsicIdMap: { A: "0", B: "1" },
    ...changes,
  });

describe("a type definition", () => {
  test.each<[string, object, unknown, string]>([
    ["has an $id of its type", definition(), definition({ $id: "/schema-versions/capability/acme.Type@1.0" }), "$id"],
    ["has a name of at most 192 characters", definition({ name: text(192) }), definition({ name: text(193) }), "name"],
    ["leads to a primitive", definition(), definition({ type: undefined }), "document"],
    ["has a primitive type", definition({ type: "null" }), definition({ type: "float" }), "document.type"],
    [
      "refers to what exists",
      definition({ $ref: "/schema-versions/definition/matter.uint8@1.4" }),
      definition({ $ref: "/schema-versions/definition/matter.uint9@1.4" }),
      "document.$ref",
    ],
    [
      "refers to its own $defs",
      definition({ $defs: { A: boolean }, $ref: "#/$defs/A" }),
      definition({ $ref: "#/$defs/A" }),
      "document.$ref",
    ],
    ["refers by path", definition(), definition({ $ref: "https://example.com/type" }), "document.$ref"],
    [
      "has bounds that are numbers",
      definition({ minimum: 1, exclusiveMinimum: 0 }),
      definition({ minimum: "1" }),
      "document.minimum",
    ],
    ["has a multipleOf above 0", definition({ multipleOf: 0.2 }), definition({ multipleOf: 0 }), "document.multipleOf"],
    [
      "has lengths of 0 or more",
      definition({ type: "string", minLength: 0 }),
      definition({ type: "string", minLength: -1 }),
      "document.minLength",
    ],
    [
      "has a pattern",
      definition({ type: "string", pattern: "^a$" }),
      definition({ type: "string", pattern: "(" }),
      "document.pattern",
    ],
    [
      "has a pattern that can be run",
      definition({ type: "string", pattern: "^(a+)+$" }),
      definition({ type: "string", pattern: "(?=a)" }),
      "document.pattern",
    ],
    [
      "has patterns for names",
      definition({ type: "object", patternProperties: { "^a": {} } }),
      definition({ type: "object", patternProperties: { "(": {} } }),
      "document.patternProperties",
    ],
    [
      "requires different names",
      definition({ type: "object", required: [] }),
      definition({ type: "object", required: ["a", "a"] }),
      "document.required",
    ],
    [
      "has alternatives",
      definition({ type: undefined, anyOf: [boolean] }),
      definition({ anyOf: [] }),
      "document.anyOf",
    ],
    [
      "does not use not, however deep",
      definition({ type: "array", items: boolean }),
      definition({ type: "array", items: { not: {} } }),
      "document.items.not",
    ],
    ["is nullable or not", definition({ nullable: true }), definition({ nullable: "true" }), "document.nullable"],
    [
      "has any default (U14)",
      definition({ type: "boolean", default: "false" }),
      definition({ type: "boolean", default: "false", enum: [] }),
      "document.enum",
    ],
    ["that is a bitmap is an object", bitmap(), bitmap({ type: "integer" }), "document.type"],
    [
      "that is a bitmap has bits with ids",
      bitmap(),
      bitmap({ properties: { A: { type: "integer", minimum: 0, maximum: 1 } } }),
      "document.properties.A",
    ],
    [
      "that is a bitmap has bits from 0",
      bitmap(),
      bitmap({ properties: { A: bit({ minimum: -1 }) } }),
      "document.properties.A",
    ],
    [
      "that is a bitmap has bits to 1 or more",
      bitmap({ properties: { A: bit({ maximum: 3 }) } }),
      bitmap({ properties: { A: bit({ maximum: 0 }) } }),
      "document.properties.A",
    ],
    ["that is an enum is a string (U16)", enumeration(), enumeration({ type: "object" }), "document.type"],
    ["that is an enum has different values", enumeration(), enumeration({ enum: ["A", "A"] }), "document.enum"],
    [
      "that is an enum maps each value",
      enumeration(),
      enumeration({ extrinsicIdMap: { A: "0" } }),
      "document.extrinsicIdMap",
    ],
  ])("%s", (_rule, kept, broken, path) => {
    expect(validateDefinitionDocument(kept)).toEqual([]);
    expect(validateDefinitionDocument(broken)[0]?.path).toBe(path);
  });

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
