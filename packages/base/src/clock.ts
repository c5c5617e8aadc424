/** Source of time. Domain code never calls `Date.now` or `setTimeout` itself, so tests can move time by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some moment. Only goes forward, whatever is done to the clock on the wall: for deadlines. */
  monotonic(): number;
  /** Calls `run` once after `delay` milliseconds; the returned function cancels it. */
  after(delay: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delay, run) {
    // setTimeout wraps past 2^31-1 ms and would fire at once.
    const timer = setTimeout(run, Math.min(delay, 0x7fffffff));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that moves only when told to, for tests and simulations. */
export class FakeClock implements Clock {
  #now: number;
  /** How far the clock on the wall was set. */
  #set = 0;
  #waiting: { at: number; run: () => void }[] = [];

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now + this.#set;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Sets the clock on the wall: `now` is another, what is waited for falls due as before. */
  jump(milliseconds: number): void {
    this.#set += milliseconds;
  }

  after(delay: number, run: () => void): () => void {
    const entry = { at: this.#now + delay, run };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  /** Moves time forward by `milliseconds`, running what falls due in order. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const next = this.#waiting.filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}
