import type { Clock } from "@hearth/base";
import type { OutboundExchanges, Sent } from "./outbound-exchanges.ts";

/** Gives up what a connected client does not acknowledge in time (reference 1.3: Retry): one timer, of the oldest. */
export class AcknowledgementDeadlines {
  readonly #clock: Clock;
  readonly #exchanges: OutboundExchanges;
  readonly #after: number;
  readonly #giveUp: (overdue: [packetId: number, sent: Sent][]) => void;
  #cancel: (() => void) | undefined;

  /** `after` in milliseconds. `giveUp` has to end these exchanges. */
  constructor(
    clock: Clock,
    exchanges: OutboundExchanges,
    after: number,
    giveUp: (overdue: [packetId: number, sent: Sent][]) => void,
  ) {
    this.#clock = clock;
    this.#exchanges = exchanges;
    this.#after = after;
    this.#giveUp = giveUp;
  }

  /** Something is about to be sent. The time now, for its `sentAt`. */
  begin(): number {
    this.#cancel ??= this.#clock.after(this.#after, () => this.#look());
    return this.#clock.now();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #look(): void {
    this.#cancel = undefined;
    const now = this.#clock.now();
    const overdue: [packetId: number, sent: Sent][] = [];
    for (const exchange of this.#exchanges.entries()) {
      const { released, sentAt } = exchange[1];
      // What waits for PUBCOMP the client has.
      if (released) continue;
      const left = sentAt + this.#after - now;
      if (left > 0) {
        this.#cancel = this.#clock.after(left, () => this.#look());
        break;
      }
      overdue.push(exchange);
    }
    this.#giveUp(overdue);
  }
}
