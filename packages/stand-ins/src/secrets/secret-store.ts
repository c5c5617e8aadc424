import type { Database, Migration, Write } from "@hearth/backplane";
import type { Place } from "../place.ts";
import type { Secret, SecretReference, SecretVersion, Tag } from "./secret.ts";

export const secretMigrations: readonly Migration[] = [
  {
    room: "secrets",
    version: 1,
    name: "secrets and their versions",
    statements: [
      `CREATE TABLE secret (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        suffix TEXT NOT NULL,
        description TEXT,
        key_arn TEXT,
        policy TEXT,
        tags TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        accessed_at BIGINT,
        purge_at BIGINT,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, name)
      )`,
      "CREATE INDEX secret_created ON secret (account_id, region, created_at, name)",
      "CREATE INDEX secret_changed ON secret (account_id, region, changed_at, name)",
      "CREATE INDEX secret_accessed ON secret (account_id, region, COALESCE(accessed_at, 0), name)",
      `CREATE TABLE secret_version (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        id TEXT NOT NULL,
        stages TEXT NOT NULL,
        key_arn TEXT NOT NULL,
        default_key BIGINT NOT NULL,
        data_key BLOB NOT NULL,
        value BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        accessed_at BIGINT,
        PRIMARY KEY (account_id, region, name, id)
      )`,
    ],
  },
];

interface Row {
  account_id: string;
  region: string;
  name: string;
  suffix: string;
  description: string | null;
  key_arn: string | null;
  policy: string | null;
  tags: string;
  created_at: number;
  changed_at: number;
  accessed_at: number | null;
  purge_at: number | null;
  revision: number;
}

interface VersionRow {
  id: string;
  stages: string;
  key_arn: string;
  default_key: number;
  created_at: number;
  accessed_at: number | null;
}

interface SealedRow {
  data_key: Uint8Array;
  value: Uint8Array;
}

const secretOf = (row: Row): Secret => ({
  accountId: row.account_id,
  region: row.region,
  name: row.name,
  suffix: row.suffix,
  description: row.description ?? undefined,
  keyArn: row.key_arn ?? undefined,
  policy: row.policy ?? undefined,
  tags: JSON.parse(row.tags) as Tag[],
  createdAt: row.created_at,
  changedAt: row.changed_at,
  accessedAt: row.accessed_at ?? undefined,
  purgeAt: row.purge_at ?? undefined,
  revision: row.revision,
});

const versionOf = (row: VersionRow): SecretVersion => ({
  id: row.id,
  stages: JSON.parse(row.stages) as string[],
  keyArn: row.key_arn,
  defaultKey: row.default_key === 1,
  createdAt: row.created_at,
  accessedAt: row.accessed_at ?? undefined,
});

/** A value under a data key of its own, and that one under a key of KMS. */
export interface SealedValue {
  dataKey: Uint8Array;
  value: Uint8Array;
}

export type SortBy = "created-date" | "last-accessed-date" | "last-changed-date" | "name";

const SORTED: Readonly<Record<SortBy, string>> = {
  "created-date": "created_at",
  "last-accessed-date": "COALESCE(accessed_at, 0)",
  "last-changed-date": "changed_at",
  name: "name",
};

const VERSION_COLUMNS = "id, stages, key_arn, default_key, created_at, accessed_at";

export type SecretStore = ReturnType<typeof createSecretStore>;

