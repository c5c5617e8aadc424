import { type Clock, InternalError, type Logger } from "@hearth/base";
import { Activity } from "./activity.ts";
import { type BackOff, standardBackOff } from "./back-off.ts";
import type { Database, Write } from "./database.ts";
import type { Outbox, OutboxHandler } from "./outbox.ts";
import { OutboxChanges } from "./outbox-changes.ts";
import {
  type Committed,
  type ConsumerDeps,
  OutboxConsumer,
  type OutboxCounts,
  outboxPurpose,
} from "./outbox-consumer.ts";
import type { Grouping } from "./outbox-groups.ts";
import type { Sealer } from "./sealing.ts";

const HOUR = 3_600_000;
const IDS_PER_MILLISECOND = 1000;
/** A write that was not seen for so long belongs to a batch that was never committed. */
const OUTSTANDING_MILLISECONDS = 300_000;
const SWEEP_PAGE = 256;

const INSERT =
  "INSERT INTO hearth_outbox (id, consumer, message_key, message, created_at, parked) VALUES (?, ?, ?, ?, ?, 0)";

export interface OutboxDispatcher extends Outbox {
  /**
   * Begins to deliver, what an earlier process has left first. Call it once, when the consumers are registered and
   * before anything is written: only from here on ids follow those that are left.
   */
  start(): Promise<void>;
  /** Ends the deliveries under way and begins no more. What is not delivered stays for the next start. */
  stop(): Promise<void>;
  /** Resolves when nothing is left to do but what waits for its next attempt. For tests. */
  idle(): Promise<void>;
  counts(): Record<string, OutboxCounts>;
}

export interface OutboxDeps {
  /** With the backplane's migrations. */
  database: Database;
  sealer: Sealer;
  clock: Clock;
  log: Logger;
  /** Deliveries of one consumer at the same time (default 64). */
  concurrency?: number;
  /** Milliseconds after which a message is given up (default 24 h). */
  maxAge?: number;
  backOff?: Partial<BackOff>;
}

/** The outbox of one server. One at a time may deliver from a database. */
export function createOutbox(deps: OutboxDeps): OutboxDispatcher {
  const { database, sealer, clock, log, concurrency = 64, maxAge = 24 * HOUR } = deps;
  const backOff = { ...standardBackOff, ...deps.backOff };
  const activity = new Activity();
  const consumers = new Map<string, OutboxConsumer>();
  const outstanding = new Map<string, Map<number, string>>();
  /** What was written and may still be handed over; it goes with the caller's batch. */
  const written = new WeakMap<Write, Committed & { consumer: string }>();
  const changes = new OutboxChanges({
    database,
    clock,
    log,
    activity,
    onWritten: () => {
      for (const consumer of consumers.values()) consumer.resume();
    },
  });
  const consumerDeps: ConsumerDeps = {
    ...{ database, sealer, clock, log, activity, changes },
    ...{ backOff, concurrency, maxAge },
  };
  let state: "new" | "started" | "stopped" = "new";
  let lastId = 0;
  let woken = false;
  let cancelSweep = () => {};

  /** By time, so that age can be read off an id; always greater than the one before. */
  const nextId = (): number => {
    lastId = Math.max(lastId + 1, clock.now() * IDS_PER_MILLISECOND);
    return lastId;
  };

  const outstandingOf = (consumer: string): Map<number, string> => {
    let ids = outstanding.get(consumer);
    if (!ids) {
      ids = new Map();
      outstanding.set(consumer, ids);
    }
    return ids;
  };

  /** Messages that no consumer comes for (a feature that was removed), long after their age limit. */
  const sweep = async (): Promise<void> => {
    const before = (clock.now() - maxAge - HOUR) * IDS_PER_MILLISECOND;
    const sql = `SELECT id, consumer FROM hearth_outbox WHERE id < ? ORDER BY id LIMIT ${SWEEP_PAGE}`;
    try {
      const rows = await database.query<{ id: number; consumer: string }>(sql, [before]);
      const unclaimed = rows.filter(({ consumer }) => !consumers.has(consumer));
      for (const { id } of unclaimed) changes.remove(id);
      if (unclaimed.length > 0) log.error({ dropped: unclaimed.length }, "messages without a consumer were given up");
    } catch (error) {
      log.error({ err: error }, "the outbox could not look for old messages");
    }
  };

  const scheduleSweep = () => {
    cancelSweep = clock.after(HOUR, () => {
      if (state !== "started") return;
      activity.track(sweep);
      scheduleSweep();
    });
  };

  /** False when a consumer has to look for some of them itself. */
  const handOver = (committed: readonly Write[]): boolean => {
    let all = true;
    for (const write of committed) {
      const message = written.get(write);
      if (message && consumers.get(message.consumer)?.take(message) === false) all = false;
    }
    return all;
  };

  return {
    write(consumer, key, message) {
      const text = JSON.stringify(message);
      if (text === undefined) throw new InternalError(`a message for ${consumer} is not JSON`);
      const id = nextId();
      const ids = outstandingOf(consumer);
      ids.set(id, key);
      const forgotten = id - OUTSTANDING_MILLISECONDS * IDS_PER_MILLISECOND;
      for (const old of ids.keys()) {
        if (old > forgotten) break;
        ids.delete(old);
      }
      const createdAt = clock.now();
      const sealed = sealer.seal(text, outboxPurpose(consumer));
      const write = { sql: INSERT, params: [id, consumer, key, sealed, createdAt] };
      written.set(write, { id, key, text, createdAt, consumer });
      return write;
    },

    wake(committed) {
      if (state === "started" && committed && handOver(committed)) return;
      if (woken || state !== "started") return;
      woken = true;
      activity.begin();
      // Many commits of one turn of the event loop need one look.
      setImmediate(() => {
        woken = false;
        for (const consumer of consumers.values()) consumer.scan();
        activity.end();
      });
    },

    consume(name: string, handler: OutboxHandler, grouping?: Grouping) {
      if (consumers.has(name)) throw new InternalError(`the outbox has a consumer ${name} already`);
      const consumer = new OutboxConsumer(name, handler, outstandingOf(name), consumerDeps, grouping);
      consumers.set(name, consumer);
      if (state === "started") consumer.start();
    },

    async start() {
      if (state !== "new") throw new InternalError("the outbox was started before");
      const [row] = await database.query<{ id: number | null }>("SELECT MAX(id) AS id FROM hearth_outbox");
      lastId = Math.max(lastId, row?.id ?? 0);
      state = "started";
      for (const consumer of consumers.values()) consumer.start();
      activity.track(sweep);
      scheduleSweep();
    },

    async stop() {
      state = "stopped";
      cancelSweep();
      for (const consumer of consumers.values()) consumer.stop();
      await activity.idle();
      await changes.stop();
    },

    idle: () => activity.idle(),

    counts: () => Object.fromEntries([...consumers].map(([name, consumer]) => [name, consumer.counts])),
  };
}
