import type { Properties } from "./properties.ts";

/** 4 is MQTT 3.1.1, 5 is MQTT 5: the protocol level on the wire. */
export type ProtocolVersion = 4 | 5;
export type Qos = 0 | 1 | 2;

/** Numbers of the packet types (section 2.1.2). */
export const PacketType = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const;

/** `properties` is present on MQTT 5 packets that carry at least one. */
export interface Will {
  topic: string;
  payload: Uint8Array;
  qos: Qos;
  retain: boolean;
  properties?: Properties;
}

export interface ConnectPacket {
  type: "connect";
  version: ProtocolVersion;
  /** Clean Session of 3.1.1, Clean Start of 5. */
  clean: boolean;
  /** Seconds; 0 is off. */
  keepAlive: number;
  clientId: string;
  will?: Will;
  username?: string;
  password?: Uint8Array;
  properties?: Properties;
}

export interface ConnackPacket {
  type: "connack";
  sessionPresent: boolean;
  /** A reason code of MQTT 5 or a return code of 3.1.1. */
  reasonCode: number;
  properties?: Properties;
}

export interface PublishPacket {
  type: "publish";
  topic: string;
  /** A view into the received chunk: copy it if it is to be kept. */
  payload: Uint8Array;
  qos: Qos;
  retain: boolean;
  dup: boolean;
  /** 0 for QoS 0. */
  packetId: number;
  properties?: Properties;
}

export interface AcknowledgementPacket {
  type: "puback" | "pubrec" | "pubrel" | "pubcomp";
  packetId: number;
  /** Always 0 in 3.1.1. */
  reasonCode: number;
  properties?: Properties;
}

export interface SubscriptionRequest {
  filter: string;
  qos: Qos;
  noLocal: boolean;
  retainAsPublished: boolean;
  /** 0 send retained messages, 1 only if the subscription is new, 2 never. */
  retainHandling: 0 | 1 | 2;
}

export interface SubscribePacket {
  type: "subscribe";
  packetId: number;
  subscriptions: readonly SubscriptionRequest[];
  properties?: Properties;
}

export interface SubackPacket {
  type: "suback";
  packetId: number;
  reasonCodes: readonly number[];
  properties?: Properties;
}

export interface UnsubscribePacket {
  type: "unsubscribe";
  packetId: number;
  filters: readonly string[];
  properties?: Properties;
}

export interface UnsubackPacket {
  type: "unsuback";
  packetId: number;
  /** Empty in 3.1.1. */
  reasonCodes: readonly number[];
  properties?: Properties;
}

export interface PingPacket {
  type: "pingreq" | "pingresp";
}

export interface DisconnectPacket {
  type: "disconnect";
  reasonCode: number;
  properties?: Properties;
}

/** MQTT 5 only. */
export interface AuthPacket {
  type: "auth";
  reasonCode: number;
  properties?: Properties;
}

export type Packet =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AcknowledgementPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | UnsubackPacket
  | PingPacket
  | DisconnectPacket
  | AuthPacket;
