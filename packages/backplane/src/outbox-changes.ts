import type { Clock, Logger } from "@hearth/base";
import type { Activity } from "./activity.ts";
import type { Database, Write } from "./database.ts";

const CHANGES_PER_BATCH = 256;
const RETRY_MILLISECONDS = 1000;

const REMOVE = "DELETE FROM hearth_outbox WHERE id = ?";
const PARK = "UPDATE hearth_outbox SET parked = 1 WHERE id = ?";

interface Change {
  write: Write;
  done: () => void;
}

/** Removes delivered messages and parks waiting ones: many in one batch, which shares its fsync with the others. */
export class OutboxChanges {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #activity: Activity;
  readonly #onWritten: () => void;
  #changes: Change[] = [];
  #inFlight = 0;
  #flushing = false;
  #stopped = false;

  constructor(deps: { database: Database; clock: Clock; log: Logger; activity: Activity; onWritten: () => void }) {
    this.#database = deps.database;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#activity = deps.activity;
    this.#onWritten = deps.onWritten;
  }

  /** Changes that are not durable yet. */
  get pending(): number {
    return this.#changes.length + this.#inFlight;
  }

  remove(id: number): void {
    this.#add({ write: { sql: REMOVE, params: [id] }, done: () => {} });
  }

  /** Calls `done` when it is durable. */
  park(id: number, done: () => void): void {
    this.#add({ write: { sql: PARK, params: [id] }, done });
  }

  /** Writes what is left, once. What fails now is delivered again after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    while (this.#changes.length > 0 && (await this.#flush()));
  }

  #add(change: Change): void {
    this.#changes.push(change);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#activity.track(async () => {
      // Later in this turn of the event loop more of them come.
      await new Promise((resolve) => setImmediate(resolve));
      let succeeded = true;
      while (succeeded && this.#changes.length > 0) succeeded = await this.#flush();
      if (succeeded || this.#stopped) {
        this.#flushing = false;
        return;
      }
      this.#clock.after(RETRY_MILLISECONDS, () => {
        this.#flushing = false;
        if (this.#changes.length > 0 && !this.#stopped) this.#schedule();
      });
    });
  }

  async #flush(): Promise<boolean> {
    const changes = this.#changes.splice(0, CHANGES_PER_BATCH);
    this.#inFlight += changes.length;
    try {
      await this.#database.commit(changes.map(({ write }) => write));
    } catch (error) {
      this.#log.error({ err: error }, "the outbox could not remove delivered messages");
      this.#changes.unshift(...changes);
      return false;
    } finally {
      this.#inFlight -= changes.length;
    }
    for (const { done } of changes) done();
    this.#onWritten();
    return true;
  }
}
