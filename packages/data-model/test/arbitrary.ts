import fc from "fast-check";
import type { SchemaElement, TypeSchema } from "../src/documents.ts";
import type { References } from "../src/type-check.ts";

const BITMAP = /\/aws\.bitmap@/;

interface Known {
  schema: TypeSchema;
  references: References;
}

/** For tests: values of a type of the library, with every bit of a bitmap given. */
export function anyValueOf(schema: TypeSchema, references: References, depth = 0): fc.Arbitrary<unknown> {
  const layers: Known[] = [{ schema, references }];
  for (let last = layers[0]!; last.schema.$ref; last = layers.at(-1)!) {
    const target = last.references.schema(last.schema.$ref);
    if (!target) throw new Error(`no ${last.schema.$ref}`);
    layers.push(target);
  }
  const value = valueOfType(layers, depth);
  return layers.some((layer) => layer.schema.nullable) ? fc.option(value, { nil: null }) : value;
}

function valueOfType(layers: readonly Known[], depth: number): fc.Arbitrary<unknown> {
  const all = <Key extends keyof TypeSchema>(key: Key) =>
    layers.flatMap(({ schema }) => (schema[key] === undefined ? [] : [schema[key]]));
  const most = (...keys: ("minimum" | "minLength" | "minItems")[]) => Math.max(0, ...keys.flatMap((key) => all(key)));
  const least = (limit: number, key: "maxLength" | "maxItems") => Math.min(limit, ...all(key));
  const [type] = all("type");
  const [named] = all("enum");
  if (named) return fc.constantFrom(...named);
  const structure = layers.find(({ schema }) => schema.properties);
  const isBitmap = layers.some(({ schema }) => BITMAP.test(schema.$ref ?? ""));
  if (structure) return objectOf(structure, isBitmap, depth);
  switch (type) {
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({
        min: Math.max(-(2 ** 31), ...all("minimum")),
        max: Math.min(2 ** 31 - 1, ...all("maximum")),
      });
    case "number":
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number));
    case "string": {
      // The only pattern of the library is that of octets.
      const isOctets = all("pattern").length > 0;
      const [minLength, maxLength] = [most("minLength"), least(Math.max(12, most("minLength")), "maxLength")];
      return isOctets
        ? fc
            .uint8Array({ minLength: Math.ceil(minLength / 2), maxLength: Math.floor(maxLength / 2) })
            .map((octets) => Buffer.from(octets).toString("hex"))
        : fc.string({ minLength, maxLength });
    }
    case "array": {
      const list = layers.find(({ schema }) => schema.items);
      const item = list ? anyValueOf(list.schema.items!, list.references, depth + 1) : fc.integer();
      const minLength = most("minItems");
      return fc.array(item, { minLength, maxLength: Math.max(minLength, least(depth > 2 ? 0 : 3, "maxItems")) });
    }
    case "object":
      return fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.integer()).map((any) => ({ ...any }));
    default:
      return fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
  }
}

function objectOf({ schema, references }: Known, isBitmap: boolean, depth: number): fc.Arbitrary<unknown> {
  const members = Object.entries(schema.properties!).map(([name, member]): [string, fc.Arbitrary<unknown>] => [
    name,
    anyValueOf((member as SchemaElement).value ?? member, references, depth + 1),
  ]);
  const all = Object.fromEntries(members);
  return isBitmap ? fc.record(all) : fc.record(all, { requiredKeys: [...(schema.required ?? [])] });
}
