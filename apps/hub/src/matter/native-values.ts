import { camelize } from "@matter/main";
import { Metatype, type ValueModel } from "@matter/main/model";
import { ActionError } from "../plugins/action-error.ts";

/**
 * Values between two forms: as matter.js has them (members by their names in camel case, octets as bytes, 64-bit numbers
 * as bigint), and by Matter's ids, as @hearth/data-model reads and writes them (fields by id, a bitmap as one integer).
 * matter.js' own model of the clusters says which is which.
 */

/** What has fields: an event, a command's request or response, a struct. */
export type FieldsModel = Pick<ValueModel, "name" | "properties">;

const keyOf = (id: number): string => `0x${id.toString(16).padStart(2, "0")}`;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** The value by ids; undefined where it has no such form. */
export function toIds(model: ValueModel, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  switch (model.effectiveMetatype) {
    case Metatype.object:
      return isObject(value) ? fieldsToIds(model, value) : undefined;
    case Metatype.array: {
      const entry = model.conformant.fields("entry");
      return Array.isArray(value) && entry ? value.map((one) => toIds(entry, one)) : value;
    }
    case Metatype.bitmap:
      return isObject(value) ? bitsToInteger(model, value) : plain(value);
    case Metatype.bytes:
      return ArrayBuffer.isView(value) ? hexOf(value) : undefined;
    case Metatype.any:
      return undefined;
    default:
      return plain(value);
  }
}

export function fieldsToIds(model: FieldsModel, value: Record<string, unknown>): Record<string, unknown> {
  const fields = [...model.properties].flatMap((field): [string, unknown][] => {
    const converted = toIds(field, value[field.propertyName]);
    return converted === undefined || field.id === undefined ? [] : [[keyOf(field.id), converted]];
  });
  return Object.fromEntries(fields);
}

/** Above this a JSON number is no longer exact: such an integer is a text of digits. */
const plain = (value: unknown): unknown => {
  if (typeof value !== "bigint") return value;
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
};

const hexOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString("hex").toUpperCase();

/** A bit, or several that are one number. */
interface Bits {
  name: string;
  position: number;
  width: number;
}

function bitsOf(model: ValueModel): Bits[] {
  return [...model.fields].flatMap((field): Bits[] => {
    const { value, min, max } = field.constraint;
    const name = camelize(field.title ?? field.name);
    if (typeof value === "number") return [{ name, position: value, width: 1 }];
    if (typeof min === "number" && typeof max === "number") return [{ name, position: min, width: max - min + 1 }];
    return [];
  });
}

function bitsToInteger(model: ValueModel, value: Record<string, unknown>): unknown {
  let sum = 0n;
  for (const { name, position } of bitsOf(model)) sum |= BigInt(Number(value[name] ?? 0)) << BigInt(position);
  return plain(sum);
}

/** The value as matter.js takes it. @throws ActionError 400 for what has no such form */
export function fromIds(model: ValueModel, value: unknown): unknown {
  if (value === null) return null;
  switch (model.effectiveMetatype) {
    case Metatype.object:
      return fieldsFromIds(model, value);
    case Metatype.array: {
      const entry = model.conformant.fields("entry");
      if (!Array.isArray(value) || !entry) throw invalid(model, "has to be a list");
      return value.map((one) => fromIds(entry, one));
    }
    case Metatype.bitmap:
      return bitsFromInteger(model, value);
    case Metatype.bytes:
      return bytesFrom(model, value);
    case Metatype.integer:
    case Metatype.enum:
      return integerFrom(model, value);
    case Metatype.float:
      if (typeof value !== "number") throw invalid(model, "has to be a number");
      return value;
    case Metatype.boolean:
      if (typeof value !== "boolean") throw invalid(model, "has to be true or false");
      return value;
    case Metatype.string:
      if (typeof value !== "string") throw invalid(model, "has to be a text");
      return value;
    default:
      throw invalid(model, "cannot be set");
  }
}

/** @throws ActionError 400 for what is no object of the fields, or lacks one that has to be there */
export function fieldsFromIds(model: FieldsModel, value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw invalid(model, "has to be an object");
  const given = new Map(Object.entries(value).map(([key, one]) => [Number(key), one]));
  const fields = [...model.properties].flatMap((field): [string, unknown][] => {
    const one = field.id === undefined ? undefined : given.get(field.id);
    return one === undefined ? [] : [[field.propertyName, fromIds(field, one)]];
  });
  return Object.fromEntries(fields);
}

const DIGITS = /^-?\d{1,20}$/;

function integerFrom(model: ValueModel, value: unknown): number | bigint {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value !== "string" || !DIGITS.test(value)) throw invalid(model, "has to be a whole number");
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

function bitsFromInteger(model: ValueModel, value: unknown): Record<string, unknown> {
  let sum = BigInt(integerFrom(model, value));
  if (sum < 0n) throw invalid(model, "has to be a bitmap");
  const named: Record<string, unknown> = {};
  for (const { name, position, width } of bitsOf(model)) {
    const mask = ((1n << BigInt(width)) - 1n) << BigInt(position);
    const bits = Number((sum & mask) >> BigInt(position));
    named[name] = width === 1 ? bits === 1 : bits;
    sum &= ~mask;
  }
  if (sum !== 0n) throw invalid(model, "has a bit that nothing stands for");
  return named;
}

const HEX = /^([0-9A-Fa-f]{2}){0,1024}$/;

function bytesFrom(model: ValueModel, value: unknown): Uint8Array {
  if (typeof value !== "string" || !HEX.test(value)) throw invalid(model, "has to be octets as hexadecimal digits");
  return new Uint8Array(Buffer.from(value, "hex"));
}

const invalid = ({ name }: { name: string }, problem: string): ActionError =>
  new ActionError("InvalidParameters", `${name} ${problem}`, 400);
