import type { Database, Sealer, Write } from "@hearth/backplane";
import { newAccessKeyId, newSecret } from "./access-key.ts";

type AccessKeyStatus = "Active" | "Inactive";

export interface StoredAccessKey {
  accessKeyId: string;
  accountId: string;
  /** A user's id, or the account's own id for its root. */
  ownerId: string;
  status: AccessKeyStatus;
  createdAt: number;
}

interface NewAccessKey {
  accessKeyId: string;
  secretAccessKey: string;
  write: Write;
}

export interface AccessKeyStore {
  /** Makes a key; it exists once the write is committed. */
  create(accountId: string, ownerId: string, now: number): NewAccessKey;
  find(accessKeyId: string): Promise<(StoredAccessKey & { secret(): string }) | undefined>;
  /** The keys of an owner, oldest first. */
  list(accountId: string, ownerId: string): Promise<(StoredAccessKey & { secret(): string })[]>;
  setStatus(key: StoredAccessKey, status: AccessKeyStatus): Write;
  remove(key: StoredAccessKey): Write;
}

interface Row {
  access_key_id: string;
  account_id: string;
  owner_id: string;
  secret: Uint8Array;
  status: AccessKeyStatus;
  created_at: number;
}

/** A secret opens only as the secret of its own key. */
const purposeOf = (accessKeyId: string): string => `access key ${accessKeyId}`;

const COLUMNS = "access_key_id, account_id, owner_id, secret, status, created_at";

export function createAccessKeyStore({ database, sealer }: { database: Database; sealer: Sealer }): AccessKeyStore {
  const fromRow = (row: Row) => ({
    accessKeyId: row.access_key_id,
    accountId: row.account_id,
    ownerId: row.owner_id,
    status: row.status,
    createdAt: Number(row.created_at),
    secret: () => sealer.openText(row.secret, purposeOf(row.access_key_id)),
  });
  return {
    create(accountId, ownerId, now) {
      const accessKeyId = newAccessKeyId("AKIA");
      const secretAccessKey = newSecret();
      const sealed = sealer.seal(secretAccessKey, purposeOf(accessKeyId));
      return {
        accessKeyId,
        secretAccessKey,
        write: {
          sql: `INSERT INTO auth_access_keys (${COLUMNS}, region) VALUES (?, ?, ?, ?, ?, ?, ?)`,
          params: [accessKeyId, accountId, ownerId, sealed, "Active", now, ""],
        },
      };
    },
    async find(accessKeyId) {
      const rows = await database.query<Row>(`SELECT ${COLUMNS} FROM auth_access_keys WHERE access_key_id = ?`, [
        accessKeyId,
      ]);
      return rows[0] && fromRow(rows[0]);
    },
    async list(accountId, ownerId) {
      const rows = await database.query<Row>(
        `SELECT ${COLUMNS} FROM auth_access_keys WHERE account_id = ? AND owner_id = ? ORDER BY created_at, access_key_id`,
        [accountId, ownerId],
      );
      return rows.map(fromRow);
    },
    setStatus: (key, status) => ({
      sql: "UPDATE auth_access_keys SET status = ? WHERE access_key_id = ? AND account_id = ?",
      params: [status, key.accessKeyId, key.accountId],
      rows: 1,
    }),
    remove: (key) => ({
      sql: "DELETE FROM auth_access_keys WHERE access_key_id = ? AND account_id = ?",
      params: [key.accessKeyId, key.accountId],
      rows: 1,
    }),
  };
}
