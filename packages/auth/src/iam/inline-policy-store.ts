import type { Database, Write } from "@hearth/backplane";

export interface InlinePolicy {
  name: string;
  document: string;
}

/** Policies that belong to one user or role, by the owner's unique id. */
export interface InlinePolicyStore {
  list(accountId: string, ownerId: string): Promise<InlinePolicy[]>;
  put(accountId: string, ownerId: string, policy: InlinePolicy): Write;
  remove(accountId: string, ownerId: string, name: string): Write;
}

export function createInlinePolicyStore({ database }: { database: Database }): InlinePolicyStore {
  return {
    async list(accountId, ownerId) {
      const rows = await database.query<{ policy_name: string; document: string }>(
        "SELECT policy_name, document FROM auth_inline_policies WHERE account_id = ? AND owner_id = ? ORDER BY policy_name",
        [accountId, ownerId],
      );
      return rows.map((row) => ({ name: row.policy_name, document: row.document }));
    },
    put: (accountId, ownerId, { name, document }) => ({
      sql: `INSERT INTO auth_inline_policies (account_id, region, owner_id, policy_name, document) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (account_id, owner_id, policy_name) DO UPDATE SET document = excluded.document`,
      params: [accountId, "", ownerId, name, document],
    }),
    remove: (accountId, ownerId, name) => ({
      sql: "DELETE FROM auth_inline_policies WHERE account_id = ? AND owner_id = ? AND policy_name = ?",
      params: [accountId, ownerId, name],
      rows: 1,
    }),
  };
}
