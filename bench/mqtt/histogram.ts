const MICROS = 10;
const BUCKETS = 1_000_000;

/** Latencies in buckets of 10 µs up to 10 s, so that a million a second cost next to nothing. */
export class Histogram {
  readonly #buckets = new Uint32Array(BUCKETS);
  #count = 0;

  add(milliseconds: number): void {
    this.#buckets[Math.min(BUCKETS - 1, Math.max(0, Math.floor((milliseconds * 1000) / MICROS)))]! += 1;
    this.#count += 1;
  }

  /** Milliseconds below which the share `q` lies; NaN when there are none. */
  quantile(q: number): number {
    if (this.#count === 0) return Number.NaN;
    let left = q * this.#count;
    let bucket = 0;
    while (bucket < BUCKETS - 1 && left > this.#buckets[bucket]!) left -= this.#buckets[bucket++]!;
    return ((bucket + 1) * MICROS) / 1000;
  }
}
