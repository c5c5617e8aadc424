import type { Database, Write } from "@hearth/backplane";

/** How the deletion of a service-linked role ended. */
export interface RoleDeletion {
  taskId: string;
  accountId: string;
  /** What still used the role; empty: it is deleted. */
  uses: readonly { region: string; arn: string }[];
  endedAt: number;
}

export interface RoleDeletionStore {
  find(accountId: string, taskId: string): Promise<RoleDeletion | undefined>;
  /** Also forgets those that ended before `oldest`. */
  put(deletion: RoleDeletion, oldest: number): Write[];
}

interface Row {
  task_id: string;
  account_id: string;
  uses: string;
  ended_at: number;
}

export function createRoleDeletionStore({ database }: { database: Database }): RoleDeletionStore {
  return {
    async find(accountId, taskId) {
      const rows = await database.query<Row>(
        "SELECT task_id, account_id, uses, ended_at FROM auth_role_deletions WHERE account_id = ? AND task_id = ?",
        [accountId, taskId],
      );
      const row = rows[0];
      if (!row) return undefined;
      const { task_id, account_id, uses, ended_at } = row;
      return { taskId: task_id, accountId: account_id, uses: JSON.parse(uses), endedAt: Number(ended_at) };
    },
    put: ({ taskId, accountId, uses, endedAt }, oldest) => [
      {
        sql: "DELETE FROM auth_role_deletions WHERE account_id = ? AND ended_at < ?",
        params: [accountId, oldest],
      },
      {
        sql: "INSERT INTO auth_role_deletions (account_id, region, task_id, uses, ended_at) VALUES (?, ?, ?, ?, ?)",
        params: [accountId, "", taskId, JSON.stringify(uses), endedAt],
      },
    ],
  };
}
