import type { Database, Write } from "@hearth/backplane";

export interface Account {
  accountId: string;
  /** The one region in which the account's requests are signed. */
  region: string;
  name?: string;
  createdAt: number;
}

export interface AccountStore {
  find(accountId: string): Promise<Account | undefined>;
  /** By id, those after `after`. */
  list(after: string, limit: number): Promise<Account[]>;
  insert(account: Account): Write;
  setRegion(accountId: string, region: string): Write;
}

interface Row {
  account_id: string;
  region: string;
  name: string | null;
  created_at: number;
}

const fromRow = (row: Row): Account => ({
  accountId: row.account_id,
  region: row.region,
  ...(row.name !== null && { name: row.name }),
  createdAt: Number(row.created_at),
});

export function createAccountStore({ database }: { database: Database }): AccountStore {
  const select = "SELECT account_id, region, name, created_at FROM auth_accounts";
  return {
    async find(accountId) {
      const rows = await database.query<Row>(`${select} WHERE account_id = ?`, [accountId]);
      return rows[0] && fromRow(rows[0]);
    },
    async list(after, limit) {
      const rows = await database.query<Row>(`${select} WHERE account_id > ? ORDER BY account_id LIMIT ?`, [
        after,
        limit,
      ]);
      return rows.map(fromRow);
    },
    insert: ({ accountId, region, name, createdAt }) => ({
      sql: "INSERT INTO auth_accounts (account_id, region, name, created_at) VALUES (?, ?, ?, ?)",
      params: [accountId, region, name ?? null, createdAt],
    }),
    setRegion: (accountId, region) => ({
      sql: "UPDATE auth_accounts SET region = ? WHERE account_id = ?",
      params: [region, accountId],
      rows: 1,
    }),
  };
}
