import type { Qos } from "@hearth/mqtt";
import { FanOut } from "./fan-out.ts";
import type { BrokerLimits } from "./limits.ts";
import { PACKET_IDS } from "./outbound-exchanges.ts";
import type { Pending } from "./pending.ts";
import type { Entry } from "./session-queue.ts";
import type { SessionRecord, SessionStore } from "./session-store.ts";
import type { Grant } from "./subscriptions.ts";

/** The session of a queue; it is told when a message is ready, or was never there. */
export interface StoringSession extends SessionRecord {
  settled(entry: Entry, committed: boolean): void;
}

/** What a durable session has in the store: messages of QoS 1 and 2 that its client does not have for good. */
export class StoredQueue {
  readonly #session: StoringSession;
  readonly #store: SessionStore;
  #messages = 0;
  #bytes = 0;
  #lastSeq = 0;
  readonly #commits = new Set<Promise<void>>();

  constructor(session: StoringSession, store: SessionStore) {
    this.#session = session;
    this.#store = store;
  }

  /** Position of the last message that was stored; messages after it are those of `add` from now on. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Nothing is stored, nor about to be. */
  get empty(): boolean {
    return this.#messages === 0 && this.#commits.size === 0;
  }

  /** A message that was stored before the server started. */
  restore({ seq, size }: { seq: number; size: number }): void {
    this.#messages += 1;
    this.#bytes += size;
    this.#lastSeq = seq;
  }

  /** The limit that keeps a message of `size` bytes out; undefined when there is room. */
  fullFor(size: number, limits: BrokerLimits): "queuedMessages" | "queuedBytes" | undefined {
    const room = Math.min(limits.queuedMessages, PACKET_IDS - limits.sendMaximum);
    if (this.#messages >= room) return "queuedMessages";
    return this.#bytes + size > limits.queuedBytes ? "queuedBytes" : undefined;
  }

  /** Adds a message to what `pending` commits. */
  add(fan: FanOut, qos: Exclude<Qos, 0>, grant: Grant, retain: boolean, packetId: number, pending: Pending): Entry {
    const { size } = fan;
    const { identifiers } = grant;
    this.#lastSeq += 1;
    const seq = this.#lastSeq;
    this.#messages += 1;
    this.#bytes += size;
    const expiresAt = Number.isFinite(fan.expiresAt) ? fan.expiresAt : undefined;
    const message = fan.detached;
    pending.writes.push(
      this.#store.enqueue(this.#session, { seq, message, qos, packetId, retain, identifiers, expiresAt, size }),
    );
    const entry: Entry = {
      fan,
      qos,
      retain,
      identifiers,
      seq,
      size,
      ready: false,
      packetId,
      again: false,
      released: false,
    };
    const commit = new Promise<void>((resolve) => {
      pending.settle.push((committed) => {
        resolve();
        this.#commits.delete(commit);
        entry.ready = committed;
        this.#session.settled(entry, committed);
      });
    });
    this.#commits.add(commit);
    return entry;
  }

  /** Resolves with the messages up to `lastSeq` as it was, once what was being stored is stored. */
  async read(sentSeq: number): Promise<Entry[]> {
    const before = this.#lastSeq + 1;
    await Promise.allSettled([...this.#commits]);
    const rows = await this.#store.messages(this.#session, before);
    return rows.map(
      ({ seq, size, message, expiresAt, retain, identifiers, packetId, released }): Entry => ({
        fan: new FanOut(message, expiresAt ?? Number.POSITIVE_INFINITY),
        qos: message.qos === 2 ? 2 : 1,
        retain,
        identifiers,
        seq,
        size,
        ready: true,
        packetId,
        again: seq <= sentSeq,
        released,
      }),
    );
  }

  /** A message was never stored, or need not be any longer. */
  forget(size: number): void {
    this.#messages -= 1;
    this.#bytes -= size;
  }
}
