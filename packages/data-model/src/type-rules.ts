import { parseExtrinsicId } from "./extrinsic.ts";
import { idOfPath } from "./identity.ts";
import { patternProblem } from "./pattern.ts";
import type { SchemaSet } from "./schema-set.ts";
import type { Findings } from "./violation.ts";

/** What the rules of a document are checked with. */
export interface RuleContext {
  findings: Findings;
  schemas: SchemaSet;
  /** Keys of the document's `$defs`. */
  localNames: ReadonlySet<string>;
}

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const PRIMITIVES: readonly string[] = ["boolean", "integer", "number", "string", "null", "array", "object"];
const AWS_ENUM = "/schema-versions/definition/aws.enum@1.0";
const AWS_BITMAP = "/schema-versions/definition/aws.bitmap@1.0";
const ELEMENT_NAME = /^[A-Za-z0-9]{1,128}$/;
const MAX_EXTRINSIC_PROPERTIES = 20;

type KeywordRule = (value: unknown) => string | undefined;

const isNumber: KeywordRule = (value) => (typeof value === "number" ? undefined : "must be a number");
const isBoolean: KeywordRule = (value) => (typeof value === "boolean" ? undefined : "must be true or false");
const isCount: KeywordRule = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : "must be an integer, 0 or greater";

/** Keywords whose value is no schema (reference 5.5). */
const KEYWORDS: Readonly<Record<string, KeywordRule>> = {
  nullable: isBoolean,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  exclusiveMaximum: isNumber,
  multipleOf: (value) => (typeof value === "number" && value > 0 ? undefined : "must be a number greater than 0"),
  minLength: isCount,
  maxLength: isCount,
  minItems: isCount,
  maxItems: isCount,
  uniqueItems: isBoolean,
  pattern: (value) => (typeof value === "string" ? patternProblem(value) : "must be a regular expression"),
  required: (value) => (isListOfUniqueTexts(value) ? undefined : "must be a list of different names"),
  enum: (value) => (Array.isArray(value) && value.length > 0 ? undefined : "must be a list of at least one value"),
  type: (value) =>
    typeof value === "string" && PRIMITIVES.includes(value) ? undefined : `must be one of ${PRIMITIVES.join(", ")}`,
};

const isListOfUniqueTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string") && new Set(value).size === value.length;

/** A value that a property, a parameter or a definition has: it must lead to a primitive (reference 5.5). */
export function checkRootType(schema: unknown, path: string, context: RuleContext): void {
  checkType(schema, path, context);
  if (!isObject(schema)) return;
  const leads = ["type", "$ref", "enum", "anyOf", "oneOf"].some((keyword) => schema[keyword] !== undefined);
  if (!leads) context.findings.add(path, "type", "must have a type, a $ref, or alternatives");
}

/** One schema and all schemas within it. */
export function checkType(schema: unknown, path: string, context: RuleContext): void {
  const { findings } = context;
  if (findings.isFull) return;
  if (!isObject(schema)) {
    findings.add(path, "schema", "must be an object");
    return;
  }
  if (schema["not"] !== undefined) findings.add(`${path}.not`, "not", "is not supported");
  for (const [keyword, rule] of Object.entries(KEYWORDS)) {
    const message = schema[keyword] === undefined ? undefined : rule(schema[keyword]);
    if (message) findings.add(`${path}.${keyword}`, keyword, message);
  }
  if (schema["$ref"] !== undefined) checkReference(schema["$ref"], `${path}.$ref`, context);
  checkNestedTypes(schema, path, context);
  if (schema["$ref"] === AWS_BITMAP) checkBitmap(schema, path, findings);
  if (schema["$ref"] === AWS_ENUM) checkEnum(schema, path, findings);
}

/** `#/$defs/…` of the document, or a definition that exists (reference 5.1). */
function checkReference(reference: unknown, path: string, { findings, schemas, localNames }: RuleContext): void {
  if (typeof reference !== "string") {
    findings.add(path, "$ref", "must be text");
    return;
  }
  if (reference.startsWith("#/$defs/")) {
    if (!localNames.has(reference.slice(8))) findings.add(path, "$ref", "is not in $defs");
    return;
  }
  const id = idOfPath(reference, "definition");
  if (id === undefined) findings.add(path, "$ref", "must be #/$defs/… or /schema-versions/definition/…");
  else if (!schemas.definition(id)) findings.add(path, "$ref", "refers to a definition that does not exist");
}

function checkNestedTypes(schema: Json, path: string, context: RuleContext): void {
  const { findings } = context;
  for (const keyword of ["items", "propertyNames"]) {
    if (schema[keyword] !== undefined) checkType(schema[keyword], `${path}.${keyword}`, context);
  }
  for (const keyword of ["additionalProperties", "unevaluatedProperties"]) {
    const value = schema[keyword];
    if (value !== undefined && typeof value !== "boolean") checkType(value, `${path}.${keyword}`, context);
  }
  for (const keyword of ["anyOf", "oneOf", "prefixItems"]) {
    const value = schema[keyword];
    if (value === undefined) continue;
    if (!Array.isArray(value) || value.length === 0) {
      findings.add(`${path}.${keyword}`, keyword, "must be a list of at least one schema");
      continue;
    }
    for (const [index, item] of value.entries()) checkType(item, `${path}.${keyword}[${index}]`, context);
  }
  for (const keyword of ["properties", "patternProperties"]) {
    const value = schema[keyword];
    if (value === undefined) continue;
    if (!isObject(value)) {
      findings.add(`${path}.${keyword}`, keyword, "must be a map");
      continue;
    }
    for (const [name, member] of Object.entries(value)) {
      const problem = keyword === "patternProperties" ? patternProblem(name) : undefined;
      if (problem) findings.add(`${path}.${keyword}`, name, problem);
      checkMember(member, `${path}.${keyword}.${name}`, context);
    }
  }
}

