import type { IClientOptions } from "mqtt";

type MessageIdProvider = NonNullable<IClientOptions["messageIdProvider"]>;

/**
 * Packet identifiers that outlive a connection, so that what is re-sent after a reconnect carries the identifier it
 * had before [MQTT-4.4.0-1]. MQTT.js asks this object for every identifier it needs.
 */
export class PacketIds implements MessageIdProvider {
  #taken = new Set<number>();
  #last = 0;
  #wanted: number | undefined;

  /** Calls `publish`, whose first identifier will be `id`. */
  reuse(id: number, publish: () => void): void {
    this.#wanted = id;
    try {
      publish();
    } finally {
      this.#wanted = undefined;
    }
  }

  /** After a loss: only what will be re-sent keeps its identifier. */
  retain(ids: Iterable<number>): void {
    this.#taken = new Set(ids);
  }

  allocate(): number {
    if (this.#wanted !== undefined) {
      this.#last = this.#wanted;
      this.#wanted = undefined;
      return this.#last;
    }
    // The agent's window is far below 65,535, so there is always a free one.
    do {
      this.#last = (this.#last % 65_535) + 1;
    } while (this.#taken.has(this.#last));
    this.#taken.add(this.#last);
    return this.#last;
  }

  getLastAllocated(): number {
    return this.#last;
  }

  register(id: number): boolean {
    this.#taken.add(id);
    return true;
  }

  deallocate(id: number): void {
    this.#taken.delete(id);
  }

  /** MQTT.js calls this at every CONNACK; the identifiers of unacknowledged messages must survive it. */
  clear(): void {}
}
