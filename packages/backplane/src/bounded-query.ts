import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SqlValue } from "./database.ts";

/** A statement that SQLite does not take, or that outgrew its bounds; the message says which. */
export class QueryRefused extends Error {}

export interface QueryBounds {
  /** For everything, from the start on. */
  milliseconds: number;
  /** Of SQLite, its rows included. */
  heapBytes: number;
  /** Of the answer. */
  rows: number;
  bytes: number;
}

export interface BoundedQuery {
  /** Of the answer; `column` is the table's, where the answer's is one of those as it stands. */
  columns: readonly { name: string; column: string | null }[];
  insert(rows: readonly (readonly SqlValue[])[]): Promise<void>;
  /** `truncated`: there were more rows than the bounds allow. */
  run(): Promise<{ rows: readonly (readonly SqlValue[])[]; truncated: boolean }>;
  /** Ends the process, whatever it does. */
  close(): void;
}

const PROCESS = fileURLToPath(new URL("./bounded-query-process.mjs", import.meta.url));

/**
 * Prepares a statement of a stranger over one table in memory, in a process of its own that holds nothing else: no file, no
 * environment, no secret. Every promise may reject with `QueryRefused`. Whoever opens one closes it.
 */
export async function openBoundedQuery(
  { table, columns, sql }: { table: string; columns: readonly string[]; sql: string },
  bounds: QueryBounds,
): Promise<BoundedQuery> {
  const child = fork(PROCESS, [], {
    env: {},
    execArgv: ["--max-old-space-size=128"],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "advanced",
  });
  let ended: QueryRefused | undefined;
  let waiting: { resolve(answer: unknown): void; reject(error: Error): void } | undefined;
  const end = (why: string): void => {
    ended ??= new QueryRefused(why);
    waiting?.reject(ended);
    waiting = undefined;
    child.kill("SIGKILL");
  };
  const seconds = Math.round(bounds.milliseconds / 1000);
  const timer = setTimeout(() => end(`the query took longer than ${seconds} seconds`), bounds.milliseconds);
  child.on("message", (message: { answer?: unknown; refused?: string }) => {
    const { resolve, reject } = waiting ?? {};
    waiting = undefined;
    if (message.refused === undefined) resolve?.(message.answer);
    else reject?.(new QueryRefused(message.refused));
  });
  child.on("error", () => end("the query could not be run"));
  child.on("exit", () => end("the query needed more memory than it may have"));

  const ask = <Answer>(message: object): Promise<Answer> =>
    new Promise<Answer>((resolve, reject) => {
      if (ended) return reject(ended);
      waiting = { resolve: resolve as (answer: unknown) => void, reject };
      child.send(message, (error) => error && end("the query could not be run"));
    });
  const close = (): void => {
    clearTimeout(timer);
    end("the query was cancelled");
  };
  try {
    const { heapBytes, rows, bytes } = bounds;
    const opened = await ask<Pick<BoundedQuery, "columns">>({ open: { table, columns, sql, heapBytes, rows, bytes } });
    return { ...opened, insert: (rows) => ask({ rows }), run: () => ask({ run: true }), close };
  } catch (error) {
    close();
    throw error;
  }
}
