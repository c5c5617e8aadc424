import type { Database, Write } from "@hearth/backplane";
import { type Logger, messageOf } from "@hearth/base";
import type { Message } from "@hearth/iot";
import type { ProtocolVersion } from "@hearth/mqtt";
import { propertiesFromText, propertiesToText } from "./stored-message.ts";
import type { Subscription } from "./subscriptions.ts";
import { type Will, willFromText, willToText } from "./will.ts";

/** What outlives a connection of a persistent session. Times are milliseconds since the epoch. */
export interface SessionRecord {
  sessionId: string;
  accountId: string;
  region: string;
  clientId: string;
  version: ProtocolVersion;
  /** Seconds; 4,294,967,295 is without end. */
  expiryInterval: number;
  connected: boolean;
  expiresAt: number | undefined;
  versionNumber: number;
  will: Will | undefined;
  willDueAt: number | undefined;
}

export interface StoredSession extends SessionRecord {
  subscriptions: Subscription[];
  queuedMessages: number;
  queuedBytes: number;
  lastSeq: number;
}

export interface StoredMessage {
  seq: number;
  message: Message;
  retain: boolean;
  identifiers: readonly number[] | undefined;
  expiresAt: number | undefined;
  size: number;
}

interface SessionRow {
  session_id: string;
  account_id: string;
  region: string;
  client_id: string;
  version: number;
  expiry_interval: number;
  connected: number;
  expires_at: number | null;
  version_number: number;
  will: string | null;
  will_due_at: number | null;
}

/** Persistent sessions, their subscriptions and their queued messages. */
export class SessionStore {
  readonly #database: Database;
  readonly #log: Pick<Logger, "error">;
  #removals: Write[] = [];
  readonly #behind = new Set<Promise<void>>();

  constructor(database: Database, log: Pick<Logger, "error">) {
    this.#database = database;
    this.#log = log;
  }

