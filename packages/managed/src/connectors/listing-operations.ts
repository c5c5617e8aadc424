import { type Database, onConflictAgain } from "@hearth/backplane";
import { type HearthOperations, type OperationTable, ServiceError } from "@hearth/contract";
import { connectorNotFound } from "./connector-operations.ts";
import type { ConnectorStore } from "./connector-store.ts";

/**
 * Lists a connector for every account of the region, or takes it off the list: the approval for which AWS's API has no
 * operation (U31). Links that exist go on without it.
 */
export function listingOperations(deps: {
  database: Database;
  connectors: Pick<ConnectorStore, "get" | "setType">;
  /** The installation's own account: it alone decides. */
  operatorAccountId: string;
}) {
  const { database, connectors, operatorAccountId } = deps;
  return {
    UpdateCloudConnectorListing: {
      handle: (input, request) =>
        onConflictAgain(async () => {
          if (request.accountId !== operatorAccountId) {
            throw new ServiceError("AccessDeniedException", `Account ${operatorAccountId} alone lists connectors.`);
          }
          const place = { accountId: input.AccountId, region: request.region };
          const connector = await connectors.get(place, input.CloudConnectorId);
          if (!connector) throw connectorNotFound(input.CloudConnectorId);
          if (connector.type !== input.Type) await database.commit([connectors.setType(connector, input.Type)]);
          return {};
        }),
    },
  } satisfies OperationTable<HearthOperations>;
}
