/** What the broker grants, in bytes, seconds and numbers of things. `standard` is the default; `aws` is reference 1. */
export interface BrokerLimits {
  /** Bytes of a packet that a client may send, headers included. */
  packetSize: number;
  payload: number;
  clientId: number;
  topic: number;
  /** Slashes in a topic or filter, `$share/<name>/` and `$aws/rules/<rule>/` not counted. */
  slashes: number;
  subscriptionsPerPacket: number;
  subscriptionsPerConnection: number;
  /** Bytes of all filters of one session. */
  subscriptionBytes: number;
  subscriptionsPerAccount: number;
  /** Filters a second of one account; more are refused. */
  subscriptionsPerSecond: number;
  connectionsPerAccount: number;
  /** CONNECTs a second of one account and of one client id; more are refused. */
  connectsPerSecond: number;
  connectsPerSecondPerClient: number;
  /** Of one account: sessions that outlive their connection. */
  durableSessions: number;
  /** Of one account: shared subscriptions, each counted once however many members it has. */
  shareGroups: number;
  /** Members of one shared subscription. */
  shareMembers: number;
  shareName: number;
  /** QoS 1 publications of a client that may wait for their PUBACK. */
  receiveMaximum: number;
  /** QoS 1 deliveries to a client that may wait for its PUBACK, where the client does not set a lower bound. */
  sendMaximum: number;
  topicAliases: number;
  /** Bytes of the topics that a client's aliases stand for, in each direction. */
  aliasBytes: number;
  /** Publications of a connection whose handling is under way; more are left in the socket. */
  publishesInFlight: number;
  /** Seconds between accepting a socket and its CONNECT. */
  connectTimeout: number;
  /** Seconds that a connection over WebSocket may last. */
  webSocketDuration: number;
  /** Seconds. A shorter keep-alive is raised to it; where there is a maximum, none (0) is taken for the maximum. */
  keepAliveMinimum: number;
  /** Infinite: a client may do without. */
  keepAliveMaximum: number;
  /** Seconds; the largest that MQTT 5 clients are granted. 4,294,967,295 is without end. */
  sessionExpiry: number;
  /** Seconds that a session of 3.1.1 without Clean Session outlives its connection. */
  persistentSession3: number;
  /** Messages and bytes held for one session. */
  queuedMessages: number;
  queuedBytes: number;
  /** Messages a second that are queued for clients of one account that are away; more are dropped. */
  queuedPerSecond: number;
  /** Messages a second that a session sends of what was queued while its client was away. */
  drainPerSecond: number;
  /** Seconds that a delivery to a connected client of 3.1.1, or of 5, waits for its acknowledgement before it is given up. */
  unacknowledged3: number;
  unacknowledged5: number;
  /** Bytes that may wait in a socket before QoS 0 messages are dropped and the client's packets left unread. */
  backlog: number;
  /** Kept for one account. */
  retainedMessages: number;
  retainedBytes: number;
  /** Retained messages a second, set or removed, of one account and on one topic; more are refused. */
  retainedPerSecond: number;
  retainedPerSecondPerTopic: number;
  /** Seconds; a message's expiry is moved between the two. */
  messageExpiryMinimum: number;
  messageExpiryMaximum: number;
  contentType: number;
  correlationData: number;
  userProperties: number;
  /** The smallest Maximum Packet Size that a client may set. */
  clientPacketSize: number;
  /** Publications a second of one connection, both directions; more are discarded. */
  publishesPerSecond: number;
  /** Publications a second of one account in each direction; more are discarded. */
  inboundPerSecond: number;
  outboundPerSecond: number;
  /** Bytes a second of one connection, both directions; more are delayed. */
  bytesPerSecond: number;
  /** Client ids that the connection log knows of, and about the bytes that it takes in memory. */
  loggedClients: number;
  loggedBytes: number;
  /** Whether there is QoS 2 (AWS has none). */
  qos2: boolean;
  /** Whether a message that is sent again says so (AWS never sets DUP). */
  setDup: boolean;
  /** Whether reason codes are sent that AWS does not use (reference 1.3). */
  allReasonCodes: boolean;
  /** Whether `a/#` matches `a` (the standard: yes). */
  hashMatchesParent: boolean;
  /** Whether a subscription with wildcards is given retained messages (the standard: yes). */
  retainedByWildcard: boolean;
  subscriptionIdentifiers: boolean;
  /** Whether a message in the last second of its lifetime is sent with an expiry of 1 (AWS: 0). */
  subSecondExpiry: boolean;
  /** Whether a session may be resumed under another version of the protocol. */
  resumeAcrossVersions: boolean;
}

/** A limit, as configuration, logs and metrics name it. */
export type LimitName = keyof BrokerLimits;

/** The keep-alive (seconds) of a client that asks for `asked`; 0 is none. */
export function keepAliveFor(
  asked: number,
  { keepAliveMinimum, keepAliveMaximum }: Pick<BrokerLimits, "keepAliveMinimum" | "keepAliveMaximum">,
): number {
  if (asked === 0) return keepAliveMaximum === Number.POSITIVE_INFINITY ? 0 : keepAliveMaximum;
  return Math.min(Math.max(asked, keepAliveMinimum), keepAliveMaximum);
}

