import type { SchemaElement, TypeSchema } from "./documents.ts";
import { compilePattern } from "./pattern.ts";

/** What is wrong with a value. `path` leads from the value to the part that is wrong, empty for the value itself. */
export interface Problem {
  path: string;
  message: string;
}

/** Undefined when the value conforms. Allocates nothing then. */
export type Check = (value: unknown) => Problem | undefined;

/** Says of an object's member whether a schema has evaluated it, for `unevaluatedProperties`. */
type Evaluates = (value: object, key: string) => boolean;

/** What one check may cost: schemas can refer to themselves, and alternatives multiply what they refer to. */
export interface Budget {
  depth: number;
  steps: number;
}

const MAX_DEPTH = 128;
/** References followed in one check: some hundredths of a second. */
const MAX_STEPS = 1_000_000;

/** Finds the check of another schema; undefined when there is none. Asked at the first use, so schemas may recur. */
export interface References {
  check(reference: string): Check | undefined;
  readonly budget: Budget;
  schema(reference: string): { schema: TypeSchema; references: References } | undefined;
}

const problem = (message: string, path = ""): Problem => ({ path, message });
const below = (step: string, inner: Problem): Problem => ({ path: step + inner.path, message: inner.message });
const memberStep = (key: string): string => `.${key.length > 64 ? `${key.slice(0, 64)}…` : key}`;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;

/**
 * A function that tells whether a value is of the type (reference 5.5). Keywords that are not known are ignored;
 * keywords beside `$ref` apply in addition to what it refers to (reference 5.2).
 */
export function compileType(schema: TypeSchema, references: References): Check {
  const checks: Check[] = [];
  if (schema.$ref !== undefined) checks.push(referenceCheck(schema.$ref, references));
  const typed = typeCheck(schema);
  if (typed) checks.push(typed);
  checks.push(...numberChecks(schema), ...stringChecks(schema), ...arrayChecks(schema, references));
  checks.push(...objectChecks(schema, references), ...combinationChecks(schema, references));
  const check = all(checks);
  // OpenAPI's `nullable` admits null whatever else the schema says (reference 5.2).
  return schema.nullable === true ? (value) => (value === null ? undefined : check(value)) : check;
}

function all(checks: readonly Check[]): Check {
  const [first, second] = checks;
  if (!first) return () => undefined;
  if (!second) return first;
  if (checks.length === 2) return (value) => first(value) ?? second(value);
  return (value) => {
    for (const check of checks) {
      const found = check(value);
      if (found) return found;
    }
    return undefined;
  };
}

const TOO_COSTLY = problem("takes too long to check");

function within<T>(budget: Budget, otherwise: T, follow: () => T): T {
  if (budget.depth === 0) budget.steps = 0;
  if (budget.depth >= MAX_DEPTH || ++budget.steps > MAX_STEPS) return otherwise;
  budget.depth++;
  try {
    return follow();
  } finally {
    budget.depth--;
  }
}

function referenceCheck(reference: string, references: References): Check {
  let target: Check | undefined;
  return (value) => {
    target ??= references.check(reference) ?? (() => problem("has a type that is not known"));
    return within(references.budget, TOO_COSTLY, () => target?.(value));
  };
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  boolean: (value) => typeof value === "boolean",
  // 1.0 is an integer, 3.14 is not (reference 5.5).
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === "number",
  string: (value) => typeof value === "string",
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: isObject,
};

const ARTICLES: Readonly<Record<string, string>> = {
  integer: "an integer",
  array: "an array",
  object: "an object",
  null: "null",
};

const withArticle = (type: string): string => ARTICLES[type] ?? `a ${type}`;

function typeCheck(schema: TypeSchema): Check | undefined {
  if (schema.type === undefined) return undefined;
  const names: readonly string[] = typeof schema.type === "string" ? [schema.type] : schema.type;
  const tests = names.map((name) => (Object.hasOwn(TYPES, name) ? TYPES[name]! : () => false));
  const failure = problem(`must be ${names.map(withArticle).join(" or ")}`);
  const [test] = tests;
  if (test && tests.length === 1) return (value) => (test(value) ? undefined : failure);
  return (value) => (tests.some((one) => one(value)) ? undefined : failure);
}

