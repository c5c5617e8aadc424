import type { Database, Migration, Sealer, SqlValue, Write } from "@hearth/backplane";
import type { Place } from "../place.ts";

export const logMigrations: readonly Migration[] = [
  {
    room: "logs",
    version: 1,
    name: "log groups, log streams, log events",
    statements: [
      `CREATE TABLE log_group (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        id TEXT NOT NULL UNIQUE,
        class TEXT NOT NULL,
        tags TEXT NOT NULL,
        retention_days BIGINT,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, name)
      )`,
      "CREATE INDEX log_group_retention ON log_group (retention_days, id)",
      `CREATE TABLE log_stream (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        group_id TEXT NOT NULL,
        name TEXT NOT NULL,
        id TEXT NOT NULL UNIQUE,
        created_at BIGINT NOT NULL,
        first_event_at BIGINT,
        last_event_at BIGINT NOT NULL,
        last_ingested_at BIGINT,
        PRIMARY KEY (group_id, name)
      )`,
      "CREATE INDEX log_stream_by_last_event ON log_stream (group_id, last_event_at, name)",
      // The message stands last, so that a scan over the other columns does not read it.
      `CREATE TABLE log_event (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        group_id TEXT NOT NULL,
        at BIGINT NOT NULL,
        id TEXT NOT NULL,
        stream_id TEXT NOT NULL,
        ingested_at BIGINT NOT NULL,
        message BLOB NOT NULL,
        PRIMARY KEY (group_id, at, id)
      )`,
      "CREATE INDEX log_event_by_stream ON log_event (stream_id, at, id)",
      // Streams that are deleted and still have events.
      "CREATE TABLE log_garbage (account_id TEXT NOT NULL, region TEXT NOT NULL, stream_id TEXT NOT NULL PRIMARY KEY)",
    ],
  },
];

export interface LogGroup extends Place {
  name: string;
  id: string;
  class: string;
  retentionDays: number | undefined;
  /** Milliseconds. */
  createdAt: number;
}

export interface LogStream extends Place {
  groupId: string;
  name: string;
  id: string;
  createdAt: number;
  firstEventAt: number | undefined;
  lastEventAt: number | undefined;
  lastIngestedAt: number | undefined;
}

/** Where an event stands in its group: events of one millisecond follow each other as they came. */
export interface EventPosition {
  at: number;
  id: string;
}

export interface LogEvent extends EventPosition {
  stream: string;
  message: string;
  ingestedAt: number;
}

export interface NewLogEvent {
  at: number;
  message: string;
}

interface GroupRow {
  account_id: string;
  region: string;
  name: string;
  id: string;
  class: string;
  retention_days: number | null;
  created_at: number;
}

interface StreamRow {
  account_id: string;
  region: string;
  group_id: string;
  name: string;
  id: string;
  created_at: number;
  first_event_at: number | null;
  last_event_at: number;
  last_ingested_at: number | null;
}

interface EventRow {
  at: number;
  id: string;
  stream: string;
  ingested_at: number;
  message: Uint8Array;
}

const PURPOSE = "logs.message";
const TRIM_STEP = 1000;

const number = (value: number | null): number | undefined => (value === null ? undefined : Number(value));

export type LogStore = ReturnType<typeof createLogStore>;

