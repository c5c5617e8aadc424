import type { Clock } from "@hearth/base";

/**
 * Notices that a client has been silent for one and a half times its keep-alive [MQTT-3.1.2-24]. Packets only stamp the
 * time; the one timer looks at the stamp when it fires.
 */
export class KeepAlive {
  #cancel: (() => void) | undefined;
  #lastPacket = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  heard(): void {
    // Without a keep-alive nobody asks.
    if (this.#cancel !== undefined) this.#lastPacket = this.#clock.now();
  }

  /** `seconds` 0 switches it off. */
  start(seconds: number, lost: () => void): void {
    this.stop();
    if (seconds === 0) return;
    const allowed = seconds * 1500;
    const look = () => {
      const left = this.#lastPacket + allowed - this.#clock.now();
      if (left <= 0) lost();
      else this.#cancel = this.#clock.after(left, look);
    };
    this.#lastPacket = this.#clock.now();
    this.#cancel = this.#clock.after(allowed, look);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
