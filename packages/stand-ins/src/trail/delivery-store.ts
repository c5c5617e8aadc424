import type { Database, Migration, SqlValue, Write } from "@hearth/backplane";
import type { Cloudtrail } from "@hearth/contract";
import type { Place } from "../place.ts";
import type { EventPosition } from "./trail-store.ts";

/** Trails and event data stores: what is to become of the events. */
export const deliveryMigrations: readonly Migration[] = [
  {
    room: "trail-delivery",
    version: 1,
    name: "trails, event data stores",
    statements: [
      `CREATE TABLE trail (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        bucket TEXT NOT NULL,
        key_prefix TEXT,
        multi_region BIGINT NOT NULL,
        global_services BIGINT NOT NULL,
        logging BIGINT NOT NULL,
        started_at BIGINT,
        stopped_at BIGINT,
        position_at BIGINT NOT NULL,
        position_id TEXT NOT NULL,
        delivered_at BIGINT,
        attempted_at BIGINT,
        delivery_error TEXT,
        PRIMARY KEY (account_id, region, name)
      )`,
      `CREATE TABLE event_data_store (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        status TEXT NOT NULL,
        retention_days BIGINT NOT NULL,
        protected BIGINT NOT NULL,
        multi_region BIGINT NOT NULL,
        billing_mode TEXT NOT NULL,
        selectors TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, id)
      )`,
      "CREATE UNIQUE INDEX event_data_store_by_name ON event_data_store (account_id, region, name)",
    ],
  },
];

export interface StoredTrail extends Place {
  name: string;
  bucket: string;
  prefix: string | undefined;
  multiRegion: boolean;
  globalServices: boolean;
  logging: boolean;
  startedAt: number | undefined;
  stoppedAt: number | undefined;
  /** Everything up to here is delivered. */
  position: EventPosition;
  deliveredAt: number | undefined;
  attemptedAt: number | undefined;
  deliveryError: string | undefined;
}

export interface EventDataStore extends Place {
  id: string;
  name: string;
  status: "ENABLED" | "STOPPED_INGESTION" | "PENDING_DELETION";
  retentionDays: number;
  protected: boolean;
  multiRegion: boolean;
  billingMode: string;
  selectors: readonly Cloudtrail.AdvancedEventSelector[];
  createdAt: number;
  updatedAt: number;
}

type Row = Record<string, SqlValue>;
const optional = (value: SqlValue | undefined): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);

const trailOf = (row: Row): StoredTrail => ({
  accountId: String(row["account_id"]),
  region: String(row["region"]),
  name: String(row["name"]),
  bucket: String(row["bucket"]),
  prefix: row["key_prefix"] === null ? undefined : String(row["key_prefix"]),
  multiRegion: Number(row["multi_region"]) === 1,
  globalServices: Number(row["global_services"]) === 1,
  logging: Number(row["logging"]) === 1,
  startedAt: optional(row["started_at"]),
  stoppedAt: optional(row["stopped_at"]),
  position: { at: Number(row["position_at"]), id: String(row["position_id"]) },
  deliveredAt: optional(row["delivered_at"]),
  attemptedAt: optional(row["attempted_at"]),
  deliveryError: row["delivery_error"] === null ? undefined : String(row["delivery_error"]),
});

const storeOf = (row: Row): EventDataStore => ({
  accountId: String(row["account_id"]),
  region: String(row["region"]),
  id: String(row["id"]),
  name: String(row["name"]),
  status: row["status"] as EventDataStore["status"],
  retentionDays: Number(row["retention_days"]),
  protected: Number(row["protected"]) === 1,
  multiRegion: Number(row["multi_region"]) === 1,
  billingMode: String(row["billing_mode"]),
  selectors: JSON.parse(String(row["selectors"])) as EventDataStore["selectors"],
  createdAt: Number(row["created_at"]),
  updatedAt: Number(row["updated_at"]),
});

const flag = (value: boolean): number => (value ? 1 : 0);

export type DeliveryStore = ReturnType<typeof createDeliveryStore>;

