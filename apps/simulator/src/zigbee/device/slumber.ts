import type { Clock } from "@hearth/base";

/** A sleepy device asks its parent for frames this often. */
export const POLL_INTERVAL = 5_000;
/** It goes on listening this long after it was woken or let in, and after each frame. */
const AWAKE_AFTER_WAKING = 10_000;
const AWAKE_AFTER_FRAME = 1_000;

interface Held {
  deliver: () => void;
  cancelExpiry: () => void;
}

/** Whether a device listens now, and what its parent keeps for it while it does not. */
export class Slumber {
  readonly #clock: Clock;
  readonly #sleepy: boolean;
  #awakeUntil = 0;
  /** Put to sleep: it does not even ask its parent. */
  #deep = false;
  #held: Held[] = [];
  #cancelPoll = () => {};

  constructor(clock: Clock, sleepy: boolean) {
    this.#clock = clock;
    this.#sleepy = sleepy;
  }

  /** Delivers now, or when it next asks; expires where it does not ask within `timeout` milliseconds. */
  hold(timeout: number, deliver: () => void, expire: () => void): void {
    if (!this.#sleepy || this.#isAwake()) {
      deliver();
      return;
    }
    const cancelExpiry = this.#clock.after(timeout, () => {
      this.#held = this.#held.filter((other) => other !== held);
      expire();
    });
    const held = { deliver, cancelExpiry };
    this.#held.push(held);
    if (this.#deep || this.#held.length > 1) return;
    const sincePoll = Math.max(0, this.#clock.now() - this.#awakeUntil) % POLL_INTERVAL;
    this.#cancelPoll = this.#clock.after(POLL_INTERVAL - sincePoll, () => this.#poll());
  }

  /** @throws RangeError for a device that has no sleep */
  sleep(): void {
    if (!this.#sleepy) throw new RangeError("only a device that was made sleepy sleeps");
    this.#deep = true;
    this.#awakeUntil = this.#clock.now();
    this.#cancelPoll();
  }

  wake(): void {
    this.#deep = false;
    this.#awakeUntil = this.#clock.now() + AWAKE_AFTER_WAKING;
    this.#poll();
  }

  /** It has spoken or was spoken to: it asks once, and listens on for a moment unless it was put to sleep. */
  stir(): void {
    if (!this.#sleepy) return;
    if (!this.#deep) this.#awakeUntil = Math.max(this.#awakeUntil, this.#clock.now() + AWAKE_AFTER_FRAME);
    this.#poll();
  }

  stop(): void {
    this.#cancelPoll();
    for (const held of this.#held) held.cancelExpiry();
    this.#held = [];
  }

  #isAwake(): boolean {
    return !this.#deep && this.#clock.now() < this.#awakeUntil;
  }

  #poll(): void {
    this.#cancelPoll();
    const held = this.#held;
    this.#held = [];
    for (const { deliver, cancelExpiry } of held) {
      cancelExpiry();
      deliver();
    }
  }
}
