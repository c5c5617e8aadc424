import type { Database, Write } from "@hearth/backplane";
import type { Place } from "../place.ts";
import type { RuntimeLogConfiguration } from "./runtime-log-configuration.ts";

/** What is known for a thing: nothing, its configuration, or that it was reset. */
export type Stored = { configuration: RuntimeLogConfiguration | undefined } | undefined;

export type RuntimeLogStore = ReturnType<typeof createRuntimeLogStore>;

export function createRuntimeLogStore({ database }: { database: Pick<Database, "query"> }) {
  return {
    async get({ accountId, region }: Place, thingId: string): Promise<Stored> {
      const rows = await database.query<{ configuration: string | null }>(
        "SELECT configuration FROM runtime_log_configuration WHERE account_id = ? AND region = ? AND thing_id = ?",
        [accountId, region, thingId],
      );
      if (!rows[0]) return undefined;
      const { configuration } = rows[0];
      return {
        configuration: configuration === null ? undefined : (JSON.parse(configuration) as RuntimeLogConfiguration),
      };
    },

    put(
      { accountId, region }: Place,
      thingId: string,
      configuration: RuntimeLogConfiguration | undefined,
      now: number,
    ): Write {
      return {
        sql: `INSERT INTO runtime_log_configuration (account_id, region, thing_id, configuration, updated_at)
          VALUES (?, ?, ?, ?, ?) ON CONFLICT (account_id, region, thing_id)
          DO UPDATE SET configuration = excluded.configuration, updated_at = excluded.updated_at`,
        params: [accountId, region, thingId, configuration ? JSON.stringify(configuration) : null, now],
      };
    },

    /** Some of the account's things that have a configuration, in every region. */
    async ofAccount(accountId: string, limit: number): Promise<{ region: string; id: string }[]> {
      const rows = await database.query<{ region: string; thing_id: string }>(
        `SELECT region, thing_id FROM runtime_log_configuration WHERE account_id = ? AND configuration IS NOT NULL
          ORDER BY region, thing_id LIMIT ?`,
        [accountId, limit],
      );
      return rows.map((row) => ({ region: row.region, id: row.thing_id }));
    },
  };
}
