import {
  type AcknowledgementPacket,
  type ConnectPacket,
  type Packet,
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
  type SubscribePacket,
} from "./packets.ts";
import { WILL, writeProperties } from "./properties.ts";
import { Writer } from "./writer.ts";

const writer = new Writer();

/**
 * The bytes of `packet` for a connection of `version` (CONNECT carries its own). Properties are left out in 3.1.1.
 * The result may share memory with other packets: write it soon, keep it never. Throws `RangeError` for values
 * that the format cannot hold (a string above 65,535 bytes, a property out of place).
 */
export function encode(packet: Packet, version: ProtocolVersion): Uint8Array {
  switch (packet.type) {
    case "publish":
      return encodePublish(packet, version).bytes;
    case "connect":
      return encodeConnect(packet);
    case "pingreq":
    case "pingresp":
      return Uint8Array.of(PacketType[packet.type] << 4, 0);
    case "puback":
    case "pubrec":
    case "pubrel":
    case "pubcomp":
      return encodeAcknowledgement(packet, version);
    case "subscribe":
      return encodeSubscribe(packet, version);
    default:
      return encodeRest(packet, version);
  }
}

/** A PUBLISH that several subscribers can share. */
export interface PublishFrame {
  bytes: Uint8Array;
  /** Where the packet identifier stands; 0 for QoS 0, which has none. */
  packetIdOffset: number;
  /** `bytes` went to a receiver under its packet identifier; all others get copies. */
  taken: boolean;
}

/** Encodes a PUBLISH so that `withPacketId` can make each receiver's copy of it. */
export function encodePublish(packet: Omit<PublishPacket, "type">, version: ProtocolVersion): PublishFrame {
  writer.start();
  writer.string(packet.topic);
  const fromStart = writer.length;
  if (packet.qos > 0) writer.u16(packet.packetId);
  if (version === 5) writeProperties(writer, packet.properties, PacketType.publish);
  const flags = (packet.dup ? 8 : 0) | (packet.qos << 1) | (packet.retain ? 1 : 0);
  const remaining = writer.length + packet.payload.length;
  const bytes = writer.finish((PacketType.publish << 4) | flags, packet.payload);
  const packetIdOffset = packet.qos > 0 ? bytes.length - remaining + fromStart : 0;
  return { bytes, packetIdOffset, taken: false };
}

/** `frame` for one receiver: under its own packet identifier, and with DUP where it may have been sent before. */
export function withPacketId(frame: PublishFrame, packetId: number, dup: boolean): Uint8Array {
  // Nearly every message above QoS 0 has one receiver.
  const bytes = frame.taken ? writer.copy(frame.bytes) : frame.bytes;
  frame.taken = true;
  bytes[0] = dup ? bytes[0]! | 8 : bytes[0]! & ~8;
  bytes[frame.packetIdOffset] = packetId >>> 8;
  bytes[frame.packetIdOffset + 1] = packetId;
  return bytes;
}

function encodeConnect(packet: ConnectPacket): Uint8Array {
  const { will, username, password, version } = packet;
  writer.start();
  writer.string("MQTT");
  writer.u8(version);
  writer.u8(
    (packet.clean ? 2 : 0) |
      (will ? 4 | (will.qos << 3) | (will.retain ? 32 : 0) : 0) |
      (password === undefined ? 0 : 64) |
      (username === undefined ? 0 : 128),
  );
  writer.u16(packet.keepAlive);
  if (version === 5) writeProperties(writer, packet.properties, PacketType.connect);
  writer.string(packet.clientId);
  if (will) {
    if (version === 5) writeProperties(writer, will.properties, WILL);
    writer.string(will.topic);
    writer.binary(will.payload);
  }
  if (username !== undefined) writer.string(username);
  if (password !== undefined) writer.binary(password);
  return writer.finish(PacketType.connect << 4);
}

function encodeAcknowledgement(packet: AcknowledgementPacket, version: ProtocolVersion): Uint8Array {
  const type = PacketType[packet.type];
  const flags = packet.type === "pubrel" ? 2 : 0;
  writer.start();
  writer.u16(packet.packetId);
  if (version === 5 && (packet.reasonCode !== 0 || packet.properties !== undefined)) {
    writer.u8(packet.reasonCode);
    if (packet.properties !== undefined) writeProperties(writer, packet.properties, type);
  }
  return writer.finish((type << 4) | flags);
}

function encodeSubscribe(packet: SubscribePacket, version: ProtocolVersion): Uint8Array {
  writer.start();
  writer.u16(packet.packetId);
  if (version === 5) writeProperties(writer, packet.properties, PacketType.subscribe);
  for (const one of packet.subscriptions) {
    writer.string(one.filter);
    const options = (one.noLocal ? 4 : 0) | (one.retainAsPublished ? 8 : 0) | (one.retainHandling << 4);
    writer.u8(one.qos | (version === 5 ? options : 0));
  }
  return writer.finish((PacketType.subscribe << 4) | 2);
}

type Rest = Exclude<
  Packet,
  { type: "publish" | "connect" | "pingreq" | "pingresp" | "subscribe" } | AcknowledgementPacket
>;

function encodeRest(packet: Rest, version: ProtocolVersion): Uint8Array {
  const type = PacketType[packet.type];
  writer.start();
  switch (packet.type) {
    case "connack":
      writer.u8(packet.sessionPresent ? 1 : 0);
      writer.u8(packet.reasonCode);
      if (version === 5) writeProperties(writer, packet.properties, type);
      return writer.finish(type << 4);
    case "suback":
    case "unsuback":
      writer.u16(packet.packetId);
      if (version === 5) writeProperties(writer, packet.properties, type);
      if (version === 5 || packet.type === "suback") for (const code of packet.reasonCodes) writer.u8(code);
      return writer.finish(type << 4);
    case "unsubscribe":
      writer.u16(packet.packetId);
      if (version === 5) writeProperties(writer, packet.properties, type);
      for (const filter of packet.filters) writer.string(filter);
      return writer.finish((type << 4) | 2);
    case "disconnect":
    case "auth":
      if (version === 5 && (packet.reasonCode !== 0 || packet.properties !== undefined)) {
        writer.u8(packet.reasonCode);
        if (packet.properties !== undefined) writeProperties(writer, packet.properties, type);
      }
      return writer.finish(type << 4);
  }
}
