/**
 * The canonical form of a request (AWS: "Create a signed AWS API request"). Everything here is a text of bytes
 * (latin1), as Node gives what it read from the wire.
 */

const UNRESERVED = /[A-Za-z0-9\-._~]/;

/** Percent-encoding of each byte; unreserved characters stand for themselves. */
const ENCODED: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return UNRESERVED.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
});

/** A wire text has no character above 255; where one comes from elsewhere its UTF-8 bytes count. */
function encode(text: string): string {
  let encoded = "";
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code < 256) encoded += ENCODED[code];
    else for (const byte of Buffer.from(character)) encoded += ENCODED[byte];
  }
  return encoded;
}

/** Every service but S3 encodes the path a second time, after it was brought into normal form (RFC 3986, 6.2.2.3). */
export function canonicalPath(rawPath: string): string {
  const kept: string[] = [];
  for (const segment of rawPath.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(encode(segment));
  }
  const trailing = kept.length > 0 && rawPath.endsWith("/") ? "/" : "";
  return `/${kept.join("/")}${trailing}`;
}

/** S3's way: a path stays as it is, each segment encoded once. */
export const canonicalObjectPath = (rawPath: string): string =>
  rawPath
    .split("/")
    .map((segment) => encode(decode(segment)))
    .join("/") || "/";

/** Name and value pairs of a raw query, decoded to bytes. */
export function queryPairs(rawQuery: string): [string, string][] {
  return rawQuery
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      return equals < 0 ? [decode(pair), ""] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    });
}

/** A `%` that encodes nothing stands for itself: the signature then tells whether the client meant it so. */
const decode = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Sorted by encoded name, then value. */
export function canonicalQuery(pairs: readonly (readonly [string, string])[]): string {
  return pairs
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Runs of white space count as one, none at the ends. */
export const canonicalHeaderValue = (value: string): string => value.trim().replace(/[ \t]+/g, " ");
