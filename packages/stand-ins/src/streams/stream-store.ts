import type { Database, Migration, PlainRows, Sealer, Write } from "@hearth/backplane";

export const streamMigrations: readonly Migration[] = [
  {
    room: "stand-ins",
    version: 1,
    name: "streams",
    statements: [
      `CREATE TABLE streams (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        stream_id TEXT NOT NULL UNIQUE,
        status TEXT NOT NULL,
        mode TEXT NOT NULL,
        distribution TEXT NOT NULL,
        shard_count BIGINT NOT NULL,
        max_record_kib BIGINT NOT NULL,
        tags TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, name)
      )`,
      // The counters that give records their place; updating one locks the shard until the batch is committed, so
      // places become visible in their order.
      `CREATE TABLE stream_shards (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        stream_id TEXT NOT NULL,
        shard BIGINT NOT NULL,
        next_place BIGINT NOT NULL,
        PRIMARY KEY (stream_id, shard)
      )`,
      // The data stand last, so that a scan over the other columns does not read them.
      `CREATE TABLE stream_records (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        stream_id TEXT NOT NULL,
        shard BIGINT NOT NULL,
        place BIGINT NOT NULL,
        put_id TEXT NOT NULL,
        put_index BIGINT NOT NULL,
        arrived_at BIGINT NOT NULL,
        size BIGINT NOT NULL,
        partition_key TEXT,
        data BLOB NOT NULL,
        PRIMARY KEY (stream_id, shard, place)
      )`,
      "CREATE INDEX stream_records_by_put ON stream_records (put_id)",
      "CREATE INDEX stream_records_by_arrival ON stream_records (arrived_at)",
    ],
  },
  {
    room: "streams-sealed",
    version: 1,
    name: "records are sealed",
    statements: ["ALTER TABLE stream_records ADD COLUMN sealed BLOB"],
  },
];

const SEALED = "streams.record";

/** What earlier versions have stored as plain text. */
export const plainRecords: readonly PlainRows[] = [
  {
    name: "stream_records",
    table: "stream_records",
    key: ["stream_id", "shard", "place"],
    columns: ["data"],
    where: "sealed IS NULL",
    seal: ({ data }, sealer) => ({ sealed: sealer.seal(data as Uint8Array, SEALED), data: new Uint8Array(0) }),
  },
];

export type RecordSealer = Pick<Sealer, "open" | "seal">;

export interface Scope {
  accountId: string;
  region: string;
}

export interface Stream extends Scope {
  name: string;
  streamId: string;
  status: "ACTIVE" | "DELETING";
  mode: "PROVISIONED" | "ON_DEMAND";
  distribution: "USER_PARTITION_KEY" | "AUTO";
  shardCount: number;
  maxRecordKib: number;
  tags: Readonly<Record<string, string>>;
  /** Milliseconds. */
  createdAt: number;
}

/** A record on its way into its shard. */
export interface NewRecord {
  shard: number;
  partitionKey: string | undefined;
  data: Uint8Array;
}

export interface StoredRecord {
  place: number;
  partitionKey: string | undefined;
  data: Uint8Array;
  arrivedAt: number;
}

/** What a page of records holds, without the data. */
export interface RecordHead {
  place: number;
  size: number;
  arrivedAt: number;
}

interface StreamRow {
  account_id: string;
  region: string;
  name: string;
  stream_id: string;
  status: Stream["status"];
  mode: Stream["mode"];
  distribution: Stream["distribution"];
  shard_count: number;
  max_record_kib: number;
  tags: string;
  created_at: number;
}

/** Rows that one step of trimming removes at most, so that no commit is held up behind it for long. */
const TRIM_STEP = 1000;

export type StreamStore = ReturnType<typeof createStreamStore>;

