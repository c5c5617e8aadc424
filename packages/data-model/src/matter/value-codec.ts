import type { SchemaElement, TypeSchema } from "../documents.ts";
import { parseExtrinsicId } from "../extrinsic.ts";
import { compilePattern } from "../pattern.ts";
import { compileType, type References } from "../type-check.ts";
import { type Convert, elementKey, fail, isObject, memberStep, type Run, type ValueCodec } from "./conversion.ts";
import { bitmapCodec, enumCodec, numberCodec } from "./scalar-codecs.ts";

const MAX_DEPTH = 128;
/** Schemas can refer to themselves, and alternatives multiply what they refer to. */
const MAX_STEPS = 100_000;
const MAX_REFERENCES = 32;

const same: Convert = (value) => value;
const UNCHANGED: ValueCodec = { toMatter: same, fromMatter: same };

/** A schema and what it refers to, one after another: keywords beside `$ref` add to it (reference 5.2). */
interface Layer {
  schema: TypeSchema;
  references: References;
}

/** By what a set's references share, then by the schema: a type that refers to itself is one codec. */
const compiled = new WeakMap<References["budget"], WeakMap<TypeSchema, ValueCodec>>();

/** Prepared when first used, so types may recur. */
export function compileCodec(schema: TypeSchema, references: References): ValueCodec {
  let known = compiled.get(references.budget);
  if (!known) {
    known = new WeakMap();
    compiled.set(references.budget, known);
  }
  const codec = known.get(schema) ?? lazyCodec(schema, references);
  known.set(schema, codec);
  return codec;
}

function lazyCodec(schema: TypeSchema, references: References): ValueCodec {
  let codec: ValueCodec | undefined;
  const convert =
    (direction: keyof ValueCodec): Convert =>
    (value, path, run) => {
      // Whether null is allowed is for the type's check; it is the same in both forms.
      if (value === null) return null;
      if (run.depth >= MAX_DEPTH || ++run.steps > MAX_STEPS) return fail(run, path, "takes too long to convert");
      codec ??= codecOf(layersOf(schema, references));
      run.depth++;
      const converted = codec[direction](value, path, run);
      run.depth--;
      return converted;
    };
  return { toMatter: convert("toMatter"), fromMatter: convert("fromMatter") };
}

function layersOf(schema: TypeSchema, references: References): Layer[] {
  const layers: Layer[] = [{ schema, references }];
  for (let last = layers[0]!; last.schema.$ref !== undefined && layers.length < MAX_REFERENCES; ) {
    const target = last.references.schema(last.schema.$ref);
    if (!target) break;
    layers.push(target);
    last = target;
  }
  return layers;
}

const BITMAP = "/schema-versions/definition/aws.bitmap@";

function codecOf(layers: readonly Layer[]): ValueCodec {
  if (layers.some(({ schema }) => schema.$ref?.startsWith(BITMAP))) {
    return bitmapCodec(Object.assign({}, ...layers.map(({ schema }) => schema.properties ?? {}).reverse()));
  }
  const map = layers.find(({ schema }) => schema.extrinsicIdMap)?.schema.extrinsicIdMap;
  if (map) return enumCodec(map);
  const alternatives = layers.find(({ schema }) => schema.anyOf ?? schema.oneOf);
  const lists = listCodec(layers);
  const objects = objectCodec(layers);
  if (alternatives && !lists && !objects) return alternativesCodec(alternatives);
  const isNumber = layers.some(({ schema }) => schema.type === "integer" || schema.type === "number");
  const others = isNumber ? numberCodec : UNCHANGED;
  if (!lists && !objects) return others;
  const pick = (value: unknown): ValueCodec =>
    (Array.isArray(value) ? lists : isObject(value) ? objects : undefined) ?? others;
  return {
    toMatter: (value, path, run) => pick(value).toMatter(value, path, run),
    fromMatter: (value, path, run) => pick(value).fromMatter(value, path, run),
  };
}

function listCodec(layers: readonly Layer[]): ValueCodec | undefined {
  const layer = layers.find(({ schema }) => schema.items ?? schema.prefixItems);
  if (!layer) return undefined;
  const prefix = (layer.schema.prefixItems ?? []).map((item) => compileCodec(item, layer.references));
  const rest = layer.schema.items ? compileCodec(layer.schema.items, layer.references) : UNCHANGED;
  const convert =
    (direction: keyof ValueCodec): Convert =>
    (value, path, run) =>
      (value as unknown[]).map((item, i) => (prefix[i] ?? rest)[direction](item, `${path}[${i}]`, run));
  return { toMatter: convert("toMatter"), fromMatter: convert("fromMatter") };
}