export function createSecretStore({ database }: { database: Pick<Database, "query"> }) {
  const key = ({ accountId, region, name }: Place & { name: string }) => [accountId, region, name];

  return {
    async find({ suffix, ...named }: SecretReference): Promise<Secret | undefined> {
      const rows = await database.query<Row>(
        "SELECT * FROM secret WHERE account_id = ? AND region = ? AND name = ?",
        key(named),
      );
      const found = rows[0] && secretOf(rows[0]);
      return suffix === undefined || found?.suffix === suffix ? found : undefined;
    },

    /** In order of `by` and name, behind `after`. */
    async list(
      { accountId, region }: Place,
      by: SortBy,
      descending: boolean,
      after: { at: number; name: string } | undefined,
      limit: number,
    ): Promise<Secret[]> {
      const column = SORTED[by];
      const [sign, order] = descending ? ["<", "DESC"] : [">", "ASC"];
      const byName = by === "name";
      const behind = byName ? `name ${sign} ?` : `(${column}, name) ${sign} (?, ?)`;
      const from = after && (byName ? [after.name] : [after.at, after.name]);
      const rows = await database.query<Row>(
        `SELECT * FROM secret WHERE account_id = ? AND region = ? ${from ? `AND ${behind}` : ""}
          ORDER BY ${byName ? "" : `${column} ${order}, `}name ${order} LIMIT ?`,
        [accountId, region, ...(from ?? []), limit],
      );
      return rows.map(secretOf);
    },

    /** Oldest first; there are a hundred at most. */
    async versions(secret: Secret): Promise<SecretVersion[]> {
      const rows = await database.query<VersionRow>(
        `SELECT ${VERSION_COLUMNS} FROM secret_version WHERE account_id = ? AND region = ? AND name = ?
          ORDER BY created_at, id`,
        key(secret),
      );
      return rows.map(versionOf);
    },

    /** The stages of the versions of several secrets, by name, in one query. */
    async stagesOf({ accountId, region }: Place, names: readonly string[]): Promise<Map<string, SecretVersion[]>> {
      const found = new Map<string, SecretVersion[]>(names.map((name) => [name, []]));
      if (names.length === 0) return found;
      const rows = await database.query<VersionRow & { name: string }>(
        `SELECT name, ${VERSION_COLUMNS} FROM secret_version WHERE account_id = ? AND region = ? AND stages <> '[]'
          AND name IN (${names.map(() => "?").join(", ")})`,
        [accountId, region, ...names],
      );
      for (const row of rows) found.get(row.name)?.push(versionOf(row));
      return found;
    },

    async sealed(secret: Secret, versionId: string): Promise<SealedValue | undefined> {
      const rows = await database.query<SealedRow>(
        "SELECT data_key, value FROM secret_version WHERE account_id = ? AND region = ? AND name = ? AND id = ?",
        [...key(secret), versionId],
      );
      return rows[0] && { dataKey: rows[0].data_key, value: rows[0].value };
    },

    insert(secret: Secret): Write {
      return {
        sql: `INSERT INTO secret (account_id, region, name, suffix, description, key_arn, policy, tags, created_at,
          changed_at, accessed_at, purge_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          ...key(secret),
          secret.suffix,
          secret.description ?? null,
          secret.keyArn ?? null,
          secret.policy ?? null,
          JSON.stringify(secret.tags),
          secret.createdAt,
          secret.changedAt,
          secret.accessedAt ?? null,
          secret.purgeAt ?? null,
          secret.revision,
        ],
      };
    },

    /** Guarded by the revision of the secret that was read. */
    update(secret: Secret, change: Partial<Secret>): Write {
      const after = { ...secret, ...change };
      return {
        sql: `UPDATE secret SET description = ?, key_arn = ?, policy = ?, tags = ?, changed_at = ?, purge_at = ?,
          revision = revision + 1
          WHERE account_id = ? AND region = ? AND name = ? AND suffix = ? AND revision = ?`,
        params: [
          after.description ?? null,
          after.keyArn ?? null,
          after.policy ?? null,
          JSON.stringify(after.tags),
          after.changedAt,
          after.purgeAt ?? null,
          ...key(secret),
          secret.suffix,
          secret.revision,
        ],
        rows: 1,
      };
    },

    delete(secret: Secret): Write[] {
      return [
        {
          sql: `DELETE FROM secret WHERE account_id = ? AND region = ? AND name = ? AND suffix = ? AND revision = ?`,
          params: [...key(secret), secret.suffix, secret.revision],
          rows: 1,
        },
        {
          sql: "DELETE FROM secret_version WHERE account_id = ? AND region = ? AND name = ?",
          params: key(secret),
        },
      ];
    },

    insertVersion(secret: Secret, version: SecretVersion, { dataKey, value }: SealedValue): Write {
      return {
        sql: `INSERT INTO secret_version (account_id, region, name, id, stages, key_arn, default_key, data_key, value,
          created_at, accessed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          ...key(secret),
          version.id,
          JSON.stringify(version.stages),
          version.keyArn,
          version.defaultKey ? 1 : 0,
          dataKey,
          value,
          version.createdAt,
          version.accessedAt ?? null,
        ],
      };
    },

    setStages(secret: Secret, versionId: string, stages: readonly string[]): Write {
      return {
        sql: "UPDATE secret_version SET stages = ? WHERE account_id = ? AND region = ? AND name = ? AND id = ?",
        params: [JSON.stringify(stages), ...key(secret), versionId],
      };
    },

    /** Under another key. */
    reseal(secret: Secret, version: SecretVersion, { dataKey, value }: SealedValue): Write {
      return {
        sql: `UPDATE secret_version SET key_arn = ?, default_key = ?, data_key = ?, value = ?
          WHERE account_id = ? AND region = ? AND name = ? AND id = ?`,
        params: [version.keyArn, version.defaultKey ? 1 : 0, dataKey, value, ...key(secret), version.id],
      };
    },

    deleteVersion(secret: Secret, versionId: string): Write {
      return {
        sql: "DELETE FROM secret_version WHERE account_id = ? AND region = ? AND name = ? AND id = ?",
        params: [...key(secret), versionId],
      };
    },

    /** Days only move on. */
    accessed(secret: Secret, versionId: string, day: number): Write[] {
      return [
        {
          sql: `UPDATE secret SET accessed_at = ? WHERE account_id = ? AND region = ? AND name = ? AND suffix = ?
            AND COALESCE(accessed_at, 0) < ?`,
          params: [day, ...key(secret), secret.suffix, day],
        },
        {
          sql: `UPDATE secret_version SET accessed_at = ? WHERE account_id = ? AND region = ? AND name = ? AND id = ?
            AND COALESCE(accessed_at, 0) < ?`,
          params: [day, ...key(secret), versionId, day],
        },
      ];
    },
  };
}
