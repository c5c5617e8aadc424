import { InternalError } from "@hearth/base";
import type { Shape } from "@hearth/contract";
import { formatBase64, parseBase64 } from "./base64.ts";
import { formatTimestamp, parseTimestamp, type TimestampFormat } from "./timestamps.ts";

const INTEGER = /^-?\d{1,19}$/;
const FLOAT = /^-?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,4})?$/;
const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** NaN and the infinities have no JSON literal; Smithy protocols write them as these strings. */
export const specialNumber = (text: string): number | undefined =>
  Object.hasOwn(SPECIAL, text) ? SPECIAL[text] : undefined;

/**
 * Reads a scalar from text (label, query string, header, query protocol). Text that does not fit the shape comes
 * back as it is, so that validation can name the member it stands in.
 */
export function readText(shape: Shape, text: string, dates: TimestampFormat): unknown {
  switch (shape.type) {
    case "integer":
    case "long":
      return INTEGER.test(text) ? Number(text) : text;
    case "float":
    case "double":
      return FLOAT.test(text) ? Number(text) : (specialNumber(text) ?? text);
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "blob":
      return parseBase64(text) ?? text;
    case "timestamp":
      return parseTimestamp(text, shape.format ?? dates) ?? text;
    default:
      return text;
  }
}

/** The opposite of `readText`. */
export function writeText(shape: Shape, value: unknown, dates: TimestampFormat): string {
  if (shape.type === "timestamp") return formatTimestamp(Number(value), shape.format ?? dates);
  if (shape.type === "blob") {
    if (!(value instanceof Uint8Array)) throw new InternalError("a blob member of an output is not a Uint8Array");
    return formatBase64(value);
  }
  return String(value);
}