export type Members = Readonly<Record<string, TypeSchema | SchemaElement>>;

const isElement = (member: TypeSchema | SchemaElement): member is SchemaElement =>
  typeof (member as SchemaElement).extrinsicId === "string";

function objectCodec(layers: readonly Layer[]): ValueCodec | undefined {
  const members = layers.filter(({ schema }) => schema.properties);
  const patterns = layers.flatMap(({ schema, references }) =>
    Object.entries(schema.patternProperties ?? {}).map(([pattern, member]) => ({
      matches: compilePattern(pattern) ?? (() => false),
      codec: compileCodec(member, references),
    })),
  );
  const rest = layers.find(({ schema }) => isObject(schema.additionalProperties));
  if (members.length === 0 && patterns.length === 0 && !rest) return undefined;
  const other = rest ? compileCodec(rest.schema.additionalProperties as TypeSchema, rest.references) : UNCHANGED;
  return membersCodec(
    members.map(({ schema, references }) => ({ members: schema.properties!, references })),
    (key) => patterns.find(({ matches }) => matches(key))?.codec ?? other,
  );
}

/**
 * Objects whose members have ids outside: a struct's fields, a request's parameters. `otherwise` converts what has
 * none and keeps its name; without it such a member is refused.
 */
export function membersCodec(
  groups: readonly { members: Members; references: References }[],
  otherwise?: (key: string) => ValueCodec,
): ValueCodec {
  const byName = new Map<string, { key: string; codec: ValueCodec }>();
  const byId = new Map<number, { key: string; codec: ValueCodec }>();
  for (const { members, references } of groups) {
    for (const [name, member] of Object.entries(members)) {
      if (byName.has(name)) continue;
      // `parameter` is an alias of `value` (reference 5.3, U50).
      const schema = isElement(member)
        ? (member.value ?? (member as { parameter?: TypeSchema }).parameter ?? {})
        : member;
      const codec = compileCodec(schema, references);
      const id = isElement(member) ? parseExtrinsicId(member.extrinsicId) : undefined;
      byName.set(name, { key: id === undefined ? name : elementKey(id), codec });
      if (id !== undefined) byId.set(id, { key: name, codec });
    }
  }
  const convert =
    (direction: keyof ValueCodec, memberOf: (key: string) => { key: string; codec: ValueCodec } | undefined): Convert =>
    (value, path, run) => {
      if (!isObject(value)) return fail(run, path, "must be an object");
      const converted = new Map<string, unknown>();
      for (const [key, member] of Object.entries(value)) {
        const step = path + memberStep(key);
        const known = memberOf(key) ?? (otherwise && { key, codec: otherwise(key) });
        if (!known) fail(run, step, "is not known");
        else if (converted.has(known.key)) fail(run, step, "is given twice");
        else converted.set(known.key, known.codec[direction](member, step, run));
      }
      return Object.fromEntries(converted);
    };
  return {
    toMatter: convert("toMatter", (key) => byName.get(key)),
    fromMatter: convert("fromMatter", (key) => {
      const member = byId.get(parseExtrinsicId(key) ?? -1);
      if (member) return member;
      const named = byName.get(key);
      // A member without an id keeps its name; one that has an id is called by it.
      return named?.key === key ? named : undefined;
    }),
  };
}

/** The first alternative that a value is of, in either direction. */
function alternativesCodec({ schema, references }: Layer): ValueCodec {
  const alternatives = (schema.anyOf ?? schema.oneOf ?? []).map((alternative) => ({
    check: compileType(alternative, references),
    codec: compileCodec(alternative, references),
  }));
  return {
    toMatter(value, path, run) {
      const fitting = alternatives.find(({ check }) => !check(value));
      return fitting ? fitting.codec.toMatter(value, path, run) : fail(run, path, "is of none of the alternatives");
    },
    fromMatter(value, path, run) {
      for (const { check, codec } of alternatives) {
        const attempt: Run = { problems: [], depth: run.depth, steps: run.steps };
        const converted = codec.fromMatter(value, path, attempt);
        run.steps = attempt.steps;
        if (attempt.problems.length === 0 && !check(converted)) return converted;
      }
      return fail(run, path, "is of none of the alternatives");
    },
  };
}
