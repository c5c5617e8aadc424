import { type Database, UniqueViolation, WriteConflict } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import { type ManagedIntegrationsOperations, type OperationTable, ServiceError } from "@hearth/contract";
import { conflict, invalid, notFound } from "../errors.ts";
import type { Idempotently } from "../idempotently.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { Place } from "../place.ts";
import type { EnsureServiceRole } from "../service-role.ts";
import { type EventLog, MOST_CONFIGURATIONS } from "./event-log.ts";
import type { EventLogConfiguration, EventLogConfigurationStore } from "./event-log-configuration-store.ts";

const missing = (id: string) => notFound("EventLogConfiguration", id, "Event log configuration not found.");

const shown = (configuration: EventLogConfiguration) => ({
  Id: configuration.id,
  ResourceType: configuration.resourceType,
  ResourceId: configuration.resourceId,
  EventLogLevel: configuration.level,
});

/** How much of what happens to which resources is logged (reference 10.10). */
export function eventLogOperations(deps: {
  database: Database;
  configurations: EventLogConfigurationStore;
  eventLog: Pick<EventLog, "forget">;
  idempotently: Idempotently;
  ensureServiceRole: EnsureServiceRole;
}) {
  const { database, configurations, eventLog, idempotently, ensureServiceRole } = deps;

  async function change(place: Place, id: string, write: ReturnType<EventLogConfigurationStore["remove"]>) {
    try {
      await database.commit([write]);
    } catch (error) {
      if (error instanceof WriteConflict) throw missing(id);
      throw error;
    }
    eventLog.forget(place);
    return {};
  }

  return {
    CreateEventLogConfiguration: {
      async handle(input, request) {
        const resourceId = input.ResourceId === "*" ? undefined : input.ResourceId;
        if (input.ResourceType === "*" && resourceId !== undefined) {
          throw invalid("A ResourceId needs the ResourceType that it is of. Leave it out to log all resources.");
        }
        return idempotently("CreateEventLogConfiguration", input, request, async (remember) => {
          const held = await configurations.list(request, "", MOST_CONFIGURATIONS);
          const configuration: EventLogConfiguration = {
            accountId: request.accountId,
            region: request.region,
            id: randomHex(16),
            resourceType: input.ResourceType,
            resourceId,
            level: input.EventLogLevel,
            createdAt: request.now,
            updatedAt: request.now,
          };
          if (held.length >= MOST_CONFIGURATIONS) {
            const message = `An account has at most ${MOST_CONFIGURATIONS} event log configurations. Delete some first.`;
            throw new ServiceError("ServiceQuotaExceededException", message);
          }
          const answer = { Id: configuration.id };
          try {
            await database.commit([
              ...(await ensureServiceRole(request)),
              configurations.insert(configuration),
              ...remember(answer),
            ]);
          } catch (error) {
            if (!(error instanceof UniqueViolation)) throw error;
            throw conflict("There is an event log configuration for these resources. Update it, or delete it first.");
          }
          eventLog.forget(request);
          return answer;
        });
      },
    },

    GetEventLogConfiguration: {
      async handle(input, request) {
        const configuration = await configurations.get(request, input.Id);
        if (!configuration) throw missing(input.Id);
        return shown(configuration);
      },
    },

    ListEventLogConfigurations: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const rows = await configurations.list(request, afterToken(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => row.id);
        return { EventLogConfigurationList: items.map(shown), NextToken: nextToken };
      },
    },

    UpdateEventLogConfiguration: {
      handle: (input, request) =>
        change(request, input.Id, configurations.setLevel(request, input.Id, input.EventLogLevel, request.now)),
    },

    DeleteEventLogConfiguration: {
      handle: (input, request) => change(request, input.Id, configurations.remove(request, input.Id)),
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
