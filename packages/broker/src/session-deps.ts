import type { Clock, Logger } from "@hearth/base";
import type { Rates } from "./account-rates.ts";
import type { NoteDrop } from "./connection-words.ts";
import type { LimitReached } from "./limit-reports.ts";
import type { BrokerLimits } from "./limits.ts";
import type { BrokerMetrics } from "./metrics.ts";
import type { SessionStore } from "./session-store.ts";

/** What every session needs of the broker. */
export interface SessionDeps {
  store: SessionStore;
  limits: BrokerLimits;
  metrics: BrokerMetrics;
  clock: Clock;
  log: Pick<Logger, "error">;
  noteDrop: NoteDrop;
  limitReached: LimitReached;
  rates: Rates;
}

export interface SessionIdentity {
  accountId: string;
  region: string;
  clientId: string;
  sessionId?: string;
}
