import type { Database, Migration, Sealer, SqlValue, Write } from "@hearth/backplane";
import type { StoredBody } from "./body-files.ts";
import type { Checksum } from "./checksums.ts";
import { behind } from "./object.ts";

export const objectMigrations: readonly Migration[] = [
  {
    room: "objects",
    version: 1,
    name: "buckets, versions of objects, uploads in parts, bodies",
    statements: [
      `CREATE TABLE object_bucket (
        name TEXT PRIMARY KEY,
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        changes BIGINT NOT NULL,
        versioning TEXT,
        policy TEXT
      )`,
      "CREATE INDEX object_bucket_by_account ON object_bucket (account_id, name)",
      // Keys as bytes: both databases order those alike, and as S3 does.
      `CREATE TABLE object_version (
        id TEXT PRIMARY KEY,
        bucket TEXT NOT NULL,
        object_key BLOB NOT NULL,
        version TEXT NOT NULL,
        placed BIGINT NOT NULL,
        latest BIGINT NOT NULL,
        marker BIGINT NOT NULL,
        size BIGINT NOT NULL,
        etag TEXT NOT NULL,
        modified_at BIGINT NOT NULL,
        headers BLOB NOT NULL
      )`,
      "CREATE UNIQUE INDEX object_version_by_key ON object_version (bucket, object_key, version)",
      "CREATE UNIQUE INDEX object_version_latest ON object_version (bucket, object_key) WHERE latest = 1",
      "CREATE INDEX object_version_listing ON object_version (bucket, object_key, placed)",
      `CREATE TABLE object_upload (
        id TEXT PRIMARY KEY,
        bucket TEXT NOT NULL,
        object_key BLOB NOT NULL,
        started_at BIGINT NOT NULL,
        headers BLOB NOT NULL
      )`,
      "CREATE INDEX object_upload_by_key ON object_upload (bucket, object_key, id)",
      // The owner is a version or an upload; a file without a row here is nobody's.
      `CREATE TABLE object_body (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        ordinal BIGINT NOT NULL,
        size BIGINT NOT NULL,
        sealed_key BLOB NOT NULL,
        etag TEXT NOT NULL,
        checksum TEXT,
        modified_at BIGINT NOT NULL
      )`,
      "CREATE UNIQUE INDEX object_body_by_owner ON object_body (owner, ordinal)",
    ],
  },
];

export interface Bucket {
  name: string;
  accountId: string;
  region: string;
  createdAt: number;
  /** Counts what was placed in it and taken out. */
  changes: number;
  versioning: "Enabled" | "Suspended" | undefined;
  policy: string | undefined;
}

/** What a client said of an object, besides its bytes. */
export interface ObjectHeaders {
  contentType?: string;
  contentEncoding?: string;
  contentDisposition?: string;
  contentLanguage?: string;
  cacheControl?: string;
  expires?: string;
  websiteRedirect?: string;
  metadata?: Readonly<Record<string, string>>;
  checksum?: Checksum;
  /** Of an upload: the checksum that its parts shall have. */
  algorithm?: string;
}

export interface ObjectVersion {
  id: string;
  key: string;
  /** `null` for one that was placed without versioning. */
  version: string;
  placed: number;
  latest: boolean;
  /** A deletion in a bucket with versioning. */
  marker: boolean;
  size: number;
  etag: string;
  modifiedAt: number;
  headers: ObjectHeaders;
}

export interface Upload {
  id: string;
  bucket: string;
  key: string;
  startedAt: number;
  headers: ObjectHeaders;
}

/** A body at its place in a version or an upload. */
export interface Part extends StoredBody {
  ordinal: number;
  etag: string;
  checksum?: Checksum;
  modifiedAt: number;
}

interface VersionRow {
  id: string;
  object_key: Uint8Array;
  version: string;
  placed: number;
  latest: number;
  marker: number;
  size: number;
  etag: string;
  modified_at: number;
  headers: Uint8Array;
}

