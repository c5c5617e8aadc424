import type { Database, Write } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { Message, Publisher, RetainedMessages, RetainedSummary } from "@hearth/iot";
import type { LimitReached } from "./limit-reports.ts";
import type { BrokerLimits } from "./limits.ts";
import { messageSize } from "./message-rules.ts";
import type { BrokerMetrics } from "./metrics.ts";
import type { Pending } from "./pending.ts";
import { type RetainedMessage, RetainedTree } from "./retained-tree.ts";
import type { SessionStore } from "./session-store.ts";
import { type MessageSealer, openMessage, sealMessage } from "./stored-message.ts";

/** Bytes of the longest topic that is listed: the token that names a page's last one has to fit into a request. */
const LONGEST_LISTED = 512;
/** How often a page is filled up where messages have expired; after that it is short. */
const LIST_ROUNDS = 5;

/** What is stored of a topic while further writes of it are under way. */
interface Unsettled {
  stored: RetainedMessage | undefined;
  writes: number;
}

export interface RetainedDeps {
  database: Database;
  sealer: MessageSealer;
  clock: Clock;
  limits: BrokerLimits;
  limitReached: LimitReached;
  metrics: BrokerMetrics;
  store: Pick<SessionStore, "commit" | "commitBehind" | "underWay" | "watch">;
}

/**
 * The last message with RETAIN of each topic, in memory and in the store. A message is in memory at once, so that a
 * subscription that comes during its commit does not miss it; if the commit fails, memory goes back to what is stored.
 */
export class Retained implements RetainedMessages {
  readonly #deps: RetainedDeps;
  readonly #tree = new RetainedTree();
  /** Of the message that was set last. */
  #order = 0;
  /** By account and topic. */
  readonly #unsettled = new Map<string, Unsettled>();

  constructor(deps: RetainedDeps) {
    this.#deps = deps;
  }

  async load(): Promise<void> {
    const { database, sealer, clock } = this.#deps;
    await database.commit([
      { sql: "DELETE FROM broker_retained WHERE expires_at IS NOT NULL AND expires_at <= ?", params: [clock.now()] },
    ]);
    const rows = await database.query<{
      account_id: string;
      topic: string;
      sealed: Uint8Array;
      qos: number;
      stored_at: number;
      expires_at: number | null;
    }>("SELECT account_id, topic, sealed, qos, stored_at, expires_at FROM broker_retained");
    for (const row of rows) {
      const message: Message = {
        accountId: row.account_id,
        topic: row.topic,
        qos: row.qos as 0 | 1 | 2,
        retain: true,
        ...openMessage(row.sealed, sealer),
      };
      const expiresAt = row.expires_at ?? Number.POSITIVE_INFINITY;
      this.#put(row.account_id, row.topic, { message, expiresAt, storedAt: row.stored_at, order: 0 });
    }
  }

  /**
   * The limit that keeps a message from being retained; undefined when there is room. A message in place of another
   * counts with the difference of their sizes, and an empty one, which removes, always may.
   */
  fullFor(
    message: Pick<Message, "accountId" | "topic" | "payload" | "properties">,
  ): "retainedMessages" | "retainedBytes" | undefined {
    const { limits } = this.#deps;
    const { accountId, topic, payload } = message;
    if (payload.length === 0) return undefined;
    const { count, bytes } = this.#tree.of(accountId);
    const replaced = this.#tree.find(accountId, topic);
    if (replaced === undefined && count >= limits.retainedMessages) return "retainedMessages";
    const grown = messageSize(message) - (replaced === undefined ? 0 : messageSize(replaced.message));
    return grown > 0 && bytes + grown > limits.retainedBytes ? "retainedBytes" : undefined;
  }

  /**
   * Keeps the message in place of its topic's last one; an empty payload removes it [MQTT-3.3.1-10]. Adds to `pending`
   * what makes it durable; a QoS 0 message waits for nothing.
   */
  set(message: Message, publisher: Publisher, pending: Pending): void {
    const { accountId, topic, payload, qos } = message;
    const before = this.#tree.find(accountId, topic);
    const removes = payload.length === 0;
    // What is not there may come back as long as its removal is not stored.
    if (removes && before === undefined && !this.#unsettled.has(keyOf(accountId, topic))) return;
    const kept = removes ? undefined : this.#keep(message, publisher);
    if (kept === undefined && !removes) return;
    this.#put(accountId, topic, kept);
    const write = kept === undefined ? removal(accountId, topic) : storage(kept, publisher.region, this.#deps.sealer);
    const settle = this.#follow(accountId, topic, before, kept);
    if (qos > 0) {
      pending.writes.push(write);
      pending.settle.push(settle);
      return;
    }
    const { store } = this.#deps;
    const stored = store.commit([write]);
    stored.then(
      () => settle(true),
      () => settle(false),
    );
    store.watch(stored, "a retained message");
  }

  #put(accountId: string, topic: string, retained: RetainedMessage | undefined): void {
    if (retained === undefined) this.#tree.remove(accountId, topic);
    else this.#tree.put(retained);
    this.#deps.metrics.retained = this.#tree.count;
  }

  /** What settles the write of `next` where `before` was. Writes of one topic are settled in their order. */
  #follow(
    accountId: string,
    topic: string,
    before: RetainedMessage | undefined,
    next: RetainedMessage | undefined,
  ): (committed: boolean) => void {
    const key = keyOf(accountId, topic);
    const unsettled = this.#unsettled.get(key) ?? { stored: before, writes: 0 };
    unsettled.writes += 1;
    this.#unsettled.set(key, unsettled);
    return (committed) => {
      if (committed) unsettled.stored = next;
      unsettled.writes -= 1;
      if (unsettled.writes > 0) return;
      this.#unsettled.delete(key);
      if (!committed) this.#put(accountId, topic, unsettled.stored);
    };
  }

