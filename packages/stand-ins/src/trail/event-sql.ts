import { ServiceError } from "@hearth/contract";
import type { TrailRecord } from "./trail-record.ts";

/** CloudTrail Lake's SQL as far as one table of records answers it, in SQLite's words. */

export const TABLE = "events";
const LONGEST_STATEMENT = 10_000;

/** Columns as CloudTrail Lake has them; of those with members the text is JSON (AWS: "CloudTrail Lake supported schemas"). */
const SCALARS = [
  ...["eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent"],
  ...["errorCode", "errorMessage", "requestID", "eventID", "readOnly", "eventType", "managementEvent"],
  ...["recipientAccountId", "eventCategory"],
] as const;
const STRUCTURES = ["userIdentity", "requestParameters", "responseElements", "resources"] as const;
const FLAGS: readonly string[] = ["readOnly", "managementEvent"];

export const COLUMNS: readonly string[] = [...SCALARS, ...STRUCTURES];

const structureOf = (name: string): string | undefined =>
  STRUCTURES.find((structure) => structure.toLowerCase() === name.toLowerCase());

export function rowOf(record: TrailRecord): (string | number | null)[] {
  return COLUMNS.map((column) => {
    const value = record[column];
    if (value === undefined || value === null) return null;
    if (column === "eventTime") return lakeTime(String(value));
    if (typeof value === "boolean") return value ? 1 : 0;
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  });
}

/** A value of an answer, as text: CloudTrail Lake knows no other. */
export function textOf(value: unknown, column: string | null): string {
  if (value === null || value === undefined) return "null";
  if (column !== null && FLAGS.includes(column)) return value === 1 ? "true" : "false";
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : String(value);
}

/** `2026-01-01T00:00:00Z` as `2026-01-01 00:00:00.000`. */
const lakeTime = (text: string): string =>
  text.replace(/^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?Z?$/, (_, date, time, part = "") => {
    return `${date} ${time}.${part.padEnd(3, "0")}`;
  });

const refuse = (why: string): ServiceError => new ServiceError("InvalidQueryStatementException", why);

const TOKEN =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|[\s\S]/y;

export interface ParsedStatement {
  /** The event data store that it reads. */
  eventDataStore: string;
  /** For SQLite, over `TABLE`. */
  sql: string;
}

/**
 * One statement that reads one event data store by its id. Whether the rest of it means something SQLite says. Throws
 * `InvalidQueryStatementException`.
 */
export function parseStatement(statement: string): ParsedStatement {
  if (statement.length > LONGEST_STATEMENT) throw refuse(`A statement has ${LONGEST_STATEMENT} characters at most.`);
  if (statement.includes("\u0000")) throw refuse("A statement must not contain the character U+0000.");
  const stores = new Set<string>();
  const parts: string[] = [];
  let first: string | undefined;
  let ended = false;
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(statement); found; found = TOKEN.exec(statement)) {
    const [token] = found;
    if (/^(?:\s|--|\/\*)/.test(token)) {
      parts.push(" ");
      continue;
    }
    first ??= token.toUpperCase();
    if (ended) throw refuse("Only one statement may be given.");
    ended = token === ";";
    if (!ended) parts.push(tokenOf(token, stores));
  }
  if (first !== "SELECT" && first !== "WITH") throw refuse("Only SELECT statements are supported.");
  const [eventDataStore, another] = stores;
  if (eventDataStore === undefined) throw refuse("FROM must name the ID of an event data store.");
  if (another !== undefined) throw refuse("A statement reads one event data store: joins of several are not built.");
  return { eventDataStore, sql: parts.join("") };
}

function tokenOf(token: string, stores: Set<string>): string {
  if (/^[0-9a-fA-F]{8}-/.test(token)) {
    stores.add(token.toLowerCase());
    return TABLE;
  }
  if (token.startsWith("'")) return `'${lakeTime(token.slice(1, -1))}'`;
  if (!token.includes(".") || !/^[A-Za-z_]/.test(token)) return token;
  // `userIdentity.arn`, perhaps behind a table's alias, is a member of a structure.
  const names = token.split(".");
  const at = structureOf(names[0]!) ? 0 : structureOf(names[1]!) ? 1 : -1;
  if (at < 0 || at === names.length - 1) return token;
  const column = [...names.slice(0, at), structureOf(names[at]!)].join(".");
  return `json_extract(${column}, '$.${names.slice(at + 1).join(".")}')`;
}
