import {
  type AcknowledgementPacket,
  type ConnectPacket,
  type Packet,
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
  type Qos,
  type SubscriptionRequest,
  type Will,
} from "./packets.ts";
import { type Properties, readProperties, WILL } from "./properties.ts";
import { decodeText, type Reader } from "./reader.ts";
import { MqttError, malformed, protocolError, Reason } from "./reason.ts";
import type { TopicCache } from "./topic-cache.ts";

/** Flags that the fixed header of each type must carry [MQTT-2.1.3-1]; PUBLISH decides its own. */
const requiredFlags = [-1, 0, 0, -1, 0, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, 0];

/** Refuses a first byte that no packet of `version` may start with. */
export function checkFirstByte(first: number, version: ProtocolVersion | undefined): void {
  const type = first >> 4;
  const flags = first & 15;
  if (type === 0) throw malformed("packet type 0");
  if (type === PacketType.auth && version === 4) throw malformed("AUTH in MQTT 3.1.1");
  if (version === undefined && type !== PacketType.connect) throw protocolError("the first packet is not CONNECT");
  if (type !== PacketType.publish) {
    if (flags !== requiredFlags[type]) throw malformed("reserved flags of the fixed header [MQTT-2.1.3-1]");
    return;
  }
  if ((flags & 6) === 6) throw malformed("QoS 3 [MQTT-3.3.1-4]");
  if ((flags & 14) === 8) throw malformed("DUP with QoS 0 [MQTT-3.3.1-2]");
}

/** Decodes the body over which `reader` stands. Throws `MqttError`. */
export function decodePacket(
  first: number,
  reader: Reader,
  version: ProtocolVersion,
  topics: TopicCache | undefined,
): Exclude<Packet, ConnectPacket> {
  const packet = decodeBody(first, reader, version, topics);
  if (reader.left > 0) throw malformed("bytes are left behind the packet's end");
  return packet;
}

function decodeBody(
  first: number,
  reader: Reader,
  version: ProtocolVersion,
  topics: TopicCache | undefined,
): Exclude<Packet, ConnectPacket> {
  const type = first >> 4;
  switch (type) {
    case PacketType.publish:
      return decodePublish(first, reader, version, topics);
    case PacketType.puback:
      return decodeAcknowledgement("puback", reader, version);
    case PacketType.pubrec:
      return decodeAcknowledgement("pubrec", reader, version);
    case PacketType.pubrel:
      return decodeAcknowledgement("pubrel", reader, version);
    case PacketType.pubcomp:
      return decodeAcknowledgement("pubcomp", reader, version);
    case PacketType.pingreq:
      return { type: "pingreq" };
    case PacketType.pingresp:
      return { type: "pingresp" };
    case PacketType.connack:
      return decodeConnack(reader, version);
    case PacketType.subscribe:
      return decodeSubscribe(reader, version);
    case PacketType.unsubscribe:
      return decodeUnsubscribe(reader, version);
    case PacketType.suback:
    case PacketType.unsuback:
      return decodeGrants(type === PacketType.suback ? "suback" : "unsuback", reader, version);
    case PacketType.disconnect:
    case PacketType.auth:
      return decodeReason(type === PacketType.disconnect ? "disconnect" : "auth", reader, version);
    default:
      throw protocolError("a second CONNECT [MQTT-3.1.0-2]");
  }
}

const properties5 = (reader: Reader, version: ProtocolVersion, type: number): Properties | undefined =>
  version === 5 ? readProperties(reader, type) : undefined;

