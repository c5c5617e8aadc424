import type { Database, Outbox } from "@hearth/backplane";
import type { ManagedIntegrationsOperations, OperationTable } from "@hearth/contract";
import { notFound } from "../errors.ts";
import type { HubTokens } from "../hub/hub-tokens.ts";
import type { HubConfigurationStore } from "./hub-configuration-store.ts";

/** PutHubConfiguration and GetHubConfiguration: how long the tokens of the account's hubs are good (reference 2). */
export function hubConfigurationOperations(deps: {
  database: Database;
  outbox: Pick<Outbox, "wake">;
  hubConfigurations: HubConfigurationStore;
  hubTokens: Pick<HubTokens, "renewed">;
}) {
  const { database, outbox, hubConfigurations, hubTokens } = deps;
  return {
    PutHubConfiguration: {
      async handle(input, request) {
        const seconds = input.HubTokenTimerExpirySettingInSeconds;
        const writes = [hubConfigurations.put(request, seconds, request.now), hubTokens.renewed(request)];
        await database.commit(writes);
        outbox.wake(writes);
        return { HubTokenTimerExpirySettingInSeconds: seconds };
      },
    },

    GetHubConfiguration: {
      async handle(_input, request) {
        const stored = await hubConfigurations.get(request);
        if (!stored) {
          const message = "The account has no hub configuration. Call PutHubConfiguration first.";
          throw notFound("HubConfiguration", request.accountId, message);
        }
        return { HubTokenTimerExpirySettingInSeconds: stored.seconds, UpdatedAt: stored.updatedAt / 1000 };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
