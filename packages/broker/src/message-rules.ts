import type { Message, MessageProperties } from "@hearth/iot";
import { type BrokerLimits, type LimitName, messageExpiryFor } from "./limits.ts";

/** What a user property takes on the wire besides its name and value: an empty one takes room too. */
const PAIR = 5;

/** Bytes of names and values, an empty pair counted as what it takes on the wire. */
function pairsSize(userProperties: MessageProperties["userProperties"]): number {
  let size = 0;
  for (const [name, value] of userProperties ?? []) {
    size += Math.max(PAIR, Buffer.byteLength(name) + Buffer.byteLength(value));
  }
  return size;
}

/** Bytes of a message's payload, topic and properties. */
export function messageSize({ topic, payload, properties }: Pick<Message, "topic" | "payload" | "properties">): number {
  const size = payload.length + Buffer.byteLength(topic);
  if (properties === undefined) return size;
  const { userProperties, correlationData, responseTopic, contentType } = properties;
  const texts = Buffer.byteLength(responseTopic ?? "") + Buffer.byteLength(contentType ?? "");
  return size + pairsSize(userProperties) + (correlationData?.length ?? 0) + texts;
}

/** The limit that a publication's or a will's properties are beyond; undefined when they are within all. */
export function excessOf(
  { contentType, correlationData, userProperties }: MessageProperties,
  limits: Pick<BrokerLimits, "contentType" | "correlationData" | "userProperties">,
): LimitName | undefined {
  if (pairsSize(userProperties) > limits.userProperties) return "userProperties";
  if ((correlationData?.length ?? 0) > limits.correlationData) return "correlationData";
  return Buffer.byteLength(contentType ?? "") > limits.contentType ? "contentType" : undefined;
}

/** The properties with an expiry that is granted, where one is asked for. */
export function withinExpiry(
  properties: MessageProperties,
  limits: Pick<BrokerLimits, "messageExpiryMinimum" | "messageExpiryMaximum">,
): MessageProperties {
  const { messageExpiryInterval: asked } = properties;
  return asked === undefined ? properties : { ...properties, messageExpiryInterval: messageExpiryFor(asked, limits) };
}
