import type { FanOut } from "./fan-out.ts";
import type { BrokerLimits, LimitName } from "./limits.ts";

/** Somebody who waits for the client's acknowledgement of one message. */
export interface Confirmation {
  /** Nobody waits any longer: what was not sent yet is not sent any more. */
  readonly over: boolean;
  settle(acknowledged: boolean): void;
}

/** A message of QoS 1 or 2 that waits for its turn to be sent to a session's client. */
export interface Entry {
  fan: FanOut;
  qos: 1 | 2;
  /** RETAIN flag of the delivery. */
  retain: boolean;
  identifiers: readonly number[] | undefined;
  /** The shared subscription that it came through. */
  share?: string;
  /** Position in the durable queue; 0 for what is held in memory only. */
  seq: number;
  size: number;
  /** False while the commit that makes it durable is under way. */
  ready: boolean;
  /** A stored message has its identifier from the start and keeps it for every attempt [MQTT-4.4.0-1]; 0: none yet. */
  packetId: number;
  /** It may have been sent in an earlier connection. */
  again: boolean;
  /** The client has it (PUBREC): what is left to send is PUBREL. */
  released: boolean;
  confirmation?: Confirmation;
}

/** A queue whose head can be taken without moving the rest. */
export class SessionQueue {
  #entries: (Entry | undefined)[] = [];
  #head = 0;
  bytes = 0;

  get length(): number {
    return this.#entries.length - this.#head;
  }

  /** The limit that keeps a message of `size` bytes out; undefined when there is room. */
  fullFor(size: number, limits: Pick<BrokerLimits, "queuedMessages" | "queuedBytes">): LimitName | undefined {
    if (this.length >= limits.queuedMessages) return "queuedMessages";
    return this.bytes + size > limits.queuedBytes ? "queuedBytes" : undefined;
  }

  peek(): Entry | undefined {
    return this.#entries[this.#head];
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    this.bytes += entry.size;
  }

  shift(): void {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return;
    this.bytes -= entry.size;
    this.#entries[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > 64 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Puts what was stored earlier in front. */
  prepend(entries: readonly Entry[]): void {
    this.#entries = [...entries, ...this.#entries.slice(this.#head)];
    this.#head = 0;
    for (const entry of entries) this.bytes += entry.size;
  }

  remove(entry: Entry): void {
    const index = this.#entries.indexOf(entry, this.#head);
    if (index < 0) return;
    this.#entries.splice(index, 1);
    this.bytes -= entry.size;
  }

  entries(): Entry[] {
    return this.#entries.slice(this.#head) as Entry[];
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.bytes = 0;
  }
}
