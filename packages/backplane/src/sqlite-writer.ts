import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Logger } from "@hearth/base";
import { UniqueViolation, type Write, WriteConflict } from "./database.ts";
import { type CommitStats, DatabaseFailedError, type Failures, GroupCommit, type GroupLimits } from "./group-commit.ts";
import { encodeGroup, type QueuedBatch } from "./write-queue.ts";

interface Problem {
  message: string;
  code: string;
}

interface BatchFailure extends Problem {
  batch: number;
  write: number;
  kind: "conflict" | "unique" | "error";
}

/** Answers of sqlite-writer.mjs. */
type Answer =
  | { failures: BatchFailure[] }
  | { lost: Problem; unusable: boolean }
  | { backup: number; error: Problem | undefined };

interface Waiting<Result> {
  resolve: (result: Result) => void;
  reject: (error: Error) => void;
}

const toError = ({ message, code }: Problem): Error => Object.assign(new Error(message), code ? { code } : {});

function batchError(failure: BatchFailure): Error {
  if (failure.kind === "conflict") return new WriteConflict(failure.write);
  if (failure.kind === "unique") return new UniqueViolation(failure.write, toError(failure));
  return toError(failure);
}

export interface SqliteWriter {
  commit(writes: readonly Write[]): Promise<void>;
  /** A copy of the running database in `path`. */
  backup(path: string): Promise<void>;
  stats(): CommitStats;
  /** Refuses further commits and resolves when those before have settled. */
  drain(): Promise<void>;
  /** After `drain`. */
  close(): Promise<void>;
}

/** Starts the thread that owns the write connection. The file must exist and be migrated. */
export async function startWriter(
  options: { file: string; log: Logger; unsafeNoFsync: boolean } & GroupLimits,
): Promise<SqliteWriter> {
  const { file, log, unsafeNoFsync } = options;
  if (unsafeNoFsync) {
    log.error({ file }, "FSYNC IS SWITCHED OFF: a power cut loses acknowledged writes. Never use this with real data");
  }
  const worker = new Worker(new URL("./sqlite-writer.mjs", import.meta.url), {
    workerData: { file, unsafeNoFsync },
    // What the main thread needs to run TypeScript would only slow this thread's start.
    execArgv: [],
    name: "sqlite writer",
  });
  await once(worker, "message");

  let group: Waiting<Answer> | undefined;
  const backups = new Map<number, Waiting<void>>();
  let lastBackup = 0;
  let closing = false;

  const commits = new GroupCommit(log, options, async (batches: readonly QueuedBatch[]): Promise<Failures> => {
    const answer = await new Promise<Answer>((resolve, reject) => {
      if (commits.refusal instanceof DatabaseFailedError) return reject(commits.refusal);
      group = { resolve, reject };
      const encoded = encodeGroup(batches);
      worker.postMessage(encoded, [encoded.bytes.buffer, encoded.lengths.buffer]);
    });
    if ("lost" in answer) {
      const error = toError(answer.lost);
      throw answer.unusable ? new DatabaseFailedError(`the database failed: ${error.message}`, error) : error;
    }
    const failures = new Map<QueuedBatch, Error>();
    if ("failures" in answer) {
      for (const failure of answer.failures) failures.set(batches[failure.batch]!, batchError(failure));
    }
    return failures;
  });

  worker.on("message", (answer: Answer) => {
    if (!("backup" in answer)) return group?.resolve(answer);
    const waiting = backups.get(answer.backup);
    backups.delete(answer.backup);
    if (answer.error) waiting?.reject(toError(answer.error));
    else waiting?.resolve();
  });

  const ended = (error: DatabaseFailedError) => {
    if (closing) return;
    commits.fail(error);
    group?.reject(error);
    for (const { reject } of backups.values()) reject(error);
    backups.clear();
  };
  worker.on("error", (error) => ended(new DatabaseFailedError("the database's writer failed", error)));
  worker.on("exit", () => ended(new DatabaseFailedError("the database's writer ended")));

  return {
    commit: (writes) => commits.commit(writes),
    stats: () => commits.stats,
    drain: () => commits.drain(),

    backup(path) {
      return new Promise((resolve, reject) => {
        const { refusal } = commits;
        if (refusal) return reject(refusal);
        lastBackup++;
        backups.set(lastBackup, { resolve, reject });
        worker.postMessage({ backup: path, id: lastBackup });
      });
    },

    async close() {
      closing = true;
      for (const { reject } of backups.values()) reject(new Error("the database was closed during the backup"));
      backups.clear();
      if (worker.threadId === -1) return;
      const exit = once(worker, "exit");
      worker.postMessage({ close: true });
      await exit;
    },
  };
}
