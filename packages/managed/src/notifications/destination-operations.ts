import { type Database, UniqueViolation, WriteConflict } from "@hearth/backplane";
import type { ManagedIntegrationsOperations, OperationTable, RequestContext } from "@hearth/contract";
import { conflict, invalid, notFound } from "../errors.ts";
import type { Idempotently } from "../idempotently.ts";
import { type TargetStore, targetOf } from "../notification-targets/target-store.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import { checkTags } from "../tags/tag-rules.ts";
import type { TagConditions } from "../tags/taggable.ts";
import type { Destination, DestinationStore } from "./destination-store.ts";

const SERVICE_PRINCIPAL = "iotmanagedintegrations.amazonaws.com";

/** The caller must be allowed to hand this role to the platform (reference 7.1). */
const mayPassRole = (request: RequestContext, roleArn: string) =>
  request.authorize("iam:PassRole", roleArn, { "iam:PassedToService": SERVICE_PRINCIPAL });

const summary = (destination: Destination) => ({
  Description: destination.description,
  DeliveryDestinationArn: destination.deliveryArn,
  DeliveryDestinationType: destination.deliveryType,
  Name: destination.name,
  RoleArn: destination.roleArn,
});

/** Where notifications go (reference 7.1). */
export function destinationOperations(deps: {
  database: Database;
  destinations: DestinationStore;
  targets: Pick<TargetStore, "get">;
  idempotently: Idempotently;
  tagConditions: TagConditions;
}) {
  const { database, destinations, targets, idempotently, tagConditions } = deps;
  /** A notification target must be there, and the caller's own: nobody points at another account's. */
  async function checkArn(arn: string, request: RequestContext): Promise<void> {
    if (arn.split(":")[2] !== "hearth") return;
    const named = targetOf(arn);
    const isOwn = named?.accountId === request.accountId && named.region === request.region;
    if (named && isOwn && (await targets.get(named, named.type, named.name))) return;
    throw invalid(`DeliveryDestinationArn: there is no notification target ${arn} in this account and region.`);
  }
  const missing = (name: string) => notFound("Destination", name);
  return {
    CreateDestination: {
      conditions: (input) => tagConditions.request(input.Tags),
      async handle(input, request) {
        await mayPassRole(request, input.RoleArn);
        return idempotently("CreateDestination", input, request, async (extra) => {
          checkTags(input.Tags, "ValidationException");
          await checkArn(input.DeliveryDestinationArn, request);
          const destination: Destination = {
            accountId: request.accountId,
            region: request.region,
            name: input.Name,
            deliveryArn: input.DeliveryDestinationArn,
            deliveryType: "KINESIS",
            roleArn: input.RoleArn,
            description: input.Description,
            tags: input.Tags,
            createdAt: request.now,
            updatedAt: request.now,
          };
          const answer = { Name: input.Name };
          try {
            await database.commit([await destinations.insertDestination(destination), ...extra(answer)]);
          } catch (error) {
            if (error instanceof UniqueViolation) {
              throw conflict(`A destination named ${input.Name} exists. Choose another name or update it.`);
            }
            throw error;
          }
          return answer;
        });
      },
    },
    GetDestination: {
      async handle(input, request) {
        const destination = await destinations.destination(request, input.Name);
        if (!destination) throw missing(input.Name);
        return {
          ...summary(destination),
          CreatedAt: destination.createdAt / 1000,
          UpdatedAt: destination.updatedAt / 1000,
          Tags: destination.tags,
        };
      },
    },
    ListDestinations: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const rows = await destinations.destinations(request, afterToken(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => row.name);
        return { DestinationList: items.map(summary), NextToken: nextToken };
      },
    },
    UpdateDestination: {
      async handle(input, request) {
        const destination = await destinations.destination(request, input.Name);
        if (!destination) throw missing(input.Name);
        if (input.RoleArn !== undefined) await mayPassRole(request, input.RoleArn);
        const after: Destination = {
          ...destination,
          deliveryArn: input.DeliveryDestinationArn ?? destination.deliveryArn,
          roleArn: input.RoleArn ?? destination.roleArn,
          description: input.Description ?? destination.description,
          updatedAt: request.now,
        };
        await checkArn(after.deliveryArn, request);
        try {
          await database.commit([destinations.updateDestination(after)]);
          destinations.forget(request, input.Name);
        } catch (error) {
          if (error instanceof WriteConflict) throw missing(input.Name);
          throw error;
        }
        return {};
      },
    },
    DeleteDestination: {
      async handle(input, request) {
        try {
          await database.commit([destinations.deleteDestination(request, input.Name)]);
          destinations.forget(request, input.Name);
        } catch (error) {
          if (!(error instanceof WriteConflict)) throw error;
          const used = await destinations.eventTypesTo(request, input.Name);
          if (used.length === 0) throw missing(input.Name);
          // The model gives this operation no ConflictException. Records of these types would be lost.
          throw invalid(
            `Notification configurations name the destination (${used.join(", ")}). Update or delete them first.`,
          );
        }
        return {};
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
