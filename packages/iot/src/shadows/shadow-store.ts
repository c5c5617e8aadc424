import type { Database, PlainRows, Sealer, Write } from "@hearth/backplane";
import { formatArn } from "@hearth/base";
import { type Page, toPage } from "../storage/page.ts";
import type { Sections, Shadow } from "./shadow.ts";

export interface ShadowKey {
  accountId: string;
  region: string;
  thingName: string;
  /** Absent: the classic shadow. */
  shadowName?: string;
}

/** Reference 7: `thing/<t>` or `thing/<t>/<shadow>`. */
export const shadowArn = ({ accountId, region, thingName, shadowName }: ShadowKey): string =>
  formatArn(
    "iot",
    region,
    accountId,
    shadowName === undefined ? `thing/${thingName}` : `thing/${thingName}/${shadowName}`,
  );

/** `etag` is new with every write: unlike the version, which two writers may both arrive at, it says what was stored. */
export interface StoredShadow {
  shadow: Shadow;
  etag: string;
  /** The ordinal of its latest history entry; 0: unknown, it was written while none was kept. */
  history: number;
  /** Milliseconds. */
  modifiedAt: number;
}

interface ShadowRow {
  version: number;
  etag: string;
  document: Uint8Array;
  modified_at: number;
  deleted_at: number | null;
  history: number | null;
}

const SEALED = "iot.shadow";

/** State and metadata, a line of JSON each: a shadow mirrors what its device says of somebody's home. */
export const sealDocument = (
  { stateText, metadataText }: Pick<Shadow, "stateText" | "metadataText">,
  sealer: Pick<Sealer, "seal">,
): Uint8Array => sealer.seal(`${stateText}\n${metadataText}`, SEALED);

export function openDocument(
  document: Uint8Array,
  sealer: Pick<Sealer, "openText">,
): Pick<Shadow, "state" | "metadata" | "stateText" | "metadataText"> {
  const text = sealer.openText(document, SEALED);
  // Compact JSON has no line feeds.
  const end = text.indexOf("\n");
  const stateText = text.slice(0, end);
  const metadataText = text.slice(end + 1);
  return {
    state: JSON.parse(stateText) as Sections,
    metadata: JSON.parse(metadataText) as Sections,
    stateText,
    metadataText,
  };
}

/** What earlier versions have stored as plain text. */
export const plainShadows: readonly PlainRows[] = [
  {
    name: "iot_shadows",
    table: "iot_shadows",
    key: ["account_id", "region", "thing_name", "shadow_name"],
    columns: ["state", "metadata"],
    where: "document IS NULL",
    seal: ({ state, metadata }, sealer) => ({
      document: sealDocument({ stateText: String(state), metadataText: String(metadata) }, sealer),
      state: "",
      metadata: "",
    }),
  },
];

export const shadowParams = (key: ShadowKey): [string, string, string, string] => [
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
    `SELECT version, etag, document, modified_at, deleted_at, history FROM iot_shadows
     WHERE account_id = ? AND region = ? AND thing_name = ? AND shadow_name = ?`,
    shadowParams(key),
  );
  if (!row) return undefined;
  const shadow: Shadow = {
    version: Number(row.version),
    ...openDocument(row.document, sealer),
    ...(row.deleted_at === null ? {} : { deletedAt: Number(row.deleted_at) }),
  };
  return {
    shadow,
    etag: row.etag,
    history: Number(row.history ?? 0),
    modifiedAt: Number(row.modified_at),
  };
}

/**
 * Stores `next` over what has the etag `over`, and nothing else; without `over` there must be no row, or the batch is
 * rejected with `UniqueViolation`.
 */
export function writeShadow(key: ShadowKey, over: string | undefined, next: StoredShadow, document: Uint8Array): Write {
  const { shadow, etag, history, modifiedAt } = next;
  const values = [
    shadow.version,
    etag,
    document,
    modifiedAt,
    shadow.deletedAt ?? null,
    history || null,
    ...shadowParams(key),
  ];
  if (over === undefined) {
    return {
      sql: `INSERT INTO iot_shadows
              (version, etag, state, metadata, document, modified_at, deleted_at, history, account_id, region,
              thing_name, shadow_name)
            VALUES (?, ?, '', '', ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: values,
    };
  }
  return {
    sql: `UPDATE iot_shadows SET version = ?, etag = ?, document = ?, modified_at = ?, deleted_at = ?, history = ?
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
