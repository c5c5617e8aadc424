import { messageOf } from "@hearth/base";
import { type Message, type MessageProperties, TopicRefused } from "@hearth/iot";
import { type Properties, type PublishPacket, Reason } from "@hearth/mqtt";
import type { Connection } from "../connection.ts";
import { type ConnectionCause, limitCause } from "../connection-causes.ts";
import { limitWords } from "../connection-words.ts";
import type { BrokerLimits, LimitName } from "../limits.ts";
import { excessOf, withinExpiry } from "../message-rules.ts";

/** PUBLISH: checks, authorizes, hands on, and acknowledges when all effects are durable. */
export function onPublish(connection: Connection, packet: PublishPacket): void {
  const { context, authorizer } = connection;
  const { limits, metrics } = context;
  if (packet.qos === 2 && !limits.qos2) {
    connection.violates("QoS 2 is not supported", Reason.QosNotSupported, "qos2");
    return;
  }
  if (packet.qos > 0 && underWay(connection, packet.packetId) >= limits.receiveMaximum) {
    connection.violates("too many unacknowledged publications", Reason.ReceiveMaximumExceeded, "receiveMaximum");
    return;
  }
  const topic = packet.properties === undefined ? packet.topic : resolveAlias(connection, packet);
  if (topic === undefined) return;
  if (packet.payload.length > limits.payload) {
    const reason = `the payload has ${packet.payload.length} bytes, ${limitWords(limits, "payload")}`;
    noteRefusal(connection, topic, "payload", reason, Reason.PacketTooLarge);
    connection.violates("the payload is too large", Reason.PacketTooLarge, "payload");
    return;
  }
  const beyond = connection.spendInbound();
  if (beyond !== undefined) {
    metrics.droppedRate += 1;
    const rate = () => `a publication was discarded: ${limitWords(limits, beyond)}`;
    noteRefusal(connection, topic, limitCause(beyond) ?? "rate", rate);
    context.limitReached(connection.clientId, beyond, "a publication was discarded");
    // What is too much for the connection is discarded without an acknowledgement (reference 1.5).
    if (beyond !== "publishesPerSecond") throttled(connection, packet);
    return;
  }
  const verdict = authorizer!.publish(topic, packet.retain);
  if (verdict.invalid) {
    const limit = verdict.limit === undefined ? "" : `: ${limitWords(limits, verdict.limit)}`;
    const cause = (verdict.limit && limitCause(verdict.limit)) ?? "topic";
    noteRefusal(connection, topic, cause, `${verdict.reason}${limit}`, Reason.TopicNameInvalid);
    connection.violates(verdict.reason, Reason.TopicNameInvalid, verdict.limit);
    return;
  }
  if (!verdict.allowed) {
    denied(connection, packet, topic, verdict.reason);
    return;
  }
  const excess = packet.properties && excessOf(packet.properties, limits);
  if (excess !== undefined) {
    refused(connection, packet, topic, excess);
    return;
  }
  const session = connection.session!;
  if (packet.qos === 2) {
    const before = session.inbound.find(packet.packetId);
    if (before !== undefined) {
      repeated(connection, packet.packetId, before);
      return;
    }
  }
  const { accountId } = connection.identity;
  const { payload, properties } = packet;
  const full = packet.retain ? context.retained.fullFor({ accountId, topic, payload, properties }) : undefined;
  if (full !== undefined) {
    refused(connection, packet, topic, full);
    return;
  }
  const hasty = packet.retain ? connection.rates.retain(topic) : undefined;
  if (hasty !== undefined) {
    context.limitReached(connection.clientId, hasty, "a retained message was discarded");
    noteRefusal(
      connection,
      topic,
      limitCause(hasty) ?? "rate",
      () => `a retained message was discarded: ${limitWords(limits, hasty)}`,
    );
    throttled(connection, packet);
    return;
  }
  metrics.messagesIn += 1;
  const message: Message = {
    accountId,
    topic,
    payload: packet.payload,
    qos: packet.qos,
    retain: packet.retain,
    properties: packet.properties && contentOf(packet.properties, limits),
  };
  const { qos, packetId } = packet;
  const alongside = qos === 2 && session.durable ? context.store.receive(session, packetId) : undefined;
  const handled = context.router.publish(message, connection.publisher, alongside);
  if (qos === 2) session.inbound.begin(packetId, handled);
  if (handled === undefined) {
    if (qos > 0) connection.acknowledgements.now(qos as 1 | 2, packetId, Reason.Success);
    return;
  }
  const acknowledge = qos > 0 ? connection.acknowledgements.later(qos as 1 | 2, packetId) : undefined;
  connection.publishing(
    handled.then(
      () => acknowledge?.(Reason.Success),
      (error: unknown) => failed(connection, topic, error),
    ),
  );
}

/** Publications of the client whose handshakes are under way, without the one of `packetId` [MQTT-3.3.4-9]. */
function underWay({ acknowledgements, session }: Connection, packetId: number): number {
  const { inbound } = session!;
  if (inbound.size === 0) return acknowledgements.waiting;
  // What waits for PUBREC is in both; a client that mixes QoS 1 and 2 is granted a little more than it was promised.
  return Math.max(acknowledgements.waiting, inbound.size - (inbound.find(packetId) === undefined ? 0 : 1));
}

