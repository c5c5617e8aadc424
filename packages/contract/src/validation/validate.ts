import type { ListShape, MapShape, Member, NumberShape, ServiceModel, Shape, StringShape } from "../model.ts";
import { codePoints, mentionOf, nameOfType } from "./mention.ts";
import { compilePattern } from "./pattern.ts";

export type Constraint = "required" | "type" | "length" | "pattern" | "range" | "enum" | "unique" | "union" | "depth";

export interface Violation {
  /** Where, by the members' modelled names: `endpoints[0].name`, `tags.env`. Empty for the input itself. */
  path: string;
  /** Name of the shape whose constraint is violated. */
  shape: string;
  constraint: Constraint;
  /** One sentence in AWS's words. Values of sensitive members are never in it. */
  message: string;
}

/** More than these are not worth reading, and a hostile list could hold a million. */
const MAX_VIOLATIONS = 100;
/** Shapes may contain themselves; no legitimate input is deeper. */
const MAX_DEPTH = 64;
/** Seconds since the epoch that a Date can hold. */
const MAX_EPOCH_SECONDS = 8.64e12;

interface Walk {
  model: ServiceModel;
  violations: Violation[];
}

interface Place {
  path: string;
  depth: number;
  sensitive: boolean;
}

/**
 * Checks a parsed input (see the README for how values are represented) against every constraint of its shape.
 * Members that the structure does not have are ignored; `null` and `undefined` are absent.
 *
 * @returns the violations in the order of the members, at most 100; empty: the input is valid.
 */
export function validate(model: ServiceModel, shapeName: string, value: unknown): Violation[] {
  const walk: Walk = { model, violations: [] };
  checkShape(walk, shapeName, value, { path: "", depth: 0, sensitive: false });
  return walk.violations;
}

/** The message of a ValidationException about these violations, as AWS words it. */
export function validationMessage(violations: readonly Violation[]): string {
  const count = violations.length === 1 ? "1 validation error" : `${violations.length} validation errors`;
  return `${count} detected: ${violations.map((violation) => violation.message).join("; ")}`;
}

function checkShape(walk: Walk, shapeName: string, value: unknown, place: Place): void {
  const shape = shapeOf(walk.model, shapeName);
  const here = shape.sensitive && !place.sensitive ? { ...place, sensitive: true } : place;
  if (here.depth > MAX_DEPTH) {
    report(walk, shapeName, "depth", here, undefined, `Member must not be nested deeper than ${MAX_DEPTH} levels`);
    return;
  }
  if (!hasType(shape, value)) {
    report(walk, shapeName, "type", here, value, `Member must be of type ${shape.type}`);
    return;
  }
  switch (shape.type) {
    case "structure":
      checkStructure(walk, shapeName, shape, value as object, here);
      return;
    case "list":
      checkList(walk, shapeName, shape, value as readonly unknown[], here);
      return;
    case "map":
      checkMap(walk, shapeName, shape, value as object, here);
      return;
    case "string":
      checkString(walk, shapeName, shape, value as string, here);
      return;
    case "blob":
      // How long a stream is shows when it has been read.
      if (isStream(value)) return;
      checkLength(walk, shapeName, shape, (value as Uint8Array).byteLength, value, here);
      return;
    case "integer":
    case "long":
    case "float":
    case "double":
      checkRange(walk, shapeName, shape, value as number, here);
      return;
    default:
      return;
  }
}

function checkStructure(
  walk: Walk,
  shapeName: string,
  shape: Extract<Shape, { type: "structure" }>,
  value: object,
  place: Place,
): void {
  let present = 0;
  for (const [name, member] of Object.entries(shape.members)) {
    if (walk.violations.length >= MAX_VIOLATIONS) return;
    const memberValue = ownValue(value, name);
    const inside = descend(place, place.path === "" ? name : `${place.path}.${name}`, member.sensitive);
    if (memberValue === undefined || memberValue === null) {
      if (shape.required?.includes(name)) {
        report(walk, member.shape, "required", inside, null, "Member must not be null");
      }
      continue;
    }
    present++;
    checkMember(walk, member, memberValue, inside);
  }
  if (shape.union && present > 1) {
    report(walk, shapeName, "union", place, undefined, "Member must have at most one of its alternatives set");
  }
}

function checkMember(walk: Walk, member: Member, value: unknown, place: Place): void {
  // The header has been parsed into whatever JSON it carried.
  if (member.jsonValue) return;
  const before = walk.violations.length;
  checkShape(walk, member.shape, value, place);
  if (walk.violations.length > before) return;
  const { min, max, pattern } = member;
  if (min === undefined && max === undefined && pattern === undefined) return;
  const limits = { min, max, pattern };
  if (typeof value === "string") checkString(walk, member.shape, { type: "string", ...limits }, value, place);
  else if (typeof value === "number") checkRange(walk, member.shape, limits, value, place);
  else checkLength(walk, member.shape, limits, sizeOf(value), value, place);
}

