import type { Database, Sealer, Write } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type { AuditedCall, CloudtrailOperations, OperationTable } from "@hearth/contract";
import type { ObjectWriter } from "../objects/object-access.ts";
import { createDeliveryStore } from "./delivery-store.ts";
import { createEventQueries, DAY_MS } from "./event-queries.ts";
import { eventStoreOperations } from "./event-store-operations.ts";
import { HISTORY_MS, lookupOperations } from "./lookup-operations.ts";
import { createTrailDelivery, DELIVER_EVERY_MS } from "./trail-delivery.ts";
import { trailOperations } from "./trail-operations.ts";
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
  /** Removes what is older than 90 days, and than the event data stores of its account keep, in bounded commits. */
  trim(): Promise<void>;
  /** Puts into the buckets of trails what they do not have yet. */
  deliver(): Promise<void>;
  /** Trims every ten minutes and delivers every five until the returned function is called; that one commits what waits. */
  start(): () => Promise<void>;
}

/** CloudTrail's event history, trails and event data stores, as far as the platform's own calls fill them. */
export function createTrail(deps: {
  database: Pick<Database, "query" | "commit">;
  clock: Clock;
  log: Logger;
  sealer: Pick<Sealer, "seal" | "openText">;
  /** Where trails deliver to. */
  writer: ObjectWriter;
}): Trail {
  const { database, clock, log, writer } = deps;
  const store = createTrailStore(deps);
  const deliveries = createDeliveryStore(deps);
  const queries = createEventQueries({ events: store, clock, log });
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

  const deliver = createTrailDelivery({
    store: deliveries,
    events: store,
    writer,
    clock,
    log,
    async settle() {
      await flush();
      return waiting.length === 0;
    },
  });

  /** Does it again and again, never twice at a time; the function that it returns waits for the last time. */
  function every(milliseconds: number, work: () => Promise<void>, failed: string): () => Promise<void> {
    let stopped = false;
    let under: Promise<void> | undefined;
    let cancel = () => {};
    const again = () => {
      if (stopped) return;
      cancel = clock.after(milliseconds, () => {
        under = work()
          .catch((error: unknown) => log.error({ err: error }, failed))
          .finally(again);
      });
    };
    again();
    return async () => {
      stopped = true;
      cancel();
      await under;
    };
  }

  async function trim(): Promise<void> {
    const horizon = clock.now() - HISTORY_MS;
    let place = await store.nextPlace({ accountId: "", region: "" });
    while (place) {
      const kept = clock.now() - (await deliveries.retentionDays(place)) * DAY_MS;
      while (!(await store.trimStep(place, Math.min(horizon, kept))));
      place = await store.nextPlace(place);
    }
  }

  return {
    operations: {
      ...lookupOperations({ store, clock, settle: flush }),
      ...trailOperations({ store: deliveries, writer }),
      ...eventStoreOperations({ store: deliveries, queries, settle: flush }),
    },

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
    deliver,

    start() {
      const stopTrimming = every(TRIM_EVERY_MS, trim, "the trail could not be trimmed");
      const stopDelivering = every(DELIVER_EVERY_MS, deliver, "trails could not be delivered");
      return async () => {
        await Promise.all([stopTrimming(), stopDelivering(), queries.stop()]);
        await flush();
      };
    },
  };
}