/** A PUBLISH of QoS 2 that has come before is acknowledged again and goes nowhere [MQTT-4.3.3-10]. */
function repeated(connection: Connection, packetId: number, before: Promise<void> | true): void {
  if (before === true) {
    connection.acknowledgements.now(2, packetId, Reason.Success);
    return;
  }
  const acknowledge = connection.acknowledgements.later(2, packetId);
  connection.publishing(before.then(() => acknowledge(Reason.Success)));
}

/** The topic that a PUBLISH means (section 3.3.2.3.4); undefined when the connection has been ended over it. */
function resolveAlias(connection: Connection, packet: PublishPacket): string | undefined {
  const { subscriptionIdentifiers, topicAlias } = packet.properties!;
  if (subscriptionIdentifiers !== undefined) {
    // [MQTT-3.3.4-6]
    connection.violates("a client does not send subscription identifiers");
    return undefined;
  }
  if (topicAlias === undefined) return packet.topic;
  if (topicAlias === 0) {
    // [MQTT-3.3.2-8]
    connection.violates("a topic alias is never 0", Reason.TopicAliasInvalid);
    return undefined;
  }
  if (topicAlias > connection.context.limits.topicAliases) {
    connection.violates("the topic alias is too high", Reason.TopicAliasInvalid, "topicAliases");
    return undefined;
  }
  if (packet.topic !== "") return setAlias(connection, topicAlias, packet.topic) ? packet.topic : undefined;
  const topic = connection.aliases?.get(topicAlias);
  if (topic === undefined) connection.violates("unknown topic alias", Reason.ProtocolError);
  return topic;
}

/** False when the connection has been ended because its aliases take too much. */
function setAlias(connection: Connection, alias: number, topic: string): boolean {
  const { context } = connection;
  connection.aliases ??= new Map();
  const { aliases } = connection;
  const before = aliases.get(alias);
  if (before === topic) return true;
  aliases.set(alias, topic);
  connection.aliasBytes += Buffer.byteLength(topic) - Buffer.byteLength(before ?? "");
  if (connection.aliasBytes <= context.limits.aliasBytes) return true;
  connection.violates("the topics of all aliases are too large", Reason.QuotaExceeded, "aliasBytes");
  return false;
}

/** The properties that travel with the message; the alias is the connection's own. */
function contentOf(properties: Properties, limits: BrokerLimits): MessageProperties {
  const { topicAlias, ...content } = properties;
  return withinExpiry(content, limits);
}

/** A publication that is not taken, without consequences for the connection. */
function refused(connection: Connection, packet: PublishPacket, topic: string, limit: LimitName): void {
  const { context, clientId, version } = connection;
  const reason = `the publication was refused: ${limitWords(context.limits, limit)}`;
  noteRefusal(connection, topic, limitCause(limit) ?? "rate", reason, Reason.QuotaExceeded);
  if (version === 4) {
    // 3.1.1 has no negative acknowledgement; a positive one would be a lie.
    connection.violates("the publication was refused", Reason.ProtocolError, limit);
    return;
  }
  context.limitReached(clientId, limit, "a publication was refused");
  if (packet.qos > 0) connection.acknowledgements.now(packet.qos as 1 | 2, packet.packetId, Reason.QuotaExceeded);
}

function noteRefusal(
  connection: Connection,
  topicName: string,
  cause: ConnectionCause,
  reason: string | (() => string),
  reasonCode?: number,
): void {
  connection.note({ eventType: "Publish-In", status: "Failure", cause, topicName, reason, reasonCode });
}

/**
 * A publication that comes too soon: MQTT 5 is told (0x97), 3.1.1 has no word for it and may send it again. At QoS 2
 * nothing is said, because the packet may repeat one that has been taken.
 */
function throttled(connection: Connection, { qos, packetId }: PublishPacket): void {
  if (connection.version === 5 && qos === 1) connection.acknowledgements.now(1, packetId, Reason.QuotaExceeded);
}

/** Reference 1.3, "Not authorized later". */
function denied(connection: Connection, packet: PublishPacket, topic: string, reason: string): void {
  connection.context.metrics.publishesDenied += 1;
  noteRefusal(connection, topic, "denied", `not authorized to publish: ${reason}`, Reason.NotAuthorized);
  if (connection.version === 5 && packet.qos > 0) {
    connection.acknowledgements.now(packet.qos as 1 | 2, packet.packetId, Reason.NotAuthorized);
  }
  connection.close({ reason: "AUTH_ERROR", code: Reason.NotAuthorized, detail: "not authorized to publish" });
}

function failed(connection: Connection, topic: string, error: unknown): void {
  const { context, clientId } = connection;
  if (error instanceof TopicRefused) {
    const reason = `clients may not publish to this reserved topic: ${error.message}`;
    noteRefusal(connection, topic, "reserved", reason, Reason.NotAuthorized);
    connection.close({ reason: "FORBIDDEN_ACCESS", code: Reason.NotAuthorized, detail: "not a topic to publish to" });
    return;
  }
  context.log.error({ clientId, topic, reason: messageOf(error), err: error }, "a publication failed");
  noteRefusal(connection, topic, "failed", "the server could not handle the publication; its log says more");
  connection.close({ reason: "SERVER_ERROR", code: Reason.Unspecified });
}