function decodePublish(
  first: number,
  reader: Reader,
  version: ProtocolVersion,
  topics: TopicCache | undefined,
): PublishPacket {
  const qos = ((first >> 1) & 3) as Qos;
  const length = reader.u16();
  if (length > reader.left) throw malformed("a string is longer than its packet");
  const topic =
    topics === undefined
      ? decodeText(reader.bytes, reader.offset, length)
      : topics.read(reader.bytes, reader.offset, length);
  reader.offset += length;
  const packetId = qos > 0 ? reader.packetId() : 0;
  const properties = properties5(reader, version, PacketType.publish);
  if (length === 0 && properties?.topicAlias === undefined) {
    throw version === 5 ? protocolError("neither topic nor alias") : malformed("an empty topic [MQTT-4.7.3-1]");
  }
  const payload = reader.view(reader.left);
  const retain = (first & 1) === 1;
  return { type: "publish", topic, payload, qos, retain, dup: (first & 8) === 8, packetId, properties };
}

/** CONNECT, which settles the version. Throws 0x84 for a protocol that is neither 3.1.1 nor 5. */
export function decodeConnect(reader: Reader): ConnectPacket {
  const name = reader.string();
  const level = reader.u8();
  if (name !== "MQTT" || (level !== 4 && level !== 5)) {
    if (name === "MQTT" || name === "MQIsdp") {
      throw new MqttError(Reason.UnsupportedProtocolVersion, `protocol ${name} level ${level}`);
    }
    throw malformed("the protocol name is not MQTT [MQTT-3.1.2-1]");
  }
  const version: ProtocolVersion = level;
  const flags = reader.u8();
  checkConnectFlags(flags, version);
  const keepAlive = reader.u16();
  const properties = properties5(reader, version, PacketType.connect);
  const clientId = reader.string();
  const will = flags & 4 ? decodeWill(flags, reader, version) : undefined;
  const username = flags & 128 ? reader.string() : undefined;
  const password = flags & 64 ? reader.binary() : undefined;
  if (reader.left > 0) throw malformed("bytes are left behind the packet's end");
  return {
    type: "connect",
    version,
    clean: (flags & 2) === 2,
    keepAlive,
    clientId,
    will,
    username,
    password,
    properties,
  };
}

function checkConnectFlags(flags: number, version: ProtocolVersion): void {
  if (flags & 1) throw malformed("the reserved connect flag is set [MQTT-3.1.2-3]");
  if (!(flags & 4) && flags & 56) throw malformed("will QoS or retain without a will [MQTT-3.1.2-11]");
  if ((flags & 24) === 24) throw malformed("will QoS 3 [MQTT-3.1.2-12]");
  if (version === 4 && (flags & 192) === 64) throw malformed("a password without a user name [MQTT-3.1.2-22]");
}

function decodeWill(flags: number, reader: Reader, version: ProtocolVersion): Will {
  const properties = properties5(reader, version, WILL);
  const topic = reader.string();
  if (topic.length === 0) throw malformed("an empty will topic [MQTT-4.7.3-1]");
  const payload = reader.binary();
  return { topic, payload, qos: ((flags >> 3) & 3) as Qos, retain: (flags & 32) === 32, properties };
}

function decodeConnack(reader: Reader, version: ProtocolVersion): Packet & { type: "connack" } {
  const flags = reader.u8();
  if (flags > 1) throw malformed("reserved acknowledge flags [MQTT-3.2.2-1]");
  const reasonCode = reader.u8();
  if (flags === 1 && reasonCode !== 0) throw protocolError("session present with a refusal [MQTT-3.2.2-6]");
  return {
    type: "connack",
    sessionPresent: flags === 1,
    reasonCode,
    properties: properties5(reader, version, PacketType.connack),
  };
}

const publishReasons = new Set([0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]);
const releaseReasons = new Set([0x00, 0x92]);

function decodeAcknowledgement(
  type: AcknowledgementPacket["type"],
  reader: Reader,
  version: ProtocolVersion,
): AcknowledgementPacket {
  const packetId = reader.packetId();
  if (version === 4 || reader.left === 0) return { type, packetId, reasonCode: 0 };
  const reasonCode = reader.u8();
  const allowed = type === "puback" || type === "pubrec" ? publishReasons : releaseReasons;
  if (!allowed.has(reasonCode)) throw protocolError(`reason code ${reasonCode} does not belong in ${type}`);
  const properties = reader.left === 0 ? undefined : readProperties(reader, PacketType[type]);
  return { type, packetId, reasonCode, properties };
}

