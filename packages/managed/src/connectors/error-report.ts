import type { EventType } from "../notifications/notification.ts";
import type { CloudConnector } from "./cloud-connector.ts";
import type { ConnectorFailure, ConnectorRequest } from "./connector-call.ts";

/** CONNECTOR_ERROR_REPORT: why a connector did not take a request (U24). */
export function connectorErrorReport(
  connector: Pick<CloudConnector, "id"> | undefined,
  request: Pick<ConnectorRequest, "operationName"> & { traceId?: string; deviceDiscoveryId?: string },
  { errorCode, message }: Pick<ConnectorFailure, "errorCode" | "message">,
): { type: EventType; payload: unknown } {
  const { operationName, traceId, deviceDiscoveryId } = request;
  return {
    type: "CONNECTOR_ERROR_REPORT",
    payload: { connectorId: connector?.id, operationName, traceId, deviceDiscoveryId, errorCode, message },
  };
}

/** What stands in an operation's failure when nobody is there to be called. */
export const connectorGone: Pick<ConnectorFailure, "errorCode" | "message"> = {
  errorCode: "FUNCTION_NOT_FOUND",
  message: "the account association, its destination or its connector is gone",
};

/**
 * The keys of jobs that call connectors, and how they share places: customers of one connector in one group each, so
 * that a connector that hangs delays nobody else's devices.
 */
export const connectorLane = (
  connector: Pick<CloudConnector, "accountId" | "id">,
  customer: string,
  lane: string,
): string => `${connector.accountId}/${connector.id}/${customer}/${lane}`;

export const connectorGroups = {
  groupOf: (key: string): string => key.split("/", 3).join("/"),
  perGroup: 8,
};
