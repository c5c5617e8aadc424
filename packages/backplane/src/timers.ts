import type { Write } from "./database.ts";

/** Timers that survive a restart: one that fell due meanwhile fires at once. */
export interface Timers {
  /**
   * A write that arms (or re-arms) timer `id` of `kind` for `dueAt` (epoch milliseconds). Without a payload, which is null
   * then, nothing has to be sealed.
   */
  arm(kind: string, id: string, dueAt: number, payload?: unknown): Write;
  /** A write that disarms it; harmless when it is not armed. */
  disarm(kind: string, id: string): Write;
  /**
   * Tell the scheduler that a batch with timer writes was committed. `dueAt`: the earliest that it has armed, so that the
   * scheduler need not look for it in the table.
   */
  wake(dueAt?: number): void;
  /**
   * Registers the one handler of `kind`; at least once. The timer is gone when the handler's returned writes,
   * committed together with its removal, are durable. `concurrency`: how many of the kind are handled at the same time,
   * if not as many as of any other.
   */
  handle(
    kind: string,
    handler: (id: string, payload: unknown) => Promise<readonly Write[]>,
    concurrency?: number,
  ): void;
}
