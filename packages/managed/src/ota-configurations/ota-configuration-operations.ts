import { type Database, WriteConflict } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import type { ManagedIntegrations, ManagedIntegrationsOperations, OperationTable } from "@hearth/contract";
import { invalid, notFound } from "../errors.ts";
import type { Idempotently } from "../idempotently.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { OtaConfiguration, OtaConfigurationStore } from "./ota-configuration-store.ts";

export const configurationNotFound = (id: string) =>
  notFound("OtaTaskConfiguration", id, "OTA task configuration not found.");

const shown = ({ id, details, createdAt }: OtaConfiguration) => ({
  TaskConfigurationId: id,
  Name: details.name,
  CreatedAt: createdAt / 1000,
});

/** A rollout speeds up by one measure (reference 12). */
function checkRollout(pushConfig: ManagedIntegrations.PushConfig | undefined): void {
  const criteria = pushConfig?.RolloutConfig?.ExponentialRolloutRate?.RateIncreaseCriteria;
  if (!criteria) return;
  const given = [criteria.numberOfNotifiedThings, criteria.numberOfSucceededThings].filter((one) => one !== undefined);
  if (given.length === 1) return;
  throw invalid("RateIncreaseCriteria: give one of numberOfNotifiedThings and numberOfSucceededThings.");
}

/** Configurations that OTA tasks share (reference 12). */
export function otaConfigurationOperations(deps: {
  database: Database;
  otaConfigurations: OtaConfigurationStore;
  idempotently: Idempotently;
}) {
  const { database, otaConfigurations, idempotently } = deps;
  return {
    CreateOtaTaskConfiguration: {
      handle: (input, request) =>
        idempotently("CreateOtaTaskConfiguration", input, request, async (remember) => {
          checkRollout(input.PushConfig);
          const { accountId, region, now } = request;
          const configuration: OtaConfiguration = {
            ...{ accountId, region, id: randomHex(16) },
            details: { name: input.Name, description: input.Description, pushConfig: input.PushConfig },
            createdAt: now,
          };
          const answer = { TaskConfigurationId: configuration.id };
          await database.commit([await otaConfigurations.insert(configuration), ...remember(answer)]);
          return answer;
        }),
    },

    GetOtaTaskConfiguration: {
      async handle(input, request) {
        const configuration = await otaConfigurations.get(request, input.Identifier);
        if (!configuration) throw configurationNotFound(input.Identifier);
        const { description, pushConfig } = configuration.details;
        return { ...shown(configuration), Description: description, PushConfig: pushConfig };
      },
    },

    ListOtaTaskConfigurations: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const rows = await otaConfigurations.list(request, afterToken(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => row.id);
        return { Items: items.map(shown), NextToken: nextToken };
      },
    },

    DeleteOtaTaskConfiguration: {
      async handle(input, request) {
        try {
          await database.commit([otaConfigurations.remove(request, input.Identifier)]);
        } catch (error) {
          if (error instanceof WriteConflict) throw configurationNotFound(input.Identifier);
          throw error;
        }
        return {};
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
