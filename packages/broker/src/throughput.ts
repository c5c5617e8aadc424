import type { Clock } from "@hearth/base";

/** A bucket of bytes, one second's worth deep, that may be overdrawn: who has overdrawn it waits. */
export class Throughput {
  readonly #clock: Clock;
  readonly #perSecond: number;
  #bytes: number;
  #filledAt: number;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#bytes = perSecond;
    this.#filledAt = clock.now();
  }

  spend(bytes: number): void {
    this.#fill();
    this.#bytes -= bytes;
  }

  /** Milliseconds until nothing is overdrawn. */
  get wait(): number {
    this.#fill();
    return this.#bytes >= 0 ? 0 : Math.ceil((-this.#bytes * 1000) / this.#perSecond);
  }

  #fill(): void {
    const now = this.#clock.now();
    this.#bytes = Math.min(this.#perSecond, this.#bytes + ((now - this.#filledAt) * this.#perSecond) / 1000);
    this.#filledAt = now;
  }
}
