import { ServiceError } from "@hearth/contract";

/** Far more than any modelled operation takes. */
const MAX_PARAMETERS = 10_000;

/** Percent-decodes text. Throws `SerializationException` for a malformed escape or escapes that are not UTF-8. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError("SerializationException", "The request holds a malformed percent-encoding.");
  }
}

/** Name and value pairs in order, of a URL's query or of a form body; `+` is a blank in both. */
export function parseQueryString(text: string): [string, string][] {
  if (text === "") return [];
  const parts = text.split("&", MAX_PARAMETERS + 1);
  if (parts.length > MAX_PARAMETERS) {
    throw new ServiceError("SerializationException", `The request has more than ${MAX_PARAMETERS} parameters.`);
  }
  const pairs: [string, string][] = [];
  for (const part of parts) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? "" : part.slice(equals + 1);
    pairs.push([decodePercent(name.replaceAll("+", " ")), decodePercent(value.replaceAll("+", " "))]);
  }
  return pairs;
}
