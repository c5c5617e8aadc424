import { type Database, type Sealer, UniqueViolation, WriteConflict } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type { LogsOperations, OperationTable } from "@hearth/contract";
import type { Place } from "../place.ts";
import { eventOperations, newBatchId } from "./event-operations.ts";
import { groupOperations, newGroup, newStream } from "./group-operations.ts";
import { DAY_MS } from "./log-group.ts";
import { createLogStore, type LogStream, type NewLogEvent } from "./log-store.ts";

const TRIM_EVERY_MS = 10 * 60_000;

/** Times that a put finds its group or stream made or deleted by somebody else before it gives up. */
const MOST_ATTEMPTS = 5;

export interface Logs {
  /** For the API door, service `logs`. */
  operations: OperationTable<LogsOperations>;
  /**
   * Appends events, in their order, to a stream, which is made, like its group, where it is missing; resolves once
   * they are durable. Times in milliseconds, at most 10,000 events and 1 MiB.
   */
  put(place: Place, group: string, stream: string, events: readonly NewLogEvent[]): Promise<void>;
  /** Removes what retention policies do not keep and what was deleted, in bounded commits. */
  trim(): Promise<void>;
  /** Trims every ten minutes until the returned function is called; that one waits for a trim in progress. */
  start(): () => Promise<void>;
}

/** CloudWatch Logs, as far as writers and readers of events need it. */
export function createLogs(deps: {
  database: Pick<Database, "query" | "commit">;
  clock: Clock;
  log: Logger;
  sealer: Pick<Sealer, "seal" | "openText">;
}): Logs {
  const { database, clock, log } = deps;
  const store = createLogStore(deps);

  async function trim(): Promise<void> {
    for (let streams = await store.garbage(); streams.length > 0; streams = await store.garbage()) {
      for (const stream of streams) while (!(await store.deleteStep(stream)));
    }
    let after = "";
    for (;;) {
      const groups = await store.withRetention(after);
      for (const { id, days } of groups) while (!(await store.trimStep(id, clock.now() - days * DAY_MS)));
      const last = groups.at(-1);
      if (!last) return;
      after = last.id;
    }
  }

  let running: Promise<void> | undefined;
  function trimOnce(): Promise<void> {
    running ??= trim()
      .catch((error: unknown) => log.error({ err: error }, "logs could not be trimmed"))
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  async function ensureStream(place: Place, groupName: string, name: string): Promise<LogStream | undefined> {
    const group = await store.group(place, groupName);
    const found = group && (await store.stream(group, name));
    if (found) return found;
    const now = clock.now();
    const made = group ?? newGroup(place, groupName, now);
    const writes = group ? [] : [store.insertGroup({ ...made, tags: {} })];
    await database.commit([...writes, ...store.insertStream(newStream(made, name, now))]);
    return store.stream(made, name);
  }

  return {
    operations: {
      ...groupOperations({ database, store, onDeleted: () => void trimOnce() }),
      ...eventOperations({ database, store, clock }),
    },

    async put(place, groupName, streamName, events) {
      if (events.length === 0) return;
      for (let attempt = 1; ; attempt++) {
        try {
          const stream = await ensureStream(place, groupName, streamName);
          const now = clock.now();
          if (!stream) throw new WriteConflict(0);
          return await database.commit(store.append(stream, events, newBatchId(now), now));
        } catch (error) {
          const raced = error instanceof UniqueViolation || error instanceof WriteConflict;
          if (!raced || attempt >= MOST_ATTEMPTS) throw error;
        }
      }
    },

    trim: trimOnce,

    start() {
      let cancel = () => {};
      let stopped = false;
      const again = () => {
        if (!stopped) cancel = clock.after(TRIM_EVERY_MS, () => void trimOnce().then(again));
      };
      again();
      return async () => {
        stopped = true;
        cancel();
        await running;
      };
    },
  };
}
