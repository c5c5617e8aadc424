import { Reason, type UnsubscribePacket } from "@hearth/mqtt";
import type { Connection } from "../connection.ts";
import { noSubscriptionCode } from "../reason-codes.ts";
import { filterFault } from "../topic-rules.ts";

/** UNSUBSCRIBE: a durable session's change is stored before UNSUBACK. */
export function onUnsubscribe(connection: Connection, packet: UnsubscribePacket): void {
  const { context } = connection;
  const session = connection.session!;
  // No session has more of them; UNSUBACK of 3.1.1 could not say that some were left.
  if (packet.filters.length > Math.max(context.limits.subscriptionsPerConnection, session.subscriptions.size)) {
    connection.violates("UNSUBSCRIBE has too many filters", Reason.QuotaExceeded, "subscriptionsPerConnection");
    return;
  }
  const removed: string[] = [];
  const reasonCodes = packet.filters.map((filter) => {
    if (filterFault(filter, context.limits) !== undefined) return Reason.TopicFilterInvalid;
    if (!context.sessions.unsubscribe(session, filter)) return noSubscriptionCode(context.limits);
    removed.push(filter);
    return Reason.Success;
  });
  const answer = () => {
    if (connection.state !== "open") return;
    connection.send({ type: "unsuback", packetId: packet.packetId, reasonCodes });
    if (removed.length > 0) {
      const filter = removed.join(", ");
      connection.note({
        eventType: "Unsubscribe",
        status: "Success",
        cause: "removed",
        filter,
        reason: "unsubscribed",
      });
    }
    if (removed.length > 0 && connection.presented) context.presence.unsubscribed(connection.presented, removed);
  };
  if (!session.durable || removed.length === 0) {
    answer();
    return;
  }
  connection.hold(
    context.store.commit(removed.map((filter) => context.store.unsubscribe(session, filter))).then(answer),
  );
}
