import type { Database, PlainRows, Sealer, Write } from "@hearth/backplane";
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
  document: Uint8Array;
  deleted_at: number | null;
}

const SEALED = "iot.shadow";

/** State and metadata, a line of JSON each: a shadow mirrors what its device says of somebody's home. */
const sealDocument = (stateText: string, metadataText: string, sealer: Pick<Sealer, "seal">): Uint8Array =>
  sealer.seal(`${stateText}\n${metadataText}`, SEALED);

/** What earlier versions have stored as plain text. */
export const plainShadows: readonly PlainRows[] = [
  {
    name: "iot_shadows",
    table: "iot_shadows",
    key: ["account_id", "region", "thing_name", "shadow_name"],
    columns: ["state", "metadata"],
    where: "document IS NULL",
    seal: ({ state, metadata }, sealer) => ({
      document: sealDocument(String(state), String(metadata), sealer),
      state: "",
      metadata: "",
    }),
  },
];

const keyParams = (key: ShadowKey): [string, string, string, string] => [
  key.accountId,
  key.region,
  key.thingName,
  key.shadowName ?? "",
];

/** Undefined when there is no row; deleted shadows come with `deletedAt`. */
export async function readShadow(
  { database, sealer }: { database: Pick<Database, "query">; sealer: Pick<Sealer, "openText"> },
  key: ShadowKey,
): Promise<StoredShadow | undefined> {
  const [row] = await database.query<ShadowRow>(
    `SELECT version, etag, document, deleted_at FROM iot_shadows
     WHERE account_id = ? AND region = ? AND thing_name = ? AND shadow_name = ?`,
    keyParams(key),
  );
  if (!row) return undefined;
  const document = sealer.openText(row.document, SEALED);
  // Compact JSON has no line feeds.
  const end = document.indexOf("\n");
  const stateText = document.slice(0, end);
  const metadataText = document.slice(end + 1);
  const shadow: Shadow = {
    version: Number(row.version),
    state: JSON.parse(stateText) as Sections,
    metadata: JSON.parse(metadataText) as Sections,
    stateText,
    metadataText,
    ...(row.deleted_at === null ? {} : { deletedAt: Number(row.deleted_at) }),
  };
  return { shadow, etag: row.etag };
}

/**
 * Stores `next` over what has the etag `over`, and nothing else; without `over` there must be no row, or the batch is
 * rejected with `UniqueViolation`.
 */
export function writeShadow(
  sealer: Pick<Sealer, "seal">,
  key: ShadowKey,
  over: string | undefined,
  next: StoredShadow,
  now: number,
): Write {
  const { shadow, etag } = next;
  const values = [
    shadow.version,
    etag,
    sealDocument(shadow.stateText, shadow.metadataText, sealer),
    now,
    shadow.deletedAt ?? null,
    ...keyParams(key),
  ];
  if (over === undefined) {
    return {
      sql: `INSERT INTO iot_shadows
              (version, etag, state, metadata, document, modified_at, deleted_at, account_id, region, thing_name,
              shadow_name)
            VALUES (?, ?, '', '', ?, ?, ?, ?, ?, ?, ?)`,
      params: values,
    };
  }
  return {
    sql: `UPDATE iot_shadows SET version = ?, etag = ?, document = ?, modified_at = ?, deleted_at = ?
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
