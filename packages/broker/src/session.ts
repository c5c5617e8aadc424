import { messageOf, uuid } from "@hearth/base";
import { type ProtocolVersion, type PublishFrame, type Qos, Reason, withPacketId } from "@hearth/mqtt";
import { AcknowledgementDeadlines } from "./acknowledgement-deadlines.ts";
import type { FanOut } from "./fan-out.ts";
import { InboundExchanges } from "./inbound-exchanges.ts";
import { type LimitName, messageExpiryLeft } from "./limits.ts";
import { type Orphan, OutboundExchanges, type Sent } from "./outbound-exchanges.ts";
import type { Pending } from "./pending.ts";
import { Rate } from "./rate.ts";
import type { HeldBack, Receiver } from "./receiver.ts";
import type { RetainedDeliveries } from "./retained-deliveries.ts";
import type { SessionDeps, SessionIdentity } from "./session-deps.ts";
import { type Confirmation, type Entry, SessionQueue } from "./session-queue.ts";
import { StoredQueue, type StoringSession } from "./stored-queue.ts";
import type { Grant, Subscription } from "./subscriptions.ts";
import type { Will } from "./will.ts";

/** The key by which a client's session is owned. */
export const sessionKey = (accountId: string, clientId: string): string => `${accountId}/${clientId}`;

/** 4,294,967,295 seconds: the session never expires (section 3.1.2.11.2). */
export const WITHOUT_END = 0xffffffff;

/** Milliseconds that deliveries above a rate are held back at least, so that several leave together. */
const BREATH = 50;
/** Messages that wait for a client which still keeps up. */
const FEW = 64;

/**
 * What the broker remembers of one client: subscriptions, messages to send, messages under way in both directions.
 * A durable session (one with an expiry above 0) has its messages of QoS 1 and 2 in the store, under the packet
 * identifier that every attempt will use, until the client has them for good; memory holds them only while it is
 * connected.
 */
export class Session implements StoringSession {
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
  /** While a connection has the session. */
  owner: { release(): void } | undefined;
  readonly subscriptions = new Map<string, Subscription>();
  /** Of all their filters. */
  subscriptionBytes = 0;
  sentSeq = 0;
  ended = false;
  /** Kept in the store: once the client has asked for an expiry, until the session ends. */
  durable = false;
  /** QoS 2 from the client. */
  readonly inbound = new InboundExchanges();
  /** Of its subscriptions, as far as they have not been delivered. */
  retained: RetainedDeliveries | undefined;
  /** Called once when `hasRoom` has become true. */
  onRoom: (() => void) | undefined;
  #deps: SessionDeps;
  #receiver: Receiver | undefined;
  #queue = new SessionQueue();
  /** What was queued while the client was away, where it leaves at a rate of its own. */
  #backlog: { queue: SessionQueue; rate: Rate } | undefined;
  #deadlines: AcknowledgementDeadlines | undefined;
  #loading = false;
  #cancelResume: (() => void) | undefined;
  #exchanges = new OutboundExchanges();
  /** Of a session that is or has been durable. */
  #stored: StoredQueue | undefined;

  constructor(deps: SessionDeps, identity: SessionIdentity) {
    this.#deps = deps;
    this.sessionId = identity.sessionId ?? uuid();
    this.accountId = identity.accountId;
    this.region = identity.region;
    this.clientId = identity.clientId;
  }

  /** What the store has of the session's messages, in the order of their positions; those up to `sentSeq` may be sent. */
  restore(messages: readonly { seq: number; size: number; packetId: number }[], sentSeq: number): void {
    if (messages.length > 0) this.#stored ??= new StoredQueue(this, this.#deps.store);
    for (const message of messages) {
      this.#stored!.restore(message);
      this.#exchanges.restore(message.packetId);
    }
    this.sentSeq = Math.min(sentSeq, this.#stored?.lastSeq ?? 0);
  }

  get online(): boolean {
    return this.#receiver !== undefined;
  }

  /** Whether a message above QoS 0 would leave soon; shared subscriptions prefer such members. */
  get idle(): boolean {
    const receiver = this.#receiver;
    return (
      receiver !== undefined &&
      !receiver.holding &&
      this.#queue.length === 0 &&
      this.#exchanges.size < receiver.sendMaximum &&
      receiver.heldBack() === undefined
    );
  }

  /** Whether its client is there and keeps up, so that it may be given more than what is published. */
  get hasRoom(): boolean {
    const receiver = this.#receiver;
    if (receiver === undefined || receiver.holding || this.#loading || this.#queue.length >= FEW) return false;
    const { limits } = this.#deps;
    return this.#queue.fullFor(0, limits) === undefined && this.#stored?.fullFor(0, limits) === undefined;
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
    if (this.#stored === undefined || this.#stored.empty) {
      this.pump();
      return;
    }
    this.#loading = true;
    this.#load(receiver, this.#stored).catch((error: unknown) => {
      this.#deps.log.error({ clientId: this.clientId, reason: messageOf(error) }, "queued messages could not be read");
    });
  }

