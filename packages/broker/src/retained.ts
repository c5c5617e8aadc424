import type { Database, Write } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { Message, Publisher } from "@hearth/iot";
import type { BrokerLimits } from "./limits.ts";
import type { BrokerMetrics } from "./metrics.ts";
import { propertiesFromText, propertiesToText } from "./stored-message.ts";

export interface RetainedMessage {
  message: Message;
  /** Milliseconds; infinite when it does not expire. */
  expiresAt: number;
}

interface Level {
  children: Map<string, Level>;
  retained?: RetainedMessage;
}

export interface RetainedDeps {
  database: Database;
  clock: Clock;
  limits: BrokerLimits;
  metrics: BrokerMetrics;
  log: Pick<Logger, "warn" | "error">;
}

/** The last message with RETAIN of each topic, in memory and in the store. */
export class Retained {
  readonly #deps: RetainedDeps;
  /** By account. */
  readonly #roots = new Map<string, Level>();
  #count = 0;
  #bytes = 0;

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
      expires_at: number | null;
    }>("SELECT account_id, topic, payload, qos, properties, expires_at FROM broker_retained");
    for (const row of rows) {
      const message: Message = {
        accountId: row.account_id,
        topic: row.topic,
        payload: row.payload,
        qos: row.qos as 0 | 1,
        retain: true,
        properties: propertiesFromText(row.properties),
      };
      this.#put({ message, expiresAt: row.expires_at ?? Number.POSITIVE_INFINITY });
    }
  }

  /** Whether one more message of `size` bytes may be kept; one that replaces another always may. */
  hasRoom(accountId: string, topic: string, size: number): boolean {
    const { limits } = this.#deps;
    if (this.#find(accountId, topic) !== undefined) return true;
    return this.#count < limits.retainedMessages && this.#bytes + size <= limits.retainedBytes;
  }

  /**
   * Keeps the message in place of its topic's last one; an empty payload removes it [MQTT-3.3.1-10]. The promise, for
   * QoS 1, resolves when that is durable.
   */
  set(message: Message, publisher: Publisher): Promise<void> | undefined {
    const { accountId, topic } = message;
    const write = message.payload.length === 0 ? this.#drop(accountId, topic) : this.#keep(message, publisher);
    if (write === undefined) return undefined;
    const committed = this.#deps.database.commit([write]);
    if (message.qos > 0) return committed;
    committed.catch((error: unknown) => {
      this.#deps.log.error({ topic, reason: messageOf(error) }, "a retained message could not be stored");
    });
    return undefined;
  }

  #drop(accountId: string, topic: string): Write | undefined {
    if (!this.#remove(accountId, topic)) return undefined;
    return { sql: "DELETE FROM broker_retained WHERE account_id = ? AND topic = ?", params: [accountId, topic] };
  }

  #keep(message: Message, { region }: Publisher): Write | undefined {
    const { clock, log } = this.#deps;
    const { accountId, topic, qos, properties } = message;
    if (!this.hasRoom(accountId, topic, message.payload.length)) {
      log.warn({ accountId, topic }, "no room for another retained message");
      return undefined;
    }
    const payload = message.payload.slice();
    const now = clock.now();
    const seconds = properties?.messageExpiryInterval;
    const expiresAt = seconds === undefined ? Number.POSITIVE_INFINITY : now + seconds * 1000;
    this.#put({ message: { accountId, topic, payload, qos, retain: true, properties }, expiresAt });
    return {
      sql:
        "INSERT INTO broker_retained (account_id, topic, region, payload, qos, properties, stored_at, expires_at) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, topic) DO UPDATE SET region = excluded.region, " +
        "payload = excluded.payload, qos = excluded.qos, properties = excluded.properties, " +
        "stored_at = excluded.stored_at, expires_at = excluded.expires_at",
      params: [
        accountId,
        topic,
        region,
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
    const root = this.#roots.get(accountId);
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
    let level = this.#roots.get(accountId);
    for (const part of topic.split("/")) level = level?.children.get(part);
    return level?.retained;
  }

  #put(retained: RetainedMessage): void {
    const { accountId, topic } = retained.message;
    let level: Level = this.#roots.get(accountId) ?? { children: new Map() };
    this.#roots.set(accountId, level);
    for (const part of topic.split("/")) {
      const next: Level = level.children.get(part) ?? { children: new Map() };
      level.children.set(part, next);
      level = next;
    }
    this.#account(-1, level.retained);
    this.#account(1, retained);
    level.retained = retained;
  }

  #account(sign: 1 | -1, retained: RetainedMessage | undefined): void {
    if (retained === undefined) return;
    this.#count += sign;
    this.#bytes += sign * retained.message.payload.length;
    this.#deps.metrics.retained = this.#count;
  }

  #remove(accountId: string, topic: string): boolean {
    const root = this.#roots.get(accountId);
    if (root === undefined) return false;
    const parts = topic.split("/");
    const path = [root];
    for (const part of parts) {
      const next = path.at(-1)!.children.get(part);
      if (next === undefined) return false;
      path.push(next);
    }
    const level = path.at(-1)!;
    if (level.retained === undefined) return false;
    this.#account(-1, level.retained);
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
