import { type Clock, type Logger, messageOf, uuid } from "@hearth/base";
import { type ProtocolVersion, type PublishFrame, withPacketId } from "@hearth/mqtt";
import { FanOut } from "./fan-out.ts";
import type { BrokerLimits } from "./limits.ts";
import type { BrokerMetrics } from "./metrics.ts";
import type { Pending } from "./pending.ts";
import { type Entry, SessionQueue } from "./session-queue.ts";
import type { SessionRecord, SessionStore } from "./session-store.ts";
import type { Grant, Subscription } from "./subscriptions.ts";
import type { Will } from "./will.ts";

/** The connection of a session, as far as deliveries need it. */
export interface Receiver {
  readonly version: ProtocolVersion;
  /** QoS 1 messages that may wait for their PUBACK. */
  readonly sendMaximum: number;
  readonly maximumPacketSize: number;
  /** So much waits in the socket that QoS 1 messages are better held back … */
  readonly holding: boolean;
  /** … and QoS 0 messages dropped. */
  readonly overflowing: boolean;
  mayReceive(topic: string): boolean;
  /** Takes one of the connection's publications for this second; false when there are none left. */
  spend(): boolean;
  write(frame: Uint8Array): void;
}

export interface SessionDeps {
  store: SessionStore;
  limits: BrokerLimits;
  metrics: BrokerMetrics;
  clock: Clock;
  log: Pick<Logger, "error">;
}

export interface SessionIdentity {
  accountId: string;
  region: string;
  clientId: string;
  sessionId?: string;
}

/** A message of a shared subscription that its receiver has not acknowledged. */
export interface Orphan {
  /** The shared subscription's filter. */
  share: string;
  fan: FanOut;
}

/** A message that waits for its PUBACK. */
interface Sent {
  /** Position in the durable queue; 0 for what is in memory only. */
  seq: number;
  size: number;
  orphan: Orphan | undefined;
}

/** 4,294,967,295 seconds: the session never expires (section 3.1.2.11.2). */
export const WITHOUT_END = 0xffffffff;

/**
 * What the broker remembers of one client: subscriptions, messages to send, messages that wait for their PUBACK.
 * A durable session (one with an expiry above 0) has its QoS 1 messages in the store until the client has acknowledged them;
 * memory holds them only while it is connected.
 */
export class Session implements SessionRecord {
  readonly sessionId: string;
  readonly accountId: string;
  readonly region: string;
  readonly clientId: string;
  version: ProtocolVersion = 4;
  expiryInterval = 0;
  connected = false;
  expiresAt: number | undefined;
  versionNumber = 0;
  will: Will | undefined;
  willDueAt: number | undefined;
  readonly subscriptions = new Map<string, Subscription>();
  /** In the store, acknowledged or not. */
  storedMessages = 0;
  storedBytes = 0;
  lastSeq = 0;
  ended = false;
  /** Kept in the store: once the client has asked for an expiry, until the session ends. */
  durable = false;
  #deps: SessionDeps;
  #receiver: Receiver | undefined;
  #queue = new SessionQueue();
  #loading = false;
  /** By packet identifier. */
  #unacknowledged = new Map<number, Sent>();
  /** Identifiers of what an earlier connection was sent and did not acknowledge, by position. */
  #sentBefore = new Map<number, number>();
  #lastPacketId = 0;
  #commits = new Set<Promise<void>>();

  constructor(deps: SessionDeps, identity: SessionIdentity) {
    this.#deps = deps;
    this.sessionId = identity.sessionId ?? uuid();
    this.accountId = identity.accountId;
    this.region = identity.region;
    this.clientId = identity.clientId;
  }

  get online(): boolean {
    return this.#receiver !== undefined;
  }

  /** Whether a QoS 1 message would leave soon; shared subscriptions prefer such members. */
  get idle(): boolean {
    const receiver = this.#receiver;
    return (
      receiver !== undefined &&
      !receiver.holding &&
      this.#queue.length === 0 &&
      this.#unacknowledged.size < receiver.sendMaximum
    );
  }

  /** Whether its client is there and has no right to receive this topic (`iot:Receive`). */
  refuses(topic: string): boolean {
    return this.#receiver !== undefined && !this.#receiver.mayReceive(topic);
  }

