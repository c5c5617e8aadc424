import type { Clock } from "@hearth/base";

export interface BackOff {
  /** Milliseconds before the second attempt (default 1 s); doubles with every further one … */
  first: number;
  /** … up to this (default 5 minutes). */
  cap: number;
  /** Uniform in [0, 1). */
  random: () => number;
}

export const standardBackOff: BackOff = { first: 1000, cap: 300_000, random: Math.random };

/** Milliseconds to wait after `failures` (1 or more) failures: half of it fixed, half random, so that many spread. */
export function backOffDelay(failures: number, { first, cap, random }: BackOff): number {
  const full = Math.min(cap, first * 2 ** Math.min(failures - 1, 40));
  return Math.round(full * (0.5 + random() / 2));
}

/** Waits that a stop can cut short. */
export class Pauses {
  readonly #clock: Clock;
  readonly #waking = new Set<() => void>();
  #ended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended) return resolve();
      const cancel = this.#clock.after(milliseconds, () => wake());
      const wake = () => {
        cancel();
        this.#waking.delete(wake);
        resolve();
      };
      this.#waking.add(wake);
    });
  }

  /** Ends every wait, now and later ones at once. */
  end(): void {
    this.#ended = true;
    for (const wake of this.#waking) wake();
  }
}
