import type { Logger } from "@hearth/base";
import type { Write } from "./database.ts";
import { type QueuedBatch, queueBatch, WriteQueue } from "./write-queue.ts";

export interface CommitStats {
  /** Batches that wait for a transaction, and their estimated size. */
  queuedBatches: number;
  queuedBytes: number;
  /** Since the start. */
  committedBatches: number;
  failedBatches: number;
  transactions: number;
  /** Milliseconds from handing a group to the database until it was durable, summed over `transactions`. */
  transactionMilliseconds: number;
}

export interface GroupLimits {
  /** At most so many batches share one transaction … */
  maxGroupBatches: number;
  /** … and so many bytes (estimated), unless a single batch is larger. Batches above that wait in line. */
  maxGroupBytes: number;
}

/** What became of the batches of one transaction: for each failed one its error. */
export type Failures = ReadonlyMap<QueuedBatch, Error>;

/** The database can be read perhaps, but not written any more; every later commit is rejected with this. */
export class DatabaseFailedError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "DatabaseFailedError";
  }
}

/**
 * Groups commits: one transaction is under way while the next gathers. When idle, a transaction starts at the end of
 * the event loop's turn, so that what arrived in the same turn shares one fsync; a timer would only add latency.
 * `apply` returns the failed batches of a durable transaction, or rejects when none of the group was kept
 * (`DatabaseFailedError`: and nothing can be written any more).
 */
export class GroupCommit {
  readonly #apply: (batches: readonly QueuedBatch[]) => Promise<Failures>;
  readonly #log: Logger;
  readonly #queue: WriteQueue;
  readonly #counts = { committedBatches: 0, failedBatches: 0, transactions: 0, transactionMilliseconds: 0 };
  #state: "idle" | "scheduled" | "running" = "idle";
  #failed: DatabaseFailedError | undefined;
  #closing = false;
  #drained: (() => void)[] = [];

  constructor(
    log: Logger,
    { maxGroupBatches, maxGroupBytes }: GroupLimits,
    apply: (batches: readonly QueuedBatch[]) => Promise<Failures>,
  ) {
    this.#apply = apply;
    this.#log = log;
    this.#queue = new WriteQueue(maxGroupBatches, maxGroupBytes);
  }

  get stats(): CommitStats {
    return { queuedBatches: this.#queue.length, queuedBytes: this.#queue.bytes, ...this.#counts };
  }

  /** Why a commit would be refused now. */
  get refusal(): Error | undefined {
    return this.#failed ?? (this.#closing ? new Error("the database is closed") : undefined);
  }

  commit(writes: readonly Write[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const refusal = this.refusal;
      if (refusal) return reject(refusal);
      if (writes.length === 0) return resolve();
      this.#queue.add(queueBatch(writes, resolve, reject));
      if (this.#state !== "idle") return;
      this.#state = "scheduled";
      setImmediate(() => this.#run());
    });
  }

  /** Refuses further commits and resolves when those before have settled. */
  async drain(): Promise<void> {
    this.#closing = true;
    if (this.#state === "idle") return;
    await new Promise<void>((resolve) => {
      this.#drained.push(resolve);
    });
  }

  /** Rejects what waits, and every later commit. */
  fail(error: DatabaseFailedError): void {
    if (this.#failed) return;
    this.#failed = error;
    this.#log.fatal({ err: error }, "the database cannot be written any more; restart the server");
    for (let rest = this.#queue.take(); rest.length > 0; rest = this.#queue.take()) this.#rejectAll(rest, error);
  }

  async #run(): Promise<void> {
    this.#state = "running";
    for (let batches = this.#queue.take(); batches.length > 0; batches = this.#queue.take()) {
      const start = performance.now();
      try {
        const failures = await this.#apply(batches);
        this.#counts.failedBatches += failures.size;
        this.#counts.committedBatches += batches.length - failures.size;
        for (const batch of batches) {
          const failure = failures.get(batch);
          if (failure) batch.reject(failure);
          else batch.resolve();
        }
      } catch (error) {
        this.#log.error({ err: error, batches: batches.length }, "a transaction was lost; its callers were told");
        this.#rejectAll(batches, error as Error);
        if (error instanceof DatabaseFailedError) this.fail(error);
      }
      this.#counts.transactions++;
      this.#counts.transactionMilliseconds += performance.now() - start;
    }
    this.#state = "idle";
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #rejectAll(batches: readonly QueuedBatch[], error: Error): void {
    this.#counts.failedBatches += batches.length;
    for (const batch of batches) batch.reject(error);
  }
}