function checkList(walk: Walk, shapeName: string, shape: ListShape, value: readonly unknown[], place: Place): void {
  const before = walk.violations.length;
  checkLength(walk, shapeName, shape, value.length, value, place);
  if (walk.violations.length > before) return;
  if (shape.unique && new Set(value.map((item) => JSON.stringify(item))).size < value.length) {
    report(walk, shapeName, "unique", place, value, "Member must have unique values");
  }
  for (const [index, item] of value.entries()) {
    if (walk.violations.length >= MAX_VIOLATIONS) return;
    const inside = descend(place, `${place.path}[${index}]`);
    if (item === undefined || item === null) {
      report(walk, shape.member, "required", inside, null, "Member must not be null");
    } else checkShape(walk, shape.member, item, inside);
  }
}

function checkMap(walk: Walk, shapeName: string, shape: MapShape, value: object, place: Place): void {
  const keys = Object.keys(value);
  const before = walk.violations.length;
  checkLength(walk, shapeName, shape, keys.length, value, place);
  if (walk.violations.length > before) return;
  const keyShape = shapeOf(walk.model, shape.key);
  for (const key of keys) {
    if (walk.violations.length >= MAX_VIOLATIONS) return;
    if (keyShape.type === "string") {
      const inside = descend(place, place.path, keyShape.sensitive);
      checkString(walk, shape.key, keyShape, key, inside, "Map keys must satisfy constraint: ");
    }
    const shown = place.sensitive || keyShape.sensitive ? "*" : key.length > 64 ? `${key.slice(0, 64)}…` : key;
    const inside = descend(place, `${place.path}.${shown}`);
    const item = ownValue(value, key);
    if (item === undefined || item === null) {
      report(walk, shape.value, "required", inside, null, "Member must not be null");
    } else checkShape(walk, shape.value, item, inside);
  }
}

function checkString(
  walk: Walk,
  shapeName: string,
  shape: StringShape,
  value: string,
  place: Place,
  prefix = "",
): void {
  const fits = checkLength(walk, shapeName, shape, codePoints(value, shape.max), value, place, prefix);
  if (shape.enum && !shape.enum.includes(value)) {
    report(
      walk,
      shapeName,
      "enum",
      place,
      value,
      `${prefix}Member must satisfy enum value set: [${shape.enum.join(", ")}]`,
    );
  }
  // A value of forbidden length never reaches the expression, whose time grows with it.
  if (fits && shape.pattern !== undefined && !compilePattern(shape.pattern).test(value)) {
    const rule = `Member must satisfy regular expression pattern: ${shape.pattern}`;
    report(walk, shapeName, "pattern", place, value, `${prefix}${rule}`);
  }
}

function checkLength(
  walk: Walk,
  shapeName: string,
  limits: { min?: number; max?: number },
  length: number,
  value: unknown,
  place: Place,
  prefix = "",
): boolean {
  if (limits.min !== undefined && length < limits.min) {
    const rule = `Member must have length greater than or equal to ${limits.min}`;
    report(walk, shapeName, "length", place, value, `${prefix}${rule}`);
    return false;
  }
  if (limits.max !== undefined && length > limits.max) {
    const rule = `Member must have length less than or equal to ${limits.max}`;
    report(walk, shapeName, "length", place, value, `${prefix}${rule}`);
    return false;
  }
  return true;
}

function checkRange(
  walk: Walk,
  shapeName: string,
  limits: Pick<NumberShape, "min" | "max">,
  value: number,
  place: Place,
): void {
  // Written so that NaN violates a limit.
  if (limits.min !== undefined && !(value >= limits.min)) {
    const rule = `Member must have value greater than or equal to ${limits.min}`;
    report(walk, shapeName, "range", place, value, rule);
  } else if (limits.max !== undefined && !(value <= limits.max)) {
    report(walk, shapeName, "range", place, value, `Member must have value less than or equal to ${limits.max}`);
  }
}

function report(walk: Walk, shape: string, constraint: Constraint, place: Place, value: unknown, rule: string): void {
  const mention = place.sensitive && value !== null ? "Value" : mentionOf(value, constraint === "type");
  const where = place.path === "" ? "the request" : `'${place.path}'`;
  const message = `${mention} at ${where} failed to satisfy constraint: ${rule}`;
  walk.violations.push({ path: place.path, shape, constraint, message });
}

const isStream = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

function hasType(shape: Shape, value: unknown): boolean {
  switch (shape.type) {
    case "structure":
    case "map":
      return nameOfType(value) === "object";
    case "list":
      return Array.isArray(value);
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "blob":
      return value instanceof Uint8Array || (shape.streaming === true && isStream(value));
    case "integer":
      return Number.isInteger(value) && Math.abs(value as number) <= 0x80000000 && value !== 0x80000000;
    case "long":
      return Number.isInteger(value) && Math.abs(value as number) <= 2 ** 63;
    case "float":
    case "double":
      return typeof value === "number";
    case "timestamp":
      return typeof value === "number" && Math.abs(value) <= MAX_EPOCH_SECONDS;
    case "document":
      return true;
  }
}

function shapeOf(model: ServiceModel, name: string): Shape {
  const shape = Object.hasOwn(model.shapes, name) ? model.shapes[name] : undefined;
  if (!shape) throw new TypeError(`${model.service} has no shape ${name}`);
  return shape;
}

/** Only the value's own members count: `constructor` is not a member of every input. */
function ownValue(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function descend(place: Place, path: string, sensitive?: true): Place {
  return { path, depth: place.depth + 1, sensitive: place.sensitive || sensitive === true };
}

function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.byteLength;
  return Array.isArray(value) ? value.length : Object.keys(value as object).length;
}
