import type { JsonObject } from "@hearth/device-sdk";
import type { LocalCommand, LocalResponse } from "../agent/agent-service.ts";
import { isObject, own, parseCommandEndpoints, text, traceIdOf } from "../agent/command-endpoints.ts";
import { asJson, type NamedEndpoint, type ThingChanged } from "../cdmb/cdmb-service.ts";

/** The messages of reference 10.8; everything is inside `payload`, and endpoints are called by `id`. */

/** The command of a request (32); a text that says what is wrong with it otherwise. */
export function parseCommandRequest(payload: JsonObject): LocalCommand | string {
  const traceId = traceIdOf(payload);
  if (traceId === undefined) return "payload.traceId is no trace id (1 to 128 of a-z, A-Z, 0-9, : = _ -)";
  const managedThingId = text(payload, "managedThingId");
  if (managedThingId === undefined) return "payload.managedThingId is missing";
  const endpoints = parseCommandEndpoints(own(payload, "endpoints"));
  if (!endpoints) return "payload.endpoints is not as in a command";
  const nodeId = text(payload, "nodeId");
  return { traceId, managedThingId, endpoints, ...(nodeId === undefined ? {} : { nodeId }) };
}

/** The thing that a query (33) asks for. */
export const parseStateQuery = (payload: JsonObject): string | undefined => text(payload, "managedThingId");

export const payloadOf = (message: JsonObject): JsonObject | undefined => {
  const payload = own(message, "payload");
  return isObject(payload) ? payload : undefined;
};

/** Event 3 for a report. */
export function notificationOf({ managedThingId, deviceId, endpoints }: ThingChanged): JsonObject {
  return asJson({ hasState: "true", nodeId: deviceId, managedThingId, endpoints: byId(endpoints) });
}

/** Event 3 for the outcome of a command: told by its trace id (reading of U35). */
export function responseOf(response: LocalResponse): JsonObject {
  const { traceId, managedThingId, nodeId, receivedAt, executedAt, endpoints } = response;
  return asJson({
    traceId,
    commandReceivedAt: seconds(receivedAt),
    commandExecutedAt: seconds(executedAt),
    managedThingId,
    nodeId,
    endpoints: byId(endpoints),
  });
}

/** The answer to a query. */
export const currentStateOf = (endpoints: readonly NamedEndpoint[]): JsonObject =>
  asJson({ currentState: { endpoints: byId(endpoints) } });

/** `1684911358.533`. */
const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);

const byId = <T>(endpoints: readonly { endpointId: string; capabilities: T }[]) =>
  endpoints.map(({ endpointId, capabilities }) => ({ id: endpointId, capabilities }));
