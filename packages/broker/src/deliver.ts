import type { Clock } from "@hearth/base";
import type { Delivery } from "@hearth/iot";
import { FanOut } from "./fan-out.ts";
import { commitPending, noPending } from "./pending.ts";
import type { Retained } from "./retained.ts";
import type { SessionStore } from "./session-store.ts";
import type { Sessions } from "./sessions.ts";
import { offerToOne } from "./share.ts";

export interface DeliveryDeps {
  sessions: Sessions;
  retained: Retained;
  store: SessionStore;
  clock: Clock;
}

/** Leads messages to the sessions that subscribed. */
export function createDelivery({ sessions, retained, store, clock }: DeliveryDeps): Delivery {
  /** Used again by every message that had nothing to store, which is nearly every one. */
  let spare = noPending();

  return {
    deliver(message, publisher, alongside) {
      const pending = spare;
      if (message.retain) retained.set(message, publisher, pending);
      if (alongside !== undefined) pending.writes.push(alongside);
      const route = sessions.find(message.accountId)?.subscriptions.match(message.topic);
      if (route !== undefined && (route.targets.length > 0 || route.groups.length > 0)) {
        const fan = FanOut.of(message, clock);
        for (const { receiver, grant, ownGrant } of route.targets) {
          const terms = receiver.clientId === publisher.clientId ? ownGrant : grant;
          if (terms !== undefined) receiver.offer(fan, terms, message.retain && terms.retainAsPublished, pending);
        }
        for (const { members } of route.groups) offerToOne(members, fan, pending);
      }
      if (pending.writes.length === 0) return undefined;
      spare = noPending();
      return commitPending(store, pending);
    },

    store: (write) => store.commit([write]),

    reply(clientId, message) {
      const session = sessions.find(message.accountId)?.sessions.get(clientId);
      if (!session?.online) return false;
      const fan = FanOut.of(message, clock);
      if (message.qos > 0) session.push(fan, message.qos === 2 ? 2 : 1, false, undefined);
      else session.offer(fan, { qos: 0, retainAsPublished: false, identifiers: undefined }, false, noPending());
      return true;
    },
  };
}
