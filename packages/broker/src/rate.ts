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

  /** Undefined where the rate has no bound, which costs nothing then. */
  static of(clock: Clock, perSecond: number): Rate | undefined {
    return perSecond === Number.POSITIVE_INFINITY ? undefined : new Rate(clock, perSecond);
  }

  /** False when this second has none left. */
  spend(): boolean {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return true;
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until there is one to spend. */
  get wait(): number {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return 0;
    this.#fill();
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond);
  }

  #fill(): void {
    const now = this.#clock.now();
    const gained = ((now - this.#filledAt) * this.#perSecond) / 1000;
    this.#filledAt = now;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + gained);
  }
}
