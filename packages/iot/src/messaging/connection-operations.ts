import { formatArn, uuid } from "@hearth/base";
import { type IotDataOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { decodeToken, toPage } from "../storage/page.ts";
import type { ConnectionDescription, DeviceConnections, DirectOutcome } from "./device-connections.ts";
import { checkTopic, invalid, PAYLOAD_BYTES, propertiesOf } from "./message-properties.ts";

/** Connections, sessions and direct messages by the API (reference 1.4). */
export interface ConnectionOperationsDeps {
  broker: { readonly connections: DeviceConnections };
}

const DEFAULT_SUBSCRIPTIONS = 20;
/** Seconds that a confirmation is waited for. */
const SHORTEST_TIMEOUT = 1;
const LONGEST_TIMEOUT = 15;
const DEFAULT_TIMEOUT = 5;

export function createConnectionOperations({ broker }: ConnectionOperationsDeps) {
  /** Reference 7. */
  const resources = ({ clientId }: { clientId: string }, request: RequestContext): string[] => [
    formatArn("iot", request.region, request.accountId, `client/${clientId}`),
  ];
  const nothing = (clientId: string) =>
    new ServiceError("ResourceNotFoundException", `There is no connection and no session of client ${clientId}`);

  return {
    GetConnection: {
      action: "iot:GetConnection",
      resources,
      // AWS: who may see the addresses is decided by this key, as in GetThingConnectivityData.
      conditions: (input) => ({ "iot:IncludeSocketInformation": String(input.includeSocketInformation ?? false) }),
      handle: async ({ clientId, includeSocketInformation }, { accountId }) => {
        const found = await broker.connections.describe(accountId, clientId);
        if (found === undefined) throw nothing(clientId);
        return { clientId, ...outputOf(found, includeSocketInformation ?? false) };
      },
    },
    DeleteConnection: {
      action: "iot:DeleteConnection",
      resources,
      handle: async ({ clientId, cleanSession = false, preventWillMessage = false }, { accountId }) => {
        const how = { cleanSession, preventWillMessage };
        if (!(await broker.connections.disconnect(accountId, clientId, how))) throw nothing(clientId);
        return {};
      },
    },
    ListSubscriptions: {
      action: "iot:ListSubscriptions",
      resources,
      handle: async ({ clientId, nextToken, maxResults = DEFAULT_SUBSCRIPTIONS }, { accountId }) => {
        const [after] = decodeToken(nextToken) ?? [];
        const found = broker.connections.subscriptions(accountId, clientId, after, maxResults + 1);
        if (found === undefined) throw nothing(clientId);
        const page = toPage(found, maxResults, ({ topicFilter }) => [topicFilter]);
        return { subscriptions: page.rows, nextToken: page.nextToken };
      },
    },
    SendDirectMessage: {
      action: "iot:SendDirectMessage",
      resources,
      // AWS: narrows the topics on which the sender may write to the client.
      conditions: (input) => ({ "iot:Topic": input.topic }),
      handle: async (input, { accountId }) => {
        const { clientId, topic, confirmation = false } = input;
        checkTopic(topic);
        if (topic.startsWith("$")) throw invalid("Topic must not be a reserved one");
        const payload = input.payload ?? new Uint8Array(0);
        if (payload.length > PAYLOAD_BYTES) {
          throw new ServiceError("RequestEntityTooLargeException", "The payload is larger than 128 KB");
        }
        const timeout = confirmation ? (input.timeout ?? DEFAULT_TIMEOUT) : DEFAULT_TIMEOUT;
        if (timeout < SHORTEST_TIMEOUT || timeout > LONGEST_TIMEOUT) {
          throw invalid(`timeout must be between ${SHORTEST_TIMEOUT} and ${LONGEST_TIMEOUT} seconds`);
        }
        const qos = confirmation ? 1 : 0;
        const message = { accountId, topic, payload, qos, retain: false, properties: propertiesOf(input) } as const;
        const refusal = refusalOf(await broker.connections.sendDirect(clientId, message, timeout * 1000));
        if (refusal !== undefined) throw refusal;
        return { message: "OK", traceId: uuid() };
      },
    },
  } satisfies OperationTable<IotDataOperations>;
}

function outputOf(found: ConnectionDescription, withSocket: boolean) {
  const { keepAlive, sourceIp, sourcePort, targetIp, targetPort, ...rest } = found;
  return { ...rest, keepAliveDuration: keepAlive, ...(withSocket && { sourceIp, sourcePort, targetIp, targetPort }) };
}

function refusalOf(outcome: DirectOutcome): ServiceError | undefined {
  switch (outcome) {
    case "sent":
    case "confirmed":
      return undefined;
    case "not-connected":
      return new ServiceError("ResourceNotFoundException", "The target client is not connected");
    case "offline":
      return new ServiceError(
        "ResourceNotFoundException",
        "The target client is not connected; its persistent session waits for it",
      );
    case "forbidden":
      return new ServiceError("ForbiddenException", "The target client is not allowed to receive this topic");
    case "too-large":
      return new ServiceError("RequestEntityTooLargeException", "The target client does not take packets of this size");
    case "throttled":
      return new ServiceError("ThrottlingException", "The target client has too many messages to take already");
    case "unconfirmed":
      return new ServiceError("GatewayTimeoutException", "The target client did not confirm the message in time");
  }
}
