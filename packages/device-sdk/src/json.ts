/** JSON values as they travel between device and platform. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

/** Largest message that the platform sends (reference 1.5: payload 128 KB), and the deepest that makes sense. */
const MAX_BYTES = 131_072;
const MAX_DEPTH = 32;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The object that `payload` holds; undefined for anything else: too long, too deep, not UTF-8, not JSON, not an
 * object, or with a member `__proto__`, which merging code would take for the prototype.
 */
export function parseObject(payload: Uint8Array): JsonObject | undefined {
  if (payload.length > MAX_BYTES || !depthWithin(payload, MAX_DEPTH)) return undefined;
  try {
    const value: unknown = JSON.parse(utf8.decode(payload));
    return isObject(value) && !hasPrototypeMember(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Member `name` of `object`, and never one that it inherits. */
export function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Member `name` where it is a string. */
export function text(object: JsonObject, name: string): string | undefined {
  const value = member(object, name);
  return typeof value === "string" ? value : undefined;
}

/** Whether both are the same JSON value; NaN is none, and so never the same. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]))
  );
}

/** Checked on the bytes, before anything recursive touches them. */
function depthWithin(payload: Uint8Array, limit: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < payload.length; index++) {
    const byte = payload[index];
    if (quoted) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth++;
      if (depth > limit) return false;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return true;
}

function hasPrototypeMember(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasPrototypeMember);
  if (!isObject(value)) return false;
  return Object.keys(value).some((name) => name === "__proto__" || hasPrototypeMember(value[name]));
}