  async #load(receiver: Receiver, stored: StoredQueue): Promise<void> {
    const entries = await stored.read(this.sentSeq);
    if (this.#receiver !== receiver) return;
    const { clock, limits } = this.#deps;
    if (limits.drainPerSecond === Number.POSITIVE_INFINITY) this.#queue.prepend(entries);
    else {
      // AWS: together with live traffic, not before it (reference 1.3).
      this.#backlog = { queue: new SessionQueue(), rate: new Rate(clock, limits.drainPerSecond) };
      this.#backlog.queue.prepend(entries);
    }
    this.#loading = false;
    this.pump();
  }

  /** The connection is gone. Gives back the shared messages that somebody else has to get instead. */
  detach(): Orphan[] {
    const orphans: Orphan[] = [];
    for (const { orphan, confirmation } of this.#exchanges.all()) {
      if (orphan !== undefined) orphans.push(orphan);
      confirmation?.settle(false);
    }
    for (const { share, fan, seq, confirmation } of this.#queue.entries()) {
      if (share !== undefined && seq === 0) orphans.push({ share, fan });
      confirmation?.settle(false);
    }
    this.#receiver = undefined;
    this.#cancelResume?.();
    this.#cancelResume = undefined;
    this.#deadlines?.stop();
    this.#deadlines = undefined;
    this.#backlog = undefined;
    this.connected = false;
    this.#loading = false;
    this.#exchanges.clear();
    this.#queue.clear();
    return orphans;
  }

  /**
   * Hands a message to the session at the lower of its own QoS and the subscription's. Adds to `pending` what has to
   * be durable before the publisher may be told that it is done.
   */
  offer(fan: FanOut, grant: Grant, retain: boolean, pending: Pending): void {
    const qos = Math.min(fan.message.qos, grant.qos) as Qos;
    if (qos === 0) this.#sendUnacknowledged(fan, grant, retain);
    else if (this.durable) this.#store(fan, qos, grant, retain, pending);
    else this.push(fan, qos, retain, grant.identifiers, grant.share);
  }

  #sendUnacknowledged(fan: FanOut, grant: Grant, retain: boolean): void {
    const receiver = this.#receiver;
    const { metrics } = this.#deps;
    if (receiver === undefined) return;
    if (receiver.overflowing) {
      metrics.droppedSlow += 1;
      this.#deps.noteDrop(this, "slow", fan.message.topic);
      this.#deps.limitReached(this.clientId, "backlog", "a QoS 0 message was dropped: the client reads too slowly");
      return;
    }
    if (!this.#permitted(receiver, fan)) return;
    if (!receiver.spend()) {
      metrics.droppedRate += 1;
      this.#deps.noteDrop(this, "rate", fan.message.topic);
      return;
    }
    const frame = this.#frame(receiver, fan, 0, retain, grant.identifiers, false);
    if (frame.bytes.length > receiver.maximumPacketSize) {
      metrics.droppedTooLarge += 1;
      this.#deps.noteDrop(this, "large", fan.message.topic);
    } else {
      metrics.messagesOut += 1;
      receiver.write(frame.bytes);
      receiver.outboundAliases?.learn(fan.message.topic);
    }
  }

  /**
   * A message that lives in memory only: for sessions that end with their connection, and direct messages.
   * `confirmation` is told what becomes of it, unless it finds no room, which gives false.
   */
  push(
    fan: FanOut,
    qos: 1 | 2,
    retain: boolean,
    identifiers: readonly number[] | undefined,
    share?: string,
    confirmation?: Confirmation,
  ): boolean {
    const receiver = this.#receiver;
    if (receiver === undefined) return false;
    const entry: Entry = {
      fan,
      qos,
      retain,
      identifiers,
      share,
      seq: 0,
      size: 0,
      ready: true,
      packetId: 0,
      again: false,
      released: false,
      confirmation,
    };
    if (this.idle && !this.#loading) {
      this.#send(receiver, entry, false);
      return true;
    }
    const full = this.#queue.fullFor(fan.size, this.#deps.limits);
    if (full !== undefined) {
      this.#dropFull(fan, full);
      return false;
    }
    entry.size = fan.detach().size;
    this.#queue.push(entry);
    if (this.#queue.length === 1) this.pump();
    return true;
  }

  #dropFull(fan: FanOut, limit: LimitName): void {
    this.#deps.metrics.droppedFull += 1;
    this.#deps.noteDrop(this, limit === "queuedPerSecond" ? "queuedPerSecond" : "full", fan.message.topic);
    this.#deps.limitReached(this.clientId, limit, "a message was dropped: the session's queue takes no more");
  }

