import type { FanOut } from "./fan-out.ts";
import type { Confirmation } from "./session-queue.ts";

/** A message of a shared subscription that its receiver has not acknowledged. */
export interface Orphan {
  /** The shared subscription's filter. */
  share: string;
  fan: FanOut;
}

/** A message that waits for PUBACK, PUBREC or PUBCOMP. */
export interface Sent {
  /** Position in the durable queue; 0 for what is in memory only. */
  seq: number;
  size: number;
  qos: 1 | 2;
  topic: string;
  /** Milliseconds since the epoch, where such messages are given up some time; else 0. */
  sentAt: number;
  /** PUBREC has come. */
  released: boolean;
  orphan: Orphan | undefined;
  confirmation: Confirmation | undefined;
}

/** Packet identifiers are 1 to 65,535. */
export const PACKET_IDS = 65_535;

/**
 * Messages of QoS 1 and 2 to a client whose handshakes are under way, by packet identifier, and the identifiers that are
 * taken: a stored message has its own from the start.
 */
export class OutboundExchanges {
  /** Made when first needed. */
  #sent: Map<number, Sent> | undefined;
  /** Identifiers of stored messages, sent or not. */
  #reserved: Set<number> | undefined;
  #last = 0;

  get size(): number {
    return this.#sent?.size ?? 0;
  }

  find(packetId: number): Sent | undefined {
    return this.#sent?.get(packetId);
  }

  /** With their packet identifiers, in the order in which they were sent. */
  entries(): Iterable<[packetId: number, sent: Sent]> {
    return this.#sent?.entries() ?? [];
  }

  all(): Iterable<Sent> {
    return this.#sent?.values() ?? [];
  }

  begin(packetId: number, sent: Sent): void {
    this.#sent ??= new Map();
    this.#sent.set(packetId, sent);
  }

  end(packetId: number): void {
    this.#sent?.delete(packetId);
  }

  /** The connection is gone, and what was sent with it. Identifiers of stored messages stay taken. */
  clear(): void {
    this.#sent = undefined;
  }

  /** An identifier that is free. */
  next(): number {
    do this.#last = (this.#last % PACKET_IDS) + 1;
    while (this.#sent?.has(this.#last) || this.#reserved?.has(this.#last));
    return this.#last;
  }

  /** An identifier for a message that is stored: taken until `release`, whatever becomes of connections. */
  reserve(): number {
    const packetId = this.next();
    this.#reserved ??= new Set();
    this.#reserved.add(packetId);
    return packetId;
  }

  /** Takes the identifier that a stored message had before the server started. */
  restore(packetId: number): void {
    this.#reserved ??= new Set();
    this.#reserved.add(packetId);
    this.#last = packetId;
  }

  /** The stored message that had reserved the identifier is gone. */
  release(packetId: number): void {
    this.#reserved?.delete(packetId);
  }
}
