import type { DirectOutcome, Message } from "@hearth/iot";
import type { Connection } from "./connection.ts";
import type { BrokerContext } from "./context.ts";
import { FanOut } from "./fan-out.ts";
import type { Session } from "./session.ts";
import type { Confirmation } from "./session-queue.ts";

/** What became of the message; undefined when the connection is not that of a session any more. */
export type SendDirect = (
  connection: Connection,
  message: Message,
  timeout: number,
) => Promise<DirectOutcome | undefined>;

/**
 * Messages to one connected client, past subscriptions and the router: neither stored for a client that is away nor seen
 * by anybody else.
 */
export function createDirectMessages({
  limits,
  limitReached,
  noteDrop,
  metrics,
  clock,
}: Pick<BrokerContext, "limits" | "limitReached" | "noteDrop" | "metrics" | "clock">): SendDirect {
  /** Messages of each session that somebody waits for. */
  const waiting = new Map<Session, number>();

  /** Resolves when the client has acknowledged the message, its connection has ended, or the time is over. */
  function confirmed(session: Session, message: Message, timeout: number): Promise<DirectOutcome> {
    const others = waiting.get(session) ?? 0;
    if (others >= limits.sendMaximum) {
      limitReached(session.clientId, "sendMaximum", "a direct message was refused: others wait to be confirmed");
      return Promise.resolve("throttled");
    }
    return new Promise((resolve) => {
      const end = (outcome: DirectOutcome) => {
        if (confirmation.over) return;
        confirmation.over = true;
        cancel();
        const left = (waiting.get(session) ?? 1) - 1;
        if (left === 0) waiting.delete(session);
        else waiting.set(session, left);
        resolve(outcome);
      };
      const confirmation: Confirmation & { over: boolean } = {
        over: false,
        // A PUBACK says that the message has come, whatever its reason code says of its use.
        settle: (acknowledged) => end(acknowledged ? "confirmed" : "unconfirmed"),
      };
      const cancel = clock.after(timeout, () => end("unconfirmed"));
      waiting.set(session, others + 1);
      if (!session.push(FanOut.of(message, clock), 1, false, undefined, undefined, confirmation)) end("throttled");
    });
  }

  return async (connection, message, timeout) => {
    const { topic, qos } = message;
    const { session, clientId } = connection;
    if (!session?.online) return undefined;
    if (!connection.mayReceive(topic)) {
      metrics.receivesDenied += 1;
      noteDrop(session, "receive", topic, () => connection.receiveDenial(topic));
      return "forbidden";
    }
    if (connection.overflowing) {
      metrics.droppedSlow += 1;
      noteDrop(session, "slow", topic);
      limitReached(clientId, "backlog", "a direct message was refused: the client reads too slowly");
      return "throttled";
    }
    // The session spends for what it sends above QoS 0.
    if (qos === 0 ? !connection.spend() : connection.heldBack() !== undefined) {
      metrics.droppedRate += 1;
      noteDrop(session, "rate", topic);
      limitReached(clientId, "publishesPerSecond", "a direct message was refused");
      return "throttled";
    }
    const { bytes } = FanOut.of(message, clock).frame(connection.version, qos, false);
    if (bytes.length > connection.maximumPacketSize) {
      metrics.droppedTooLarge += 1;
      noteDrop(session, "large", topic);
      return "too-large";
    }
    if (qos > 0) return confirmed(session, message, timeout);
    metrics.messagesOut += 1;
    connection.write(bytes);
    return "sent";
  };
}
