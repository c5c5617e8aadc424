import type { Clock } from "@hearth/base";
import type { Message } from "@hearth/iot";
import { encodePublish, type Properties, type ProtocolVersion, type PublishFrame, type Qos } from "@hearth/mqtt";
import { messageSize } from "./message-rules.ts";
import type { AliasUse } from "./outbound-aliases.ts";

/**
 * One message on its way to many receivers: encoded at most once for each version, QoS and RETAIN flag, its payload
 * taken out of the publisher's read buffer at most once.
 */
export class FanOut {
  readonly message: Message;
  /** Milliseconds since the epoch at which the message expires; infinite when it does not. */
  readonly expiresAt: number;
  #frames: (PublishFrame | undefined)[] = [];
  #payload: Uint8Array | undefined;
  #size = 0;

  constructor(message: Message, expiresAt: number) {
    this.message = message;
    this.expiresAt = expiresAt;
  }

  static of(message: Message, clock: Clock): FanOut {
    const seconds = message.properties?.messageExpiryInterval;
    return new FanOut(message, seconds === undefined ? Number.POSITIVE_INFINITY : clock.now() + seconds * 1000);
  }

  /** Bytes that the message takes in a queue, about. */
  get size(): number {
    if (this.#size === 0) this.#size = messageSize(this.message) + 64;
    return this.#size;
  }

  /** The frame with the expiry interval that the publisher gave. Not to be kept: see `encode`. */
  frame(version: ProtocolVersion, qos: Qos, retain: boolean): PublishFrame {
    const index = (version === 5 ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
    let frame = this.#frames[index];
    if (frame === undefined) {
      frame = this.#encode(version, qos, retain, this.message.properties);
      this.#frames[index] = frame;
    }
    return frame;
  }

  /** To be called before the message is kept longer than this turn. */
  detach(): this {
    if (this.#payload === undefined) {
      const { payload } = this.message;
      // A view is one of the publisher's read buffer.
      this.#payload = payload.byteLength < payload.buffer.byteLength ? payload.slice() : payload;
    }
    // Frames are views of slabs, which must not be kept either.
    this.#frames = [];
    return this;
  }

  /** A frame for one receiver: with its identifiers and topic alias, and the seconds that are `left` of its lifetime. */
  encodeFor(
    version: ProtocolVersion,
    qos: Qos,
    retain: boolean,
    identifiers: readonly number[] | undefined,
    alias: AliasUse | undefined,
    left: number | undefined,
  ): PublishFrame {
    if (version === 4) return this.#encode(version, qos, retain, undefined);
    const properties: Properties = { ...this.message.properties };
    if (identifiers !== undefined) properties.subscriptionIdentifiers = identifiers;
    if (left !== undefined) properties.messageExpiryInterval = left;
    if (alias !== undefined) properties.topicAlias = alias.alias;
    return this.#encode(version, qos, retain, properties, alias?.known ? "" : this.message.topic);
  }

  #encode(
    version: ProtocolVersion,
    qos: Qos,
    retain: boolean,
    properties: Properties | undefined,
    topic = this.message.topic,
  ): PublishFrame {
    const payload = this.#payload ?? this.message.payload;
    return encodePublish({ topic, payload, qos, retain, dup: false, packetId: 0, properties }, version);
  }

  /** What is stored or queued: the message with a payload of its own. */
  get detached(): Message {
    this.detach();
    const { accountId, topic, qos, retain, properties, neverLate } = this.message;
    return { accountId, topic, payload: this.#payload!, qos, retain, properties, neverLate };
  }
}
