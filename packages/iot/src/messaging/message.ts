import { type Delivery as Routing, subject } from "@hearth/backplane";

/** A message on its way through the house. */
export interface Message {
  accountId: string;
  topic: string;
  /** May be a view of memory that is used again once `Router.publish` has returned. */
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  retain: boolean;
  properties?: MessageProperties;
  /**
   * Not sent once it has expired, not even again: a client that did not acknowledge it before its connection ended does
   * not get it later. Without this the delivery of a message that has begun is completed, however late [MQTT-4.4.0-1].
   */
  neverLate?: boolean;
}

/** MQTT 5 publication properties that travel from publisher to subscriber. */
export interface MessageProperties {
  payloadFormatIndicator?: 0 | 1;
  contentType?: string;
  responseTopic?: string;
  correlationData?: Uint8Array;
  /** Order and repetition are kept [MQTT-3.3.2-17]. */
  userProperties?: readonly (readonly [string, string])[];
  /** Seconds. */
  messageExpiryInterval?: number;
}

/** Who published. `clientId` is absent for HTTPS and for the platform itself. */
export interface Publisher {
  accountId: string;
  region: string;
  clientId?: string;
  /** Certificate id, or `<account>/<id>:<session>` for IAM, or `platform`. */
  principalId: string;
  /** Set when the principal is an X.509 certificate. */
  certificateId?: string;
  sourceIp?: string;
}

/** What a reserved topic's handler wants sent once its own commit is durable. */
export interface Outcome {
  /** Through the broker, to everyone subscribed. */
  publish?: readonly Message[];
  /** To the requesting client only, subscribed or not (the "R" messages of the reserved topics' table). */
  reply?: readonly Message[];
}

/** A topic that the platform itself answers. A room exports a table of them; the router tries them before the broker. */
export interface ReservedTopic {
  /** An MQTT filter; `+` levels are given to the handler in order. */
  filter: string;
  /** Also deliver the request to subscribers of its topic (shadow requests: yes; provisioning: no). */
  deliver: boolean;
  handle(levels: readonly string[], message: Message, publisher: Publisher): Promise<Outcome>;
}

/** The broker, as the router sees it. */
export type Delivery = Routing<Message, Publisher>;

export type DisconnectReason =
  | "AUTH_ERROR"
  | "CLIENT_INITIATED_DISCONNECT"
  | "CLIENT_ERROR"
  | "CONNECTION_LOST"
  | "DUPLICATE_CLIENTID"
  | "FORBIDDEN_ACCESS"
  | "MQTT_KEEP_ALIVE_TIMEOUT"
  | "SERVER_ERROR"
  | "SERVER_INITIATED_DISCONNECT"
  | "API_INITIATED_DISCONNECT"
  | "THROTTLED"
  | "WEBSOCKET_TTL_EXPIRATION"
  | "CUSTOMAUTH_TTL_EXPIRATION"
  | "UNKNOWN";

export interface ConnectionOpened {
  accountId: string;
  clientId: string;
  /** Registered thing of the connection, if any. */
  thingName?: string;
  principalId: string;
  certificateId?: string;
  sessionId: string;
  versionNumber: number;
  ipAddress: string;
  /** Milliseconds. */
  timestamp: number;
}

export interface ConnectionClosed extends Omit<ConnectionOpened, "ipAddress"> {
  clientInitiated: boolean;
  reason: DisconnectReason;
}

/** Published by the broker. */
export const connectionOpened = subject<ConnectionOpened>("connection.opened");
export const connectionClosed = subject<ConnectionClosed>("connection.closed");

/** Published when a certificate's live connections have to be closed: it is not active any more. */
export const disconnectRequested = subject<{
  accountId: string;
  certificateId: string;
  reason: DisconnectReason;
}>("connection.disconnect-requested");

/**
 * Published when a policy is gone: of interest to whoever knows it by name. Certificates that still had it hear of it
 * by `permissionsChanged`.
 */
export const policyDeleted = subject<{ accountId: string; region: string; policyName: string }>("policy.deleted");

/** Published when a policy, an attachment, a certificate or a thing that permissions depend on has changed. */
export const permissionsChanged = subject<{
  accountId: string;
  /** Absent: every connection of the account. */
  certificateIds?: readonly string[];
}>("permissions.changed");
