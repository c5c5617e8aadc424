import type { Database, Sealer, Write } from "@hearth/backplane";
import type { Publisher } from "../messaging/message.ts";
import { NO_SHADOW, type Sections } from "./shadow.ts";
import type { HistoryEntry } from "./shadow-history-rules.ts";
import { openDocument, type ShadowKey, shadowParams } from "./shadow-store.ts";

/** Who changed a shadow. */
export type ShadowActor = Pick<Publisher, "principalId" | "clientId" | "sourceIp">;

/** What a shadow was after a change, and who made it. */
export interface FullEntry extends HistoryEntry {
  readonly actor: ShadowActor;
  readonly state: Sections;
  readonly metadata: Sections;
}

interface EntryRow {
  ordinal: number;
  version: number;
  kind: HistoryEntry["kind"];
  at: number;
}

const ACTOR = "iot.shadow-actor";
const KEY = "account_id = ? AND region = ? AND thing_name = ? AND shadow_name = ?";
const KEY_COLUMNS = "account_id, region, thing_name, shadow_name";

export const sealActor = (sealer: Pick<Sealer, "seal">, { principalId, clientId, sourceIp }: ShadowActor): Uint8Array =>
  sealer.seal(JSON.stringify({ principalId, clientId, sourceIp }), ACTOR);

/** Puts an entry in its slot of the ring, over what has been there. For the batch that stores the shadow. */
export function writeEntry(
  key: ShadowKey,
  entry: HistoryEntry,
  slots: number,
  actor: Uint8Array,
  document: Uint8Array | null,
): Write {
  const { ordinal, version, kind, at } = entry;
  return {
    sql: `INSERT INTO iot_shadow_history (${KEY_COLUMNS}, slot, ordinal, version, kind, at, actor, document)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (${KEY_COLUMNS}, slot) DO UPDATE SET ordinal = excluded.ordinal, version = excluded.version,
            kind = excluded.kind, at = excluded.at, actor = excluded.actor, document = excluded.document`,
    params: [...shadowParams(key), ordinal % slots, ordinal, version, kind, at, actor, document],
  };
}

const entryOf = (row: EntryRow): HistoryEntry => ({
  ordinal: Number(row.ordinal),
  version: Number(row.version),
  kind: row.kind,
  at: Number(row.at),
});

/** Everything in the ring, newest first. */
export async function readEntries(database: Pick<Database, "query">, key: ShadowKey): Promise<HistoryEntry[]> {
  const rows = await database.query<EntryRow>(
    `SELECT ordinal, version, kind, at FROM iot_shadow_history WHERE ${KEY} ORDER BY ordinal DESC`,
    shadowParams(key),
  );
  return rows.map(entryOf);
}

/** By ordinal. */
export async function readFullEntries(
  { database, sealer }: { database: Pick<Database, "query">; sealer: Pick<Sealer, "openText"> },
  key: ShadowKey,
  ordinals: readonly number[],
): Promise<Map<number, FullEntry>> {
  const rows = await database.query<EntryRow & { actor: Uint8Array; document: Uint8Array | null }>(
    `SELECT ordinal, version, kind, at, actor, document FROM iot_shadow_history
     WHERE ${KEY} AND ordinal IN (${ordinals.map(() => "?").join(", ")})`,
    [...shadowParams(key), ...ordinals],
  );
  return new Map(
    rows.map((row) => {
      const { state, metadata } = row.document === null ? NO_SHADOW : openDocument(row.document, sealer);
      const actor = JSON.parse(sealer.openText(row.actor, ACTOR)) as ShadowActor;
      return [Number(row.ordinal), { ...entryOf(row), actor, state, metadata }];
    }),
  );
}

/** The ordinal of the latest entry; 0 when there is none. */
export async function lastOrdinal(database: Pick<Database, "query">, key: ShadowKey): Promise<number> {
  const [row] = await database.query<{ ordinal: number | null }>(
    `SELECT MAX(ordinal) AS ordinal FROM iot_shadow_history WHERE ${KEY}`,
    shadowParams(key),
  );
  return Number(row?.ordinal ?? 0);
}

/** The history of all shadows of a thing goes. */
export const deleteHistoryOf = ({ accountId, region, thingName }: Omit<ShadowKey, "shadowName">): Write => ({
  sql: "DELETE FROM iot_shadow_history WHERE account_id = ? AND region = ? AND thing_name = ?",
  params: [accountId, region, thingName],
});

/** One shadow's ring as the sweep sees it. */
export interface Ring {
  key: Required<ShadowKey>;
  oldest: number;
  newest: number;
  /** The latest entry from before the time that was asked for, and the latest deletion; 0: none. */
  base: number;
  deletion: number;
}

/** Rings in the order of their keys, after `after`. */
export async function readRings(
  database: Pick<Database, "query">,
  before: number,
  after: Required<ShadowKey> | undefined,
  limit: number,
): Promise<Ring[]> {
  const rows = await database.query<Record<string, string | number>>(
    `SELECT ${KEY_COLUMNS}, MIN(ordinal) AS oldest, MAX(ordinal) AS newest,
       MAX(CASE WHEN at <= ? THEN ordinal ELSE 0 END) AS base,
       MAX(CASE WHEN kind = 'delete' THEN ordinal ELSE 0 END) AS deletion
     FROM iot_shadow_history ${after ? `WHERE (${KEY_COLUMNS}) > (?, ?, ?, ?)` : ""}
     GROUP BY ${KEY_COLUMNS} ORDER BY ${KEY_COLUMNS} LIMIT ?`,
    [before, ...(after ? shadowParams(after) : []), limit],
  );
  return rows.map((row) => ({
    key: {
      accountId: String(row["account_id"]),
      region: String(row["region"]),
      thingName: String(row["thing_name"]),
      shadowName: String(row["shadow_name"]),
    },
    oldest: Number(row["oldest"]),
    newest: Number(row["newest"]),
    base: Number(row["base"]),
    deletion: Number(row["deletion"]),
  }));
}

/** What came before `ordinal`. `now`: what has come since is another shadow's of the same name. */
export const deleteEntries = (key: ShadowKey, ordinal: number, now: number): Write => ({
  sql: `DELETE FROM iot_shadow_history WHERE ${KEY} AND ordinal < ? AND at < ?`,
  params: [...shadowParams(key), ordinal, now],
});
