import { ServiceError } from "@hearth/contract";

/**
 * Pages by key: a token says after which key to go on, so that it stays valid while rows come and go. Written in hex,
 * which fits both token patterns of the API: `[a-zA-Z0-9=_-]+` and the markers' `[A-Za-z0-9+/]+={0,2}`.
 */
export interface Page<Row> {
  rows: Row[];
  /** Absent on the last page. */
  nextToken?: string;
}

export const encodeToken = (key: readonly string[]): string => Buffer.from(JSON.stringify(key)).toString("hex");

/** Undefined without a token. Throws `InvalidRequestException` for one that we did not make. */
export function decodeToken(token: string | undefined, parts = 1): string[] | undefined {
  if (token === undefined || token === "") return undefined;
  try {
    if (token.length > 8192 || !/^[0-9a-f]+$/.test(token)) throw new Error("not hex");
    const key: unknown = JSON.parse(Buffer.from(token, "hex").toString("utf8"));
    if (Array.isArray(key) && key.length === parts && key.every(isText)) return key;
  } catch {
    // Falls through to the refusal.
  }
  throw badToken();
}

/** PostgreSQL has no text with this character. */
const isText = (part: unknown): part is string => typeof part === "string" && !part.includes("\0");

/** What lists by age go on behind: a time in milliseconds, and what else tells two of the same time apart. */
export type TimeKey = readonly [time: number, id: string];

/** As `decodeToken`, for such a list. */
export function decodeTimeToken(token: string | undefined): TimeKey | undefined {
  const key = decodeToken(token, 2);
  return key && [numberIn(key[0] as string), key[1] as string];
}

const badToken = (): ServiceError => new ServiceError("InvalidRequestException", "Invalid next token");

/** A time or number that a token holds. Throws `InvalidRequestException`. */
export function numberIn(part: string): number {
  if (!/^\d{1,15}$/.test(part)) throw badToken();
  return Number(part);
}

/** `found`: up to `limit + 1` rows, in order. */
export function toPage<Row>(found: Row[], limit: number, keyOf: (row: Row) => readonly string[]): Page<Row> {
  if (found.length <= limit) return { rows: found };
  const rows = found.slice(0, limit);
  return { rows, nextToken: encodeToken(keyOf(rows[rows.length - 1] as Row)) };
}