const PURPOSE = "object.headers";
const COLUMNS = "id, object_key, version, placed, latest, marker, size, etag, modified_at, headers";
const textOf = (key: Uint8Array): string => Buffer.from(key).toString();

export type ObjectStore = ReturnType<typeof createObjectStore>;

/** Bodies that one statement hands over. */
const GIVEN_AT_ONCE = 500;

export function createObjectStore(deps: {
  database: Pick<Database, "query" | "commit">;
  sealer: Pick<Sealer, "seal" | "openText">;
}) {
  const { database, sealer } = deps;
  const sealed = (headers: ObjectHeaders) => sealer.seal(JSON.stringify(headers), PURPOSE);
  const opened = (headers: Uint8Array) => JSON.parse(sealer.openText(headers, PURPOSE)) as ObjectHeaders;
  const versionOf = (row: VersionRow): ObjectVersion => ({
    id: row.id,
    key: textOf(row.object_key),
    version: row.version,
    placed: Number(row.placed),
    latest: Number(row.latest) === 1,
    marker: Number(row.marker) === 1,
    size: Number(row.size),
    etag: row.etag,
    modifiedAt: Number(row.modified_at),
    headers: opened(row.headers),
  });
  const versions = async (where: string, params: readonly SqlValue[]): Promise<ObjectVersion[]> =>
    (await database.query<VersionRow>(`SELECT ${COLUMNS} FROM object_version WHERE ${where}`, params)).map(versionOf);
  const buckets = async (where: string, params: readonly SqlValue[]): Promise<Bucket[]> => {
    const rows = await database.query<{
      name: string;
      account_id: string;
      region: string;
      created_at: number;
      changes: number;
      versioning: string | null;
      policy: string | null;
    }>(
      `SELECT name, account_id, region, created_at, changes, versioning, policy FROM object_bucket WHERE ${where}`,
      params,
    );
    return rows.map((row) => ({
      name: row.name,
      accountId: row.account_id,
      region: row.region,
      createdAt: Number(row.created_at),
      changes: Number(row.changes),
      versioning: (row.versioning ?? undefined) as Bucket["versioning"],
      policy: row.policy ?? undefined,
    }));
  };
  /** Keys from `from` on that begin with `prefix`. */
  const inPrefix = (prefix: Buffer, from: Buffer): { where: string; params: SqlValue[] } => {
    const end = behind(prefix);
    const start = Buffer.compare(from, prefix) > 0 ? from : prefix;
    return end
      ? { where: "object_key >= ? AND object_key < ?", params: [start, end] }
      : { where: "object_key >= ?", params: [start] };
  };

  return {
    commit: (writes: readonly Write[]) => database.commit(writes),

    async bucket(name: string): Promise<Bucket | undefined> {
      return (await buckets("name = ?", [name]))[0];
    },
    bucketsOf: (accountId: string, prefix: string, after: string, limit: number) =>
      buckets("account_id = ? AND name > ? AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?", [
        accountId,
        after,
        prefix.length,
        prefix,
        limit,
      ]),
    insertBucket: (bucket: Bucket): Write => ({
      sql: "INSERT INTO object_bucket (name, account_id, region, created_at, changes) VALUES (?, ?, ?, ?, 0)",
      params: [bucket.name, bucket.accountId, bucket.region, bucket.createdAt],
    }),
    /** Guarded by what was read: nothing has come into it since. */
    deleteBucket: ({ name, changes }: Bucket): Write => ({
      sql: "DELETE FROM object_bucket WHERE name = ? AND changes = ?",
      params: [name, changes],
      rows: 1,
    }),
    /** What was begun in a bucket and never completed goes with it; the files the next start removes. */
    deleteUploadsIn: (bucket: string): readonly Write[] => [
      {
        sql: "DELETE FROM object_body WHERE owner IN (SELECT id FROM object_upload WHERE bucket = ?)",
        params: [bucket],
      },
      { sql: "DELETE FROM object_upload WHERE bucket = ?", params: [bucket] },
    ],
    async isEmpty(bucket: string): Promise<boolean> {
      const rows = await database.query("SELECT id FROM object_version WHERE bucket = ? LIMIT 1", [bucket]);
      return rows.length === 0;
    },
    setPolicy: (name: string, policy: string | null): Write => ({
      sql: "UPDATE object_bucket SET policy = ? WHERE name = ?",
      params: [policy, name],
      rows: 1,
    }),
    setVersioning: (name: string, status: string): Write => ({
      sql: "UPDATE object_bucket SET versioning = ? WHERE name = ?",
      params: [status, name],
      rows: 1,
    }),
    /** Belongs to every change of a bucket's content: the bucket is still there, with the versioning that was read. */
    touchBucket: ({ name, versioning }: Bucket): Write => ({
      sql: `UPDATE object_bucket SET changes = changes + 1 WHERE name = ? AND ${versioning ? "versioning = ?" : "versioning IS NULL"}`,
      params: versioning ? [name, versioning] : [name],
      rows: 1,
    }),

    /** The newest, which may be a marker. */
    async latest(bucket: string, key: Buffer): Promise<ObjectVersion | undefined> {
      return (await versions("bucket = ? AND object_key = ? AND latest = 1", [bucket, key]))[0];
    },
    async version(bucket: string, key: Buffer, version: string): Promise<ObjectVersion | undefined> {
      return (await versions("bucket = ? AND object_key = ? AND version = ?", [bucket, key, version]))[0];
    },
    /** The newest but one. */
    async previous(bucket: string, key: Buffer): Promise<ObjectVersion | undefined> {
      return (
        await versions("bucket = ? AND object_key = ? AND latest = 0 ORDER BY placed DESC LIMIT 1", [bucket, key])
      )[0];
    },
    /** Newest versions that are no markers, in the order of their keys. */
    listLatest(bucket: string, prefix: Buffer, from: Buffer, limit: number): Promise<ObjectVersion[]> {
      const { where, params } = inPrefix(prefix, from);
      return versions(`bucket = ? AND latest = 1 AND marker = 0 AND ${where} ORDER BY object_key LIMIT ?`, [
        bucket,
        ...params,
        limit,
      ]);
    },
    /** All versions, the newest of a key first, behind the version `placed` of the key `from`. */
    listVersions(
      bucket: string,
      prefix: Buffer,
      from: Buffer,
      placed: number,
      limit: number,
    ): Promise<ObjectVersion[]> {
      const { where, params } = inPrefix(prefix, from);
      return versions(
        `bucket = ? AND ${where} AND (object_key > ? OR placed < ?) ORDER BY object_key, placed DESC LIMIT ?`,
        [bucket, ...params, from, placed, limit],
      );
    },
    insertVersion: (bucket: string, made: ObjectVersion): Write => ({
      sql: `INSERT INTO object_version (id, bucket, object_key, version, placed, latest, marker, size, etag, modified_at,
        headers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        made.id,
        bucket,
        Buffer.from(made.key),
        made.version,
        made.placed,
        made.latest ? 1 : 0,
        made.marker ? 1 : 0,
        made.size,
        made.etag,
        made.modifiedAt,
        sealed(made.headers),
      ],
    }),
    deleteVersion: (id: string): readonly Write[] => [
      { sql: "DELETE FROM object_version WHERE id = ?", params: [id], rows: 1 },
      { sql: "DELETE FROM object_body WHERE owner = ?", params: [id] },
    ],
    setLatest: (id: string, latest: boolean): Write => ({
      sql: "UPDATE object_version SET latest = ? WHERE id = ? AND latest = ?",
      params: [latest ? 1 : 0, id, latest ? 0 : 1],
      rows: 1,
    }),

    insertBody: (owner: string, part: Part): Write => ({
      sql: `INSERT INTO object_body (id, owner, ordinal, size, sealed_key, etag, checksum, modified_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        part.id,
        owner,
        part.ordinal,
        part.size,
        part.sealedKey,
        part.etag,
        part.checksum ? JSON.stringify(part.checksum) : null,
        part.modifiedAt,
      ],
    }),
    deleteBody: (id: string): Write => ({ sql: "DELETE FROM object_body WHERE id = ?", params: [id], rows: 1 }),
    deleteBodiesOf: (owner: string): Write => ({ sql: "DELETE FROM object_body WHERE owner = ?", params: [owner] }),
    /** Guarded: those very bodies, none of which was replaced meanwhile. */
    giveBodies: (from: string, to: string, ids: readonly string[]): Write[] =>
      Array.from({ length: Math.ceil(ids.length / GIVEN_AT_ONCE) }, (_, piece) => {
        const given = ids.slice(piece * GIVEN_AT_ONCE, (piece + 1) * GIVEN_AT_ONCE);
        return {
          sql: `UPDATE object_body SET owner = ? WHERE owner = ? AND id IN (${given.map(() => "?").join(", ")})`,
          params: [to, from, ...given],
          rows: given.length,
        };
      }),
    /** In order, from the ordinal `after` on. */
    async bodies(owner: string, after = 0, limit = 10_000): Promise<Part[]> {
      const rows = await database.query<{
        id: string;
        ordinal: number;
        size: number;
        sealed_key: Uint8Array;
        etag: string;
        checksum: string | null;
        modified_at: number;
      }>(
        `SELECT id, ordinal, size, sealed_key, etag, checksum, modified_at FROM object_body
          WHERE owner = ? AND ordinal > ? ORDER BY ordinal LIMIT ?`,
        [owner, after, limit],
      );
      return rows.map((row) => ({
        id: row.id,
        ordinal: Number(row.ordinal),
        size: Number(row.size),
        sealedKey: row.sealed_key,
        etag: row.etag,
        modifiedAt: Number(row.modified_at),
        ...(row.checksum !== null && { checksum: JSON.parse(row.checksum) as Checksum }),
      }));
    },
    /** Of these files those that belong to something. */
    async known(ids: readonly string[]): Promise<ReadonlySet<string>> {
      const found = new Set<string>();
      for (let at = 0; at < ids.length; at += 500) {
        const some = ids.slice(at, at + 500);
        const marks = some.map(() => "?").join(", ");
        const rows = await database.query<{ id: string }>(`SELECT id FROM object_body WHERE id IN (${marks})`, some);
        for (const { id } of rows) found.add(id);
      }
      return found;
    },

    insertUpload: (upload: Upload): Write => ({
      sql: "INSERT INTO object_upload (id, bucket, object_key, started_at, headers) VALUES (?, ?, ?, ?, ?)",
      params: [upload.id, upload.bucket, Buffer.from(upload.key), upload.startedAt, sealed(upload.headers)],
    }),
    deleteUpload: (id: string): Write => ({ sql: "DELETE FROM object_upload WHERE id = ?", params: [id], rows: 1 }),
    /** Belongs to the placing of a part: the upload is still there. */
    keepUpload: (id: string): Write => ({
      sql: "UPDATE object_upload SET started_at = started_at WHERE id = ?",
      params: [id],
      rows: 1,
    }),
    async upload(id: string): Promise<Upload | undefined> {
      return (await uploads("id = ?", [id]))[0];
    },
    listUploads(bucket: string, prefix: Buffer, from: Buffer, afterId: string, limit: number): Promise<Upload[]> {
      const { where, params } = inPrefix(prefix, from);
      return uploads(`bucket = ? AND ${where} AND (object_key > ? OR id > ?) ORDER BY object_key, id LIMIT ?`, [
        bucket,
        ...params,
        from,
        afterId,
        limit,
      ]);
    },
  };

  async function uploads(where: string, params: readonly SqlValue[]): Promise<Upload[]> {
    const rows = await database.query<{
      id: string;
      bucket: string;
      object_key: Uint8Array;
      started_at: number;
      headers: Uint8Array;
    }>(`SELECT id, bucket, object_key, started_at, headers FROM object_upload WHERE ${where}`, params);
    return rows.map((row) => ({
      id: row.id,
      bucket: row.bucket,
      key: textOf(row.object_key),
      startedAt: Number(row.started_at),
      headers: opened(row.headers),
    }));
  }
}
