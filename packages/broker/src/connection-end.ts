import type { Duplex } from "node:stream";
import type { Clock } from "@hearth/base";
import type { DisconnectReason } from "@hearth/iot";
import type { Connection } from "./connection.ts";
import { endCause } from "./connection-causes.ts";
import { limitWords, wordsForEnd } from "./connection-words.ts";
import type { LimitName } from "./limits.ts";

/** How a connection ends. */
export interface Ending {
  /** What lifecycle events say (reference 10.1). */
  reason: DisconnectReason;
  /** Reason code of the DISCONNECT that an MQTT 5 client is sent; absent: none. */
  code?: number;
  clientInitiated?: boolean;
  /** The will is sent unless this is set. */
  withoutWill?: boolean;
  /** What an MQTT 5 client is told. */
  detail?: string;
  /** The limit that the client came up against. */
  limit?: LimitName;
  /** What the connection log says, where that is more: policies and other clients are not the client's to know. */
  why?: string;
  /** The connection log has its line. */
  noted?: boolean;
}

/** Milliseconds that a closed connection has for taking what was written to it. */
const LINGER = 2000;
/** Counts the end of a connection that was `before`, and tells the connection log. */
export function noteEnd(connection: Connection, before: Connection["state"], ending: Ending): void {
  if (ending.noted) return;
  const { reason, code, clientInitiated, detail, limit, why = detail } = ending;
  const { metrics, limits } = connection.context;
  const opened = before === "open";
  if (before === "waiting") metrics.socketsRefused += 1;
  if (reason === "MQTT_KEEP_ALIVE_TIMEOUT") metrics.keepAliveTimeouts += 1;
  const where = opened ? "" : `the connection ended before ${before === "waiting" ? "CONNECT" : "CONNACK"}: `;
  connection.note({
    eventType: opened ? "Disconnect" : "Connect",
    status: clientInitiated && opened ? "Success" : "Failure",
    // Of rules there are many; their texts may hold what the client sent, their codes do not.
    cause: endCause(reason, code, limit),
    reason: `${where}${why ?? wordsForEnd(reason)}${limit ? `: ${limitWords(limits, limit)}` : ""}`,
    reasonCode: code,
    details: `disconnectReason ${reason}`,
  });
}

/** Calls `lost` when the socket fails or ends, perhaps more than once. One function for all: every connection has it. */
export function onEnd(socket: Duplex, lost: (error?: unknown) => void): void {
  socket.on("error", lost);
  socket.on("end", lost);
  socket.on("close", lost);
}

/** Ends the socket once what was written to it has left. */
export function leaveSocket(socket: Duplex, clock: Clock): void {
  if (socket.destroyed) return;
  // A peer that does not read or does not close must not keep the socket.
  const cancel = clock.after(LINGER, () => socket.destroy());
  socket.once("close", cancel);
  socket.end();
  // Read on and throw away: closing over unread bytes would reset the connection and take the last words with it.
  socket.resume();
}