function numberChecks(schema: TypeSchema): Check[] {
  const checks: Check[] = [];
  const add = (phrase: string, accepts: (value: number) => boolean) => {
    const failure = problem(phrase);
    checks.push((value) => (typeof value !== "number" || accepts(value) ? undefined : failure));
  };
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (minimum !== undefined) add(`must be at least ${minimum}`, (value) => value >= minimum);
  if (maximum !== undefined) add(`must be at most ${maximum}`, (value) => value <= maximum);
  if (exclusiveMinimum !== undefined)
    add(`must be greater than ${exclusiveMinimum}`, (value) => value > exclusiveMinimum);
  if (exclusiveMaximum !== undefined) add(`must be less than ${exclusiveMaximum}`, (value) => value < exclusiveMaximum);
  if (multipleOf !== undefined) add(`must be a multiple of ${multipleOf}`, (value) => isMultiple(value, multipleOf));
  return checks;
}

/** 0.6 is a multiple of 0.2, although binary fractions disagree (reference 5.5). */
function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  if (!Number.isFinite(quotient)) return false;
  return Math.abs(quotient - Math.round(quotient)) <= 1e-9 * Math.max(1, Math.abs(quotient));
}

/** Characters, not UTF-16 units, of a text that is `text.length` units long. */
function isLonger(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  // A character is at most two units.
  return text.length > 2 * limit || [...text].length > limit;
}

function stringChecks(schema: TypeSchema): Check[] {
  const checks: Check[] = [];
  const add = (phrase: string, accepts: (value: string) => boolean) => {
    const failure = problem(phrase);
    checks.push((value) => (typeof value !== "string" || accepts(value) ? undefined : failure));
  };
  const { minLength, maxLength, pattern } = schema;
  if (minLength !== undefined && minLength > 0) {
    add(`must have at least ${count(minLength, "character")}`, (value) => isLonger(value, minLength - 1));
  }
  if (maxLength !== undefined) {
    add(`must have at most ${count(maxLength, "character")}`, (value) => !isLonger(value, maxLength));
  }
  if (pattern !== undefined) {
    const matches = compilePattern(pattern) ?? (() => false);
    add(`must match ${pattern}`, matches);
  }
  return checks;
}

function arrayChecks(schema: TypeSchema, references: References): Check[] {
  const checks: Check[] = [];
  const add = (check: (value: readonly unknown[]) => Problem | undefined) =>
    checks.push((value) => (Array.isArray(value) ? check(value) : undefined));
  const { minItems, maxItems, uniqueItems, items, prefixItems = [] } = schema;
  if (minItems !== undefined) {
    const failure = problem(`must have at least ${count(minItems, "item")}`);
    add((value) => (value.length >= minItems ? undefined : failure));
  }
  if (maxItems !== undefined) {
    const failure = problem(`must have at most ${count(maxItems, "item")}`);
    add((value) => (value.length <= maxItems ? undefined : failure));
  }
  if (prefixItems.length > 0) {
    const prefix = prefixItems.map((item) => compileType(item, references));
    add((value) => eachItem(value, 0, Math.min(prefix.length, value.length), (index) => prefix[index]!));
  }
  if (items !== undefined) {
    const check = compileType(items, references);
    add((value) => eachItem(value, prefixItems.length, value.length, () => check));
  }
  if (uniqueItems === true) {
    const failure = problem("must not repeat an item");
    add((value) => (new Set(value.map(canonical)).size === value.length ? undefined : failure));
  }
  return checks;
}

function eachItem(value: readonly unknown[], from: number, to: number, checkOf: (index: number) => Check) {
  for (let i = from; i < to; i++) {
    const found = checkOf(i)(value[i]);
    if (found) return below(`[${i}]`, found);
  }
  return undefined;
}

/** Equal for equal JSON values, whatever the order of members. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "";
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}

const isElement = (member: TypeSchema | SchemaElement): member is SchemaElement =>
  typeof (member as SchemaElement).extrinsicId === "string" && isObject((member as SchemaElement).value);

/** A member of a struct or a bit of a bitmap keeps its schema in `value`, next to its external id (reference 5.5). */
const schemaOfMember = (member: TypeSchema | SchemaElement): TypeSchema => (isElement(member) ? member.value : member);

function objectChecks(schema: TypeSchema, references: References): Check[] {
  const checks: Check[] = [];
  const add = (check: (value: Record<string, unknown>) => Problem | undefined) =>
    checks.push((value) => (isObject(value) ? check(value) : undefined));
  const { required = [], propertyNames, additionalProperties, unevaluatedProperties } = schema;
  if (required.length > 0) {
    add((value) => {
      const missing = required.find((name) => !Object.hasOwn(value, name));
      return missing === undefined ? undefined : problem("is required", memberStep(missing));
    });
  }
  if (propertyNames !== undefined) {
    const check = compileType(propertyNames, references);
    add((value) => firstKey(value, (key) => check(key) && problem("is not an allowed name", memberStep(key))));
  }
  const memberCheck = compileMembers(schema, references, additionalProperties);
  if (memberCheck) add(memberCheck);
  if (unevaluatedProperties !== undefined && unevaluatedProperties !== true) {
    const evaluates = compileEvaluates({ ...schema, unevaluatedProperties: undefined }, references);
    const check = otherwise(unevaluatedProperties, references);
    add((value) =>
      firstKey(value, (key) => {
        const found = evaluates(value, key) ? undefined : check(value[key]);
        return found && below(memberStep(key), found);
      }),
    );
  }
  return checks;
}