/** The expiry (seconds) of a message whose publisher asks for `asked`. */
export const messageExpiryFor = (
  asked: number,
  limits: Pick<BrokerLimits, "messageExpiryMinimum" | "messageExpiryMaximum">,
): number => Math.min(Math.max(asked, limits.messageExpiryMinimum), limits.messageExpiryMaximum);

/** The expiry (seconds) that goes out with a message: what it had, less the whole seconds that it waited [MQTT-3.3.2-6]. */
export function messageExpiryLeft(
  expiresAt: number,
  now: number,
  { subSecondExpiry }: Pick<BrokerLimits, "subSecondExpiry">,
): number {
  const left = expiresAt - now;
  return left < 1000 && !subSecondExpiry ? 0 : Math.max(0, Math.ceil(left / 1000));
}

const KIB = 1024;

/** The OASIS standard, bounded only where memory asks for it. */
export const standardLimits: BrokerLimits = {
  packetSize: 1024 * KIB,
  payload: 1024 * KIB,
  clientId: 1024,
  topic: 65_535,
  slashes: 127,
  subscriptionsPerPacket: 1000,
  subscriptionsPerConnection: 1000,
  subscriptionBytes: 1024 * KIB,
  subscriptionsPerAccount: Number.POSITIVE_INFINITY,
  subscriptionsPerSecond: Number.POSITIVE_INFINITY,
  connectionsPerAccount: 500_000,
  connectsPerSecond: Number.POSITIVE_INFINITY,
  connectsPerSecondPerClient: Number.POSITIVE_INFINITY,
  durableSessions: 1_000_000,
  shareGroups: 100_000,
  shareMembers: 10_000,
  shareName: 1024,
  receiveMaximum: 1000,
  sendMaximum: 100,
  topicAliases: 64,
  aliasBytes: 256 * KIB,
  publishesInFlight: 100,
  connectTimeout: 10,
  webSocketDuration: Number.POSITIVE_INFINITY,
  keepAliveMinimum: 0,
  keepAliveMaximum: Number.POSITIVE_INFINITY,
  sessionExpiry: 0xffffffff,
  persistentSession3: 7 * 86_400,
  queuedMessages: 10_000,
  queuedBytes: 16 * 1024 * KIB,
  queuedPerSecond: Number.POSITIVE_INFINITY,
  drainPerSecond: Number.POSITIVE_INFINITY,
  unacknowledged3: Number.POSITIVE_INFINITY,
  unacknowledged5: Number.POSITIVE_INFINITY,
  backlog: 1024 * KIB,
  retainedMessages: 500_000,
  retainedBytes: 256 * 1024 * KIB,
  retainedPerSecond: Number.POSITIVE_INFINITY,
  retainedPerSecondPerTopic: Number.POSITIVE_INFINITY,
  messageExpiryMinimum: 0,
  messageExpiryMaximum: 0xffffffff,
  contentType: 65_535,
  correlationData: 65_535,
  userProperties: 128 * KIB,
  clientPacketSize: 1,
  publishesPerSecond: Number.POSITIVE_INFINITY,
  inboundPerSecond: Number.POSITIVE_INFINITY,
  outboundPerSecond: Number.POSITIVE_INFINITY,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  loggedClients: 50_000,
  loggedBytes: 64 * 1024 * KIB,
  qos2: true,
  setDup: true,
  allReasonCodes: true,
  hashMatchesParent: true,
  retainedByWildcard: true,
  subscriptionIdentifiers: true,
  subSecondExpiry: true,
  resumeAcrossVersions: true,
};

/** The quotas and deviations of reference 1.3 and 1.5. */
export const awsLimits: BrokerLimits = {
  ...standardLimits,
  packetSize: 149_504,
  payload: 128 * KIB,
  clientId: 128,
  topic: 256,
  slashes: 7,
  subscriptionsPerPacket: 8,
  subscriptionsPerConnection: 50,
  subscriptionsPerAccount: 500_000,
  subscriptionsPerSecond: 3000,
  connectsPerSecond: 3000,
  connectsPerSecondPerClient: 1,
  shareGroups: 100,
  shareMembers: 100,
  shareName: 128,
  receiveMaximum: 100,
  topicAliases: 8,
  webSocketDuration: 86_400,
  keepAliveMinimum: 30,
  keepAliveMaximum: 1200,
  sessionExpiry: 7 * 86_400,
  persistentSession3: 3600,
  messageExpiryMinimum: 1,
  messageExpiryMaximum: 604_800,
  contentType: 256,
  correlationData: 8 * KIB,
  userProperties: 8 * KIB,
  clientPacketSize: 512,
  retainedPerSecond: 500,
  retainedPerSecondPerTopic: 1,
  queuedPerSecond: 500,
  drainPerSecond: 10,
  unacknowledged3: 3600,
  unacknowledged5: 960,
  publishesPerSecond: 100,
  inboundPerSecond: 20_000,
  outboundPerSecond: 20_000,
  bytesPerSecond: 512 * KIB,
  qos2: false,
  setDup: false,
  allReasonCodes: false,
  hashMatchesParent: false,
  retainedByWildcard: false,
  subscriptionIdentifiers: false,
  subSecondExpiry: false,
  resumeAcrossVersions: false,
};
