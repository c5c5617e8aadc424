import type { PublishPacket, Qos } from "@hearth/mqtt";
import type { MqttPeer } from "./mqtt-peer.ts";

/** One publisher's messages on one topic, numbered from 1. */
export interface Stream {
  topic: string;
  qos: 1 | 2;
  retain: boolean;
  sent: number;
  /** The highest number that PUBACK or PUBREC has come for. */
  acknowledged: number;
  /** How often a number was published again because no acknowledgement had come. */
  again: Map<number, number>;
}

export interface Counts {
  acknowledged: Record<1 | 2, number>;
  delivered: Record<1 | 2, number>;
  /** Deliveries of a QoS 1 message that had been delivered before, for a reason that the standard allows. */
  redelivered: { byServer: number; byPublisher: number };
}

export const newCounts = (): Counts => ({
  acknowledged: { 1: 0, 2: 0 },
  delivered: { 1: 0, 2: 0 },
  redelivered: { byServer: 0, byPublisher: 0 },
});

/** What one persistent subscriber has had of one stream. */
interface Had {
  /** All numbers up to this one have been delivered. */
  last: number;
  /** Of recent deliveries: by number, the packet identifiers and the connection that each was last used in. */
  recent: Map<number, Map<number, number>>;
}

/**
 * Judges every delivery to one subscriber: no gap and no change of order in a stream (so nothing that was acknowledged
 * is lost, and nothing overtakes), nothing twice at QoS 2, and at QoS 1 only what was not acknowledged: by this
 * subscriber in its last connection (same identifier, DUP), or to the publisher, who then sent it again.
 */
export class Received {
  readonly #streams: ReadonlyMap<string, Stream>;
  readonly #counts: Counts;
  readonly #granted: Qos;
  readonly #had = new Map<string, Had>();
  readonly #problem: (problem: string) => void;

  constructor(streams: ReadonlyMap<string, Stream>, counts: Counts, granted: Qos, problem: (problem: string) => void) {
    this.#streams = streams;
    this.#counts = counts;
    this.#granted = granted;
    this.#problem = problem;
  }

  take(packet: PublishPacket, again: boolean, { connection }: Pick<MqttPeer, "connection">): void {
    const stream = this.#streams.get(packet.topic);
    const number = Number(Buffer.from(packet.payload).toString());
    const what = `${packet.topic} ${number} (id ${packet.packetId}${packet.dup ? ", DUP" : ""})`;
    if (stream === undefined || packet.qos !== Math.min(stream.qos, this.#granted)) {
      this.#problem(`unexpected: ${what} at QoS ${packet.qos}`);
      return;
    }
    const had = this.#of(packet.topic);
    if (again && !packet.dup) this.#problem(`repeated without DUP: ${what}`);
    if (number === had.last + 1 && !again) {
      had.last = number;
      had.recent.set(number, new Map([[packet.packetId, connection]]));
      this.#counts.delivered[packet.qos === 2 ? 2 : 1] += 1;
    } else if (number > had.last) {
      this.#problem(`after ${had.last} came ${what}: lost or out of order`);
      had.last = number;
    } else if (packet.qos === 2) {
      // The same handshake goes on: the receiver drops it.
      if (!again) this.#problem(`twice at QoS 2: ${what}`);
    } else this.#repeated(stream, had, packet, number, connection, what);
  }

  #repeated(stream: Stream, had: Had, packet: PublishPacket, number: number, connection: number, what: string): void {
    const used = had.recent.get(number) ?? new Map<number, number>();
    const before = used.get(packet.packetId);
    if (before !== undefined) {
      if (!packet.dup) this.#problem(`redelivered without DUP: ${what}`);
      if (before !== connection - 1) this.#problem(`redelivered from connection ${before} in ${connection}: ${what}`);
      this.#counts.redelivered.byServer += 1;
    } else {
      const copies = stream.qos === 1 ? 1 + (stream.again.get(number) ?? 0) : 1;
      if (used.size + 1 > copies) this.#problem(`twice without a reason: ${what}`);
      this.#counts.redelivered.byPublisher += 1;
    }
    used.set(packet.packetId, connection);
    had.recent.set(number, used);
  }

  /** What of a connection before the last one was delivered must not come again. */
  forgetBefore(connection: number): void {
    for (const { recent } of this.#had.values()) {
      for (const [number, used] of recent) {
        for (const [id, last] of used) if (last < connection) used.delete(id);
        if (used.size === 0) recent.delete(number);
      }
    }
  }

  /** What was sent and has not come. */
  missing(): string[] {
    return [...this.#streams.values()]
      .filter(({ topic, sent }) => this.#of(topic).last < sent)
      .map(({ topic, sent, acknowledged }) => {
        const { last } = this.#of(topic);
        return `${topic}: delivered to ${last}, acknowledged to ${acknowledged}, sent to ${sent}`;
      });
  }

  #of(topic: string): Had {
    let had = this.#had.get(topic);
    if (had === undefined) {
      had = { last: 0, recent: new Map() };
      this.#had.set(topic, had);
    }
    return had;
  }
}