function firstKey(value: object, check: (key: string) => Problem | undefined): Problem | undefined {
  for (const key of Object.keys(value)) {
    const found = check(key);
    if (found) return found;
  }
  return undefined;
}

const FORBIDDEN = problem("is not allowed");

/** The check of members that nothing else names. */
function otherwise(keyword: boolean | TypeSchema | undefined, references: References): Check {
  if (keyword === false) return () => FORBIDDEN;
  return isObject(keyword) ? compileType(keyword as TypeSchema, references) : () => undefined;
}

function compileMembers(schema: TypeSchema, references: References, rest: boolean | TypeSchema | undefined) {
  const { properties, patternProperties } = schema;
  if (!properties && !patternProperties && (rest === undefined || rest === true)) return undefined;
  const named = new Map(
    Object.entries(properties ?? {}).map(([name, member]) => [name, compileType(schemaOfMember(member), references)]),
  );
  const patterned = Object.entries(patternProperties ?? {}).map(([pattern, member]) => ({
    matches: compilePattern(pattern) ?? (() => false),
    check: compileType(member, references),
  }));
  const other = otherwise(rest, references);
  return (value: Record<string, unknown>) =>
    firstKey(value, (key) => {
      const member = value[key];
      let isKnown = false;
      const check = named.get(key);
      if (check) {
        isKnown = true;
        const found = check(member);
        if (found) return below(memberStep(key), found);
      }
      for (const pattern of patterned) {
        if (!pattern.matches(key)) continue;
        isKnown = true;
        const found = pattern.check(member);
        if (found) return below(memberStep(key), found);
      }
      const found = isKnown ? undefined : other(member);
      return found && below(memberStep(key), found);
    });
}

/** Which members the schema or a schema within it has looked at successfully (JSON Schema 2020-12 Core, 11.3). */
function compileEvaluates(schema: TypeSchema, references: References): Evaluates {
  const { properties = {}, patternProperties = {}, additionalProperties, unevaluatedProperties } = schema;
  if (additionalProperties !== undefined || unevaluatedProperties !== undefined) return () => true;
  const patterns = Object.keys(patternProperties).map((pattern) => compilePattern(pattern) ?? (() => false));
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].map((alternative) => ({
    check: compileType(alternative, references),
    evaluates: compileEvaluates(alternative, references),
  }));
  const target = schema.$ref === undefined ? undefined : references.schema(schema.$ref);
  let referred: Evaluates | undefined;
  return (value, key) => {
    if (Object.hasOwn(properties, key) || patterns.some((matches) => matches(key))) return true;
    if (alternatives.some((one) => one.evaluates(value, key) && !one.check(value))) return true;
    if (!target) return false;
    referred ??= compileEvaluates(target.schema, target.references);
    return within(references.budget, false, () => referred?.(value, key) ?? false);
  };
}

/** A longer list of values does not help the reader of a message. */
const MAX_LISTED = 200;

function combinationChecks(schema: TypeSchema, references: References): Check[] {
  const checks: Check[] = [];
  if (schema.enum !== undefined) {
    const allowed = new Set(schema.enum.map(canonical));
    const texts = new Set(schema.enum.filter((value) => typeof value === "string"));
    const listed = schema.enum.map(canonical).join(", ");
    const failure = problem(
      listed.length > MAX_LISTED ? "must be one of the listed values" : `must be one of ${listed}`,
    );
    checks.push((value) => (texts.has(value as string) || allowed.has(canonical(value)) ? undefined : failure));
  }
  if (schema.anyOf !== undefined) {
    const alternatives = schema.anyOf.map((alternative) => compileType(alternative, references));
    const failure = problem("must match one of the alternatives");
    checks.push((value) => (alternatives.some((check) => !check(value)) ? undefined : failure));
  }
  if (schema.oneOf !== undefined) {
    const alternatives = schema.oneOf.map((alternative) => compileType(alternative, references));
    const failure = problem("must match exactly one of the alternatives");
    checks.push((value) => (alternatives.filter((check) => !check(value)).length === 1 ? undefined : failure));
  }
  return checks;
}
