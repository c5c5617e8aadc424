import type { DisconnectReason, Message } from "./message.ts";

/** What is known of a client's connection, or of its last one. Times in milliseconds since the epoch. */
export interface ConnectionDescription {
  connected: boolean;
  /** Registered thing of the connection, if any. */
  thingName?: string;
  /** Whether the session ends with the connection. */
  cleanSession: boolean;
  /** Seconds that the session outlives the connection. */
  sessionExpiry: number;
  /** Seconds, as the client asked for it; absent, like the addresses, once the connection is forgotten. */
  keepAlive?: number;
  /** Of the socket. */
  sourceIp?: string;
  sourcePort?: number;
  targetIp?: string;
  targetPort?: number;
  /** Present while connected. */
  connectedSince?: number;
  /** Present for some time after the end of the connection (reference 1.4: 30 minutes). */
  disconnectedSince?: number;
  disconnectReason?: DisconnectReason;
}

/**
 * What became of a direct message:
 *
 * - `sent`: handed to the client's socket (QoS 0); `confirmed`: the client has acknowledged it (QoS 1);
 * - `not-connected`, and `offline` where a persistent session waits for the client;
 * - `forbidden`: the client may not receive the topic; `too-large`: more than the client takes in one packet;
 * - `throttled`: the client has too much to do already;
 * - `unconfirmed`: no acknowledgement in time, or the connection has ended before it.
 */
export type DirectOutcome =
  | "sent"
  | "confirmed"
  | "not-connected"
  | "offline"
  | "forbidden"
  | "too-large"
  | "throttled"
  | "unconfirmed";

/**
 * Who would get a message at QoS 1 that is published now: the client's persistent session, connected or not, where it is
 * `kept` and leaves once it is stored; the client itself, to which it leaves at once (`live`); or `nobody`, for the client
 * has no session that subscribed to the topic.
 */
export type Reach = "kept" | "live" | "nobody";

/** The connections and sessions of devices, as API operations need them. The broker has them. */
export interface DeviceConnections {
  /** Undefined when the client is neither connected nor remembered. */
  describe(accountId: string, clientId: string): Promise<ConnectionDescription | undefined>;
  /**
   * Up to `limit` subscriptions of the client's session, in order of their filters, behind the filter `after`.
   * Undefined when there is no session.
   */
  subscriptions(
    accountId: string,
    clientId: string,
    after: string | undefined,
    limit: number,
  ): { topicFilter: string; qos: number }[] | undefined;
  /** Of the client's session alone, whoever else has subscribed. */
  reach(accountId: string, clientId: string, topic: string): Reach;
  /**
   * Ends the client's connection. Resolves once what comes of it is durable; with false when the client is neither
   * connected nor has a persistent session.
   */
  disconnect(
    accountId: string,
    clientId: string,
    how: { cleanSession: boolean; preventWillMessage: boolean },
  ): Promise<boolean>;
  /**
   * Sends a message to one connected client, subscribed or not. At QoS 1 it waits for the client's acknowledgement, for
   * `timeout` milliseconds at most.
   */
  sendDirect(clientId: string, message: Message, timeout: number): Promise<DirectOutcome>;
}

/** A retained message without its payload. */
export interface RetainedSummary {
  topic: string;
  /** Bytes. */
  payloadSize: number;
  qos: number;
  /** Milliseconds since the epoch at which it was stored. */
  storedAt: number;
}

/** The retained messages of accounts. The broker has them. */
export interface RetainedMessages {
  /** Undefined when there is none, or none that has not expired. */
  get(accountId: string, topic: string): { message: Message; storedAt: number } | undefined;
  /**
   * Messages that have not expired, in order of their topics, behind the topic `after`. `next`, if there may be more,
   * is what to go on behind; a page may be short all the same, where messages have expired.
   */
  list(
    accountId: string,
    after: string | undefined,
    limit: number,
  ): Promise<{ messages: RetainedSummary[]; next?: string }>;
}
