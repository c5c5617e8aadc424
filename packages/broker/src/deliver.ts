import type { Clock } from "@hearth/base";
import type { Delivery, Message } from "@hearth/iot";
import { FanOut } from "./fan-out.ts";
import type { Retained } from "./retained.ts";
import type { Pending, Session } from "./session.ts";
import type { SessionStore } from "./session-store.ts";
import type { Sessions } from "./sessions.ts";
import type { Grant, ShareGroup, Subscription } from "./subscriptions.ts";

export interface DeliveryDeps {
  sessions: Sessions;
  retained: Retained;
  store: SessionStore;
  clock: Clock;
}

export const noPending = (): Pending => ({ writes: [], settle: [] });

/** Commits what `offer` has gathered and lets it go; undefined when there is nothing to wait for. */
export function commitPending(store: SessionStore, { writes, settle }: Pending): Promise<void> | undefined {
  if (writes.length === 0) return undefined;
  return store.commit(writes).then(
    () => {
      for (const done of settle) done(true);
    },
    (error: unknown) => {
      for (const done of settle) done(false);
      throw error;
    },
  );
}

/** Leads messages to the sessions that subscribed. */
export function createDelivery({ sessions, retained, store, clock }: DeliveryDeps): Delivery {
  /** Used again by every message that had nothing to store, which is nearly every one. */
  let spare = noPending();

  return {
    deliver(message, publisher) {
      const kept = message.retain ? retained.set(message, publisher) : undefined;
      const route = sessions.find(message.accountId)?.subscriptions.match(message.topic);
      if (route === undefined || (route.targets.length === 0 && route.groups.length === 0)) return kept;
      const fan = FanOut.of(message, clock.now());
      const pending = spare;
      for (const { receiver, grant, ownGrant } of route.targets) {
        const terms = receiver.clientId === publisher.clientId ? ownGrant : grant;
        if (terms !== undefined) receiver.offer(fan, terms, message.retain && terms.retainAsPublished, pending);
      }
      for (const group of route.groups) offerToOne(group, fan, message, pending);
      if (pending.writes.length === 0) return kept;
      spare = noPending();
      const stored = commitPending(store, pending);
      return kept === undefined ? stored : Promise.all([kept, stored]).then(() => {});
    },

    reply(clientId, message) {
      const session = sessions.find(message.accountId)?.sessions.get(clientId);
      if (!session?.online) return false;
      const fan = FanOut.of(message, clock.now());
      if (message.qos > 0) session.push(fan, false, undefined);
      else session.offer(fan, { qos: 0, retainAsPublished: false, identifiers: undefined }, false, noPending());
      return true;
    },
  };
}

let turn = 0;

/**
 * One member of a shared subscription gets the message (section 4.8.2): in turn, one that can send it at once, else one
 * that is connected, else, at QoS 1, one whose session waits for its client.
 */
function offerToOne({ members }: ShareGroup<Session>, fan: FanOut, message: Message, pending: Pending): void {
  turn = (turn + 1) % 0x7fffffff;
  const { length } = members;
  let chosen: readonly [Session, Subscription] | undefined;
  let best = 0;
  for (let i = 0; i < length && best < 3; i++) {
    const member = members[(turn + i) % length]!;
    const [session, { qos }] = member;
    const rank = session.idle ? 3 : session.online ? 2 : session.durable && qos > 0 && message.qos > 0 ? 1 : 0;
    if (rank > best) {
      best = rank;
      chosen = member;
    }
  }
  if (chosen === undefined) return;
  const [session, { qos, retainAsPublished, identifier }] = chosen;
  const grant: Grant = { qos, retainAsPublished, identifiers: identifier === undefined ? undefined : [identifier] };
  session.offer(fan, grant, message.retain && retainAsPublished, pending);
}
