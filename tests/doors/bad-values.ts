import type { ServiceModel, Shape, StructureShape } from "@hearth/contract";
import type { Input } from "./door.ts";
import { sampleInput } from "./samples.ts";

/** An input that is valid but for one member. */
export interface BadInput {
  /** `endpoints[0].id: too long` */
  title: string;
  /** The name of the member that is wrong, or of the one that holds the wrong item. */
  member: string;
  input: Input;
  /** Text of the wrong value where no answer may repeat it. */
  secret?: string;
}

interface Place {
  model: ServiceModel;
  /** The whole input, valid. */
  base: Input;
  keys: readonly (string | number)[];
  path: string;
  member: string;
  /** In the path of the URL an empty or missing value would be another URL. */
  location: string | undefined;
  sensitive: boolean;
}

interface Constraints {
  min?: number;
  max?: number;
  pattern?: string;
}

/** What none of the APIs' patterns allows in whole; the first that a pattern forbids is taken. */
const FORBIDDEN: readonly string[] = ["é !", "a b", "~~", "§§", "€€", "\u0001"];

/** More would not fit into a request, or into its head. */
const LARGEST = { body: 500_000, head: 70_000 };

const REMOVED = Symbol("removed");

/** For each constraint of each member of an operation's input, the input that violates it and no other. */
export function badInputs(model: ServiceModel, operation: string): BadInput[] {
  const name = model.operations[operation]?.input;
  if (!name) return [];
  const base = sampleInput(model, operation, "full");
  const place = { model, base, keys: [], path: "", member: "", location: undefined, sensitive: false };
  return [...inStructure(place, model.shapes[name] as StructureShape, base)];
}

function* inStructure(place: Place, shape: StructureShape, value: Input): Generator<BadInput> {
  for (const [name, member] of Object.entries(shape.members)) {
    if (!Object.hasOwn(value, name) || member.jsonValue) continue;
    const inside: Place = {
      ...place,
      keys: [...place.keys, name],
      path: place.path ? `${place.path}.${name}` : name,
      member: name,
      location: place.path ? undefined : member.payload ? "payload" : member.location,
      sensitive: place.sensitive || member.sensitive === true,
    };
    if (shape.required?.includes(name) && inside.location !== "uri" && inside.location !== "payload")
      yield bad(inside, "missing", REMOVED);
    yield* inShape(inside, member.shape, value[name], member);
  }
}

function* inShape(place: Place, name: string, value: unknown, own: Constraints = {}): Generator<BadInput> {
  const shape = place.model.shapes[name] as Shape;
  const here = { ...place, sensitive: place.sensitive || shape.sensitive === true };
  // In a query and in a URL everything is text, and what is empty is not there.
  const typed = here.location === undefined && here.model.protocol !== "query";
  switch (shape.type) {
    case "structure":
      if (typed) yield bad(here, "of another type", "not a structure");
      yield* inStructure(here, shape, value as Input);
      return;
    case "list": {
      const items = value as unknown[];
      if (typed) yield bad(here, "of another type", { not: "a list" });
      if (shape.min && typed) yield bad(here, "too few", items.slice(0, shape.min - 1));
      if (shape.max !== undefined) yield bad(here, "too many", Array(shape.max + 1).fill(items[0]));
      if (items.length > 0) {
        const location = here.location === "querystring" ? here.location : undefined;
        const inside = { ...here, keys: [...here.keys, 0], path: `${here.path}[0]`, location };
        yield* inShape(inside, shape.member, items[0]);
      }
      return;
    }
    case "map":
      if (typed) yield bad(here, "of another type", "not a map");
      if (typed && shape.min) yield bad(here, "too few", {});
      yield* inMap(here, shape, value as Input);
      return;
    case "string":
      yield* inString(here, shape);
      yield* inString(here, own);
      if (typed) yield bad(here, "of another type", { not: "a string" });
      return;
    case "integer":
    case "long":
    case "float":
    case "double":
      yield bad(here, "of another type", "not a number");
      for (const { min, max } of [shape, own]) {
        if (min !== undefined) yield bad(here, "too small", min - 1);
        if (max !== undefined) yield bad(here, "too large", max + 1);
      }
      return;
    case "boolean":
      yield bad(here, "of another type", "not a boolean");
      return;
    default:
      return;
  }
}

function* inMap(place: Place, shape: Extract<Shape, { type: "map" }>, value: Input): Generator<BadInput> {
  const [[key, item] = ["", undefined]] = Object.entries(value);
  if (shape.max !== undefined) {
    const entries = Array.from({ length: shape.max + 1 }, (_, index) => [`k${index}`, item]);
    yield bad(place, "too many", Object.fromEntries(entries));
  }
  const keys = place.model.shapes[shape.key] as Constraints;
  if (keys.max !== undefined) yield bad(place, "with too long a key", { ["k".repeat(keys.max + 1)]: item });
  const inside = { ...place, keys: [...place.keys, key], path: `${place.path}.${key}`, location: undefined };
  yield* inShape(inside, shape.value, item);
}

function* inString(place: Place, shape: Constraints & { enum?: readonly string[] }): Generator<BadInput> {
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern } = shape;
  if (shape.enum) yield bad(place, "not in the enum", "NOT_IN_THE_ENUM");
  if (min > 1 || (min === 1 && place.location !== "uri")) yield bad(place, "too short", "a".repeat(min - 1));
  const inHead = place.location !== undefined && place.location !== "payload";
  if (max < (inHead ? LARGEST.head : LARGEST.body)) yield bad(place, "too long", "a".repeat(max + 1));
  const sendable = FORBIDDEN.filter((text) => place.location !== "header" || /^[\x20-\x7e]+$/.test(text));
  const forbidden = pattern === undefined ? undefined : sendable.find((text) => !fits(pattern, text));
  if (forbidden !== undefined) {
    const text = forbidden.repeat(Math.ceil(min / forbidden.length) || 1).slice(0, max);
    yield bad(place, "of another pattern", text);
  }
}

/** The models' patterns are Java's, which may write a code point as `\x{0022}`. */
function fits(pattern: string, text: string): boolean {
  const source = `^(?:${pattern.replace(/\\x\{([0-9a-fA-F]+)\}/g, "\\u{$1}")})$`;
  try {
    return new RegExp(source, "u").test(text);
  } catch {
    return new RegExp(source).test(text);
  }
}

function bad(place: Place, what: string, value: unknown): BadInput {
  const title = `${place.path}: ${what}`;
  const secret = place.sensitive && typeof value === "string" && value.length > 2 ? value : undefined;
  const input = structuredClone(place.base) as Record<string, unknown>;
  let holder: Record<string | number, unknown> = input;
  for (const key of place.keys.slice(0, -1)) holder = holder[key] as Record<string, unknown>;
  const last = place.keys.at(-1) as string | number;
  if (value === REMOVED) delete holder[last];
  else holder[last] = value;
  return { title, member: place.member, input, ...(secret === undefined ? {} : { secret }) };
}
