/** A generator of random numbers that a seed determines (mulberry32), so that a finding can be had again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Of stream `index` of the run `seed`: each stream can be made again without those before it. */
  static of(seed: number, index: number): Random {
    const random = new Random(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35));
    random.#next();
    return random;
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor((this.#next() / 0x1_0000_0000) * below);
  }

  /** True once in `often` times. */
  once(often: number): boolean {
    return this.int(often) === 0;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.int(values.length)]!;
  }
}
