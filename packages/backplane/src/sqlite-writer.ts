import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Logger } from "@hearth/base";
import { UniqueViolation, type Write, WriteConflict } from "./database.ts";
import { encodeGroup, type QueuedBatch, queueBatch, WriteQueue } from "./write-queue.ts";

export interface WriterStats {
  /** Batches that wait for a transaction, and their estimated size. */
  queuedBatches: number;
  queuedBytes: number;
  /** Since the start. */
  committedBatches: number;
  failedBatches: number;
  transactions: number;
  /** Milliseconds from sending a group to the writer until it was durable, summed over `transactions`. */
  transactionMilliseconds: number;
}

interface Problem {
  message: string;
  code: string;
}

/** Answers of sqlite-writer.mjs. */
interface Answer {
  failures?: ({ batch: number; write: number; kind: "conflict" | "unique" | "error" } & Problem)[];
  lost?: Problem;
  unusable?: boolean;
  backup?: number;
  error?: Problem;
}

const toError = ({ message, code }: Problem): Error => Object.assign(new Error(message), code ? { code } : {});

/**
 * Starts the thread that owns the write connection and groups commits: one group is in flight while the next gathers.
 * The file must exist and be migrated.
 */
export async function startWriter(options: {
  file: string;
  log: Logger;
  unsafeNoFsync?: boolean;
  maxGroupBatches?: number;
  maxGroupBytes?: number;
}) {
  const { file, log, unsafeNoFsync = false, maxGroupBatches = 2048, maxGroupBytes = 4 << 20 } = options;
  if (unsafeNoFsync) {
    log.error({ file }, "FSYNC IS SWITCHED OFF: a power cut loses acknowledged writes. Never use this with real data");
  }
  const worker = new Worker(new URL("./sqlite-writer.mjs", import.meta.url), {
    workerData: { file, unsafeNoFsync },
    execArgv: [],
    name: "sqlite writer",
  });
  await once(worker, "message");

  const queue = new WriteQueue(maxGroupBatches, maxGroupBytes);
  let inFlight: QueuedBatch[] | undefined;
  let sentAt = 0;
  let scheduled = false;
  let broken: Error | undefined;
  let closing = false;
  const idle: (() => void)[] = [];
  const backups = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  let backupId = 0;
  const counts = { committedBatches: 0, failedBatches: 0, transactions: 0, transactionMilliseconds: 0 };

  const flush = () => {
    scheduled = false;
    if (inFlight || broken) return;
    const batches = queue.take();
    if (batches.length === 0) {
      for (const resolve of idle.splice(0)) resolve();
      return;
    }
    inFlight = batches;
    sentAt = performance.now();
    worker.postMessage(encodeGroup(batches));
  };

  const rejectAll = (batches: readonly QueuedBatch[], error: Error) => {
    counts.failedBatches += batches.length;
    for (const batch of batches) batch.reject(error);
  };

  /** After this nothing is written any more; every commit says why. */
  const breakDown = (error: Error) => {
    if (broken) return;
    broken = error;
    log.fatal({ file, err: error }, "the database cannot be written any more; restart the server");
    if (inFlight) rejectAll(inFlight, error);
    inFlight = undefined;
    for (let rest = queue.take(); rest.length > 0; rest = queue.take()) rejectAll(rest, error);
    for (const { reject } of backups.values()) reject(error);
    backups.clear();
    for (const resolve of idle.splice(0)) resolve();
  };

  const settle = (answer: Answer) => {
    const batches = inFlight ?? [];
    inFlight = undefined;
    counts.transactions++;
    counts.transactionMilliseconds += performance.now() - sentAt;
    if (answer.lost) {
      const error = toError(answer.lost);
      log.error({ file, err: error, batches: batches.length }, "a transaction was lost; its callers were told");
      rejectAll(batches, error);
      if (answer.unusable) breakDown(new Error(`the database failed: ${error.message}`, { cause: error }));
    } else {
      const failures = new Map(answer.failures?.map((failure) => [failure.batch, failure]));
      counts.failedBatches += failures.size;
      counts.committedBatches += batches.length - failures.size;
      batches.forEach((batch, index) => {
        const failure = failures.get(index);
        if (!failure) batch.resolve();
        else if (failure.kind === "conflict") batch.reject(new WriteConflict(failure.write));
        else if (failure.kind === "unique") batch.reject(new UniqueViolation(failure.write, toError(failure)));
        else batch.reject(toError(failure));
      });
    }
    flush();
  };

  worker.on("message", (answer: Answer) => {
    if (answer.backup === undefined) return settle(answer);
    const waiting = backups.get(answer.backup);
    backups.delete(answer.backup);
    if (answer.error) waiting?.reject(toError(answer.error));
    else waiting?.resolve();
  });
  worker.on("error", (error) => breakDown(new Error("the database's writer failed", { cause: error })));
  worker.on("exit", () => {
    if (!closing) breakDown(new Error("the database's writer ended"));
  });

  const refusal = (): Error | undefined => broken ?? (closing ? new Error("the database is closed") : undefined);

  return {
    commit(writes: readonly Write[]): Promise<void> {
      if (writes.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const refused = refusal();
        if (refused) return reject(refused);
        queue.add(queueBatch(writes, resolve, reject));
        if (inFlight || scheduled) return;
        scheduled = true;
        setImmediate(flush);
      });
    },

    /** A copy in `path`, which must not exist. */
    backup(path: string): Promise<void> {
      return new Promise((resolve, reject) => {
        const refused = refusal();
        if (refused) return reject(refused);
        const id = ++backupId;
        backups.set(id, { resolve, reject });
        worker.postMessage({ backup: path, id });
      });
    },

    stats: (): WriterStats => ({ queuedBatches: queue.length, queuedBytes: queue.bytes, ...counts }),

    /** Refuses further commits and resolves when those before have settled. */
    async drain(): Promise<void> {
      closing = true;
      if (broken || (!inFlight && !scheduled)) return;
      await new Promise<void>((resolve) => {
        idle.push(resolve);
      });
    },

    /** After `drain`. */
    async close(): Promise<void> {
      for (const { reject } of backups.values()) reject(new Error("the database was closed during the backup"));
      backups.clear();
      if (broken) {
        await worker.terminate();
        return;
      }
      const exit = once(worker, "exit");
      worker.postMessage({ close: true });
      await exit;
    },
  };
}
