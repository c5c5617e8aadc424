import type { Write } from "@hearth/backplane";
import type { CommandAction, CommandEndpoint, DeviceMessage } from "@hearth/data-model";
import { invalid } from "../errors.ts";
import { exchangeOf, MAX_REQUESTS, type OpenRequest, type RequestStore } from "./request-store.ts";

type Owner = { accountId: string; region: string; id: string };

/** The requests in a DEVICE_COMMAND_REQUEST that an app can answer: those with an `actionTraceId`. */
const requestsIn = (message: DeviceMessage): OpenRequest[] =>
  (message.endpoints ?? []).flatMap(({ endpointId, capabilities }) =>
    capabilities.flatMap(({ id: capabilityId, actions = [] }) =>
      actions.flatMap(({ name: action, actionTraceId }) =>
        actionTraceId === undefined ? [] : { exchange: exchangeOf(actionTraceId), endpointId, capabilityId, action },
      ),
    ),
  );

/** Writes that open what the device asks for; undefined when it has too much open already. */
export async function openRequests(
  requests: RequestStore,
  device: Owner,
  message: DeviceMessage,
  now: number,
): Promise<Write[] | undefined> {
  const asked = requestsIn(message);
  if (asked.length === 0) return [];
  if (asked.length > MAX_REQUESTS || (await requests.count(device, now)) + asked.length > MAX_REQUESTS)
    return undefined;
  return [requests.removeExpired(device, now), ...asked.map((request) => requests.put(device, request, now))];
}

/**
 * The actions of a command that quote an `actionTraceId`, each checked against the request that it answers. Of these, the
 * ones returned bring the requested action's own response; the others are actions of their own within the exchange, as a
 * WebRTC answer to an offer. Throws ValidationException.
 */
export async function answersIn(
  requests: RequestStore,
  device: Owner,
  endpoints: readonly CommandEndpoint[],
  now: number,
): Promise<ReadonlySet<CommandAction>> {
  const answers = new Set<CommandAction>();
  const quoting = endpoints.flatMap(({ endpointId, capabilities }, i) =>
    capabilities.flatMap(({ id, actions }, j) =>
      actions.flatMap((action, k) => {
        const path = `Endpoints[${i}].capabilities[${j}].actions[${k}].actionTraceId`;
        return action.actionTraceId === undefined
          ? []
          : [{ action, endpointId, id, path, exchange: exchangeOf(action.actionTraceId) }];
      }),
    ),
  );
  if (quoting.length === 0) return answers;
  const open = await requests.open(device, [...new Set(quoting.map(({ exchange }) => exchange))], now);
  for (const { action, endpointId, id, path, exchange } of quoting) {
    const request = open.get(exchange);
    if (!request) throw invalid(`${path}: the device has no open request with this id. Quote the id of its request.`);
    if (request.endpointId !== endpointId || request.capabilityId !== id) {
      throw invalid(`${path}: the device asked at endpoint ${request.endpointId}, ${request.capabilityId}.`);
    }
    if (request.action === action.name) answers.add(action);
  }
  return answers;
}