  /** Connects the session with its client and sends what has been waiting. */
  attach(receiver: Receiver): void {
    this.#receiver = receiver;
    this.connected = true;
    this.expiresAt = undefined;
    if (this.storedMessages === 0 && this.#commits.size === 0) return;
    this.#loading = true;
    this.#load(receiver, this.lastSeq + 1).catch((error: unknown) => {
      this.#deps.log.error({ clientId: this.clientId, reason: messageOf(error) }, "queued messages could not be read");
    });
  }

  async #load(receiver: Receiver, before: number): Promise<void> {
    await Promise.allSettled([...this.#commits]);
    const rows = await this.#deps.store.messages(this, before);
    if (this.#receiver !== receiver) return;
    const entries = rows.map(
      (row): Entry => ({
        fan: new FanOut(row.message, row.expiresAt ?? Number.POSITIVE_INFINITY),
        retain: row.retain,
        identifiers: row.identifiers,
        seq: row.seq,
        size: row.size,
        ready: true,
        packetId: this.#sentBefore.get(row.seq) ?? 0,
      }),
    );
    // What was sent before goes first and under its own identifier; the sort is stable.
    entries.sort((a, b) => Number(b.packetId > 0) - Number(a.packetId > 0));
    this.#queue.prepend(entries);
    this.#loading = false;
    this.pump();
  }

  /** The connection is gone. Gives back the shared messages that somebody else has to get instead. */
  detach(): Orphan[] {
    const orphans: Orphan[] = [];
    for (const { orphan } of this.#unacknowledged.values()) if (orphan !== undefined) orphans.push(orphan);
    for (const { share, fan, seq } of this.#queue.entries()) {
      if (share !== undefined && seq === 0) orphans.push({ share, fan });
    }
    this.#receiver = undefined;
    this.connected = false;
    this.#loading = false;
    for (const [packetId, { seq }] of this.#unacknowledged) if (seq > 0) this.#sentBefore.set(seq, packetId);
    this.#unacknowledged.clear();
    this.#queue.clear();
    return orphans;
  }

  /**
   * Hands a message to the session at the lower of its own QoS and the subscription's. Adds to `pending` what has to
   * be durable before the publisher may be told that it is done.
   */
  offer(fan: FanOut, grant: Grant, retain: boolean, pending: Pending): void {
    if (fan.message.qos === 0 || grant.qos === 0) this.#sendUnacknowledged(fan, grant, retain);
    else if (this.durable) this.#store(fan, grant, retain, pending);
    else this.push(fan, retain, grant.identifiers, grant.share);
  }

  #sendUnacknowledged(fan: FanOut, grant: Grant, retain: boolean): void {
    const receiver = this.#receiver;
    const { metrics } = this.#deps;
    if (receiver === undefined) return;
    if (receiver.overflowing) {
      metrics.droppedSlow += 1;
      return;
    }
    if (!this.#permitted(receiver, fan)) return;
    if (!receiver.spend()) {
      metrics.droppedRate += 1;
      return;
    }
    const frame = this.#frame(receiver, fan, 0, retain, grant.identifiers, false);
    if (frame.bytes.length > receiver.maximumPacketSize) metrics.droppedTooLarge += 1;
    else {
      metrics.messagesOut += 1;
      receiver.write(frame.bytes);
    }
  }

  /** A QoS 1 message that lives in memory only: for sessions that end with their connection, and direct replies. */
  push(fan: FanOut, retain: boolean, identifiers: readonly number[] | undefined, share?: string): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    if (this.idle && !this.#loading) {
      const entry = { fan, retain, identifiers, share, seq: 0, size: 0, ready: true, packetId: 0 };
      this.#send(receiver, entry, false);
      return;
    }
    const { limits, metrics } = this.#deps;
    if (this.#queue.length >= limits.queuedMessages || this.#queue.bytes + fan.size > limits.queuedBytes) {
      metrics.droppedFull += 1;
      return;
    }
    const { size } = fan.detach();
    this.#queue.push({ fan, retain, identifiers, share, seq: 0, size, ready: true, packetId: 0 });
  }

  #store(fan: FanOut, grant: Grant, retain: boolean, pending: Pending): void {
    const { limits, metrics, store } = this.#deps;
    const { size } = fan;
    if (this.storedMessages >= limits.queuedMessages || this.storedBytes + size > limits.queuedBytes) {
      metrics.droppedFull += 1;
      return;
    }
    this.lastSeq += 1;
    const seq = this.lastSeq;
    this.storedMessages += 1;
    this.storedBytes += size;
    const expiresAt = Number.isFinite(fan.expiresAt) ? fan.expiresAt : undefined;
    const { identifiers } = grant;
    pending.writes.push(store.enqueue(this, { seq, message: fan.detached, retain, identifiers, expiresAt, size }));
    const entry: Entry = { fan, retain, identifiers, seq, size, ready: false, packetId: 0 };
    if (this.#receiver !== undefined) this.#queue.push(entry);
    const commit = new Promise<void>((resolve) => {
      pending.settle.push((committed) => {
        resolve();
        this.#commits.delete(commit);
        if (committed) entry.ready = true;
        else {
          this.#queue.remove(entry);
          this.#forget(size);
        }
        this.pump();
      });
    });
    this.#commits.add(commit);
  }

  /** Sends what may be sent. */
  pump(): void {
    const receiver = this.#receiver;
    if (receiver === undefined || this.#loading) return;
    for (let entry = this.#queue.peek(); entry?.ready; entry = this.#queue.peek()) {
      if (this.#unacknowledged.size >= receiver.sendMaximum || receiver.holding) return;
      this.#queue.shift();
      this.#send(receiver, entry, true);
    }
  }

  #send(receiver: Receiver, entry: Entry, waited: boolean): void {
    const { fan, retain, identifiers, seq, share } = entry;
    const again = entry.packetId > 0;
    const { metrics, clock } = this.#deps;
    const expired = fan.expiresAt !== Number.POSITIVE_INFINITY && fan.expiresAt <= clock.now();
    if (expired) metrics.droppedExpired += 1;
    if (expired || !this.#permitted(receiver, fan)) {
      this.#done(seq, entry.size);
      return;
    }
    const frame = this.#frame(receiver, fan, 1, retain, identifiers, waited);
    if (frame.bytes.length > receiver.maximumPacketSize) {
      metrics.droppedTooLarge += 1;
      this.#done(seq, entry.size);
      return;
    }
    const packetId = again ? entry.packetId : this.#freePacketId();
    this.#sentBefore.delete(seq);
    const orphan = share === undefined || seq > 0 ? undefined : { share, fan: fan.detach() };
    this.#unacknowledged.set(packetId, { seq, size: entry.size, orphan });
    const bytes = withPacketId(frame, packetId);
    if (again) bytes[0] = bytes[0]! | 8;
    metrics.messagesOut += 1;
    receiver.write(bytes);
  }

  #permitted(receiver: Receiver, fan: FanOut): boolean {
    if (receiver.mayReceive(fan.message.topic)) return true;
    this.#deps.metrics.receivesDenied += 1;
    return false;
  }

  #frame(
    receiver: Receiver,
    fan: FanOut,
    qos: 0 | 1,
    retain: boolean,
    identifiers: readonly number[] | undefined,
    waited: boolean,
  ): PublishFrame {
    const aged = waited && fan.expiresAt !== Number.POSITIVE_INFINITY;
    if (identifiers === undefined && !aged) return fan.frame(receiver.version, qos, retain);
    return fan.encodeFor(receiver.version, qos, retain, identifiers, this.#deps.clock.now());
  }

  #freePacketId(): number {
    // Identifiers of an earlier connection stay taken until their messages are sent again.
    const taken = this.#sentBefore.size > 0 ? new Set(this.#sentBefore.values()) : undefined;
    do this.#lastPacketId = (this.#lastPacketId % 65_535) + 1;
    while (this.#unacknowledged.has(this.#lastPacketId) || taken?.has(this.#lastPacketId));
    return this.#lastPacketId;
  }

  /** The client has sent a PUBACK; one that nothing waits for is ignored. */
  acknowledge(packetId: number): void {
    const sent = this.#unacknowledged.get(packetId);
    if (sent === undefined) return;
    this.#unacknowledged.delete(packetId);
    this.#done(sent.seq, sent.size);
    if (this.#queue.length > 0) this.pump();
  }

  #done(seq: number, size: number): void {
    if (seq === 0) return;
    this.#sentBefore.delete(seq);
    this.#forget(size);
    if (!this.ended) this.#deps.store.dequeue(this, seq);
  }

  #forget(size: number): void {
    this.storedMessages -= 1;
    this.storedBytes -= size;
  }
}
