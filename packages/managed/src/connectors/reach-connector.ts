import type { AccountAssociation } from "../account-associations/account-association.ts";
import type { AssociationStore } from "../account-associations/association-store.ts";
import type { ConnectorDestination } from "../connector-destinations/connector-destination.ts";
import type { DestinationStore } from "../connector-destinations/connector-destination-store.ts";
import type { Place } from "../place.ts";
import type { CloudConnector } from "./cloud-connector.ts";
import type { ConnectorStore } from "./connector-store.ts";

/** An end user's link with everything on the way to the vendor. */
export interface Reached {
  association: AccountAssociation;
  destination: ConnectorDestination;
  connector: CloudConnector;
}

/** Undefined: the association, its destination or its connector is gone. */
export type ReachConnector = (place: Place, associationId: string) => Promise<Reached | undefined>;

export function createReachConnector(deps: {
  associations: Pick<AssociationStore, "get">;
  destinations: Pick<DestinationStore, "get">;
  connectors: Pick<ConnectorStore, "get">;
}): ReachConnector {
  return async (place, associationId) => {
    const association = await deps.associations.get(place, associationId);
    const destination = association && (await deps.destinations.get(place, association.connectorDestinationId));
    const connector =
      destination &&
      (await deps.connectors.get(
        { accountId: destination.connectorAccountId, region: place.region },
        destination.cloudConnectorId,
      ));
    return connector && { association, destination, connector };
  };
}