  /** Everything but the messages; drops what no session owns any more. */
  async load(): Promise<StoredSession[]> {
    const orphaned = "session_id NOT IN (SELECT session_id FROM broker_session)";
    await this.#database.commit([
      { sql: `DELETE FROM broker_message WHERE ${orphaned}`, params: [] },
      { sql: `DELETE FROM broker_subscription WHERE ${orphaned}`, params: [] },
    ]);
    const [sessions, subscriptions, queues] = await Promise.all([
      this.#database.query<SessionRow>("SELECT * FROM broker_session"),
      this.#database.query<{
        session_id: string;
        filter: string;
        qos: number;
        no_local: number;
        retain_as_published: number;
        identifier: number | null;
      }>(
        "SELECT session_id, filter, qos, no_local, retain_as_published, identifier FROM broker_subscription ORDER BY session_id, filter",
      ),
      this.#database.query<{ session_id: string; messages: number; bytes: number; seq: number }>(
        "SELECT session_id, COUNT(*) AS messages, SUM(size) AS bytes, MAX(seq) AS seq FROM broker_message GROUP BY session_id",
      ),
    ]);
    const byId = new Map<string, StoredSession>();
    for (const row of sessions) {
      byId.set(row.session_id, {
        sessionId: row.session_id,
        accountId: row.account_id,
        region: row.region,
        clientId: row.client_id,
        version: row.version === 5 ? 5 : 4,
        expiryInterval: row.expiry_interval,
        connected: row.connected === 1,
        expiresAt: row.expires_at ?? undefined,
        versionNumber: row.version_number,
        will: row.will === null ? undefined : willFromText(row.will),
        willDueAt: row.will_due_at ?? undefined,
        subscriptions: [],
        queuedMessages: 0,
        queuedBytes: 0,
        lastSeq: 0,
      });
    }
    for (const row of subscriptions) {
      byId.get(row.session_id)?.subscriptions.push({
        filter: row.filter,
        qos: row.qos as 0 | 1 | 2,
        noLocal: row.no_local === 1,
        retainAsPublished: row.retain_as_published === 1,
        ...(row.identifier === null ? {} : { identifier: row.identifier }),
      });
    }
    for (const row of queues) {
      const session = byId.get(row.session_id);
      if (session === undefined) continue;
      session.queuedMessages = row.messages;
      session.queuedBytes = row.bytes;
      session.lastSeq = row.seq;
    }
    return [...byId.values()];
  }

  /** The session's messages below `seq`, oldest first. */
  async messages(session: SessionRecord, seq: number): Promise<StoredMessage[]> {
    const rows = await this.#database.query<{
      seq: number;
      topic: string;
      payload: Uint8Array;
      size: number;
      retain: number;
      properties: string | null;
      identifiers: string | null;
      expires_at: number | null;
    }>(
      "SELECT seq, topic, payload, size, retain, properties, identifiers, expires_at FROM broker_message " +
        "WHERE session_id = ? AND seq < ? ORDER BY seq",
      [session.sessionId, seq],
    );
    return rows.map((row) => ({
      seq: row.seq,
      message: {
        accountId: session.accountId,
        topic: row.topic,
        payload: row.payload,
        qos: 1,
        retain: row.retain === 1,
        properties: propertiesFromText(row.properties),
      },
      retain: row.retain === 1,
      identifiers: row.identifiers === null ? undefined : (JSON.parse(row.identifiers) as number[]),
      expiresAt: row.expires_at ?? undefined,
      size: row.size,
    }));
  }

  commit(writes: readonly Write[]): Promise<void> {
    return this.#database.commit(writes);
  }

  /** Commits without anybody waiting; a failure is logged. */
  commitBehind(writes: readonly Write[], what: string): void {
    this.watch(this.#database.commit(writes), what);
  }

  /** Logs when `work` fails, and lets `settled` wait for it. */
  watch(work: Promise<void>, what: string): void {
    const done = work
      .catch((error: unknown) => this.#log.error({ reason: messageOf(error) }, `${what} could not be stored`))
      .then(() => {
        this.#behind.delete(done);
      });
    this.#behind.add(done);
  }

  /** Resolves when nothing is being stored behind anybody's back any more. */
  async settled(): Promise<void> {
    while (this.#behind.size > 0) await Promise.all(this.#behind);
  }

  save(session: SessionRecord): Write {
    return {
      sql:
        "INSERT INTO broker_session (session_id, account_id, region, client_id, version, expiry_interval, connected, " +
        "expires_at, version_number, will, will_due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT (session_id) DO UPDATE SET version = excluded.version, expiry_interval = excluded.expiry_interval, " +
        "connected = excluded.connected, expires_at = excluded.expires_at, version_number = excluded.version_number, " +
        "will = excluded.will, will_due_at = excluded.will_due_at",
      params: [
        session.sessionId,
        session.accountId,
        session.region,
        session.clientId,
        session.version,
        session.expiryInterval,
        session.connected ? 1 : 0,
        session.expiresAt ?? null,
        session.versionNumber,
        session.will === undefined ? null : willToText(session.will),
        session.willDueAt ?? null,
      ],
    };
  }

  /** Removes the session with all that is its own. */
  remove({ sessionId }: SessionRecord): Write[] {
    return ["broker_message", "broker_subscription", "broker_session"].map((table) => ({
      sql: `DELETE FROM ${table} WHERE session_id = ?`,
      params: [sessionId],
    }));
  }

  subscribe(session: SessionRecord, subscription: Subscription): Write {
    return {
      sql:
        "INSERT INTO broker_subscription (session_id, filter, account_id, region, qos, no_local, retain_as_published, " +
        "identifier) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session_id, filter) DO UPDATE SET " +
        "qos = excluded.qos, no_local = excluded.no_local, retain_as_published = excluded.retain_as_published, " +
        "identifier = excluded.identifier",
      params: [
        session.sessionId,
        subscription.filter,
        session.accountId,
        session.region,
        subscription.qos,
        subscription.noLocal ? 1 : 0,
        subscription.retainAsPublished ? 1 : 0,
        subscription.identifier ?? null,
      ],
    };
  }

  unsubscribe({ sessionId }: SessionRecord, filter: string): Write {
    return { sql: "DELETE FROM broker_subscription WHERE session_id = ? AND filter = ?", params: [sessionId, filter] };
  }

  enqueue(session: SessionRecord, stored: StoredMessage): Write {
    const { message, identifiers } = stored;
    return {
      sql:
        "INSERT INTO broker_message (session_id, seq, account_id, region, topic, payload, size, retain, properties, " +
        "identifiers, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      params: [
        session.sessionId,
        stored.seq,
        session.accountId,
        session.region,
        message.topic,
        message.payload,
        stored.size,
        stored.retain ? 1 : 0,
        propertiesToText(message.properties),
        identifiers === undefined ? null : JSON.stringify(identifiers),
        stored.expiresAt ?? null,
      ],
    };
  }

  /** Takes an acknowledged message out, some time soon: one that survives a crash is delivered again. */
  dequeue({ sessionId }: SessionRecord, seq: number): void {
    if (this.#removals.length === 0) setImmediate(() => this.flush());
    this.#removals.push({
      sql: "DELETE FROM broker_message WHERE session_id = ? AND seq = ?",
      params: [sessionId, seq],
    });
  }

  flush(): void {
    const removals = this.#removals;
    if (removals.length === 0) return;
    this.#removals = [];
    this.commitBehind(removals, "an acknowledgement");
  }
}
