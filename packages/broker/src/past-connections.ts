import type { Clock } from "@hearth/base";
import type { ConnectionDescription } from "@hearth/iot";

/** Milliseconds for which a connection that has ended is remembered (reference 1.4). */
const REMEMBERED = 30 * 60_000;
/** So many at most: a fleet that goes away at once must not fill the memory. */
const MOST_REMEMBERED = 50_000;

/** The last connections of clients that are away; those that have ended longest ago are forgotten first. */
export class PastConnections {
  readonly #clock: Clock;
  readonly #capacity: number;
  /** In the order of their ends. */
  readonly #ended = new Map<string, { at: number; description: ConnectionDescription }>();

  constructor(clock: Clock, capacity = MOST_REMEMBERED) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  remember(accountId: string, clientId: string, description: ConnectionDescription): void {
    const now = this.#clock.now();
    const key = `${accountId}/${clientId}`;
    this.#ended.delete(key);
    for (const [other, { at }] of this.#ended) {
      if (now - at < REMEMBERED && this.#ended.size < this.#capacity) break;
      this.#ended.delete(other);
    }
    this.#ended.set(key, { at: now, description });
  }

  find(accountId: string, clientId: string): ConnectionDescription | undefined {
    const ended = this.#ended.get(`${accountId}/${clientId}`);
    return ended !== undefined && this.#clock.now() - ended.at < REMEMBERED ? ended.description : undefined;
  }
}
