import { type Database, UniqueViolation, WriteConflict } from "@hearth/backplane";
import type { ManagedIntegrationsOperations, OperationTable, RequestContext } from "@hearth/contract";
import { conflict, invalid, notFound } from "../errors.ts";
import type { Idempotently } from "../idempotently.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import { checkTags } from "../tags/tag-rules.ts";
import type { TagConditions } from "../tags/taggable.ts";
import type { DestinationStore } from "./destination-store.ts";
import type { Notifier } from "./notifier.ts";

/** Which event type goes to which destination: one configuration for each type (reference 7.1). */
export function configurationOperations(deps: {
  database: Database;
  destinations: DestinationStore;
  notifier: Pick<Notifier, "forget">;
  idempotently: Idempotently;
  tagConditions: TagConditions;
}) {
  const { database, destinations, notifier, idempotently, tagConditions } = deps;
  const missing = (eventType: string) => notFound("NotificationConfiguration", eventType);
  const mustExist = async (request: RequestContext, name: string) => {
    if (!(await destinations.destination(request, name))) {
      throw invalid(`DestinationName: there is no destination named ${name}. Create it first.`);
    }
  };
  const change = async (request: RequestContext, eventType: string, write: () => Promise<void>) => {
    try {
      await write();
    } catch (error) {
      if (error instanceof WriteConflict) throw missing(eventType);
      throw error;
    }
    notifier.forget(request);
  };
  return {
    CreateNotificationConfiguration: {
      conditions: (input) => tagConditions.request(input.Tags),
      handle: (input, request) =>
        idempotently("CreateNotificationConfiguration", input, request, async (extra) => {
          checkTags(input.Tags, "ValidationException");
          await mustExist(request, input.DestinationName);
          const answer = { EventType: input.EventType };
          const insert = await destinations.insertConfiguration({
            accountId: request.accountId,
            region: request.region,
            eventType: input.EventType,
            destinationName: input.DestinationName,
            tags: input.Tags,
            createdAt: request.now,
            updatedAt: request.now,
          });
          try {
            const named = destinations.useDestination(request, input.DestinationName);
            await database.commit([named, insert, ...extra(answer)]);
          } catch (error) {
            if (error instanceof WriteConflict) await mustExist(request, input.DestinationName);
            if (error instanceof UniqueViolation) {
              throw conflict(`A notification configuration for ${input.EventType} exists. Update it instead.`);
            }
            throw error;
          }
          notifier.forget(request);
          return answer;
        }),
    },
    GetNotificationConfiguration: {
      async handle(input, request) {
        const configuration = await destinations.configuration(request, input.EventType);
        if (!configuration) throw missing(input.EventType);
        return {
          EventType: input.EventType,
          DestinationName: configuration.destinationName,
          CreatedAt: configuration.createdAt / 1000,
          UpdatedAt: configuration.updatedAt / 1000,
          Tags: configuration.tags,
        };
      },
    },
    ListNotificationConfigurations: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const rows = await destinations.configurations(request, afterToken(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => row.eventType);
        return {
          NotificationConfigurationList: items.map((row) => ({
            EventType: row.eventType as (typeof items)[number]["eventType"] & never,
            DestinationName: row.destinationName,
          })),
          NextToken: nextToken,
        };
      },
    },
    UpdateNotificationConfiguration: {
      async handle(input, request) {
        await mustExist(request, input.DestinationName);
        await change(request, input.EventType, () =>
          database.commit([
            destinations.useDestination(request, input.DestinationName),
            destinations.updateConfiguration(request, input.EventType, input.DestinationName, request.now),
          ]),
        ).catch(async (error: unknown) => {
          await mustExist(request, input.DestinationName);
          throw error;
        });
        return {};
      },
    },
    DeleteNotificationConfiguration: {
      async handle(input, request) {
        await change(request, input.EventType, () =>
          database.commit([destinations.deleteConfiguration(request, input.EventType)]),
        );
        return {};
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
