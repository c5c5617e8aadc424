export { encode, encodePublish, type PublishFrame, withPacketId } from "./encode.ts";
export type {
  AcknowledgementPacket,
  AuthPacket,
  ConnackPacket,
  ConnectPacket,
  DisconnectPacket,
  Packet,
  PingPacket,
  ProtocolVersion,
  PublishPacket,
  Qos,
  SubackPacket,
  SubscribePacket,
  SubscriptionRequest,
  UnsubackPacket,
  UnsubscribePacket,
  Will,
} from "./packets.ts";
export { Parser, type ParserOptions } from "./parser.ts";
export type { Properties } from "./properties.ts";
export { MqttError, Reason, ReturnCode } from "./reason.ts";