export function createDeliveryStore({ database }: { database: Pick<Database, "query" | "commit"> }) {
  const trails = async (where: string, params: readonly SqlValue[]) =>
    (await database.query<Row>(`SELECT * FROM trail WHERE ${where}`, params)).map(trailOf);
  const stores = async (where: string, params: readonly SqlValue[]) =>
    (await database.query<Row>(`SELECT * FROM event_data_store WHERE ${where}`, params)).map(storeOf);
  const key = ({ accountId, region, name }: StoredTrail): SqlValue[] => [accountId, region, name];

  return {
    commit: (writes: readonly Write[]) => database.commit(writes),
    trailsOf: ({ accountId, region }: Place) =>
      trails("account_id = ? AND region = ? ORDER BY name", [accountId, region]),
    async trail({ accountId, region }: Place, name: string): Promise<StoredTrail | undefined> {
      return (await trails("account_id = ? AND region = ? AND name = ?", [accountId, region, name]))[0];
    },
    loggingTrails: () => trails("logging = 1 ORDER BY account_id, region, name", []),
    insertTrail: (trail: StoredTrail): Write => ({
      sql: `INSERT INTO trail (account_id, region, name, bucket, key_prefix, multi_region, global_services, logging,
        position_at, position_id) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, '')`,
      params: [...key(trail), trail.bucket, trail.prefix ?? null, flag(trail.multiRegion), flag(trail.globalServices)],
    }),
    updateTrail: (trail: StoredTrail): Write => ({
      sql: `UPDATE trail SET bucket = ?, key_prefix = ?, multi_region = ?, global_services = ?
        WHERE account_id = ? AND region = ? AND name = ?`,
      params: [trail.bucket, trail.prefix ?? null, flag(trail.multiRegion), flag(trail.globalServices), ...key(trail)],
      rows: 1,
    }),
    deleteTrail: (trail: StoredTrail): Write => ({
      sql: "DELETE FROM trail WHERE account_id = ? AND region = ? AND name = ?",
      params: key(trail),
      rows: 1,
    }),
    /** From now on; events of the time between are not delivered. */
    startTrail: (trail: StoredTrail, now: number): Write => ({
      sql: `UPDATE trail SET logging = 1, started_at = ?, position_at = ?, position_id = ''
        WHERE account_id = ? AND region = ? AND name = ? AND logging = 0`,
      params: [now, now, ...key(trail)],
    }),
    stopTrail: (trail: StoredTrail, now: number): Write => ({
      sql: `UPDATE trail SET logging = 0, stopped_at = ? WHERE account_id = ? AND region = ? AND name = ? AND logging = 1`,
      params: [now, ...key(trail)],
    }),
    /** Guarded by where it stood: of two that deliver the same one only one goes on. */
    moveTrail: (trail: StoredTrail, to: EventPosition, now: number): Write => ({
      sql: `UPDATE trail SET position_at = ?, position_id = ?, delivered_at = ?, attempted_at = ?, delivery_error = NULL
        WHERE account_id = ? AND region = ? AND name = ? AND position_at = ? AND position_id = ?`,
      params: [to.at, to.id, now, now, ...key(trail), trail.position.at, trail.position.id],
      rows: 1,
    }),
    failTrail: (trail: StoredTrail, error: string, now: number): Write => ({
      sql: "UPDATE trail SET attempted_at = ?, delivery_error = ? WHERE account_id = ? AND region = ? AND name = ?",
      params: [now, error, ...key(trail)],
    }),

    eventDataStoresOf: ({ accountId, region }: Place) =>
      stores("account_id = ? AND region = ? ORDER BY name", [accountId, region]),
    async eventDataStore({ accountId, region }: Place, id: string): Promise<EventDataStore | undefined> {
      return (await stores("account_id = ? AND region = ? AND id = ?", [accountId, region, id]))[0];
    },
    /** Days for which the events of a place are still asked for; 0: by no event data store. */
    async retentionDays({ accountId, region }: Place): Promise<number> {
      const rows = await database.query<{ days: number | null }>(
        "SELECT MAX(retention_days) AS days FROM event_data_store WHERE account_id = ? AND region = ?",
        [accountId, region],
      );
      return Number(rows[0]?.days ?? 0);
    },
    insertEventDataStore: (made: EventDataStore): Write => ({
      sql: `INSERT INTO event_data_store (account_id, region, id, name, status, retention_days, protected, multi_region,
        billing_mode, selectors, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        made.accountId,
        made.region,
        made.id,
        made.name,
        made.status,
        made.retentionDays,
        flag(made.protected),
        flag(made.multiRegion),
        made.billingMode,
        JSON.stringify(made.selectors),
        made.createdAt,
        made.updatedAt,
      ],
    }),
    updateEventDataStore: (made: EventDataStore): Write => ({
      sql: `UPDATE event_data_store SET name = ?, retention_days = ?, protected = ?, multi_region = ?, billing_mode = ?,
        selectors = ?, updated_at = ? WHERE account_id = ? AND region = ? AND id = ?`,
      params: [
        made.name,
        made.retentionDays,
        flag(made.protected),
        flag(made.multiRegion),
        made.billingMode,
        JSON.stringify(made.selectors),
        made.updatedAt,
        made.accountId,
        made.region,
        made.id,
      ],
      rows: 1,
    }),
    deleteEventDataStore: ({ accountId, region, id }: EventDataStore): Write => ({
      sql: "DELETE FROM event_data_store WHERE account_id = ? AND region = ? AND id = ?",
      params: [accountId, region, id],
      rows: 1,
    }),
  };
}
