/**
 * SQL is written once, in the dialect that `database.ts` describes. What PostgreSQL says otherwise is replaced here.
 */

/** Literals, quoted names and comments, which are copied as they are, or the one thing to replace. */
const QUOTED = `'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\\n]*|/\\*[^]*?\\*/`;
const PLACEHOLDERS = new RegExp(`${QUOTED}|\\?`, "g");
const TYPES = new RegExp(`${QUOTED}|\\b(?:BLOB|TEXT)\\b`, "gi");

/** `?` → `$1`, `$2`, … */
export function toPostgresQuery(sql: string): string {
  let count = 0;
  return sql.replace(PLACEHOLDERS, (match) => (match === "?" ? `$${++count}` : match));
}

/**
 * A statement of a migration: `BLOB` → `BYTEA`; `TEXT` → `TEXT COLLATE "C"`, so that both databases sort and page in
 * the same order (by bytes) whatever the locale of the server.
 */
export function toPostgresDefinition(sql: string): string {
  return sql.replace(TYPES, (match) => {
    const word = match.toUpperCase();
    if (word === "BLOB") return "BYTEA";
    return word === "TEXT" ? 'TEXT COLLATE "C"' : match;
  });
}