  get(accountId: string, topic: string): RetainedMessage | undefined {
    const found = this.#tree.find(accountId, topic);
    return found !== undefined && found.expiresAt > this.#deps.clock.now() ? found : undefined;
  }

  /** Read from the store, whose index has the topics in order: a page costs the same however many there are. */
  async list(
    accountId: string,
    after: string | undefined,
    limit: number,
  ): Promise<{ messages: RetainedSummary[]; next?: string }> {
    const { database, store, clock } = this.#deps;
    // What was published at QoS 0 is not waited for by its publisher.
    await store.underWay();
    const messages: RetainedSummary[] = [];
    let from = after ?? "";
    for (let round = 0; round < LIST_ROUNDS && messages.length < limit; round++) {
      const wanted = limit - messages.length;
      const rows = await database.query<{
        topic: string;
        size: number;
        qos: number;
        stored_at: number;
        expires_at: number | null;
      }>(
        "SELECT topic, size, qos, stored_at, expires_at FROM broker_retained " +
          "WHERE account_id = ? AND topic > ? ORDER BY topic LIMIT ?",
        [accountId, from, wanted + 1],
      );
      const now = clock.now();
      const expired: string[] = [];
      for (const { topic, size, qos, stored_at, expires_at } of rows.slice(0, wanted)) {
        from = topic;
        if (expires_at !== null && expires_at <= now) expired.push(topic);
        else if (Buffer.byteLength(topic) <= LONGEST_LISTED) {
          messages.push({ topic, payloadSize: size, qos, storedAt: stored_at });
        }
      }
      this.#expire(accountId, expired, now);
      if (rows.length <= wanted) return { messages };
    }
    return { messages, next: from };
  }

  /** Takes out what had expired at `now`; what has been published since stays. */
  #expire(accountId: string, topics: readonly string[], now: number): void {
    if (topics.length === 0) return;
    for (const topic of topics) {
      if ((this.#tree.find(accountId, topic)?.expiresAt ?? now + 1) <= now) this.#put(accountId, topic, undefined);
    }
    const writes = topics.map((topic) => ({
      sql: "DELETE FROM broker_retained WHERE account_id = ? AND topic = ? AND expires_at <= ?",
      params: [accountId, topic, now],
    }));
    this.#deps.store.commitBehind(writes, "the end of retained messages");
  }

  /** The message as it is kept, with a payload of its own; undefined when there is no room. */
  #keep(message: Message, publisher: Publisher): RetainedMessage | undefined {
    const { clock, limitReached } = this.#deps;
    const { accountId, topic, qos, properties } = message;
    const full = this.fullFor(message);
    if (full !== undefined) {
      limitReached(publisher.clientId, full, "a message was not retained");
      return undefined;
    }
    const payload = message.payload.slice();
    this.#order += 1;
    const order = this.#order;
    const now = clock.now();
    const seconds = properties?.messageExpiryInterval;
    const expiresAt = seconds === undefined ? Number.POSITIVE_INFINITY : now + seconds * 1000;
    return { message: { accountId, topic, payload, qos, retain: true, properties }, expiresAt, storedAt: now, order };
  }

  /**
   * What a new subscription to `filter` is given: what is retained now and still is when its turn comes. Undefined: a
   * step that found nothing.
   */
  search(accountId: string, filter: string): Iterator<RetainedMessage | undefined> {
    return this.#search(accountId, filter, this.#order);
  }

  *#search(accountId: string, filter: string, until: number): Generator<RetainedMessage | undefined> {
    const { limits, clock } = this.#deps;
    // AWS: never for wildcards (reference 1.3).
    const found = limits.retainedByWildcard
      ? this.#tree.search(accountId, filter, limits.hashMatchesParent)
      : [this.#tree.find(accountId, filter)];
    for (const retained of found) {
      // The subscription has been given what was published after it was made.
      if (retained === undefined || retained.order > until) yield undefined;
      else if (retained.expiresAt > clock.now()) yield retained;
      else {
        this.#put(accountId, retained.message.topic, undefined);
        yield undefined;
      }
    }
  }
}

const keyOf = (accountId: string, topic: string): string => `${accountId}/${topic}`;

const removal = (accountId: string, topic: string): Write => ({
  sql: "DELETE FROM broker_retained WHERE account_id = ? AND topic = ?",
  params: [accountId, topic],
});

const storage = ({ message, storedAt, expiresAt }: RetainedMessage, region: string, sealer: MessageSealer): Write => ({
  sql:
    "INSERT INTO broker_retained (account_id, topic, region, payload, sealed, size, qos, stored_at, expires_at) " +
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, topic) DO UPDATE SET region = excluded.region, " +
    "sealed = excluded.sealed, size = excluded.size, qos = excluded.qos, " +
    "stored_at = excluded.stored_at, expires_at = excluded.expires_at",
  params: [
    message.accountId,
    message.topic,
    region,
    new Uint8Array(0),
    sealMessage(message, sealer),
    message.payload.length,
    message.qos,
    storedAt,
    Number.isFinite(expiresAt) ? expiresAt : null,
  ],
});
