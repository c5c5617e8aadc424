import type { FanOut } from "./fan-out.ts";

/** A QoS 1 message that waits for its turn to be sent to a session's client. */
export interface Entry {
  fan: FanOut;
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
  /** Set when the message was sent in an earlier connection: the same identifier again, with DUP [MQTT-4.4.0-1]. */
  packetId: number;
}

/** A queue whose head can be taken without moving the rest. */
export class SessionQueue {
  #entries: (Entry | undefined)[] = [];
  #head = 0;
  bytes = 0;

  get length(): number {
    return this.#entries.length - this.#head;
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
