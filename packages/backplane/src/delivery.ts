import type { Write } from "./database.ts";

/**
 * Routing: leads messages to the sessions that subscribed, wherever they are. Within one process the broker's own tree of
 * subscriptions is all of it; between nodes an implementation of this stands before the broker's, hands each message to
 * it and to the nodes that have matches too.
 */
export interface Delivery<Message, Publisher> {
  /**
   * To all matching subscriptions. The promise, if any, resolves when the message is durable for every persistent
   * session, and `alongside` with it, in one commit.
   */
  deliver(message: Message, publisher: Publisher, alongside?: Write): Promise<void> | undefined;
  /**
   * All that `messages` leave in persistent sessions and `writes`, in ONE commit; sessions that live in memory are sent to
   * once that is durable. Rejects, with nothing sent to anybody, when the commit fails: the note that somebody was told and
   * what they are told are never apart. No message may be retained.
   */
  deliverTogether(messages: readonly Message[], publisher: Publisher, writes: readonly Write[]): Promise<void>;
  /** Commits a write of the broker's own. */
  store(write: Write): Promise<void>;
  /** To one connected client whether or not it subscribed; false if it is not connected. */
  reply(clientId: string, message: Message): boolean;
}
