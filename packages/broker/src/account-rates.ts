import type { Clock } from "@hearth/base";
import { KeyedRate } from "./keyed-rate.ts";
import type { BrokerLimits, LimitName } from "./limits.ts";
import { Rate } from "./rate.ts";

/** What all clients of one account may do in a second (reference 1.5). */
export class AccountRates {
  readonly subscriptions: Rate;
  readonly inbound: Rate;
  readonly outbound: Rate;
  /** Messages for clients that are away. */
  readonly queued: Rate;
  readonly #connects: Rate;
  readonly #connectsOfClient: KeyedRate;
  readonly #retained: Rate;
  readonly #retainedOnTopic: KeyedRate;

  constructor(clock: Clock, limits: BrokerLimits) {
    this.subscriptions = new Rate(clock, limits.subscriptionsPerSecond);
    this.inbound = new Rate(clock, limits.inboundPerSecond);
    this.outbound = new Rate(clock, limits.outboundPerSecond);
    this.queued = new Rate(clock, limits.queuedPerSecond);
    this.#connects = new Rate(clock, limits.connectsPerSecond);
    this.#connectsOfClient = new KeyedRate(clock, limits.connectsPerSecondPerClient);
    this.#retained = new Rate(clock, limits.retainedPerSecond);
    this.#retainedOnTopic = new KeyedRate(clock, limits.retainedPerSecondPerTopic);
  }

  /** Takes a CONNECT of this client; the limit that it is beyond, or undefined. */
  connect(clientId: string): LimitName | undefined {
    if (!this.#connectsOfClient.spend(clientId)) return "connectsPerSecondPerClient";
    return this.#connects.spend() ? undefined : "connectsPerSecond";
  }

  /** Takes a retained message on this topic; the limit that it is beyond, or undefined. */
  retain(topic: string): LimitName | undefined {
    if (!this.#retainedOnTopic.spend(topic)) return "retainedPerSecondPerTopic";
    return this.#retained.spend() ? undefined : "retainedPerSecond";
  }
}

/** The rates of every account that has been seen. */
export class Rates {
  readonly #clock: Clock;
  readonly #limits: BrokerLimits;
  readonly #accounts = new Map<string, AccountRates>();

  constructor(clock: Clock, limits: BrokerLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  of(accountId: string): AccountRates {
    let rates = this.#accounts.get(accountId);
    if (rates === undefined) {
      rates = new AccountRates(this.#clock, this.#limits);
      this.#accounts.set(accountId, rates);
    }
    return rates;
  }
}
