import type { DisconnectReason } from "@hearth/iot";
import type { LimitName } from "./limits.ts";

/**
 * Every kind of happening that the connection log tells of. `tests/doors/every-cause.test.ts` raises each of them
 * through a door. A limit's name stands for whatever was refused, dropped or closed because of that limit.
 */
export const CONNECTION_CAUSES = [
  // Connect, that goes well.
  ...["connected", "took over"],
  // Connect, before MQTT: who the peer is, and whether it comes through TLS or the upgrade request.
  ...["no certificate", "certificate unknown", "certificate not-active", "certificate not-yet-valid"],
  ...["certificate expired", "certificate in several accounts"],
  ...["authorizer", "WebSocket path", "WebSocket signature", "WebSocket authorizer"],
  ...["handshake unknown-ca", "handshake server-name", "handshake server-expired", "handshake server-certificate"],
  ...["handshake client-certificate", "handshake alpn", "handshake version", "handshake cipher", "handshake http"],
  ...["handshake no-tls", "handshake slow", "handshake closed", "handshake other"],
  // Connect, by CONNACK.
  ...["refused 0x85", "refused 0x87", "refused 0x88", "refused 0x8c", "refused 0x90"],
  // Disconnect, and Connect where CONNACK was not sent yet: as lifecycle events say it (reference 10.1) …
  ...["CLIENT_INITIATED_DISCONNECT", "CONNECTION_LOST", "CLIENT_ERROR", "DUPLICATE_CLIENTID"],
  ...["MQTT_KEEP_ALIVE_TIMEOUT", "AUTH_ERROR", "FORBIDDEN_ACCESS", "API_INITIATED_DISCONNECT", "SERVER_ERROR"],
  ...["SERVER_INITIATED_DISCONNECT", "THROTTLED", "WEBSOCKET_TTL_EXPIRATION", "CUSTOMAUTH_TTL_EXPIRATION", "UNKNOWN"],
  // … and of CLIENT_ERROR which rule was broken, by the reason code.
  ...["CLIENT_ERROR 0x81", "CLIENT_ERROR 0x82", "CLIENT_ERROR 0x84", "CLIENT_ERROR 0x90", "CLIENT_ERROR 0x94"],
  ...["CLIENT_ERROR 0x95"],
  // Publish-In, Subscribe, Unsubscribe.
  ...["denied", "reserved", "topic", "filter", "failed", "will", "granted", "removed"],
  // Publish-Out, Queued.
  ...["slow", "rate", "full", "expired", "large", "receive"],
  // The limits that somebody can come up against.
  ...["packetSize", "payload", "clientId", "slashes", "shareName", "connectTimeout", "clientPacketSize"],
  ...["subscriptionsPerPacket", "subscriptionsPerConnection", "subscriptionBytes", "subscriptionsPerAccount"],
  ...["subscriptionsPerSecond", "shareGroups", "shareMembers"],
  ...["connectionsPerAccount", "connectsPerSecond", "connectsPerSecondPerClient", "durableSessions"],
  ...["receiveMaximum", "topicAliases", "aliasBytes", "contentType", "correlationData", "userProperties"],
  ...["retainedMessages", "retainedBytes", "retainedPerSecond", "retainedPerSecondPerTopic"],
  ...[
    "queuedPerSecond",
    "unacknowledged3",
    "unacknowledged5",
    "publishesPerSecond",
    "inboundPerSecond",
    "bytesPerSecond",
    "qos2",
    "subscriptionIdentifiers",
  ],
] as const;

export type ConnectionCause = (typeof CONNECTION_CAUSES)[number];

const KNOWN: ReadonlySet<string> = new Set(CONNECTION_CAUSES);
const isCause = (text: string): text is ConnectionCause => KNOWN.has(text);

const hex = (code: number): string => `0x${code.toString(16)}`;

/** Of a connection's end: the limit, the rule that the client broke, or what lifecycle events say. */
export const endCause = (reason: DisconnectReason, code: number | undefined, limit: LimitName | undefined) =>
  (limit && limitCause(limit)) ?? (reason === "CLIENT_ERROR" ? clientErrorCause(code ?? 0) : reason);

/** Of a CLIENT_ERROR with this reason code. */
export function clientErrorCause(code: number): ConnectionCause {
  const cause = `CLIENT_ERROR ${hex(code)}`;
  return isCause(cause) ? cause : "CLIENT_ERROR";
}

/** Of a CONNACK with this reason code of MQTT 5. */
export function refusalCause(code: number): ConnectionCause {
  const cause = `refused ${hex(code)}`;
  return isCause(cause) ? cause : "refused 0x87";
}

/** Of whatever came up against this limit; undefined where nobody can. */
export const limitCause = (limit: LimitName): ConnectionCause | undefined => (isCause(limit) ? limit : undefined);
