import { type Clock, InternalError } from "@hearth/base";
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

    async deliverTogether(messages, publisher, writes) {
      const pending = noPending();
      pending.writes.push(...writes);
      /** What the members of shared subscriptions store: only who is there after the commit can be chosen. */
      const shared = noPending();
      for (const message of messages) {
        if (message.retain)
          throw new InternalError(`a message on ${message.topic} cannot be retained together with writes`);
        const route = sessions.find(message.accountId)?.subscriptions.match(message.topic);
        if (route === undefined) continue;
        const fan = FanOut.of(message, clock).detach();
        const live: (() => void)[] = [];
        for (const { receiver, grant, ownGrant } of route.targets) {
          const terms = receiver.clientId === publisher.clientId ? ownGrant : grant;
          if (terms === undefined) continue;
          if (receiver.durable && message.qos > 0 && terms.qos > 0) receiver.offer(fan, terms, false, pending);
          else live.push(() => receiver.offer(fan, terms, false, shared));
        }
        for (const { members } of route.groups) live.push(() => offerToOne(members, fan, shared));
        // In the messages' order with those that are stored: `settle` lets these go.
        pending.settle.push((committed) => {
          if (!committed) return;
          fan.detach();
          for (const send of live) send();
        });
      }
      await commitPending(store, pending);
      await commitPending(store, shared);
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
