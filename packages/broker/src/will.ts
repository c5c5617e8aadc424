import type { Message, MessageProperties, Publisher } from "@hearth/iot";
import type { ConnectPacket } from "@hearth/mqtt";
import type { BrokerLimits } from "./limits.ts";
import { withinExpiry } from "./message-rules.ts";
import { propertiesFromText, propertiesToText } from "./stored-message.ts";

/** What is published in a client's name when its connection ends without a proper DISCONNECT. */
export interface Will {
  message: Message;
  /** Seconds between the end of the connection and the publication. */
  delay: number;
  publisher: Publisher;
}

/** The will of a CONNECT, its payload taken out of the read buffer, its expiry as it is granted. */
export function willOf(
  packet: ConnectPacket,
  publisher: Publisher,
  limits: Pick<BrokerLimits, "messageExpiryMinimum" | "messageExpiryMaximum">,
): Will | undefined {
  const { will } = packet;
  if (will === undefined) return undefined;
  const { willDelayInterval, ...rest } = will.properties ?? {};
  const properties = withinExpiry(rest as MessageProperties, limits);
  const message: Message = {
    accountId: publisher.accountId,
    topic: will.topic,
    payload: will.payload.slice(),
    qos: will.qos,
    retain: will.retain,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
  };
  return { message, delay: willDelayInterval ?? 0, publisher };
}

export function willToText({ message, delay, publisher }: Will): string {
  return JSON.stringify({
    topic: message.topic,
    payload: Buffer.from(message.payload).toString("base64"),
    qos: message.qos,
    retain: message.retain,
    properties: propertiesToText(message.properties),
    delay,
    publisher,
  });
}

export function willFromText(text: string): Will {
  const stored = JSON.parse(text) as {
    topic: string;
    payload: string;
    qos: 0 | 1 | 2;
    retain: boolean;
    properties: string | null;
    delay: number;
    publisher: Publisher;
  };
  return {
    message: {
      accountId: stored.publisher.accountId,
      topic: stored.topic,
      payload: Buffer.from(stored.payload, "base64"),
      qos: stored.qos,
      retain: stored.retain,
      properties: propertiesFromText(stored.properties),
    },
    delay: stored.delay,
    publisher: stored.publisher,
  };
}
