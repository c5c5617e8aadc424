import type { Database, Write } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { Message, Publisher, RetainedMessages, RetainedSummary } from "@hearth/iot";
import type { LimitReached } from "./limit-reports.ts";
import type { BrokerLimits } from "./limits.ts";
import { messageSize } from "./message-rules.ts";
import type { BrokerMetrics } from "./metrics.ts";
import type { Pending } from "./pending.ts";
import type { SessionStore } from "./session-store.ts";
import { propertiesFromText, propertiesToText } from "./stored-message.ts";

export interface RetainedMessage {
  message: Message;
  /** Milliseconds; infinite when it does not expire. */
  expiresAt: number;
  /** Milliseconds. */
  storedAt: number;
}

/** Bytes of the longest topic that is listed: the token that names a page's last one has to fit into a request. */
const LONGEST_LISTED = 512;
/** How often a page is filled up where messages have expired; after that it is short. */
const LIST_ROUNDS = 5;

/** What one account has kept. */
interface AccountRetained {
  root: Level;
  count: number;
  bytes: number;
}

interface Level {
  children: Map<string, Level>;
  retained?: RetainedMessage;
}

export interface RetainedDeps {
  database: Database;
  clock: Clock;
  limits: BrokerLimits;
  limitReached: LimitReached;
  metrics: BrokerMetrics;
  store: Pick<SessionStore, "commitBehind" | "underWay">;
}

/** The last message with RETAIN of each topic, in memory and in the store. */
export class Retained implements RetainedMessages {
  readonly #deps: RetainedDeps;
  readonly #accounts = new Map<string, AccountRetained>();

  constructor(deps: RetainedDeps) {
    this.#deps = deps;
  }

  async load(): Promise<void> {
    const { database, clock } = this.#deps;
    await database.commit([
      { sql: "DELETE FROM broker_retained WHERE expires_at IS NOT NULL AND expires_at <= ?", params: [clock.now()] },
    ]);
    const rows = await database.query<{
      account_id: string;
      topic: string;
      payload: Uint8Array;
      qos: number;
      properties: string | null;
      stored_at: number;
      expires_at: number | null;
    }>("SELECT account_id, topic, payload, qos, properties, stored_at, expires_at FROM broker_retained");
    for (const row of rows) {
      const message: Message = {
        accountId: row.account_id,
        topic: row.topic,
        payload: row.payload,
        qos: row.qos as 0 | 1 | 2,
        retain: true,
        properties: propertiesFromText(row.properties),
      };
      const expiresAt = row.expires_at ?? Number.POSITIVE_INFINITY;
      this.#put({ message, expiresAt, storedAt: row.stored_at });
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
    const { count = 0, bytes = 0 } = this.#accounts.get(accountId) ?? {};
    const replaced = this.#find(accountId, topic);
    if (replaced === undefined && count >= limits.retainedMessages) return "retainedMessages";
    const grown = messageSize(message) - (replaced === undefined ? 0 : messageSize(replaced.message));
    return grown > 0 && bytes + grown > limits.retainedBytes ? "retainedBytes" : undefined;
  }

  /**
   * Keeps the message in place of its topic's last one; an empty payload removes it [MQTT-3.3.1-10]. Adds to `pending`
   * what makes it durable; a QoS 0 message waits for nothing.
   */
  set(message: Message, publisher: Publisher, pending: Pending): void {
    const { accountId, topic } = message;
    const write = message.payload.length === 0 ? this.#drop(accountId, topic) : this.#keep(message, publisher);
    if (write === undefined) return;
    if (message.qos > 0) pending.writes.push(write);
    else this.#deps.store.commitBehind([write], "a retained message");
  }

  get(accountId: string, topic: string): RetainedMessage | undefined {
    const found = this.#find(accountId, topic);
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
        "SELECT topic, LENGTH(payload) AS size, qos, stored_at, expires_at FROM broker_retained " +
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
      if ((this.#find(accountId, topic)?.expiresAt ?? now + 1) <= now) this.#remove(accountId, topic);
    }
    const writes = topics.map((topic) => ({
      sql: "DELETE FROM broker_retained WHERE account_id = ? AND topic = ? AND expires_at <= ?",
      params: [accountId, topic, now],
    }));
    this.#deps.store.commitBehind(writes, "the end of retained messages");
  }

  #drop(accountId: string, topic: string): Write | undefined {
    if (!this.#remove(accountId, topic)) return undefined;
    return { sql: "DELETE FROM broker_retained WHERE account_id = ? AND topic = ?", params: [accountId, topic] };
  }

  #keep(message: Message, publisher: Publisher): Write | undefined {
    const { clock, limitReached } = this.#deps;
    const { accountId, topic, qos, properties } = message;
    const full = this.fullFor(message);
    if (full !== undefined) {
      limitReached(publisher.clientId, full, "a message was not retained");
      return undefined;
    }
    const payload = message.payload.slice();
    const now = clock.now();
    const seconds = properties?.messageExpiryInterval;
    const expiresAt = seconds === undefined ? Number.POSITIVE_INFINITY : now + seconds * 1000;
    this.#put({ message: { accountId, topic, payload, qos, retain: true, properties }, expiresAt, storedAt: now });
    return {
      sql:
        "INSERT INTO broker_retained (account_id, topic, region, payload, qos, properties, stored_at, expires_at) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, topic) DO UPDATE SET region = excluded.region, " +
        "payload = excluded.payload, qos = excluded.qos, properties = excluded.properties, " +
        "stored_at = excluded.stored_at, expires_at = excluded.expires_at",
      params: [
        accountId,
        topic,
        publisher.region,
        payload,
        qos,
        propertiesToText(properties),
        now,
        Number.isFinite(expiresAt) ? expiresAt : null,
      ],
    };
  }

  /** What a new subscription to `filter` is given. */
  match(accountId: string, filter: string): RetainedMessage[] {
    const root = this.#accounts.get(accountId)?.root;
    if (root === undefined) return [];
    const found: RetainedMessage[] = [];
    const { limits, clock } = this.#deps;
    if (limits.retainedByWildcard) collect(root, filter.split("/"), 0, limits.hashMatchesParent, found);
    else {
      // AWS: never for wildcards (reference 1.3).
      const exact = this.#find(accountId, filter);
      if (exact !== undefined) found.push(exact);
    }
    const now = clock.now();
    return found.filter(({ message, expiresAt }) => {
      if (expiresAt > now) return true;
      this.#remove(accountId, message.topic);
      return false;
    });
  }

  #find(accountId: string, topic: string): RetainedMessage | undefined {
    let level = this.#accounts.get(accountId)?.root;
    for (const part of topic.split("/")) level = level?.children.get(part);
    return level?.retained;
  }

