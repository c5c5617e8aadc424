import type { Clock } from "@hearth/base";
import { Rate } from "./rate.ts";

/** A bucket's depth in milliseconds: one that has not been used for so long is full, and as good as a new one. */
const DEPTH = 1000;

/** A rate for each of many names, remembered only while it matters: two generations of about a second each. */
export class KeyedRate {
  readonly #clock: Clock;
  readonly #perSecond: number;
  #young = new Map<string, Rate>();
  #old = new Map<string, Rate>();
  #youngSince: number;

  /** `perSecond` is at least 1. */
  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#youngSince = clock.now();
  }

  /** False when this second has none left for `key`. */
  spend(key: string): boolean {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return true;
    this.#age();
    let rate = this.#young.get(key);
    if (rate === undefined) {
      rate = this.#old.get(key) ?? new Rate(this.#clock, this.#perSecond);
      this.#young.set(key, rate);
    }
    return rate.spend();
  }

  /** Names that are remembered. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  #age(): void {
    const now = this.#clock.now();
    const age = now - this.#youngSince;
    if (age < DEPTH) return;
    this.#old = age < 2 * DEPTH ? this.#young : new Map();
    this.#young = new Map();
    this.#youngSince = now;
  }
}
