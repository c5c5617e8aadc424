import type { Message } from "./message.ts";

/**
 * A message of the platform whose payload is made when somebody first looks at it: most shadow documents have no
 * subscriber, and serialising them would be the larger part of an update's cost. QoS 1, so that a subscriber's own
 * QoS decides.
 */
export function lazyMessage(accountId: string, topic: string, text: () => string): Message {
  let payload: Uint8Array | undefined;
  return {
    accountId,
    topic,
    qos: 1,
    retain: false,
    get payload() {
      payload ??= Buffer.from(text());
      return payload;
    },
  };
}

/** A message that holds `value` as JSON. */
export const jsonMessage = (accountId: string, topic: string, value: unknown): Message =>
  lazyMessage(accountId, topic, () => JSON.stringify(value));
