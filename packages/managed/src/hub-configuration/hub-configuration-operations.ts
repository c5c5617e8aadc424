import type { Database } from "@hearth/backplane";
import type { ManagedIntegrationsOperations, OperationTable } from "@hearth/contract";
import { notFound } from "../errors.ts";

/** PutHubConfiguration and GetHubConfiguration: how long the tokens of the account's hubs are good (reference 2). */
export function hubConfigurationOperations({ database }: { database: Database }) {
  return {
    PutHubConfiguration: {
      async handle(input, request) {
        const seconds = input.HubTokenTimerExpirySettingInSeconds;
        await database.commit([
          {
            sql: `INSERT INTO hub_configuration (account_id, region, token_seconds, updated_at) VALUES (?, ?, ?, ?)
              ON CONFLICT (account_id, region) DO UPDATE SET token_seconds = excluded.token_seconds,
                updated_at = excluded.updated_at`,
            params: [request.accountId, request.region, seconds, request.now],
          },
        ]);
        return { HubTokenTimerExpirySettingInSeconds: seconds };
      },
    },

    GetHubConfiguration: {
      async handle(_input, request) {
        const [row] = await database.query<{ token_seconds: number; updated_at: number }>(
          "SELECT token_seconds, updated_at FROM hub_configuration WHERE account_id = ? AND region = ?",
          [request.accountId, request.region],
        );
        if (!row) {
          const message = "The account has no hub configuration. Call PutHubConfiguration first.";
          throw notFound("HubConfiguration", request.accountId, message);
        }
        return { HubTokenTimerExpirySettingInSeconds: row.token_seconds, UpdatedAt: row.updated_at / 1000 };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