  #store(fan: FanOut, qos: 1 | 2, grant: Grant, retain: boolean, pending: Pending): void {
    const { limits, rates, store } = this.#deps;
    this.#stored ??= new StoredQueue(this, store);
    const full = this.#stored.fullFor(fan.size, limits);
    if (full !== undefined) {
      this.#dropFull(fan, full);
      return;
    }
    if (this.#receiver === undefined && !rates.of(this.accountId).queued.spend()) {
      this.#dropFull(fan, "queuedPerSecond");
      return;
    }
    const entry = this.#stored.add(fan, qos, grant, retain, this.#exchanges.reserve(), pending);
    if (this.#receiver !== undefined) this.#queue.push(entry);
  }

  /** The commit of a stored message is done. */
  settled(entry: Entry, committed: boolean): void {
    if (!committed) {
      this.#queue.remove(entry);
      this.#forget(entry.packetId, entry.size);
    }
    this.pump();
  }

  /** Sends what may be sent. */
  pump(): void {
    const receiver = this.#receiver;
    if (receiver === undefined || this.#loading) return;
    this.#sendFrom(receiver, this.#queue);
    if (this.#backlog !== undefined) this.#sendFrom(receiver, this.#backlog.queue, this.#backlog.rate);
    const { onRoom } = this;
    if (onRoom === undefined || !this.hasRoom) return;
    this.onRoom = undefined;
    onRoom();
  }

  #sendFrom(receiver: Receiver, queue: SessionQueue, rate?: Rate): void {
    for (let entry = queue.peek(); entry?.ready; entry = queue.peek()) {
      if (this.#exchanges.size >= receiver.sendMaximum || receiver.holding) return;
      const wait = rate?.wait ?? 0;
      const heldBack = receiver.heldBack() ?? (wait > 0 ? { limit: "drainPerSecond" as const, wait } : undefined);
      if (heldBack !== undefined) {
        this.#resumeIn(heldBack);
        return;
      }
      rate?.spend();
      queue.shift();
      this.#send(receiver, entry, true);
    }
  }

  /** Goes on once the rate allows more; one timer for all that waits. */
  #resumeIn({ limit, wait }: HeldBack): void {
    if (this.#cancelResume !== undefined) return;
    this.#deps.limitReached(this.clientId, limit, "deliveries were held back");
    this.#cancelResume = this.#deps.clock.after(Math.max(wait, BREATH), () => {
      this.#cancelResume = undefined;
      this.pump();
    });
  }

