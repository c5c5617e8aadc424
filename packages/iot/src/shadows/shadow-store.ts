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

interface ShadowRow {
  version: number;
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
export async function readShadow(database: Pick<Database, "query">, key: ShadowKey): Promise<Shadow | undefined> {
  const [row] = await database.query<ShadowRow>(
    `SELECT version, state, metadata, deleted_at FROM iot_shadows
     WHERE account_id = ? AND region = ? AND thing_name = ? AND shadow_name = ?`,
    keyParams(key),
  );
  if (!row) return undefined;
  return {
    version: Number(row.version),
    state: JSON.parse(row.state) as Sections,
    metadata: JSON.parse(row.metadata) as Sections,
    stateText: row.state,
    metadataText: row.metadata,
    ...(row.deleted_at === null ? {} : { deletedAt: Number(row.deleted_at) }),
  };
}

/** Stores `next`, guarded by the version that the row has now (`storedVersion`, 0: no row). */
export function writeShadow(key: ShadowKey, storedVersion: number, next: Shadow, now: number): Write {
  return {
    sql: `INSERT INTO iot_shadows
            (account_id, region, thing_name, shadow_name, version, state, metadata, modified_at, deleted_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (account_id, region, thing_name, shadow_name) DO UPDATE SET
            version = excluded.version, state = excluded.state, metadata = excluded.metadata,
            modified_at = excluded.modified_at, deleted_at = excluded.deleted_at
          WHERE iot_shadows.version = ?`,
    params: [
      ...keyParams(key),
      next.version,
      next.stateText,
      next.metadataText,
      now,
      next.deletedAt ?? null,
      storedVersion,
    ],
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
