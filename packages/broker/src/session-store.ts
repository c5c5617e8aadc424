import type { Database, Write } from "@hearth/backplane";
import { type Logger, messageOf } from "@hearth/base";
import type { Message } from "@hearth/iot";
import type { ProtocolVersion } from "@hearth/mqtt";
import { type MessageSealer, openMessage, openWill, sealMessage, sealWill } from "./stored-message.ts";
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
  /** Messages up to this position may have been sent. */
  sentSeq: number;
}

export interface StoredSession extends SessionRecord {
  subscriptions: Subscription[];
  /** In the order of `seq`. */
  queue: { seq: number; size: number; packetId: number }[];
  /** Identifiers of publications of QoS 2 that wait for PUBREL. */
  received: number[];
}

export interface StoredMessage {
  seq: number;
  message: Message;
  packetId: number;
  /** PUBREC has come; the payload is gone. */
  released: boolean;
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
  will_sealed: Uint8Array | null;
  will_due_at: number | null;
  sent_seq: number;
}

/** `sent_seq` of a session that is connected: nobody writes down what is being sent. */
const UNKNOWN = -1;

const NO_BYTES = new Uint8Array(0);

/** Persistent sessions, their subscriptions and their queued messages. */
export class SessionStore {
  readonly #database: Database;
  readonly #sealer: MessageSealer;
  readonly #log: Pick<Logger, "error">;
  /** Sealed last: a message for many sessions comes here once for each of them. */
  #last: { message: Pick<Message, "payload" | "properties">; sealed: Uint8Array } | undefined;
  #removals: Write[] = [];
  readonly #behind = new Set<Promise<void>>();

  constructor(database: Database, sealer: MessageSealer, log: Pick<Logger, "error">) {
    this.#database = database;
    this.#sealer = sealer;
    this.#log = log;
  }