  #put(retained: RetainedMessage): void {
    const { accountId, topic } = retained.message;
    let account = this.#accounts.get(accountId);
    if (account === undefined) {
      account = { root: { children: new Map() }, count: 0, bytes: 0 };
      this.#accounts.set(accountId, account);
    }
    let level = account.root;
    for (const part of topic.split("/")) {
      const next: Level = level.children.get(part) ?? { children: new Map() };
      level.children.set(part, next);
      level = next;
    }
    this.#count(account, -1, level.retained);
    this.#count(account, 1, retained);
    level.retained = retained;
  }

  #count(account: AccountRetained, sign: 1 | -1, retained: RetainedMessage | undefined): void {
    if (retained === undefined) return;
    account.count += sign;
    account.bytes += sign * messageSize(retained.message);
    this.#deps.metrics.retained += sign;
  }

  #remove(accountId: string, topic: string): boolean {
    const account = this.#accounts.get(accountId);
    if (account === undefined) return false;
    const parts = topic.split("/");
    const path = [account.root];
    for (const part of parts) {
      const next = path.at(-1)!.children.get(part);
      if (next === undefined) return false;
      path.push(next);
    }
    const level = path.at(-1)!;
    if (level.retained === undefined) return false;
    this.#count(account, -1, level.retained);
    delete level.retained;
    for (let i = path.length - 1; i > 0; i--) {
      if (path[i]!.children.size > 0 || path[i]!.retained !== undefined) break;
      path[i - 1]!.children.delete(parts[i - 1]!);
    }
    return true;
  }
}

function collect(
  level: Level,
  filter: readonly string[],
  depth: number,
  hashMatchesParent: boolean,
  found: RetainedMessage[],
): void {
  if (depth === filter.length) {
    if (level.retained !== undefined) found.push(level.retained);
    return;
  }
  const part = filter[depth]!;
  if (part === "#") {
    everything(level, depth === 0, found, hashMatchesParent && depth > 0);
    return;
  }
  if (part !== "+") {
    const next = level.children.get(part);
    if (next !== undefined) collect(next, filter, depth + 1, hashMatchesParent, found);
    return;
  }
  for (const [name, next] of level.children) {
    if (depth > 0 || !name.startsWith("$")) collect(next, filter, depth + 1, hashMatchesParent, found);
  }
}

function everything(level: Level, top: boolean, found: RetainedMessage[], itself: boolean): void {
  if (itself && level.retained !== undefined) found.push(level.retained);
  for (const [name, next] of level.children) {
    if (!top || !name.startsWith("$")) everything(next, false, found, true);
  }
}
