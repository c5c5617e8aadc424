import type { Clock, Logger } from "@hearth/base";
import type { LimitName } from "./limits.ts";
import type { BrokerMetrics } from "./metrics.ts";

/**
 * Notes that somebody has come up against a limit: counted always, logged once a second for each limit, so that whoever
 * keeps running into one fills no disk. `detail` says in constant words what was done about it.
 */
export type LimitReached = (clientId: string | undefined, limit: LimitName, detail: string) => void;

/** Milliseconds between two log lines about the same limit. */
const QUIET = 1000;

interface Spoken {
  at: number;
  /** Of the counter, when the line was written. */
  count: number;
}

export function createLimitReports(deps: {
  clock: Clock;
  log: Pick<Logger, "warn">;
  metrics: Pick<BrokerMetrics, "limitReached">;
}): LimitReached {
  const { clock, log, metrics } = deps;
  const spoken = new Map<LimitName, Spoken>();
  return (clientId, limit, detail) => {
    const count = metrics.limitReached[limit] + 1;
    metrics.limitReached[limit] = count;
    const now = clock.now();
    const last = spoken.get(limit);
    if (last !== undefined && now - last.at < QUIET) return;
    spoken.set(limit, { at: now, count });
    log.warn({ clientId, limit, times: count - (last?.count ?? 0) }, detail);
  };
}
