/** Longest part of a value that an answer repeats. */
const MAX_SHOWN = 256;

/** How a message speaks of a value: `Value 'abc'`, `Value null`; of what is not a scalar only `Value`. */
export function mentionOf(value: unknown, asType: boolean): string {
  if (value === null) return "Value null";
  if (asType) return `Value of type ${nameOfType(value)}`;
  if (typeof value === "string") return `Value '${value.length > MAX_SHOWN ? `${cut(value)}…` : value}'`;
  if (typeof value === "number" || typeof value === "boolean") return `Value '${value}'`;
  return "Value";
}

/** `object` is said of plain objects only. */
export function nameOfType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (value instanceof Uint8Array) return "blob";
  return typeof value;
}

/** Length in code points; counting stops soon after `enough`. */
export function codePoints(value: string, enough = Number.POSITIVE_INFINITY): number {
  // Two code units make at most one code point: what is longer than twice the limit need not be counted.
  if (value.length > 2 * enough) return value.length;
  let count = 0;
  for (let index = 0; index < value.length; index++, count++) {
    if (value.codePointAt(index)! > 0xffff) index++;
  }
  return count;
}

function cut(value: string): string {
  const end = /[\uD800-\uDBFF]/.test(value[MAX_SHOWN - 1]!) ? MAX_SHOWN - 1 : MAX_SHOWN;
  return value.slice(0, end);
}
