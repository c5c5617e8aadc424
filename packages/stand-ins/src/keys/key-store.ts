import type { Database, Migration, Sealer, Write } from "@hearth/backplane";
import type { Key, KeyState, Scope } from "./key.ts";

export const keyMigrations: readonly Migration[] = [
  {
    room: "kms",
    version: 1,
    name: "keys",
    statements: [
      `CREATE TABLE kms_key (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        id TEXT NOT NULL,
        material BLOB NOT NULL,
        policy TEXT NOT NULL,
        description TEXT NOT NULL,
        state TEXT NOT NULL,
        deletion_at BIGINT,
        created_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, id)
      )`,
      "CREATE INDEX kms_key_deletion ON kms_key (deletion_at) WHERE deletion_at IS NOT NULL",
    ],
  },
  {
    room: "kms",
    version: 2,
    name: "aliases, and keys of services",
    statements: [
      "ALTER TABLE kms_key ADD COLUMN manager TEXT NOT NULL DEFAULT 'CUSTOMER'",
      `CREATE TABLE kms_alias (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        key_id TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, name)
      )`,
      "CREATE INDEX kms_alias_key ON kms_alias (account_id, region, key_id, name)",
    ],
  },
];

interface Row {
  account_id: string;
  region: string;
  id: string;
  material: Uint8Array;
  policy: string;
  description: string;
  state: KeyState;
  manager: Key["manager"];
  deletion_at: number | null;
  created_at: number;
  revision: number;
}

const MATERIAL = "kms.key";

export type KeyStore = ReturnType<typeof createKeyStore>;

/** Keys in the database, their material sealed under the master key. What is due to be deleted is not there any more. */
export function createKeyStore({ database, sealer }: { database: Pick<Database, "commit" | "query">; sealer: Sealer }) {
  const keyOf = (row: Row): Key => ({
    accountId: row.account_id,
    region: row.region,
    id: row.id,
    material: sealer.open(row.material, MATERIAL),
    policy: row.policy,
    description: row.description,
    state: row.state,
    manager: row.manager,
    deletionAt: row.deletion_at ?? undefined,
    createdAt: row.created_at,
    revision: row.revision,
  });

  return {
    async find(scope: Scope, id: string, now: number): Promise<Key | undefined> {
      const rows = await database.query<Row>(
        `SELECT * FROM kms_key WHERE account_id = ? AND region = ? AND id = ?
          AND (deletion_at IS NULL OR deletion_at > ?)`,
        [scope.accountId, scope.region, id, now],
      );
      return rows[0] && keyOf(rows[0]);
    },

    /** The id of the key that an alias (`alias/…`) leads to. */
    async target(scope: Scope, alias: string): Promise<string | undefined> {
      const rows = await database.query<{ key_id: string }>(
        "SELECT key_id FROM kms_alias WHERE account_id = ? AND region = ? AND name = ?",
        [scope.accountId, scope.region, alias],
      );
      return rows[0]?.key_id;
    },

    insertAlias(scope: Scope, alias: string, keyId: string, now: number): Write {
      return {
        sql: `INSERT INTO kms_alias (account_id, region, name, key_id, created_at, updated_at)
          VALUES (?, ?, ?, ?, ?, ?)`,
        params: [scope.accountId, scope.region, alias, keyId, now, now],
      };
    },

    /** Ids behind `after`, in their order. */
    async ids(scope: Scope, after: string, now: number, limit: number): Promise<string[]> {
      const rows = await database.query<{ id: string }>(
        `SELECT id FROM kms_key WHERE account_id = ? AND region = ? AND id > ?
          AND (deletion_at IS NULL OR deletion_at > ?) ORDER BY id LIMIT ?`,
        [scope.accountId, scope.region, after, now, limit],
      );
      return rows.map(({ id }) => id);
    },

    async count(scope: Scope): Promise<number> {
      const rows = await database.query<{ n: number }>(
        "SELECT COUNT(*) AS n FROM kms_key WHERE account_id = ? AND region = ?",
        [scope.accountId, scope.region],
      );
      return Number(rows[0]?.n ?? 0);
    },

    insert(key: Key): Write {
      return {
        sql: `INSERT INTO kms_key (account_id, region, id, material, policy, description, state, manager, deletion_at,
          created_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          key.accountId,
          key.region,
          key.id,
          sealer.seal(key.material, MATERIAL),
          key.policy,
          key.description,
          key.state,
          key.manager,
          key.deletionAt ?? null,
          key.createdAt,
          key.revision,
        ],
      };
    },

    /** Guarded by the revision of the key that was read. */
    update(key: Key, change: Partial<Pick<Key, "policy" | "state">> & { deletionAt?: number | undefined }): Write {
      const after = { ...key, ...change };
      return {
        sql: `UPDATE kms_key SET policy = ?, state = ?, deletion_at = ?, revision = revision + 1
          WHERE account_id = ? AND region = ? AND id = ? AND revision = ?`,
        params: [after.policy, after.state, after.deletionAt ?? null, key.accountId, key.region, key.id, key.revision],
        rows: 1,
      };
    },

    /** The material of keys whose time has come goes for good. */
    purge(now: number): Write {
      return { sql: "DELETE FROM kms_key WHERE deletion_at <= ?", params: [now] };
    },
  };
}