  #send(receiver: Receiver, entry: Entry, waited: boolean): void {
    const { fan, qos, retain, identifiers, seq, share, again, released, confirmation } = entry;
    const { metrics, clock, limits } = this.#deps;
    if (confirmation?.over) return;
    if (released) {
      this.#exchanges.begin(entry.packetId, {
        seq,
        size: entry.size,
        qos,
        topic: fan.message.topic,
        sentAt: 0,
        released,
        orphan: undefined,
        confirmation,
      });
      this.#sendPubrel(receiver, entry.packetId);
      return;
    }
    // Once its delivery has begun a message is not withdrawn (section 3.3.2.3.3), unless late is worse than never.
    const may = !again || fan.message.neverLate;
    const expired = may && fan.expiresAt !== Number.POSITIVE_INFINITY && fan.expiresAt <= clock.now();
    if (expired) {
      metrics.droppedExpired += 1;
      this.#deps.noteDrop(this, "expired", fan.message.topic);
    }
    if (expired || !this.#permitted(receiver, fan)) {
      this.#done(entry.packetId, seq, entry.size);
      confirmation?.settle(false);
      return;
    }
    const frame = this.#frame(receiver, fan, qos, retain, identifiers, waited);
    if (frame.bytes.length > receiver.maximumPacketSize) {
      metrics.droppedTooLarge += 1;
      this.#deps.noteDrop(this, "large", fan.message.topic);
      this.#done(entry.packetId, seq, entry.size);
      confirmation?.settle(false);
      return;
    }
    const packetId = seq > 0 ? entry.packetId : this.#exchanges.next();
    if (seq > this.sentSeq) this.sentSeq = seq;
    // A message of QoS 2 that was sent goes to nobody else [MQTT-4.8.2-5].
    const orphan = share === undefined || seq > 0 || qos === 2 ? undefined : { share, fan: fan.detach() };
    const { topic } = fan.message;
    const sentAt = this.#sentAt();
    this.#exchanges.begin(packetId, { seq, size: entry.size, qos, topic, sentAt, released, orphan, confirmation });
    receiver.spend();
    const bytes = withPacketId(frame, packetId, again && limits.setDup);
    metrics.messagesOut += 1;
    receiver.write(bytes);
    receiver.outboundAliases?.learn(fan.message.topic);
  }

  /** What `sentAt` is of a message that is sent now. */
  #sentAt(): number {
    const { clock, limits } = this.#deps;
    const limit = this.version === 5 ? "unacknowledged5" : "unacknowledged3";
    if (limits[limit] === Number.POSITIVE_INFINITY) return 0;
    this.#deadlines ??= new AcknowledgementDeadlines(clock, this.#exchanges, limits[limit] * 1000, (overdue) => {
      for (const [packetId, { seq, size, topic, confirmation }] of overdue) {
        this.#deps.metrics.droppedUnacknowledged += 1;
        this.#deps.noteDrop(this, limit, topic);
        this.#deps.limitReached(this.clientId, limit, "a message was given up: the client did not acknowledge it");
        this.#exchanges.end(packetId);
        this.#done(packetId, seq, size);
        confirmation?.settle(false);
      }
      this.pump();
    });
    return this.#deadlines.begin();
  }

  #sendPubrel(receiver: Receiver, packetId: number): void {
    receiver.send({ type: "pubrel", packetId, reasonCode: Reason.Success });
  }

  #permitted(receiver: Receiver, fan: FanOut): boolean {
    if (receiver.mayReceive(fan.message.topic)) return true;
    const { topic } = fan.message;
    this.#deps.metrics.receivesDenied += 1;
    this.#deps.noteDrop(this, "receive", topic, () => receiver.receiveDenial(topic));
    return false;
  }

  #frame(
    receiver: Receiver,
    fan: FanOut,
    qos: 0 | 1 | 2,
    retain: boolean,
    identifiers: readonly number[] | undefined,
    waited: boolean,
  ): PublishFrame {
    const expires = fan.expiresAt !== Number.POSITIVE_INFINITY;
    const aliases = receiver.outboundAliases;
    if (identifiers === undefined && !(waited && expires) && aliases === undefined)
      return fan.frame(receiver.version, qos, retain);
    const use = aliases?.use(fan.message.topic);
    const { clock, limits } = this.#deps;
    const left = expires ? messageExpiryLeft(fan.expiresAt, clock.now(), limits) : undefined;
    return fan.encodeFor(receiver.version, qos, retain, identifiers, use, left);
  }

  /** PUBACK. False when the identifier is that of a message of QoS 2; one that nothing waits for is ignored. */
  acknowledge(packetId: number): boolean {
    const sent = this.#exchanges.find(packetId);
    if (sent === undefined) return true;
    if (sent.qos !== 1) return false;
    this.#finish(packetId, sent);
    return true;
  }

  /**
   * PUBREC: the client has the message, PUBREL follows once that is durable: after a crash the message must not be
   * sent again to a client that may have forgotten the identifier (section 4.3.3). A refusal ends the handshake.
   * False when the identifier is that of a message of QoS 1.
   */
  received(packetId: number, reasonCode: number): boolean {
    const sent = this.#exchanges.find(packetId);
    const receiver = this.#receiver;
    if (receiver === undefined) return true;
    if (sent === undefined) {
      receiver.send({ type: "pubrel", packetId, reasonCode: Reason.PacketIdentifierNotFound });
      return true;
    }
    if (sent.qos !== 2) return false;
    if (reasonCode >= 0x80) {
      this.#finish(packetId, sent);
      return true;
    }
    if (sent.released || sent.seq === 0) {
      sent.released = true;
      this.#sendPubrel(receiver, packetId);
      return true;
    }
    sent.released = true;
    const { store } = this.#deps;
    const stored = store.commit([store.release(this, sent.seq)]).then(() => {
      if (this.#receiver === receiver) this.#sendPubrel(receiver, packetId);
    });
    store.watch(stored, "a PUBREC");
    return true;
  }

  /** PUBCOMP. False when PUBREL was not sent yet; an identifier that nothing waits for is ignored. */
  completed(packetId: number): boolean {
    const sent = this.#exchanges.find(packetId);
    if (sent === undefined) return true;
    if (!sent.released) return false;
    this.#finish(packetId, sent);
    return true;
  }

  #finish(packetId: number, { seq, size, confirmation }: Sent): void {
    this.#exchanges.end(packetId);
    this.#done(packetId, seq, size);
    confirmation?.settle(true);
    if (this.#queue.length > 0 || this.onRoom !== undefined || this.#backlog !== undefined) this.pump();
  }

  #done(packetId: number, seq: number, size: number): void {
    if (seq === 0) return;
    this.#forget(packetId, size);
    if (!this.ended) this.#deps.store.dequeue(this, seq);
  }

  #forget(packetId: number, size: number): void {
    this.#exchanges.release(packetId);
    this.#stored?.forget(size);
  }
}
