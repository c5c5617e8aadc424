import type { Write } from "@hearth/backplane";
import { Reason, type SubscribePacket, type SubscriptionRequest } from "@hearth/mqtt";
import type { Connection } from "../connection.ts";
import { type ConnectionCause, limitCause } from "../connection-causes.ts";
import { limitWords } from "../connection-words.ts";
import type { LimitName } from "../limits.ts";
import { RetainedDeliveries } from "../retained-deliveries.ts";
import type { Session } from "../session.ts";
import type { Subscription } from "../subscriptions.ts";
import { filterFault } from "../topic-rules.ts";

interface Granted {
  subscription: Subscription;
  fresh: boolean;
  retainHandling: 0 | 1 | 2;
}

/** SUBSCRIBE: each filter is granted or refused by itself; a durable session's are stored before SUBACK. */
export function onSubscribe(connection: Connection, packet: SubscribePacket): void {
  const { context } = connection;
  const session = connection.session!;
  const identifier = packet.properties?.subscriptionIdentifiers?.[0];
  if (identifier !== undefined && !context.limits.subscriptionIdentifiers) {
    const quota = "subscriptionIdentifiers";
    connection.violates("no subscription identifiers", Reason.SubscriptionIdentifiersNotSupported, quota);
    return;
  }
  if (!context.limits.qos2 && packet.subscriptions.some(({ qos }) => qos === 2)) {
    connection.violates("QoS 2 is not supported", Reason.QosNotSupported, "qos2");
    return;
  }
  const accepted: Granted[] = [];
  const reasonCodes = packet.subscriptions.map((request, index) => {
    const refusal = refusalOf(connection, session, request, index);
    if (refusal !== undefined) return connection.version === 5 ? refusal : 0x80;
    const subscription: Subscription = {
      filter: request.filter,
      qos: request.qos,
      noLocal: request.noLocal,
      retainAsPublished: request.retainAsPublished,
      ...(identifier === undefined ? {} : { identifier }),
    };
    const fresh = context.sessions.subscribe(session, subscription);
    accepted.push({ subscription, fresh, retainHandling: request.retainHandling });
    return subscription.qos;
  });
  const answer = () => {
    if (connection.state !== "open") return;
    if (!connection.send({ type: "suback", packetId: packet.packetId, reasonCodes })) return;
    sendRetained(connection, session, accepted);
    if (accepted.length === 0 || connection.presented === undefined) return;
    const topics = accepted.map((granted) => granted.subscription.filter);
    const qos = [...new Set(accepted.map((granted) => granted.subscription.qos))].join(" and ");
    const filter = topics.join(", ");
    connection.note({
      eventType: "Subscribe",
      status: "Success",
      cause: "granted",
      filter,
      reason: `granted QoS ${qos}`,
    });
    context.presence.subscribed(connection.presented, topics);
  };
  if (!session.durable || accepted.length === 0) {
    answer();
    return;
  }
  const writes: Write[] = accepted.map((granted) => context.store.subscribe(session, granted.subscription));
  connection.hold(context.store.commit(writes).then(answer));
}

/** The reason code of a filter that is not granted. */
function refusalOf(
  connection: Connection,
  session: Session,
  { filter }: SubscriptionRequest,
  index: number,
): number | undefined {
  const { context, authorizer, clientId } = connection;
  const refused = (reasonCode: number, cause: ConnectionCause, reason: string): number => {
    if (cause === "denied") context.metrics.subscribesDenied += 1;
    else context.metrics.subscribesRefused += 1;
    connection.note({ eventType: "Subscribe", status: "Failure", cause, filter, reason, reasonCode });
    return reasonCode;
  };
  const beyond = index - context.limits.subscriptionsPerPacket;
  if (beyond > 0) return Reason.QuotaExceeded;
  if (beyond === 0) {
    const quota = "subscriptionsPerPacket";
    context.limitReached(clientId, quota, "a subscription was refused");
    // The rest goes unsaid and unread: a packet has room for hundreds of thousands.
    return refused(Reason.QuotaExceeded, quota, `the subscription was refused: ${limitWords(context.limits, quota)}`);
  }
  const fault = filterFault(filter, context.limits);
  if (fault !== undefined) {
    if (fault.limit !== undefined) context.limitReached(clientId, fault.limit, "a subscription was refused");
    const limit = fault.limit === undefined ? "" : `: ${limitWords(context.limits, fault.limit)}`;
    const cause = (fault.limit && limitCause(fault.limit)) ?? "filter";
    return refused(Reason.TopicFilterInvalid, cause, `the subscription was refused: ${fault.reason}${limit}`);
  }
  const quota = quotaOf(connection, session, filter);
  if (quota !== undefined) {
    context.limitReached(clientId, quota, "a subscription was refused");
    const reason = `the subscription was refused: ${limitWords(context.limits, quota)}`;
    return refused(Reason.QuotaExceeded, limitCause(quota) ?? "filter", reason);
  }
  const verdict = authorizer!.subscribe(filter);
  if (verdict.allowed) return undefined;
  return refused(Reason.NotAuthorized, "denied", `not authorized to subscribe: ${verdict.reason}`);
}

/** The quota that one more subscription would go beyond. */
function quotaOf(connection: Connection, session: Session, filter: string): LimitName | undefined {
  const { limits, sessions } = connection.context;
  if (!connection.rates.subscriptions.spend()) return "subscriptionsPerSecond";
  if (session.subscriptions.has(filter)) return undefined;
  if (session.subscriptions.size >= limits.subscriptionsPerConnection) return "subscriptionsPerConnection";
  if (session.subscriptionBytes + Buffer.byteLength(filter) > limits.subscriptionBytes) return "subscriptionBytes";
  const { subscriptions } = sessions.account(connection.identity.accountId);
  if (subscriptions.size >= limits.subscriptionsPerAccount) return "subscriptionsPerAccount";
  if (!filter.startsWith("$share/")) return undefined;
  const members = subscriptions.shareMembers(filter).size;
  if (members === 0 && subscriptions.shareGroups >= limits.shareGroups) return "shareGroups";
  return members >= limits.shareMembers ? "shareMembers" : undefined;
}

/** Retained messages for new subscriptions; a shared one gets none [MQTT-4.8.2], section 3.8.3.1. */
function sendRetained(connection: Connection, session: Session, granted: readonly Granted[]): void {
  const { context } = connection;
  const wanted = granted.filter(({ subscription: { filter }, fresh, retainHandling }) => {
    if (retainHandling === 2 || (retainHandling === 1 && !fresh)) return false;
    return !filter.startsWith("$share/");
  });
  if (wanted.length === 0) return;
  session.retained ??= new RetainedDeliveries(context, session);
  for (const { subscription } of wanted) session.retained.add(subscription);
  const stored = session.retained.run();
  if (stored !== undefined) connection.hold(stored);
}
