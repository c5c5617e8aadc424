import { type LimitName, standardLimits } from "./limits.ts";

/** Counters since the start, and gauges of now. Read them at any time; the broker writes plain numbers. */
export interface BrokerMetrics {
  connections: number;
  connectionsAccepted: number;
  connectionsRefused: number;
  /** Of those, refused by a policy. */
  connectionsDenied: number;
  /** Sockets that ended, or were refused, before their CONNECT. */
  socketsRefused: number;
  /** Connections ended by a newer one of the same client. */
  takeovers: number;
  keepAliveTimeouts: number;
  sessions: number;
  subscriptions: number;
  retained: number;
  packetsIn: number;
  messagesIn: number;
  messagesOut: number;
  bytesIn: number;
  bytesOut: number;
  /** Publications refused by a policy. */
  publishesDenied: number;
  /** Filters refused by a policy. */
  subscribesDenied: number;
  /** Filters refused because they are none or beyond a limit. */
  subscribesRefused: number;
  /** Deliveries withheld for want of `iot:Receive`. */
  receivesDenied: number;
  /** QoS 0 messages dropped because the receiver reads too slowly. */
  droppedSlow: number;
  /** QoS 1 messages dropped because a session's queue is full. */
  droppedFull: number;
  droppedExpired: number;
  /** Messages above QoS 0 that a connected client did not acknowledge in time. */
  droppedUnacknowledged: number;
  /** Messages and answers larger than the receiver's maximum packet size. */
  droppedTooLarge: number;
  /** Publications above a connection's rate. */
  droppedRate: number;
  protocolErrors: number;
  /** How often each limit has been reached. */
  limitReached: Record<LimitName, number>;
}

export const createMetrics = (): BrokerMetrics => ({
  connections: 0,
  connectionsAccepted: 0,
  connectionsRefused: 0,
  connectionsDenied: 0,
  socketsRefused: 0,
  takeovers: 0,
  keepAliveTimeouts: 0,
  sessions: 0,
  subscriptions: 0,
  retained: 0,
  packetsIn: 0,
  messagesIn: 0,
  messagesOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  publishesDenied: 0,
  subscribesDenied: 0,
  subscribesRefused: 0,
  receivesDenied: 0,
  droppedSlow: 0,
  droppedFull: 0,
  droppedExpired: 0,
  droppedUnacknowledged: 0,
  droppedTooLarge: 0,
  droppedRate: 0,
  protocolErrors: 0,
  limitReached: Object.fromEntries(Object.keys(standardLimits).map((name) => [name, 0])) as Record<LimitName, number>,
});
