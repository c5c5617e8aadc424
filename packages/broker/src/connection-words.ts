import type { DisconnectReason } from "@hearth/iot";
import { type MqttError, Reason } from "@hearth/mqtt";
import type { ConnectionLog, ConnectionNote, ConnectionParty } from "./connection-log.ts";
import type { BrokerLimits, LimitName } from "./limits.ts";

/** What lifecycle events name by a constant (reference 10.1), for a person. */
const ENDS: Readonly<Record<DisconnectReason, string>> = {
  CLIENT_INITIATED_DISCONNECT: "the client sent DISCONNECT",
  CONNECTION_LOST:
    "the connection ended without DISCONNECT: the client, its network or something between closed it; look at the device's power and network",
  CLIENT_ERROR: "the client broke a rule of MQTT",
  DUPLICATE_CLIENTID: "another connection came with the same client id",
  MQTT_KEEP_ALIVE_TIMEOUT: "nothing came from the client for one and a half times its keep-alive",
  AUTH_ERROR: "the client did what its policies do not allow",
  FORBIDDEN_ACCESS:
    "the client was cut off: its certificate was deactivated, revoked or deleted, or the topic is not for clients",
  API_INITIATED_DISCONNECT: "somebody ended the connection through the API; the client may connect again",
  SERVER_ERROR: "the server failed at this; its log says more",
  SERVER_INITIATED_DISCONNECT: "the server is being stopped or restarted; the client may connect again",
  THROTTLED: "the client did more than its limits allow",
  WEBSOCKET_TTL_EXPIRATION: "the WebSocket connection has lasted as long as one may; the client may connect again",
  CUSTOMAUTH_TTL_EXPIRATION: "the custom authorizer's permission has ended; the client may connect again",
  UNKNOWN: "for a reason that is not known",
};

export const wordsForEnd = (reason: DisconnectReason): string => ENDS[reason];

/** Names a limit, its value, and where it comes from. */
export const limitWords = (limits: BrokerLimits, name: LimitName): string =>
  `the limit ${name} is ${limits[name]} (configuration: limits.${name} in place of the profile's)`;

export const delayedNote = (limits: BrokerLimits): ConnectionNote => ({
  eventType: "Publish-In",
  status: "Failure",
  cause: "bytesPerSecond",
  reason: () => `the client's bytes are delayed: ${limitWords(limits, "bytesPerSecond")}, both directions together`,
});

/** What is wrong with bytes, with the clause that ends the connection where the fault itself names none. */
export function wordsForBytes({ message, reasonCode }: MqttError): string {
  const clause = message.includes("[MQTT-") ? "" : " [MQTT-4.8.0-1] [MQTT-4.13.1-1]";
  const what =
    reasonCode === Reason.PacketTooLarge
      ? "the packet is larger than the server takes"
      : reasonCode === Reason.MalformedPacket
        ? "what the client sent is no well-formed MQTT packet"
        : "the client's packet breaks the protocol";
  return `${what}: ${message}${clause}`;
}

/** Why a message did not reach a client. */
export type Drop =
  | "slow"
  | "rate"
  | "full"
  | "queuedPerSecond"
  | "expired"
  | "unacknowledged3"
  | "unacknowledged5"
  | "large"
  | "receive";

/** Tells of a message that is not delivered; `why` adds to it what only the caller knows. */
export type NoteDrop = (party: ConnectionParty, drop: Drop, topicName: string, why?: () => string) => void;

export function createNoteDrop(log: ConnectionLog, limits: BrokerLimits): NoteDrop {
  const words: Readonly<Record<Drop, () => string>> = {
    slow: () =>
      `a QoS 0 message was dropped: the client reads too slowly, and more waits in its socket than ${limitWords(limits, "backlog")} bytes`,
    rate: () =>
      `a message was dropped: ${limitWords(limits, "publishesPerSecond")}, both directions together; ${limitWords(limits, "outboundPerSecond")}`,
    full: () =>
      `a message was dropped: the session's queue is full because the client is away or does not acknowledge; ${limitWords(limits, "queuedMessages")}, ${limitWords(limits, "queuedBytes")}`,
    queuedPerSecond: () =>
      `a message was dropped: too many messages at once for clients of this account that are away; ${limitWords(limits, "queuedPerSecond")}`,
    unacknowledged3: () =>
      `a message was given up: the client did not acknowledge it in time; ${limitWords(limits, "unacknowledged3")} s`,
    unacknowledged5: () =>
      `a message was given up: the client did not acknowledge it in time; ${limitWords(limits, "unacknowledged5")} s`,
    expired: () => "a message was dropped: its message expiry interval ended before the client could take it",
    large: () => "a message was dropped: it is larger than the Maximum Packet Size that the client gave in CONNECT",
    receive: () => "a message was withheld: not authorized to receive it",
  };
  const queued: ReadonlySet<Drop> = new Set(["full", "queuedPerSecond", "expired"]);
  return (party, drop, topicName, why) => {
    const note: ConnectionNote = {
      eventType: queued.has(drop) ? "Queued" : "Publish-Out",
      status: "Failure",
      cause: drop,
      topicName,
      reason: why === undefined ? words[drop] : () => `${words[drop]()}: ${why()}`,
    };
    log.note(party, note);
  };
}
