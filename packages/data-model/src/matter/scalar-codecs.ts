import type { SchemaElement, TypeSchema } from "../documents.ts";
import { parseExtrinsicId } from "../extrinsic.ts";
import { fail, isObject, memberStep, type ValueCodec } from "./conversion.ts";

const DECIMAL = /^-?\d{1,20}(\.\d{1,20})?$/;

/** Numbers; connectors write some as texts of digits (reference 9.7). */
export const numberCodec: ValueCodec = {
  toMatter: (value) => value,
  fromMatter: (value) => (typeof value === "string" && DECIMAL.test(value) ? Number(value) : value),
};

/** Names of values on our side, their numbers on Matter's. */
export function enumCodec(map: Readonly<Record<string, string>>): ValueCodec {
  const numbers = new Map<string, number>();
  const names = new Map<number, string>();
  for (const [name, text] of Object.entries(map)) {
    const id = parseExtrinsicId(text);
    if (id === undefined) continue;
    numbers.set(name, id);
    // Where two names share a number the first one is used.
    if (!names.has(id)) names.set(id, name);
  }
  return {
    toMatter: (value, path, run) =>
      numbers.get(value as string) ?? fail(run, path, "is not a value of the enumeration"),
    fromMatter(value, path, run) {
      const id = typeof value === "string" ? parseExtrinsicId(value) : value;
      return names.get(id as number) ?? fail(run, path, "is not a number of the enumeration");
    },
  };
}

interface Field {
  position: bigint;
  mask: bigint;
}

/** Above this a JSON number is no longer exact: such an integer travels as a text of digits. */
const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

/** Named bits on our side, one integer on Matter's; a maximum above 1 is a field of several bits (reference 5.5). */
export function bitmapCodec(bits: Readonly<Record<string, TypeSchema | SchemaElement>>): ValueCodec {
  const fields = new Map<string, Field>();
  let named = 0n;
  for (const [name, bit] of Object.entries(bits)) {
    const { extrinsicId, value } = bit as SchemaElement;
    const position = parseExtrinsicId(extrinsicId ?? "");
    // 64 bits are the widest bitmap of Matter; a customer's may not make us build larger integers.
    if (position === undefined || position > 63) continue;
    const width = BigInt(Math.max(1, Math.ceil(Math.log2((value?.maximum ?? 1) + 1))));
    const field = { position: BigInt(position), mask: (1n << width) - 1n };
    fields.set(name, field);
    named |= field.mask << field.position;
  }
  return {
    toMatter(value, path, run) {
      if (!isObject(value)) return fail(run, path, "must be an object of bits");
      let sum = 0n;
      for (const [name, bit] of Object.entries(value)) {
        const field = fields.get(name);
        const step = path + memberStep(name);
        if (!field) return fail(run, step, "is not a bit of the bitmap");
        if (!Number.isSafeInteger(bit) || (bit as number) < 0 || BigInt(bit as number) > field.mask) {
          return fail(run, step, `must be an integer from 0 to ${field.mask}`);
        }
        sum |= BigInt(bit as number) << field.position;
      }
      return sum <= MAX_EXACT ? Number(sum) : String(sum);
    },
    fromMatter(value, path, run) {
      const sum = unsigned(value);
      if (sum === undefined) return fail(run, path, "must be a non-negative integer, or its digits as a text");
      if ((sum & ~named) !== 0n) return fail(run, path, "has a bit that the bitmap does not name");
      return Object.fromEntries(
        [...fields].map(([name, { position, mask }]) => [name, Number((sum >> position) & mask)]),
      );
    },
  };
}

function unsigned(value: unknown): bigint | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  const isInteger = typeof value === "string" && /^(\d{1,20}|0[xX][0-9a-fA-F]{1,16})$/.test(value);
  return isInteger ? BigInt(value) : undefined;
}
