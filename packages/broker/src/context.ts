import type { Bus } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type { Router } from "@hearth/iot";
import type { Rates } from "./account-rates.ts";
import type { ConnectionLog } from "./connection-log.ts";
import type { NoteDrop } from "./connection-words.ts";
import type { Connections } from "./connections.ts";
import type { SendDirect } from "./direct-messages.ts";
import type { LimitReached } from "./limit-reports.ts";
import type { BrokerLimits } from "./limits.ts";
import type { BrokerMetrics } from "./metrics.ts";
import type { PastConnections } from "./past-connections.ts";
import type { Presence } from "./presence.ts";
import type { Retained } from "./retained.ts";
import type { SessionOwnership } from "./session-owner.ts";
import type { SessionStore } from "./session-store.ts";
import type { Sessions } from "./sessions.ts";
import type { Flusher } from "./write-queue.ts";

/** What all connections of a broker share. */
export interface BrokerContext {
  bus: Bus;
  clock: Clock;
  log: Logger;
  router: Router;
  limits: BrokerLimits;
  limitReached: LimitReached;
  rates: Rates;
  metrics: BrokerMetrics;
  store: SessionStore;
  sessions: Sessions;
  retained: Retained;
  presence: Presence;
  connectionLog: ConnectionLog;
  noteDrop: NoteDrop;
  connections: Connections;
  ownership: SessionOwnership;
  sendDirect: SendDirect;
  past: PastConnections;
  flusher: Flusher;
}
