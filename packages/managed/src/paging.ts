import { invalid } from "./errors.ts";

/** A page in order of a unique key. Tokens name the last key seen, so pages stay stable while rows come and go. */
export interface Page<T> {
  items: T[];
  nextToken?: string;
}

export const DEFAULT_PAGE = 100;

/** The key after which the page begins; the empty string sorts before every key. */
export function afterToken(nextToken: string | undefined): string {
  if (nextToken === undefined) return "";
  const key = Buffer.from(nextToken, "base64url").toString("utf8");
  // PostgreSQL refuses U+0000 in text; no key has it.
  if (
    key === "" ||
    key.includes("\u0000") ||
    Buffer.from(key, "utf8").toString("base64url") !== nextToken.replace(/=+$/, "")
  ) {
    throw invalid("NextToken was not returned by this operation. Start again without it.");
  }
  return key;
}

/** Makes a page of `rows`, which were read with a limit of `size + 1`. */
export function pageOf<T>(rows: readonly T[], size: number, keyOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, size);
  const last = items.at(-1);
  if (rows.length <= size || last === undefined) return { items };
  return { items, nextToken: Buffer.from(keyOf(last), "utf8").toString("base64url") };
}
