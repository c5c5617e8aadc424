import type { Clock } from "@hearth/base";

/** A bucket of tokens, one second's worth deep. */
export class Rate {
  readonly #clock: Clock;
  readonly #perSecond: number;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAt = clock.now();
  }

  /** False when this second has none left. */
  spend(): boolean {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return true;
    const now = this.#clock.now();
    const gained = ((now - this.#filledAt) * this.#perSecond) / 1000;
    this.#filledAt = now;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + gained);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
