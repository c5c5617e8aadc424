/** One message on its way out. */
export interface Publication {
  topic: string;
  payload: Buffer;
  qos: 0 | 1;
  /** Set once sent at QoS 1; sending again repeats it [MQTT-4.4.0-1]. */
  packetId?: number;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Messages that wait and messages that are sent but not acknowledged. A lost connection puts the second before the
 * first again, so that they leave in the order in which they came, each time [MQTT-4.6.0-1].
 */
export class PublicationQueue {
  readonly #limit: number;
  #waiting: Publication[] = [];
  readonly #inFlight = new Set<Publication>();

  /** `limit` counts both kinds. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#waiting.length + this.#inFlight.size;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** False when the queue is full. */
  add(publication: Publication): boolean {
    if (this.size >= this.#limit) return false;
    this.#waiting.push(publication);
    return true;
  }

  /** The next message to send, unless `window` are unacknowledged. */
  next(window: number): Publication | undefined {
    return this.#inFlight.size < window ? this.#waiting.shift() : undefined;
  }

  sent(publication: Publication): void {
    this.#inFlight.add(publication);
  }

  /** False when it was not in flight, for instance because its connection is gone. */
  finished(publication: Publication): boolean {
    return this.#inFlight.delete(publication);
  }

  /** The connection is gone. Returns the packet identifiers that stay taken. */
  rewind(): number[] {
    this.#waiting = [...this.#inFlight, ...this.#waiting];
    this.#inFlight.clear();
    return this.#waiting.flatMap(({ packetId }) => packetId ?? []);
  }

  /** Empties the queue and returns what was in it. */
  clear(): Publication[] {
    const all = [...this.#inFlight, ...this.#waiting];
    this.#waiting = [];
    this.#inFlight.clear();
    return all;
  }
}
