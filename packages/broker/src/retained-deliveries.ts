import type { Message } from "@hearth/iot";
import type { BrokerContext } from "./context.ts";
import { FanOut } from "./fan-out.ts";
import { messageExpiryLeft } from "./limits.ts";
import { commitPending, noPending, type Pending } from "./pending.ts";
import type { RetainedMessage } from "./retained-tree.ts";
import type { Session } from "./session.ts";
import type { Subscription } from "./subscriptions.ts";

/** Topic levels that one turn of the event loop looks at for one session: a few milliseconds. */
const SLICE = 512;

interface Search {
  subscription: Subscription;
  found: Iterator<RetainedMessage | undefined>;
}

type Deps = Pick<BrokerContext, "retained" | "store" | "clock" | "limits">;

/**
 * Retained messages on their way to one session after its SUBSCRIBEs, filter by filter: at most a slice in each turn of
 * the event loop, and no faster than the session's client takes them. What a slow client has not been given when its
 * connection ends follows in the next one.
 */
export class RetainedDeliveries {
  readonly #deps: Deps;
  readonly #session: Session;
  /** By filter: a subscription that is made again begins again. */
  readonly #searches = new Map<string, Search>();
  #left = SLICE;
  #scheduled = false;

  constructor(deps: Deps, session: Session) {
    this.#deps = deps;
    this.#session = session;
  }

  /** Delivers what is retained now; messages that are set later reach the session as they are published. */
  add(subscription: Subscription): void {
    const { filter } = subscription;
    this.#searches.delete(filter);
    this.#searches.set(filter, {
      subscription,
      found: this.#deps.retained.search(this.#session.accountId, filter),
    });
  }

  /** Goes on as far as this turn and the session allow. A promise: what was found is being made durable. */
  run(): Promise<void> | undefined {
    const session = this.#session;
    const pending = noPending();
    for (const [filter, search] of this.#searches) {
      if (!this.#goOn(search, pending)) break;
      this.#searches.delete(filter);
    }
    if (this.#searches.size > 0 && this.#left > 0) session.onRoom = () => this.#runBehind();
    else if (this.#left < SLICE) this.#nextTurn();
    else if (session.retained === this) session.retained = undefined;
    return commitPending(this.#deps.store, pending);
  }

  #runBehind(): void {
    const stored = this.run();
    if (stored !== undefined) this.#deps.store.watch(stored, "retained messages");
  }

  #nextTurn(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#left = SLICE;
      this.#runBehind();
    });
  }

  /** False: there is more, and no leave to go on. */
  #goOn({ subscription, found }: Search, pending: Pending): boolean {
    const session = this.#session;
    const { filter, qos, retainAsPublished, identifier } = subscription;
    const grant = { qos, retainAsPublished, identifiers: identifier === undefined ? undefined : [identifier] };
    while (session.subscriptions.get(filter) === subscription) {
      if (this.#left === 0 || !session.hasRoom) return false;
      this.#left -= 1;
      const { done, value } = found.next();
      if (done) return true;
      if (value === undefined) continue;
      session.offer(new FanOut(aged(value, this.#deps), value.expiresAt), grant, true, pending);
    }
    return true;
  }
}

/** A stored message with the lifetime that is left to it [MQTT-3.3.2-6]. */
function aged({ message, expiresAt }: RetainedMessage, { clock, limits }: Deps): Message {
  if (expiresAt === Number.POSITIVE_INFINITY) return message;
  const messageExpiryInterval = messageExpiryLeft(expiresAt, clock.now(), limits);
  return { ...message, properties: { ...message.properties, messageExpiryInterval } };
}