/** A member of an object is a schema, or an element that has one as its `value`. */
function checkMember(member: unknown, path: string, context: RuleContext): void {
  if (isObject(member) && member["extrinsicId"] !== undefined && isObject(member["value"])) {
    checkElement(member, path, context);
  } else {
    checkType(member, path, context);
  }
}

/** `extrinsicId`, and `extrinsicProperties` where there are any (reference 5.1, 5.4). */
export function checkElement(element: Json, path: string, context: RuleContext): void {
  checkExtrinsic(element, path, context.findings);
  checkRootType(element["value"], `${path}.value`, context);
}

export function checkExtrinsic(element: Json, path: string, findings: Findings): void {
  const id = element["extrinsicId"];
  if (typeof id !== "string" || parseExtrinsicId(id) === undefined) {
    findings.add(`${path}.extrinsicId`, "extrinsicId", "must be 1 to 10 digits, or 0x and 1 to 8 hexadecimal digits");
  }
  checkExtrinsicProperties(element["extrinsicProperties"], `${path}.extrinsicProperties`, findings);
}

/** At most 20 of alphanumeric name; what they say is nobody's business here (reference 5.4). */
export function checkExtrinsicProperties(value: unknown, path: string, findings: Findings): void {
  if (value === undefined) return;
  if (!isObject(value)) {
    findings.add(path, "extrinsicProperties", "must be a map");
    return;
  }
  const names = Object.keys(value);
  if (names.length > MAX_EXTRINSIC_PROPERTIES) {
    findings.add(path, "extrinsicProperties", `must have at most ${MAX_EXTRINSIC_PROPERTIES} members`);
  }
  const wrong = names.find((name) => !ELEMENT_NAME.test(name));
  if (wrong !== undefined) findings.add(path, wrong, "must be named with letters and digits");
}

export const isElementName = (name: string): boolean => ELEMENT_NAME.test(name);

function checkBitmap(schema: Json, path: string, findings: Findings): void {
  if (schema["type"] !== "object") findings.add(`${path}.type`, "type", "must be object for a bitmap");
  const bits = schema["properties"];
  if (!isObject(bits)) {
    findings.add(`${path}.properties`, "properties", "must name the bits");
    return;
  }
  for (const [name, bit] of Object.entries(bits)) {
    const value = isObject(bit) ? bit["value"] : undefined;
    const isBit =
      isObject(bit) &&
      typeof bit["extrinsicId"] === "string" &&
      isObject(value) &&
      value["type"] === "integer" &&
      value["minimum"] === 0 &&
      typeof value["maximum"] === "number" &&
      value["maximum"] >= 1;
    if (!isBit) {
      const message = "must have an extrinsicId and an integer value with minimum 0 and maximum 1 or more";
      findings.add(`${path}.properties.${name}`, name, message);
    }
  }
}

function checkEnum(schema: Json, path: string, findings: Findings): void {
  if (schema["type"] !== "string") findings.add(`${path}.type`, "type", "must be string for an enum");
  const values = schema["enum"];
  if (!isListOfUniqueTexts(values) || values.length === 0) {
    findings.add(`${path}.enum`, "enum", "must be a list of different texts, at least one");
    return;
  }
  const map = schema["extrinsicIdMap"];
  const isMapped = (value: string) => {
    const id = isObject(map) && Object.hasOwn(map, value) ? map[value] : undefined;
    return typeof id === "string" && parseExtrinsicId(id) !== undefined;
  };
  const missing = values.find((value) => !isMapped(value));
  if (missing !== undefined) findings.add(`${path}.extrinsicIdMap`, missing, "must have an external id for each value");
}

/**
 * A chain of `$ref`, `anyOf` and `oneOf` that comes back to where it was without going into the value: no value could
 * ever be checked. Definitions outside the document exist already and cannot refer to it, so only `$defs` matter.
 */
export function findEndlessReference(defs: Json): string | undefined {
  const done = new Set<string>();
  const endless = (name: string, open: ReadonlySet<string>): boolean => {
    if (open.has(name)) return true;
    if (done.has(name) || !Object.hasOwn(defs, name)) return false;
    const opened = new Set(open).add(name);
    const found = referencesInPlace(defs[name]).some((next) => endless(next, opened));
    done.add(name);
    return found;
  };
  return Object.keys(defs).find((name) => endless(name, new Set()));
}

function referencesInPlace(schema: unknown): string[] {
  if (!isObject(schema)) return [];
  const own =
    typeof schema["$ref"] === "string" && schema["$ref"].startsWith("#/$defs/") ? [schema["$ref"].slice(8)] : [];
  const alternatives = [schema["anyOf"], schema["oneOf"]].flatMap((list) => (Array.isArray(list) ? list : []));
  return [...own, ...alternatives.flatMap(referencesInPlace)];
}