export function createStreamStore(database: Pick<Database, "query" | "commit">, sealer: RecordSealer) {
  return {
    /** Rejects with `UniqueViolation` when the name is taken. */
    async create(stream: Stream): Promise<void> {
      const { accountId, region, streamId } = stream;
      const writes: Write[] = [
        {
          sql: `INSERT INTO streams (account_id, region, name, stream_id, status, mode, distribution, shard_count,
            max_record_kib, tags, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          params: [
            accountId,
            region,
            stream.name,
            streamId,
            stream.status,
            stream.mode,
            stream.distribution,
            stream.shardCount,
            stream.maxRecordKib,
            JSON.stringify(stream.tags),
            stream.createdAt,
          ],
        },
      ];
      for (let shard = 0; shard < stream.shardCount; shard++) {
        writes.push({
          sql: "INSERT INTO stream_shards (account_id, region, stream_id, shard, next_place) VALUES (?, ?, ?, ?, 1)",
          params: [accountId, region, streamId, shard],
        });
      }
      await database.commit(writes);
    },

    async find({ accountId, region }: Scope, name: string): Promise<Stream | undefined> {
      const rows = await database.query<StreamRow>(
        "SELECT * FROM streams WHERE account_id = ? AND region = ? AND name = ?",
        [accountId, region, name],
      );
      return rows[0] && streamOf(rows[0]);
    },

    /** At most `limit` streams behind the name `after`, by name. */
    async list({ accountId, region }: Scope, after: string, limit: number): Promise<Stream[]> {
      const rows = await database.query<StreamRow>(
        "SELECT * FROM streams WHERE account_id = ? AND region = ? AND name > ? ORDER BY name LIMIT ?",
        [accountId, region, after, limit],
      );
      return rows.map(streamOf);
    },

    async shardsInUse({ accountId, region }: Scope): Promise<number> {
      const rows = await database.query<{ shards: number | null }>(
        "SELECT SUM(shard_count) AS shards FROM streams WHERE account_id = ? AND region = ?",
        [accountId, region],
      );
      return Number(rows[0]?.shards ?? 0);
    },

    /** Appends the records in one batch, in order. Rejects with `WriteConflict` when the stream is gone or being deleted. */
    append: (stream: Stream, records: readonly NewRecord[], putId: string, now: number): Promise<void> =>
      database.commit(appendWrites(sealer, stream, records, putId, now)),

    /** The places of the records of one `append`, in order. */
    async placesOf(putId: string): Promise<number[]> {
      const rows = await database.query<{ place: number }>(
        "SELECT place FROM stream_records WHERE put_id = ? ORDER BY put_index",
        [putId],
      );
      return rows.map((row) => Number(row.place));
    },

    /** The place that the next record of a shard will take. */
    async nextPlace(stream: Stream, shard: number): Promise<number> {
      const rows = await database.query<{ next_place: number }>(
        "SELECT next_place FROM stream_shards WHERE stream_id = ? AND shard = ?",
        [stream.streamId, shard],
      );
      return Number(rows[0]?.next_place ?? 1);
    },

    /** The first place of a shard whose record arrived at `from` (milliseconds) or later. */
    async firstPlaceSince(stream: Stream, shard: number, from: number): Promise<number | undefined> {
      const rows = await database.query<{ place: number }>(
        `SELECT place FROM stream_records WHERE stream_id = ? AND shard = ? AND arrived_at >= ?
          ORDER BY place LIMIT 1`,
        [stream.streamId, shard, from],
      );
      return rows[0] && Number(rows[0].place);
    },

    /** Heads of at most `limit` records from `place` on, of those that arrived at `since` or later. */
    async heads(stream: Stream, shard: number, place: number, since: number, limit: number): Promise<RecordHead[]> {
      const rows = await database.query<{ place: number; size: number; arrived_at: number }>(
        `SELECT place, size, arrived_at FROM stream_records
          WHERE stream_id = ? AND shard = ? AND place >= ? AND arrived_at >= ? ORDER BY place LIMIT ?`,
        [stream.streamId, shard, place, since, limit],
      );
      return rows.map((row) => ({
        place: Number(row.place),
        size: Number(row.size),
        arrivedAt: Number(row.arrived_at),
      }));
    },

    /** The records between two places, both included. */
    async read(stream: Stream, shard: number, from: number, to: number, since: number): Promise<StoredRecord[]> {
      const rows = await database.query<{
        place: number;
        partition_key: string | null;
        sealed: Uint8Array;
        arrived_at: number;
      }>(
        `SELECT place, partition_key, sealed, arrived_at FROM stream_records
          WHERE stream_id = ? AND shard = ? AND place BETWEEN ? AND ? AND arrived_at >= ? ORDER BY place`,
        [stream.streamId, shard, from, to, since],
      );
      return rows.map((row) => ({
        place: Number(row.place),
        partitionKey: row.partition_key ?? undefined,
        data: sealer.open(row.sealed, SEALED),
        arrivedAt: Number(row.arrived_at),
      }));
    },

    /** From now on the stream takes no records. Rejects with `WriteConflict` when it is gone or deleted already. */
    async markDeleting(stream: Stream): Promise<void> {
      await database.commit([
        {
          sql: "UPDATE streams SET status = 'DELETING' WHERE stream_id = ? AND status = 'ACTIVE'",
          params: [stream.streamId],
          rows: 1,
        },
        // Puts that have found the stream already count on these rows.
        { sql: "DELETE FROM stream_shards WHERE stream_id = ?", params: [stream.streamId] },
      ]);
    },

    /** Ids of streams whose deletion is not finished. */
    async deleting(): Promise<string[]> {
      const rows = await database.query<{ stream_id: string }>(
        "SELECT stream_id FROM streams WHERE status = 'DELETING' ORDER BY stream_id LIMIT 100",
      );
      return rows.map((row) => row.stream_id);
    },

    /** Removes a part of a deleted stream; true when nothing is left of it. */
    async deleteStep(streamId: string): Promise<boolean> {
      const rows = await database.query<{ shard: number; place: number }>(
        "SELECT shard, place FROM stream_records WHERE stream_id = ? ORDER BY shard, place LIMIT ?",
        [streamId, TRIM_STEP],
      );
      const finished = rows.length < TRIM_STEP;
      const writes: Write[] = [...lastPlaces(rows)].map(([shard, place]) => ({
        sql: "DELETE FROM stream_records WHERE stream_id = ? AND shard = ? AND place <= ?",
        params: [streamId, shard, place],
      }));
      if (finished) {
        writes.push({ sql: "DELETE FROM streams WHERE stream_id = ? AND status = 'DELETING'", params: [streamId] });
      }
      await database.commit(writes);
      return finished;
    },

    /** Removes some of the records that arrived before `horizon` (milliseconds); true when none is left. */
    async trimStep(horizon: number): Promise<boolean> {
      const rows = await database.query<{ stream_id: string; shard: number; place: number }>(
        "SELECT stream_id, shard, place FROM stream_records WHERE arrived_at < ? ORDER BY arrived_at LIMIT ?",
        [horizon, TRIM_STEP],
      );
      const streamIds = new Set(rows.map((row) => row.stream_id));
      const writes = [...streamIds].flatMap((streamId) =>
        [...lastPlaces(rows.filter((row) => row.stream_id === streamId))].map(([shard, place]) => ({
          sql: "DELETE FROM stream_records WHERE stream_id = ? AND shard = ? AND place <= ? AND arrived_at < ?",
          params: [streamId, shard, place, horizon],
        })),
      );
      if (writes.length > 0) await database.commit(writes);
      return rows.length < TRIM_STEP;
    },
  };
}

/**
 * Counts up the shards' places, then gives each record its own. Shards are locked in their order, so two batches
 * cannot wait for each other (PostgreSQL).
 */
function appendWrites(
  sealer: RecordSealer,
  stream: Stream,
  records: readonly NewRecord[],
  putId: string,
  now: number,
): Write[] {
  const { accountId, region, streamId } = stream;
  const counts = new Map<number, number>();
  for (const { shard } of records) counts.set(shard, (counts.get(shard) ?? 0) + 1);
  const writes: Write[] = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([shard, count]) => ({
      sql: "UPDATE stream_shards SET next_place = next_place + ? WHERE stream_id = ? AND shard = ?",
      params: [count, streamId, shard],
      rows: 1,
    }));
  const left = new Map(counts);
  records.forEach((record, index) => {
    const behind = left.get(record.shard)!;
    left.set(record.shard, behind - 1);
    writes.push({
      sql: `INSERT INTO stream_records (account_id, region, stream_id, shard, place, put_id, put_index, arrived_at, size,
        partition_key, data, sealed) VALUES (?, ?, ?, ?,
        (SELECT next_place - ? FROM stream_shards WHERE stream_id = ? AND shard = ?), ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        accountId,
        region,
        streamId,
        record.shard,
        behind,
        streamId,
        record.shard,
        putId,
        index,
        now,
        record.data.length,
        record.partitionKey ?? null,
        new Uint8Array(0),
        sealer.seal(record.data, SEALED),
      ],
    });
  });
  return writes;
}

/** The largest place of each shard. */
function lastPlaces(rows: readonly { shard: number; place: number }[]): Map<number, number> {
  const last = new Map<number, number>();
  for (const row of rows) {
    const shard = Number(row.shard);
    last.set(shard, Math.max(last.get(shard) ?? 0, Number(row.place)));
  }
  return last;
}

const streamOf = (row: StreamRow): Stream => ({
  accountId: row.account_id,
  region: row.region,
  name: row.name,
  streamId: row.stream_id,
  status: row.status,
  mode: row.mode,
  distribution: row.distribution,
  shardCount: Number(row.shard_count),
  maxRecordKib: Number(row.max_record_kib),
  tags: JSON.parse(row.tags) as Record<string, string>,
  createdAt: Number(row.created_at),
});
