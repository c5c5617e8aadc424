import { InternalError } from "@hearth/base";
import { type Member, ServiceError, type ServiceModel, type Shape, type StructureShape } from "@hearth/contract";
import { formatBase64, parseBase64 } from "./base64.ts";
import { specialNumber } from "./scalars.ts";
import { formatTimestamp, parseTimestamp } from "./timestamps.ts";

/** Deep enough for every modelled document; shallow enough that no walk over it can exhaust the stack. */
const MAX_DEPTH = 100;

const utf8 = new TextDecoder("utf-8", { fatal: true });

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** Looks a shape up; a name that the model lacks is a defect of the model. */
export function shapeOf(model: ServiceModel, name: string): Shape {
  const shape = model.shapes[name];
  if (!shape) throw new InternalError(`${model.service} has no shape ${name}`);
  return shape;
}

export function structureOf(model: ServiceModel, name: string): StructureShape {
  const shape = shapeOf(model, name);
  if (shape.type !== "structure") throw new InternalError(`${model.service}: ${name} is not a structure`);
  return shape;
}

/** Name of a member on the wire. */
export const wireName = (name: string, member: Member): string => member.locationName ?? name;

/**
 * Text of a JSON body to its value. Throws `SerializationException` for malformed UTF-8, malformed JSON and for
 * nesting deeper than 100.
 */
export function parseJson(body: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw new ServiceError("SerializationException", "The request body is not valid UTF-8.");
  }
  if (nestingOf(body) > MAX_DEPTH) {
    throw new ServiceError("SerializationException", `The request body is nested deeper than ${MAX_DEPTH} levels.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ServiceError("SerializationException", "The request body is not valid JSON.");
  }
}

/** Deepest nesting of brackets outside strings. */
function nestingOf(body: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (byte === 0x22) i = endOfString(body, i + 1);
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return deepest;
}

/** Where the string that begins at `from` has its closing quote. Blobs are strings of megabytes, so they are skipped. */
function endOfString(body: Uint8Array, from: number): number {
  for (let at = body.indexOf(0x22, from); at !== -1; at = body.indexOf(0x22, at + 1)) {
    let first = at;
    while (first > from && body[first - 1] === 0x5c) first--;
    // After an odd number of backslashes the quote belongs to the string.
    if ((at - first) % 2 === 0) return at;
  }
  return body.length;
}

/**
 * JSON value to the form that handlers see: blobs as bytes, timestamps as epoch seconds, maps without a prototype,
 * unknown members and `null` members gone. What does not fit its shape stays as it is, for validation to name.
 */
export function readJson(model: ServiceModel, shapeName: string, value: unknown): unknown {
  const shape = shapeOf(model, shapeName);
  switch (shape.type) {
    case "structure":
      return isObject(value) ? readStructure(model, Object.entries(shape.members), value) : value;
    case "list":
      return Array.isArray(value) ? value.map((item) => readJson(model, shape.member, item)) : value;
    case "map": {
      if (!isObject(value)) return value;
      const map: Record<string, unknown> = Object.create(null);
      for (const [key, item] of Object.entries(value)) map[key] = readJson(model, shape.value, item);
      return map;
    }
    case "blob":
      return typeof value === "string" ? (parseBase64(value) ?? value) : value;
    case "timestamp":
      return typeof value === "string" ? (parseTimestamp(value, shape.format ?? "epoch-seconds") ?? value) : value;
    case "float":
    case "double":
      return typeof value === "string" ? (specialNumber(value) ?? value) : value;
    default:
      return value;
  }
}

/** Reads the given members of a structure from a JSON object. */
export function readStructure(
  model: ServiceModel,
  members: readonly (readonly [string, Member])[],
  value: Record<string, unknown>,
): Record<string, unknown> {
  const structure: Record<string, unknown> = {};
  for (const [name, member] of members) {
    const wire = wireName(name, member);
    const item = Object.hasOwn(value, wire) ? value[wire] : undefined;
    if (item !== undefined && item !== null) structure[name] = readJson(model, member.shape, item);
  }
  return structure;
}

/** The opposite of `readJson`, to a value for `JSON.stringify`. Members that the model does not know are left out. */
export function writeJson(model: ServiceModel, shapeName: string, value: unknown): unknown {
  const shape = shapeOf(model, shapeName);
  switch (shape.type) {
    case "structure":
      if (!isObject(value)) throw new InternalError(`${model.service}: an output's ${shapeName} is not an object`);
      return writeStructure(model, Object.entries(shape.members), value);
    case "list":
      if (!Array.isArray(value)) throw new InternalError(`${model.service}: an output's ${shapeName} is not an array`);
      return value.map((item) => (item === null ? null : writeJson(model, shape.member, item)));
    case "map": {
      if (!isObject(value)) throw new InternalError(`${model.service}: an output's ${shapeName} is not an object`);
      const map: Record<string, unknown> = Object.create(null);
      for (const [key, item] of Object.entries(value)) {
        if (item !== undefined) map[key] = item === null ? null : writeJson(model, shape.value, item);
      }
      return map;
    }
    case "blob":
      if (!(value instanceof Uint8Array)) throw new InternalError(`${model.service}: ${shapeName} is not a Uint8Array`);
      return formatBase64(value);
    case "timestamp":
      return !shape.format || shape.format === "epoch-seconds" ? value : formatTimestamp(Number(value), shape.format);
    case "float":
    case "double":
      return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
    default:
      return value;
  }
}

/** Writes the given members of a structure. */
export function writeStructure(
  model: ServiceModel,
  members: readonly (readonly [string, Member])[],
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [name, member] of members) {
    const item = Object.hasOwn(value, name) ? value[name] : undefined;
    if (item !== undefined && item !== null) object[wireName(name, member)] = writeJson(model, member.shape, item);
  }
  return object;
}
