import type { Write } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { Router } from "@hearth/iot";
import type { ProtocolVersion } from "@hearth/mqtt";
import type { Rates } from "./account-rates.ts";
import type { ConnectionLog } from "./connection-log.ts";
import type { NoteDrop } from "./connection-words.ts";
import type { LimitReached } from "./limit-reports.ts";
import type { BrokerLimits } from "./limits.ts";
import type { BrokerMetrics } from "./metrics.ts";
import type { Orphan } from "./outbound-exchanges.ts";
import { commitPending, noPending } from "./pending.ts";
import { Session, WITHOUT_END } from "./session.ts";
import type { SessionIdentity } from "./session-deps.ts";
import type { SessionStore, StoredSession } from "./session-store.ts";
import { offerToOne } from "./share.ts";
import { type Subscription, Subscriptions } from "./subscriptions.ts";
import type { Will } from "./will.ts";

/** Everything of one account that is alive here; two accounts never meet. */
export interface Account {
  sessions: Map<string, Session>;
  subscriptions: Subscriptions<Session>;
  /** Sessions that outlive their connection. */
  durable: number;
}

export interface SessionsDeps {
  store: SessionStore;
  limits: BrokerLimits;
  metrics: BrokerMetrics;
  clock: Clock;
  log: Pick<Logger, "error" | "warn">;
  router: Pick<Router, "publish">;
  connectionLog: Pick<ConnectionLog, "note">;
  noteDrop: NoteDrop;
  limitReached: LimitReached;
  rates: Rates;
  isCertificateActive(accountId: string, certificateId: string): Promise<boolean>;
}

export interface SessionRequest extends SessionIdentity {
  version: ProtocolVersion;
  clean: boolean;
  expiryInterval: number;
  will: Will | undefined;
  versionNumber: number;
  /** Whoever opens the session owns it; it is released once the end of the connection is stored. */
  owner: { release(): void };
}

