import type { Database, Migration, Sealer, SqlValue, Write } from "@hearth/backplane";
import type { Place } from "../place.ts";
import { resourceName, resourceType, type TrailEvent, type TrailRecord } from "./trail-record.ts";

export const trailMigrations: readonly Migration[] = [
  {
    room: "trail",
    version: 1,
    name: "events",
    statements: [
      `CREATE TABLE trail_event (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        at BIGINT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        source TEXT NOT NULL,
        read_only BIGINT NOT NULL,
        user_name TEXT NOT NULL,
        access_key_id TEXT,
        resource TEXT,
        record BLOB NOT NULL,
        PRIMARY KEY (account_id, region, at, id)
      )`,
      "CREATE INDEX trail_event_by_name ON trail_event (account_id, region, name, at, id)",
      "CREATE INDEX trail_event_by_user ON trail_event (account_id, region, user_name, at, id)",
      "CREATE INDEX trail_event_by_resource ON trail_event (account_id, region, resource, at, id)",
    ],
  },
  {
    room: "trail",
    version: 2,
    name: "events by the type of their resource, and by its id or name",
    statements: [
      "ALTER TABLE trail_event ADD COLUMN resource_type TEXT",
      "ALTER TABLE trail_event ADD COLUMN resource_name TEXT",
      "CREATE INDEX trail_event_by_resource_name ON trail_event (account_id, region, resource_name, at, id)",
    ],
  },
];

/** Where an event stands: events of one millisecond are told apart by their ids. */
export interface EventPosition {
  at: number;
  id: string;
}

/** What an event can be found by; a column each. */
export type EventColumn =
  | "id"
  | "name"
  | "source"
  | "read_only"
  | "user_name"
  | "access_key_id"
  | "resource"
  | "resource_type"
  | "resource_name";

export interface StoredEvent extends EventPosition {
  name: string;
  source: string;
  readOnly: boolean;
  userName: string;
  accessKeyId: string | undefined;
  resource: string | undefined;
  record: TrailRecord;
}

interface EventRow {
  at: number;
  id: string;
  name: string;
  source: string;
  read_only: number;
  user_name: string;
  access_key_id: string | null;
  resource: string | null;
  record: Uint8Array;
}

const PURPOSE = "trail.record";

/** Rows that a step of trimming removes at most. */
const TRIM_STEP = 1000;

export type TrailStore = ReturnType<typeof createTrailStore>;

export function createTrailStore({
  database,
  sealer,
}: {
  database: Pick<Database, "query" | "commit">;
  sealer: Pick<Sealer, "seal" | "openText">;
}) {
  const storedOf = (row: EventRow): StoredEvent => ({
    at: Number(row.at),
    id: row.id,
    name: row.name,
    source: row.source,
    readOnly: Number(row.read_only) === 1,
    userName: row.user_name,
    accessKeyId: row.access_key_id ?? undefined,
    resource: row.resource ?? undefined,
    record: JSON.parse(sealer.openText(row.record, PURPOSE)) as TrailRecord,
  });

  return {
    insert(event: TrailEvent): Write {
      return {
        sql: `INSERT INTO trail_event (account_id, region, at, id, name, source, read_only, user_name, access_key_id,
          resource, resource_type, resource_name, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          event.accountId,
          event.region,
          event.at,
          event.id,
          event.name,
          event.source,
          event.readOnly ? 1 : 0,
          event.userName,
          event.accessKeyId ?? null,
          event.resource ?? null,
          event.resource === undefined ? null : resourceType(event.resource),
          event.resource === undefined ? null : resourceName(event.resource),
          sealer.seal(JSON.stringify(event.record), PURPOSE),
        ],
      };
    },

    /**
     * The newest events first: at most `limit` before the position `before`, none earlier than `since`
     * (milliseconds), with the given value in a column where one is named.
     */
    async page(
      { accountId, region }: Place,
      range: { before: EventPosition; since: number },
      match: { column: EventColumn; value: string | number } | undefined,
      limit: number,
    ): Promise<StoredEvent[]> {
      const { before, since } = range;
      const params: SqlValue[] = [accountId, region, since, before.at, before.id];
      if (match) params.push(match.value);
      const rows = await database.query<EventRow>(
        `SELECT at, id, name, source, read_only, user_name, access_key_id, resource, record FROM trail_event
          WHERE account_id = ? AND region = ? AND at >= ? AND (at, id) < (?, ?)
          ${match ? `AND ${match.column} = ?` : ""} ORDER BY at DESC, id DESC LIMIT ?`,
        [...params, limit],
      );
      return rows.map(storedOf);
    },

    /** The oldest events first: at most `limit` behind the position `after` and before the position `before`. */
    async following(
      { accountId, region }: Place,
      after: EventPosition,
      before: EventPosition,
      limit: number,
    ): Promise<StoredEvent[]> {
      const rows = await database.query<EventRow>(
        `SELECT at, id, name, source, read_only, user_name, access_key_id, resource, record FROM trail_event
          WHERE account_id = ? AND region = ? AND (at, id) > (?, ?) AND (at, id) < (?, ?) ORDER BY at, id LIMIT ?`,
        [accountId, region, after.at, after.id, before.at, before.id, limit],
      );
      return rows.map(storedOf);
    },

    /** The position that lies `count` events before another; undefined where there are not so many. */
    async back({ accountId, region }: Place, before: EventPosition, count: number): Promise<EventPosition | undefined> {
      const rows = await database.query<{ at: number; id: string }>(
        `SELECT at, id FROM trail_event WHERE account_id = ? AND region = ? AND (at, id) < (?, ?)
          ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?`,
        [accountId, region, before.at, before.id, count],
      );
      return rows[0] && { at: Number(rows[0].at), id: rows[0].id };
    },

    /** The account and region with events that come behind these, in their order. */
    async nextPlace(after: Place): Promise<Place | undefined> {
      const rows = await database.query<{ account_id: string; region: string }>(
        `SELECT account_id, region FROM trail_event WHERE (account_id, region) > (?, ?)
          ORDER BY account_id, region LIMIT 1`,
        [after.accountId, after.region],
      );
      return rows[0] && { accountId: rows[0].account_id, region: rows[0].region };
    },

    /** Removes some of a place's events from before `horizon` (milliseconds); true when none is left. */
    async trimStep({ accountId, region }: Place, horizon: number): Promise<boolean> {
      const rows = await database.query<{ at: number; id: string }>(
        `SELECT at, id FROM trail_event WHERE account_id = ? AND region = ? AND at < ?
          ORDER BY at, id LIMIT 1 OFFSET ?`,
        [accountId, region, horizon, TRIM_STEP],
      );
      const next = rows[0];
      await database.commit([
        next
          ? {
              sql: "DELETE FROM trail_event WHERE account_id = ? AND region = ? AND (at, id) < (?, ?)",
              params: [accountId, region, next.at, next.id],
            }
          : {
              sql: "DELETE FROM trail_event WHERE account_id = ? AND region = ? AND at < ?",
              params: [accountId, region, horizon],
            },
      ]);
      return !next;
    },
  };
}