  /** Everything but the messages; drops what no session owns any more. */
  async load(): Promise<StoredSession[]> {
    const orphaned = "session_id NOT IN (SELECT session_id FROM broker_session)";
    await this.#database.commit([
      { sql: `DELETE FROM broker_message WHERE ${orphaned}`, params: [] },
      { sql: `DELETE FROM broker_received WHERE ${orphaned}`, params: [] },
      { sql: `DELETE FROM broker_subscription WHERE ${orphaned}`, params: [] },
    ]);
    const [sessions, subscriptions, queues, received] = await Promise.all([
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
      this.#database.query<{ session_id: string; seq: number; size: number; packet_id: number }>(
        "SELECT session_id, seq, size, packet_id FROM broker_message ORDER BY session_id, seq",
      ),
      this.#database.query<{ session_id: string; packet_id: number }>(
        "SELECT session_id, packet_id FROM broker_received",
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
        will: row.will_sealed === null ? undefined : willFromText(openWill(row.will_sealed, this.#sealer)),
        willDueAt: row.will_due_at ?? undefined,
        sentSeq: row.sent_seq === UNKNOWN ? Number.MAX_SAFE_INTEGER : row.sent_seq,
        subscriptions: [],
        queue: [],
        received: [],
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
    for (const { session_id, seq, size, packet_id } of queues) {
      byId.get(session_id)?.queue.push({ seq, size, packetId: packet_id });
    }
    for (const { session_id, packet_id } of received) byId.get(session_id)?.received.push(packet_id);
    return [...byId.values()];
  }

  /** The session's messages below `seq`, oldest first. */
  async messages(session: SessionRecord, seq: number): Promise<StoredMessage[]> {
    const rows = await this.#database.query<{
      seq: number;
      topic: string;
      sealed: Uint8Array | null;
      size: number;
      qos: number;
      packet_id: number;
      released: number;
      retain: number;
      identifiers: string | null;
      expires_at: number | null;
      never_late: number;
    }>(
      "SELECT seq, topic, sealed, size, qos, packet_id, released, retain, identifiers, expires_at, never_late " +
        "FROM broker_message " +
        "WHERE session_id = ? AND seq < ? ORDER BY seq",
      [session.sessionId, seq],
    );
    return rows.map((row) => ({
      seq: row.seq,
      message: {
        accountId: session.accountId,
        topic: row.topic,
        qos: row.qos as 1 | 2,
        retain: row.retain === 1,
        // Nothing is left of a released one but its identifier.
        ...(row.sealed === null ? { payload: new Uint8Array(0) } : openMessage(row.sealed, this.#sealer)),
        neverLate: row.never_late === 1,
      },
      packetId: row.packet_id,
      released: row.released === 1,
      retain: row.retain === 1,
      identifiers: row.identifiers === null ? undefined : (JSON.parse(row.identifiers) as number[]),
      expiresAt: row.expires_at ?? undefined,
      size: row.size,
    }));
  }

  commit(writes: readonly Write[]): Promise<void> {
    return this.#database.commit(writes);
  }

  /** Commits without anybody having to wait; a failure is logged. The promise is of the end of it, and does not reject. */
  commitBehind(writes: readonly Write[], what: string): Promise<void> {
    return this.watch(this.#database.commit(writes), what);
  }

  /** Logs when `work` fails, and lets `settled` wait for it; resolves when it has ended either way. */
  watch(work: Promise<void>, what: string): Promise<void> {
    const done = work
      .catch((error: unknown) => this.#log.error({ reason: messageOf(error) }, `${what} could not be stored`))
      .then(() => {
        this.#behind.delete(done);
      });
    this.#behind.add(done);
    return done;
  }

  /** Resolves when what is being stored behind anybody's back at this moment is done. */
  async underWay(): Promise<void> {
    await Promise.all(this.#behind);
  }

  /** Resolves when nothing is being stored behind anybody's back any more. */
  async settled(): Promise<void> {
    while (this.#behind.size > 0) await Promise.all(this.#behind);
  }

  save(session: SessionRecord): Write {
    return {
      sql:
        "INSERT INTO broker_session (session_id, account_id, region, client_id, version, expiry_interval, connected, " +
        "expires_at, version_number, will_sealed, will_due_at, sent_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT (session_id) DO UPDATE SET version = excluded.version, expiry_interval = excluded.expiry_interval, " +
        "connected = excluded.connected, expires_at = excluded.expires_at, version_number = excluded.version_number, " +
        "will_sealed = excluded.will_sealed, will_due_at = excluded.will_due_at, sent_seq = excluded.sent_seq",
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
        session.will === undefined ? null : sealWill(willToText(session.will), this.#sealer),
        session.willDueAt ?? null,
        session.connected ? UNKNOWN : session.sentSeq,
      ],
    };
  }

  /** Removes the session with all that is its own. */
  remove({ sessionId }: SessionRecord): Write[] {
    return ["broker_message", "broker_received", "broker_subscription", "broker_session"].map((table) => ({
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

  /** `qos` is that of the delivery. */
  enqueue(session: SessionRecord, stored: Omit<StoredMessage, "released"> & { qos: 1 | 2 }): Write {
    const { message, identifiers } = stored;
    return {
      sql:
        "INSERT INTO broker_message (session_id, seq, account_id, region, topic, payload, sealed, size, qos, packet_id, " +
        "released, retain, identifiers, expires_at, never_late) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)",
      params: [
        session.sessionId,
        stored.seq,
        session.accountId,
        session.region,
        message.topic,
        NO_BYTES,
        this.#seal(message),
        stored.size,
        stored.qos,
        stored.packetId,
        stored.retain ? 1 : 0,
        identifiers === undefined ? null : JSON.stringify(identifiers),
        stored.expiresAt ?? null,
        message.neverLate ? 1 : 0,
      ],
    };
  }

  #seal(message: Message): Uint8Array {
    const last = this.#last;
    if (last?.message.payload === message.payload && last.message.properties === message.properties) return last.sealed;
    const sealed = sealMessage(message, this.#sealer);
    this.#last = { message, sealed };
    return sealed;
  }

  /** PUBREC has come: what is left of the message is its identifier. */
  release({ sessionId }: SessionRecord, seq: number): Write {
    return {
      sql: "UPDATE broker_message SET released = 1, sealed = NULL WHERE session_id = ? AND seq = ?",
      params: [sessionId, seq],
    };
  }

  /** A publication of QoS 2 has gone on: it must not go on again. */
  receive({ sessionId }: SessionRecord, packetId: number): Write {
    return { sql: "INSERT INTO broker_received (session_id, packet_id) VALUES (?, ?)", params: [sessionId, packetId] };
  }

  /** PUBREL has come: the identifier may be used for another message. */
  forgetReceived({ sessionId }: SessionRecord, packetId: number): Write {
    return {
      sql: "DELETE FROM broker_received WHERE session_id = ? AND packet_id = ?",
      params: [sessionId, packetId],
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
