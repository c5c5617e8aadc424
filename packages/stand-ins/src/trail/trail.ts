import type { Database, Sealer, Write } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type { AuditedCall, CloudtrailOperations, OperationTable } from "@hearth/contract";
import { HISTORY_MS, lookupOperations } from "./lookup-operations.ts";
import { trailEvent } from "./trail-record.ts";
import { createTrailStore } from "./trail-store.ts";

/** Events wait so long for others, or until there are so many, before one commit takes them. */
const FLUSH_MS = 50;
const FLUSH_EVENTS = 256;

/** While the store refuses them, so many events are kept; later ones are lost, and the log says how many. */
const MOST_WAITING = 20_000;
const RETRY_MS = 1_000;

const TRIM_EVERY_MS = 10 * 60_000;

export interface Trail {
  /** For the API door, service `cloudtrail`. */
  operations: OperationTable<CloudtrailOperations>;
  /**
   * Takes a call into the trail of its account. Never throws. The event is durable 50 ms later at the latest, or
   * before `LookupEvents` answers; a crash before that loses it.
   */
  record(call: AuditedCall): void;
  /** Removes what is older than 90 days, in bounded commits. */
  trim(): Promise<void>;
  /** Trims every ten minutes until the returned function is called; that one commits what waits. */
  start(): () => Promise<void>;
}

/** CloudTrail's event history, as far as the platform's own calls fill it. */
export function createTrail(deps: {
  database: Pick<Database, "query" | "commit">;
  clock: Clock;
  log: Logger;
  sealer: Pick<Sealer, "seal" | "openText">;
}): Trail {
  const { database, clock, log } = deps;
  const store = createTrailStore(deps);
  let waiting: Write[] = [];
  let lost = 0;
  let cancelFlush: (() => void) | undefined;
  let flushing: Promise<void> = Promise.resolve();
  /** A commit is under way, or the store has refused one and is left alone for a while. */
  let busy = false;

  function flushAfter(delay: number): void {
    cancelFlush ??= clock.after(delay, () => {
      cancelFlush = undefined;
      void flush();
    });
  }

  /** Resolves when all that waited at the call is durable, or could not be made so. */
  function flush(): Promise<void> {
    cancelFlush?.();
    cancelFlush = undefined;
    flushing = flushing.then(commitWaiting);
    return flushing;
  }

  async function commitWaiting(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, FLUSH_EVENTS);
      try {
        await database.commit(batch);
      } catch (error) {
        log.error({ err: error, waiting: waiting.length, lost }, "the trail could not be written; it is tried again");
        flushAfter(RETRY_MS);
        return;
      }
      waiting = waiting.slice(batch.length);
    }
    busy = false;
    if (lost > 0) log.error({ lost }, "events of the trail were lost while it could not be written");
    lost = 0;
  }

  async function trim(): Promise<void> {
    const horizon = clock.now() - HISTORY_MS;
    let place = await store.nextPlace({ accountId: "", region: "" });
    while (place) {
      while (!(await store.trimStep(place, horizon)));
      place = await store.nextPlace(place);
    }
  }

  return {
    operations: lookupOperations({ store, clock, settle: flush }),

    record(call) {
      if (waiting.length >= MOST_WAITING) {
        lost++;
        return;
      }
      try {
        waiting.push(store.insert(trailEvent(call)));
      } catch (error) {
        log.error({ err: error, requestId: call.requestId, operation: call.operation }, "no event of the trail");
        return;
      }
      if (waiting.length >= FLUSH_EVENTS && !busy) void flush();
      else flushAfter(FLUSH_MS);
    },

    trim,

    start() {
      let stopped = false;
      let trimming: Promise<void> | undefined;
      let cancel = () => {};
      const again = () => {
        if (stopped) return;
        cancel = clock.after(TRIM_EVERY_MS, () => {
          trimming = trim()
            .catch((error: unknown) => log.error({ err: error }, "the trail could not be trimmed"))
            .finally(again);
        });
      };
      again();
      return async () => {
        stopped = true;
        cancel();
        await trimming;
        await flush();
      };
    },
  };
}
