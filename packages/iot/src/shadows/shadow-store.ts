import type { Database, Write } from "@hearth/backplane";
import { type Page, toPage } from "../storage/page.ts";
import type { Sections, Shadow } from "./shadow.ts";

export interface ShadowKey {
  accountId: string;
  region: string;
  thingName: string;
  /** Absent: the classic shadow. */
  shadowName?: string;
}

/** `etag` is new with every write: unlike the version, which two writers may both arrive at, it says what was stored. */
export interface StoredShadow {
  shadow: Shadow;
  etag: string;
}

interface ShadowRow {
  version: number;
  etag: string;
  state: string;
  metadata: string;
  deleted_at: number | null;
}

const keyParams = (key: ShadowKey): [string, string, string, string] => [
  key.accountId,
  key.region,
  key.thingName,
  key.shadowName ?? "",
];

/** Undefined when there is no row; deleted shadows come with `deletedAt`. */
export async function readShadow(database: Pick<Database, "query">, key: ShadowKey): Promise<StoredShadow | undefined> {
  const [row] = await database.query<ShadowRow>(
    `SELECT version, etag, state, metadata, deleted_at FROM iot_shadows
     WHERE account_id = ? AND region = ? AND thing_name = ? AND shadow_name = ?`,
    keyParams(key),
  );
  if (!row) return undefined;
  const shadow: Shadow = {
    version: Number(row.version),
    state: JSON.parse(row.state) as Sections,
    metadata: JSON.parse(row.metadata) as Sections,
    stateText: row.state,
    metadataText: row.metadata,
    ...(row.deleted_at === null ? {} : { deletedAt: Number(row.deleted_at) }),
  };
  return { shadow, etag: row.etag };
}

/**
 * Stores `next` over what has the etag `over`, and nothing else; without `over` there must be no row, or the batch is
 * rejected with `UniqueViolation`.
 */
export function writeShadow(key: ShadowKey, over: string | undefined, next: StoredShadow, now: number): Write {
  const { shadow, etag } = next;
  const values = [
    shadow.version,
    etag,
    shadow.stateText,
    shadow.metadataText,
    now,
    shadow.deletedAt ?? null,
    ...keyParams(key),
  ];
  if (over === undefined) {
    return {
      sql: `INSERT INTO iot_shadows
              (version, etag, state, metadata, modified_at, deleted_at, account_id, region, thing_name, shadow_name)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: values,
    };
  }
  return {
    sql: `UPDATE iot_shadows SET version = ?, etag = ?, state = ?, metadata = ?, modified_at = ?, deleted_at = ?
          WHERE account_id = ? AND region = ? AND thing_name = ? AND shadow_name = ? AND etag = ?`,
    params: [...values, over],
    rows: 1,
  };
}

/** Removes the remains of shadows deleted before `before` (milliseconds). */
export function forgetShadows(before: number): Write {
  return { sql: "DELETE FROM iot_shadows WHERE deleted_at IS NOT NULL AND deleted_at <= ?", params: [before] };
}

/** Names of the named shadows of a thing, in order, after `after`. */
export async function listShadowNames(
  database: Pick<Database, "query">,
  key: Omit<ShadowKey, "shadowName">,
  after: string | undefined,
  limit: number,
): Promise<Page<string>> {
  const rows = await database.query<{ shadow_name: string }>(
    `SELECT shadow_name FROM iot_shadows
     WHERE account_id = ? AND region = ? AND thing_name = ? AND shadow_name > ? AND deleted_at IS NULL
     ORDER BY shadow_name LIMIT ?`,
    [key.accountId, key.region, key.thingName, after ?? "", limit + 1],
  );
  return toPage(
    rows.map((row) => row.shadow_name),
    limit,
    (name) => [name],
  );
}

/** Removes every shadow of a thing, with what is remembered of deleted ones. */
export function deleteShadowsOf(key: Omit<ShadowKey, "shadowName">): Write {
  return {
    sql: "DELETE FROM iot_shadows WHERE account_id = ? AND region = ? AND thing_name = ?",
    params: [key.accountId, key.region, key.thingName],
  };
}
