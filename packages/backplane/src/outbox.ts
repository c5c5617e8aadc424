import type { Write } from "./database.ts";
import type { Grouping } from "./outbox-groups.ts";

/**
 * Messages for durable consumers, committed together with the state that causes them and delivered at least once,
 * in order for each key.
 */
export interface Outbox {
  /** A write to put in the same batch as the state change. `message` is stored as JSON, sealed. */
  write(consumer: string, key: string, message: unknown): Write;
  /**
   * Tell the dispatcher that a batch with outbox writes was committed. Messages among `committed`, the writes of that
   * batch, go to their consumers without being read from the table first.
   */
  wake(committed?: readonly Write[]): void;
  /**
   * Registers the one handler of `consumer`. It is called again with growing back-off while it rejects, up to the
   * message's age limit (24 h by default), then the message is dropped and counted. Messages with the same key wait
   * for each other; different keys do not. With a grouping, keys of one group take a bounded share of the consumer's
   * places, so that a destination that hangs delays its own messages alone.
   */
  consume(consumer: string, handler: OutboxHandler, grouping?: Grouping): void;
}

export type OutboxHandler = (message: unknown, meta: { id: string; key: string; attempt: number }) => Promise<void>;
