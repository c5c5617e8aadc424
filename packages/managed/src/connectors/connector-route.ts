import { associationNotFound } from "../account-associations/association-operations.ts";
import type { AssociationStore } from "../account-associations/association-store.ts";
import type { DeviceRoute } from "../commands/route.ts";
import type { DestinationStore } from "../connector-destinations/connector-destination-store.ts";
import type { ManagedThing } from "../things/managed-thing.ts";

/**
 * Commands to a device of another cloud, through its connector's function (reference 9.7). No functions can be called
 * for commands yet, so each one fails at once and the customer is told why.
 */
export function createConnectorRoute(deps: {
  associations: Pick<AssociationStore, "hasThing">;
  destinations: Pick<DestinationStore, "get">;
  timeoutSeconds: number;
}) {
  const { associations, destinations, timeoutSeconds } = deps;
  return async (thing: ManagedThing, associationId: string | undefined): Promise<DeviceRoute> => {
    if (associationId !== undefined && !(await associations.hasThing(thing, { thingId: thing.id, associationId }))) {
      throw associationNotFound(associationId);
    }
    const destination = await destinations.get(thing, thing.connectorDestinationId ?? "");
    return {
      timeoutSeconds,
      reach: () => "nobody",
      failed: (traceId) => [
        {
          type: "CONNECTOR_ERROR_REPORT",
          payload: {
            connectorId: destination?.cloudConnectorId,
            operationName: "AWS.SendCommand",
            traceId,
            errorCode: "INVOCATION_FAILED",
            message: "no function service is connected, so the connector was not called",
          },
        },
      ],
      deliver: async () => undefined,
    };
  };
}