export function createLogStore({
  database,
  sealer,
}: {
  database: Pick<Database, "query" | "commit">;
  sealer: Pick<Sealer, "seal" | "openText">;
}) {
  const groupOf = (row: GroupRow): LogGroup => ({
    accountId: row.account_id,
    region: row.region,
    name: row.name,
    id: row.id,
    class: row.class,
    retentionDays: number(row.retention_days),
    createdAt: Number(row.created_at),
  });
  const streamOf = (row: StreamRow): LogStream => ({
    accountId: row.account_id,
    region: row.region,
    groupId: row.group_id,
    name: row.name,
    id: row.id,
    createdAt: Number(row.created_at),
    firstEventAt: number(row.first_event_at),
    lastEventAt: row.first_event_at === null ? undefined : Number(row.last_event_at),
    lastIngestedAt: number(row.last_ingested_at),
  });
  const eventOf = (row: EventRow): LogEvent => ({
    at: Number(row.at),
    id: row.id,
    stream: row.stream,
    ingestedAt: Number(row.ingested_at),
    message: sealer.openText(row.message, PURPOSE),
  });

  return {
    async group({ accountId, region }: Place, name: string): Promise<LogGroup | undefined> {
      const rows = await database.query<GroupRow>(
        "SELECT * FROM log_group WHERE account_id = ? AND region = ? AND name = ?",
        [accountId, region, name],
      );
      return rows[0] && groupOf(rows[0]);
    },

    /** At most `limit` groups behind the name `after`, by name. */
    async groups(
      { accountId, region }: Place,
      wanted: { after: string; prefix: string; part: string; class: string | undefined },
      limit: number,
    ): Promise<LogGroup[]> {
      const params: SqlValue[] = [accountId, region, wanted.after, wanted.prefix];
      let sql = `SELECT * FROM log_group WHERE account_id = ? AND region = ? AND name > ? AND name >= ?
        AND substr(name, 1, ${wanted.prefix.length}) = ?`;
      params.push(wanted.prefix);
      if (wanted.part !== "") {
        sql += " AND lower(name) LIKE ? ESCAPE '!'";
        params.push(`%${wanted.part.toLowerCase().replaceAll(/[!%_]/g, (special) => `!${special}`)}%`);
      }
      if (wanted.class !== undefined) {
        sql += " AND class = ?";
        params.push(wanted.class);
      }
      const rows = await database.query<GroupRow>(`${sql} ORDER BY name LIMIT ?`, [...params, limit]);
      return rows.map(groupOf);
    },

    insertGroup(group: LogGroup & { tags: Readonly<Record<string, string>> }): Write {
      return {
        sql: `INSERT INTO log_group (account_id, region, name, id, class, tags, retention_days, created_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          group.accountId,
          group.region,
          group.name,
          group.id,
          group.class,
          JSON.stringify(group.tags),
          group.retentionDays ?? null,
          group.createdAt,
        ],
      };
    },

    setRetention(group: LogGroup, days: number | null): Write {
      return { sql: "UPDATE log_group SET retention_days = ? WHERE id = ?", params: [days, group.id], rows: 1 };
    },

    /** Group and streams are gone at once; their events follow in `trimStep`s. */
    deleteGroup({ accountId, region, id }: LogGroup): Write[] {
      return [
        { sql: "DELETE FROM log_group WHERE id = ?", params: [id], rows: 1 },
        {
          sql: `INSERT INTO log_garbage (account_id, region, stream_id)
            SELECT account_id, region, id FROM log_stream WHERE group_id = ?`,
          params: [id],
        },
        {
          sql: "DELETE FROM log_stream WHERE account_id = ? AND region = ? AND group_id = ?",
          params: [accountId, region, id],
        },
      ];
    },

    async stream(group: LogGroup, name: string): Promise<LogStream | undefined> {
      const rows = await database.query<StreamRow>("SELECT * FROM log_stream WHERE group_id = ? AND name = ?", [
        group.id,
        name,
      ]);
      return rows[0] && streamOf(rows[0]);
    },

    /** At most `limit` streams behind the name `after` (before it, where `descending`). */
    async streamsByName(
      group: LogGroup,
      wanted: { after: string | undefined; prefix: string; descending: boolean },
      limit: number,
    ): Promise<LogStream[]> {
      const { after, prefix, descending } = wanted;
      const params: SqlValue[] = [group.id, prefix];
      let sql = `SELECT * FROM log_stream WHERE group_id = ? AND substr(name, 1, ${[...prefix].length}) = ?`;
      if (after !== undefined) {
        sql += ` AND name ${descending ? "<" : ">"} ?`;
        params.push(after);
      }
      const rows = await database.query<StreamRow>(`${sql} ORDER BY name ${descending ? "DESC" : "ASC"} LIMIT ?`, [
        ...params,
        limit,
      ]);
      return rows.map(streamOf);
    },

    /** The same by the time of the last event; `after` is the time and name of the last stream seen. */
    async streamsByLastEvent(
      group: LogGroup,
      wanted: { after: { at: number; name: string } | undefined; descending: boolean },
      limit: number,
    ): Promise<LogStream[]> {
      const { after, descending } = wanted;
      const order = descending ? "DESC" : "ASC";
      const params: SqlValue[] = after ? [group.id, after.at, after.name] : [group.id];
      const rows = await database.query<StreamRow>(
        `SELECT * FROM log_stream WHERE group_id = ?
          ${after ? `AND (last_event_at, name) ${descending ? "<" : ">"} (?, ?)` : ""}
          ORDER BY last_event_at ${order}, name ${order} LIMIT ?`,
        [...params, limit],
      );
      return rows.map(streamOf);
    },

    insertStream(stream: Pick<LogStream, "accountId" | "region" | "groupId" | "name" | "id" | "createdAt">): Write[] {
      const { accountId, region, groupId, name, id, createdAt } = stream;
      return [
        // The group must still be there.
        { sql: "UPDATE log_group SET id = id WHERE id = ?", params: [groupId], rows: 1 },
        {
          sql: `INSERT INTO log_stream (account_id, region, group_id, name, id, created_at, last_event_at)
            VALUES (?, ?, ?, ?, ?, ?, 0)`,
          params: [accountId, region, groupId, name, id, createdAt],
        },
      ];
    },

    deleteStream({ accountId, region, groupId, name, id }: LogStream): Write[] {
      return [
        {
          sql: "DELETE FROM log_stream WHERE group_id = ? AND name = ? AND id = ?",
          params: [groupId, name, id],
          rows: 1,
        },
        {
          sql: "INSERT INTO log_garbage (account_id, region, stream_id) VALUES (?, ?, ?)",
          params: [accountId, region, id],
        },
      ];
    },

    /** Writes that append events to a stream; a conflict at the first says that the stream is gone. */
    append(stream: LogStream, events: readonly NewLogEvent[], batchId: string, now: number): Write[] {
      const first = Math.min(...events.slice(0, 1).map(({ at }) => at));
      const last = events.at(-1)?.at ?? 0;
      return [
        {
          sql: `UPDATE log_stream SET
            first_event_at = CASE WHEN first_event_at < ? THEN first_event_at ELSE ? END,
            last_event_at = CASE WHEN last_event_at > ? THEN last_event_at ELSE ? END,
            last_ingested_at = ? WHERE id = ?`,
          params: [first, first, last, last, now, stream.id],
          rows: 1,
        },
        ...events.map(({ at, message }, index) => ({
          sql: `INSERT INTO log_event (account_id, region, group_id, at, id, stream_id, ingested_at, message)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          params: [
            stream.accountId,
            stream.region,
            stream.groupId,
            at,
            `${batchId}-${String(index).padStart(5, "0")}`,
            stream.id,
            now,
            sealer.seal(message, PURPOSE),
          ],
        })),
      ];
    },

    /**
     * At most `limit` events of a group's streams behind a position, by time. `streamIds` undefined: of all; `prefix`
     * narrows by the stream's name.
     */
    async events(
      group: LogGroup,
      wanted: { after: EventPosition; until: number; streams: readonly string[] | undefined; prefix: string },
      limit: number,
    ): Promise<LogEvent[]> {
      const { after, until, streams, prefix } = wanted;
      const params: SqlValue[] = [group.id, after.at, after.id, until];
      let sql = `SELECT e.at AS at, e.id AS id, s.name AS stream, e.ingested_at AS ingested_at, e.message AS message
        FROM log_event e JOIN log_stream s ON s.id = e.stream_id
        WHERE e.group_id = ? AND (e.at, e.id) > (?, ?) AND e.at <= ?`;
      if (streams) {
        sql += ` AND s.name IN (${streams.map(() => "?").join(", ")})`;
        params.push(...streams);
      }
      if (prefix !== "") {
        sql += ` AND substr(s.name, 1, ${[...prefix].length}) = ?`;
        params.push(prefix);
      }
      const rows = await database.query<EventRow>(`${sql} ORDER BY e.at, e.id LIMIT ?`, [...params, limit]);
      return rows.map(eventOf);
    },

    /** At most `limit` events of one stream next to a position, in order of time whichever way they were sought. */
    async eventsOf(
      stream: LogStream,
      wanted: { from: EventPosition; forward: boolean; since: number; before: number },
      limit: number,
    ): Promise<LogEvent[]> {
      const { from, forward, since, before } = wanted;
      const order = forward ? "ASC" : "DESC";
      const rows = await database.query<Omit<EventRow, "stream">>(
        `SELECT at, id, ingested_at, message FROM log_event
          WHERE stream_id = ? AND (at, id) ${forward ? ">" : "<"} (?, ?) AND at >= ? AND at < ?
          ORDER BY at ${order}, id ${order} LIMIT ?`,
        [stream.id, from.at, from.id, since, before, limit],
      );
      const events = rows.map((row) => eventOf({ ...row, stream: stream.name }));
      return forward ? events : events.reverse();
    },

    /** Streams whose deletion is not finished. */
    async garbage(): Promise<string[]> {
      const rows = await database.query<{ stream_id: string }>(
        "SELECT stream_id FROM log_garbage ORDER BY stream_id LIMIT 100",
      );
      return rows.map((row) => row.stream_id);
    },

    /** Groups behind the id `after` whose events are not kept for ever. */
    async withRetention(after: string): Promise<{ id: string; days: number }[]> {
      const rows = await database.query<{ id: string; retention_days: number }>(
        "SELECT id, retention_days FROM log_group WHERE retention_days IS NOT NULL AND id > ? ORDER BY id LIMIT 100",
        [after],
      );
      return rows.map((row) => ({ id: row.id, days: Number(row.retention_days) }));
    },

    /** Removes some events of a deleted stream; true when nothing is left of it. */
    async deleteStep(streamId: string): Promise<boolean> {
      return step("stream_id", streamId, Number.MAX_SAFE_INTEGER, [
        { sql: "DELETE FROM log_garbage WHERE stream_id = ?", params: [streamId] },
      ]);
    },

    /** Removes some of a group's events from before `horizon` (milliseconds); true when none is left. */
    async trimStep(groupId: string, horizon: number): Promise<boolean> {
      return step("group_id", groupId, horizon, []);
    },
  };

  async function step(
    column: "stream_id" | "group_id",
    id: string,
    horizon: number,
    finished: readonly Write[],
  ): Promise<boolean> {
    const rows = await database.query<EventPosition>(
      `SELECT at, id FROM log_event WHERE ${column} = ? AND at < ? ORDER BY at, id LIMIT 1 OFFSET ?`,
      [id, horizon, TRIM_STEP],
    );
    const next = rows[0];
    if (next) {
      const params = [id, Number(next.at), next.id];
      await database.commit([{ sql: `DELETE FROM log_event WHERE ${column} = ? AND (at, id) < (?, ?)`, params }]);
      return false;
    }
    await database.commit([
      { sql: `DELETE FROM log_event WHERE ${column} = ? AND at < ?`, params: [id, horizon] },
      ...finished,
    ]);
    return true;
  }
}