/** The sessions of all accounts: begun, resumed, kept while their client is away, ended. */
export class Sessions {
  readonly #deps: SessionsDeps;
  readonly #accounts = new Map<string, Account>();
  /** What cancels a session's expiry or its delayed will. */
  readonly #timers = new Map<Session, (() => void)[]>();

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
  }

  account(accountId: string): Account {
    let account = this.#accounts.get(accountId);
    if (account === undefined) {
      const subscriptions = new Subscriptions<Session>(this.#deps.limits.hashMatchesParent);
      account = { sessions: new Map(), subscriptions, durable: 0 };
      this.#accounts.set(accountId, account);
    }
    return account;
  }

  find(accountId: string): Account | undefined {
    return this.#accounts.get(accountId);
  }

  /** Brings the stored sessions back. Connections that a crash has cut count as lost now. */
  async load(): Promise<void> {
    const now = this.#deps.clock.now();
    for (const stored of await this.#deps.store.load()) this.#restore(stored, now);
  }

  #restore(stored: StoredSession, now: number): void {
    const session = new Session(this.#deps, stored);
    const { version, expiryInterval, versionNumber, will } = stored;
    Object.assign(session, { version, expiryInterval, versionNumber, durable: true });
    session.restore(stored.queue, stored.sentSeq);
    for (const packetId of stored.received) session.inbound.begin(packetId, undefined);
    const account = this.account(stored.accountId);
    account.sessions.set(stored.clientId, session);
    account.durable += 1;
    this.#deps.metrics.sessions += 1;
    for (const subscription of stored.subscriptions) this.subscribe(session, subscription);
    if (stored.connected) {
      this.#away(session, will, now);
      return;
    }
    session.expiresAt = stored.expiresAt;
    session.will = will;
    session.willDueAt = stored.willDueAt;
    this.#arm(session, now);
  }

  /**
   * The session of a client that connects: the one that it has left, or a new one. `present` as CONNACK says it.
   * Resolves once a durable session is stored.
   */
  async open(request: SessionRequest): Promise<{ session: Session; present: boolean }> {
    const { clock, limits, store, metrics } = this.#deps;
    const account = this.account(request.accountId);
    const old = account.sessions.get(request.clientId);
    const expired = old?.expiresAt !== undefined && old.expiresAt <= clock.now();
    const resumable = old !== undefined && !request.clean && !expired;
    const present = resumable && (limits.resumeAcrossVersions || old.version === request.version);
    if (resumable && !present) {
      this.#deps.limitReached(request.clientId, "resumeAcrossVersions", "a session of another version was not resumed");
    }
    const writes: Write[] = [];
    if (old !== undefined && !present) writes.push(...this.#forget(old));
    const session = present ? old : new Session(this.#deps, request);
    if (!present) {
      account.sessions.set(request.clientId, session);
      metrics.sessions += 1;
    }
    this.#disarm(session);
    session.owner = request.owner;
    session.version = request.version;
    session.expiryInterval = request.expiryInterval;
    session.versionNumber = request.versionNumber;
    session.connected = true;
    session.expiresAt = undefined;
    // A will that was still to come is overtaken by the new connection (section 3.1.3.2.2).
    session.will = request.will;
    session.willDueAt = undefined;
    if (request.expiryInterval > 0 && !session.durable) {
      session.durable = true;
      account.durable += 1;
    }
    if (session.durable) writes.push(store.save(session));
    try {
      if (writes.length > 0) await store.commit(writes);
    } catch (error) {
      this.leave(session, undefined);
      throw error;
    }
    return { session, present };
  }

  /** The session's connection has ended; `will` is what is left to say for it. */
  leave(session: Session, will: Will | undefined): void {
    const orphans = session.detach();
    const { owner } = session;
    session.owner = undefined;
    let stored: Promise<void> | undefined;
    if (!session.ended) stored = this.#away(session, will, this.#deps.clock.now());
    else if (will !== undefined) this.publish(will);
    if (stored === undefined) owner?.release();
    else stored.then(() => owner?.release());
    for (const orphan of orphans) this.#handOver(session, orphan);
  }

  /** A shared message whose receiver has gone goes to another member (section 4.8.2). */
  #handOver({ accountId }: Session, { share, fan }: Orphan): void {
    const pending = noPending();
    const members = this.account(accountId).subscriptions.shareMembers(share);
    offerToOne([...members], fan, pending);
    const stored = commitPending(this.#deps.store, pending);
    if (stored !== undefined) this.#deps.store.watch(stored, "a shared message");
  }

  /** The promise, if any, is of what is stored of it; it does not reject. */
  #away(session: Session, will: Will | undefined, now: number): Promise<void> | undefined {
    const { expiryInterval } = session;
    session.connected = false;
    session.will = undefined;
    if (will !== undefined && Math.min(will.delay, expiryInterval) > 0) {
      session.will = will;
      session.willDueAt = now + Math.min(will.delay, expiryInterval) * 1000;
    }
    const due = session.will === undefined ? will : undefined;
    let stored: Promise<void> | undefined;
    if (expiryInterval === 0) stored = this.end(session);
    else {
      session.expiresAt = expiryInterval === WITHOUT_END ? undefined : now + expiryInterval * 1000;
      stored = this.#deps.store.commitBehind([this.#deps.store.save(session)], "the end of a connection");
      this.#arm(session, now);
    }
    if (due !== undefined) this.publish(due);
    return stored;
  }

  #arm(session: Session, now: number): void {
    const { clock } = this.#deps;
    const timers: (() => void)[] = [];
    if (session.will !== undefined && session.willDueAt !== undefined) {
      timers.push(clock.after(Math.max(0, session.willDueAt - now), () => this.#willDue(session)));
    }
    if (session.expiresAt !== undefined) {
      timers.push(clock.after(Math.max(0, session.expiresAt - now), () => this.#expire(session)));
    }
    if (timers.length > 0) this.#timers.set(session, timers);
  }

  #disarm(session: Session): void {
    for (const cancel of this.#timers.get(session) ?? []) cancel();
    this.#timers.delete(session);
  }

  #willDue(session: Session): void {
    const { will } = session;
    if (will === undefined || session.connected) return;
    session.will = undefined;
    session.willDueAt = undefined;
    this.#deps.store.commitBehind([this.#deps.store.save(session)], "a will's publication");
    this.publish(will);
  }

  #expire(session: Session): void {
    const now = this.#deps.clock.now();
    if (session.connected || session.expiresAt === undefined) return;
    // Timers reach 24 days; what is further away is armed again.
    if (session.expiresAt > now) {
      this.#arm(session, now);
      return;
    }
    this.end(session);
  }

  /** Ends a session now; a will that was still to come is published [MQTT-3.1.2-10]. */
  end(session: Session): Promise<void> | undefined {
    const writes = this.#forget(session);
    return writes.length > 0 ? this.#deps.store.commitBehind(writes, "the end of a session") : undefined;
  }

  /** Ends a session now, as `end` does; resolves once that is durable. */
  async remove(session: Session): Promise<void> {
    this.#forget(session);
    if (session.durable) await this.#deps.store.commit(this.#deps.store.remove(session));
  }

  /** Resolves once the session is stored as it is; one that has ended is removed. */
  async save(session: Session): Promise<void> {
    const { store } = this.#deps;
    if (session.durable) await store.commit(session.ended ? store.remove(session) : [store.save(session)]);
  }

  /** A will that was still to come is not published. */
  dropWill(session: Session): void {
    if (session.connected) return;
    session.will = undefined;
    session.willDueAt = undefined;
  }

  #forget(session: Session): Write[] {
    if (session.ended) return [];
    session.ended = true;
    this.#disarm(session);
    const account = this.account(session.accountId);
    for (const filter of session.subscriptions.keys()) account.subscriptions.remove(session, filter);
    this.#deps.metrics.subscriptions -= session.subscriptions.size;
    this.#deps.metrics.sessions -= 1;
    session.subscriptions.clear();
    session.subscriptionBytes = 0;
    if (session.durable) account.durable -= 1;
    account.sessions.delete(session.clientId);
    const { will } = session;
    session.will = undefined;
    if (will !== undefined && !session.connected) this.publish(will);
    return session.durable ? this.#deps.store.remove(session) : [];
  }

  /** Adds or replaces a subscription; true when the filter is new to the session. */
  subscribe(session: Session, subscription: Subscription): boolean {
    const fresh = !session.subscriptions.has(subscription.filter);
    session.subscriptions.set(subscription.filter, subscription);
    this.account(session.accountId).subscriptions.add(session, subscription);
    if (fresh) {
      session.subscriptionBytes += Buffer.byteLength(subscription.filter);
      this.#deps.metrics.subscriptions += 1;
    }
    return fresh;
  }

  unsubscribe(session: Session, filter: string): boolean {
    if (!session.subscriptions.delete(filter)) return false;
    session.subscriptionBytes -= Buffer.byteLength(filter);
    this.account(session.accountId).subscriptions.remove(session, filter);
    this.#deps.metrics.subscriptions -= 1;
    return true;
  }

  publish(will: Will): void {
    const { topic } = will.message;
    const { clientId } = will.publisher;
    const told = this.#publish(will).catch((error: unknown) => {
      const reason = `the will was not published: ${messageOf(error)}`;
      this.#noteWill(will, "Failure", reason);
      this.#deps.log.warn({ clientId, topic, reason: messageOf(error) }, "a will was not published");
    });
    this.#deps.store.watch(told, "a will");
  }

  async #publish(will: Will): Promise<void> {
    const { message, publisher } = will;
    const { accountId, certificateId } = publisher;
    // Permission was asked for at CONNECT (reference 1.3); since then the certificate may have been revoked.
    if (certificateId !== undefined && !(await this.#deps.isCertificateActive(accountId, certificateId))) {
      this.#noteWill(will, "Failure", "the will was not published: the client's certificate is not active any more");
      return;
    }
    const published = this.#deps.router.publish(message, publisher);
    this.#noteWill(will, "Success", "the will was published, because the connection ended without a normal DISCONNECT");
    await published;
  }

  #noteWill({ message, publisher }: Will, status: "Success" | "Failure", reason: string): void {
    const note = { eventType: "Publish-In", topicName: message.topic, status, cause: "will", reason } as const;
    this.#deps.connectionLog.note(publisher, note);
  }
}
