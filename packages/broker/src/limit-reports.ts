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

export function createLimitReports(deps: {
  clock: Clock;
  log: Pick<Logger, "warn">;
  metrics: Pick<BrokerMetrics, "limitReached">;
}): LimitReached {
  const { clock, log, metrics } = deps;
  /** What the counter was when the last line was written. */
  const told = new Map<LimitName, number>();
  const quiet = new Set<LimitName>();
  return (clientId, limit, detail) => {
    const count = metrics.limitReached[limit] + 1;
    metrics.limitReached[limit] = count;
    // A flood of dropped messages must not ask for the time with each.
    if (quiet.has(limit)) return;
    quiet.add(limit);
    clock.after(QUIET, () => quiet.delete(limit));
    log.warn({ clientId, limit, times: count - (told.get(limit) ?? 0) }, detail);
    told.set(limit, count);
  };
}
