import type { Database, Write } from "@hearth/backplane";
import type { Place } from "../place.ts";

export type HubConfigurationStore = ReturnType<typeof createHubConfigurationStore>;

/** How long the tokens of an account's hubs are good: one row an account and region. */
export function createHubConfigurationStore({ database }: { database: Pick<Database, "query"> }) {
  return {
    /** `updatedAt` in milliseconds. */
    async get({ accountId, region }: Place): Promise<{ seconds: number; updatedAt: number } | undefined> {
      const [row] = await database.query<{ token_seconds: number; updated_at: number }>(
        "SELECT token_seconds, updated_at FROM hub_configuration WHERE account_id = ? AND region = ?",
        [accountId, region],
      );
      return row && { seconds: row.token_seconds, updatedAt: row.updated_at };
    },

    put: ({ accountId, region }: Place, seconds: number, now: number): Write => ({
      sql: `INSERT INTO hub_configuration (account_id, region, token_seconds, updated_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (account_id, region) DO UPDATE SET token_seconds = excluded.token_seconds,
          updated_at = excluded.updated_at`,
      params: [accountId, region, seconds, now],
    }),
  };
}
