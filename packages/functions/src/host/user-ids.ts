/** User and group ids that belong to functions alone, from `first` to `last`. */
export interface IdRange {
  first: number;
  last: number;
}

/** Hands out ids that nobody else has. The one given back longest ago comes first. */
export class UserIds {
  readonly #free: number[] = [];
  #next: number;
  readonly #last: number;

  constructor({ first, last }: IdRange) {
    this.#next = first;
    this.#last = last;
  }

  /** Undefined when all are taken. */
  take(): number | undefined {
    if (this.#next <= this.#last) return this.#next++;
    return this.#free.shift();
  }

  giveBack(id: number): void {
    this.#free.push(id);
  }
}
