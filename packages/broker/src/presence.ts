import type { Bus } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import {
  type ConnectionOpened,
  connectionClosed,
  connectionOpened,
  type DisconnectReason,
  platformPublisher,
  type Router,
} from "@hearth/iot";
import type { ConnectionIdentity } from "./identity.ts";

export interface PresenceDeps {
  bus: Bus;
  router: Pick<Router, "publish">;
  clock: Clock;
  log: Pick<Logger, "warn">;
}

/** What lifecycle events say about a connection. */
export interface Presented {
  identity: ConnectionIdentity;
  clientId: string;
  thingName: string | undefined;
  /** Of this one connection. */
  sessionIdentifier: string;
  versionNumber: number;
}

/** Clients that are remembered to be away; the longest absent are forgotten first. */
const MOST_AWAY = 100_000;
/** Version numbers start again once a client was away for so long (reference 10.1). */
const FORGOTTEN_AFTER = 3_600_000;

/** Tells the house and subscribers of `$aws/events/…` who comes and goes (reference 10.1). */
export class Presence {
  readonly #deps: PresenceDeps;
  /** Clients that are away, the longest absent first. */
  readonly #away = new Map<string, { versionNumber: number; since: number }>();

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
  }

  /** The number that a client's next connection has; `stored` is what its session remembers. */
  nextVersion(accountId: string, clientId: string, stored: number | undefined): number {
    const now = this.#deps.clock.now();
    for (const [key, { since }] of this.#away) {
      if (now - since < FORGOTTEN_AFTER) break;
      this.#away.delete(key);
    }
    const key = `${accountId}/${clientId}`;
    const last = this.#away.get(key)?.versionNumber ?? stored;
    this.#away.delete(key);
    return last === undefined ? 0 : last + 1;
  }

  connected(who: Presented): void {
    const common = this.#common(who);
    this.#deps.bus.publish(connectionOpened, { ...common, ipAddress: who.identity.sourceIp });
    this.#event(who, "presence/connected", {
      ...this.#described(who, "connected", common.timestamp),
      ipAddress: who.identity.sourceIp,
      versionNumber: who.versionNumber,
    });
  }

  disconnected(who: Presented, reason: DisconnectReason, clientInitiated: boolean): void {
    const common = this.#common(who);
    const key = `${who.identity.accountId}/${who.clientId}`;
    this.#away.delete(key);
    this.#away.set(key, { versionNumber: who.versionNumber, since: common.timestamp });
    if (this.#away.size > MOST_AWAY) this.#away.delete(this.#away.keys().next().value as string);
    this.#deps.bus.publish(connectionClosed, { ...common, clientInitiated, reason });
    this.#event(who, "presence/disconnected", {
      ...this.#described(who, "disconnected", common.timestamp),
      clientInitiatedDisconnect: clientInitiated,
      disconnectReason: reason,
      versionNumber: who.versionNumber,
    });
  }

  refused(who: Presented): void {
    const event = this.#described(who, "connect_failed", this.#deps.clock.now());
    this.#event(who, "presence/connect_failed", {
      ...event,
      ipAddress: who.identity.sourceIp,
      connectFailureReason: "AUTHORIZATION_FAILED",
    });
  }

  subscribed(who: Presented, topics: readonly string[]): void {
    const event = this.#described(who, "subscribed", this.#deps.clock.now());
    this.#event(who, "subscriptions/subscribed", { ...event, topics });
  }

  unsubscribed(who: Presented, topics: readonly string[]): void {
    const event = this.#described(who, "unsubscribed", this.#deps.clock.now());
    this.#event(who, "subscriptions/unsubscribed", { ...event, topics });
  }

  #common(who: Presented): Omit<ConnectionOpened, "ipAddress"> {
    const { accountId, principalId, certificateId } = who.identity;
    return {
      accountId,
      clientId: who.clientId,
      thingName: who.thingName,
      principalId,
      certificateId,
      sessionId: who.sessionIdentifier,
      versionNumber: who.versionNumber,
      timestamp: this.#deps.clock.now(),
    };
  }

  #described(who: Presented, eventType: string, timestamp: number): Record<string, unknown> {
    return {
      clientId: who.clientId,
      ...(who.thingName === undefined ? {} : { thingName: who.thingName }),
      timestamp,
      eventType,
      sessionIdentifier: who.sessionIdentifier,
      principalIdentifier: who.identity.principalId,
    };
  }

  #event(who: Presented, name: string, event: Record<string, unknown>): void {
    // Such a client id cannot be a topic level (reference 2).
    if (/[+#]/.test(who.clientId)) return;
    const { accountId, region } = who.identity;
    const message = {
      accountId,
      topic: `$aws/events/${name}/${who.clientId}`,
      qos: 1 as const,
      retain: false,
      // Most events have no subscriber; the text is made for those that have.
      get payload() {
        return Buffer.from(JSON.stringify(event));
      },
    };
    this.#deps.router.publish(message, platformPublisher(accountId, region))?.catch((error: unknown) => {
      this.#deps.log.warn({ topic: message.topic, reason: messageOf(error) }, "a lifecycle event was not published");
    });
  }
}