function decodeSubscribe(reader: Reader, version: ProtocolVersion): Packet & { type: "subscribe" } {
  const packetId = reader.packetId();
  const properties = properties5(reader, version, PacketType.subscribe);
  const subscriptions: SubscriptionRequest[] = [];
  while (reader.left > 0) {
    const filter = reader.string();
    const options = reader.u8();
    if (options & (version === 5 ? 0xc0 : 0xfc)) throw malformed("reserved subscription options [MQTT-3.8.3-5]");
    if ((options & 3) === 3) throw version === 5 ? protocolError("QoS 3") : malformed("QoS 3 [MQTT-3.8.3-4]");
    const retainHandling = options >> 4;
    if (retainHandling === 3) throw protocolError("retain handling 3");
    const noLocal = (options & 4) === 4;
    if (noLocal && filter.startsWith("$share/")) throw protocolError("no-local on a shared filter [MQTT-3.8.3-4]");
    subscriptions.push({
      filter,
      qos: (options & 3) as Qos,
      noLocal,
      retainAsPublished: (options & 8) === 8,
      retainHandling: retainHandling as 0 | 1 | 2,
    });
  }
  if (subscriptions.length === 0) throw protocolError("SUBSCRIBE without a filter [MQTT-3.8.3-2]");
  return { type: "subscribe", packetId, subscriptions, properties };
}

function decodeUnsubscribe(reader: Reader, version: ProtocolVersion): Packet & { type: "unsubscribe" } {
  const packetId = reader.packetId();
  const properties = properties5(reader, version, PacketType.unsubscribe);
  const filters: string[] = [];
  while (reader.left > 0) filters.push(reader.string());
  if (filters.length === 0) throw protocolError("UNSUBSCRIBE without a filter [MQTT-3.10.3-2]");
  return { type: "unsubscribe", packetId, filters, properties };
}

/** Sections 3.9.3 and 3.11.3 of MQTT 5. */
const subackReasons = new Set([0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2]);
const unsubackReasons = new Set([0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91]);

function decodeGrants(
  type: "suback" | "unsuback",
  reader: Reader,
  version: ProtocolVersion,
): Packet & { type: "suback" | "unsuback" } {
  const packetId = reader.packetId();
  const properties = properties5(reader, version, PacketType[type]);
  const reasonCodes = version === 4 && type === "unsuback" ? [] : [...reader.view(reader.left)];
  if (version === 4 && reasonCodes.some((code) => code > 2 && code !== 0x80)) {
    throw malformed("a reserved SUBACK return code [MQTT-3.9.3-2]");
  }
  const allowed = type === "suback" ? subackReasons : unsubackReasons;
  const strange = version === 5 ? reasonCodes.find((code) => !allowed.has(code)) : undefined;
  if (strange !== undefined) throw protocolError(`reason code ${strange} does not belong in ${type}`);
  return { type, packetId, reasonCodes, properties };
}

const authReasons = new Set([0x00, 0x18, 0x19]);
/** Section 3.14.2.1, whoever sends it: the rest of 0x80 to 0xA2 belongs to other packets. */
const disconnectReasons = new Set([
  0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
  0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
]);

function decodeReason(
  type: "disconnect" | "auth",
  reader: Reader,
  version: ProtocolVersion,
): Packet & { type: "disconnect" | "auth" } {
  if (version === 4 || reader.left === 0) return { type, reasonCode: 0 };
  const reasonCode = reader.u8();
  const allowed = type === "auth" ? authReasons : disconnectReasons;
  // [MQTT-3.14.2-1], [MQTT-3.15.2-1]
  if (!allowed.has(reasonCode)) throw protocolError(`reason code ${reasonCode} does not belong in ${type}`);
  const properties = reader.left === 0 ? undefined : readProperties(reader, PacketType[type]);
  return { type, reasonCode, properties };
}
