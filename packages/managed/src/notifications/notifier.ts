import type { Outbox, Write } from "@hearth/backplane";
import type { Logger } from "@hearth/base";
import { type Clock, messageOf } from "@hearth/base";
import type { DestinationStore } from "./destination-store.ts";
import { type EventType, type Notification, notificationOf } from "./notification.ts";

/** Puts one record into the customer's stream under the destination's role. Rejects when it could not. */
export type DeliverRecord = (delivery: {
  accountId: string;
  region: string;
  streamArn: string;
  roleArn: string;
  /** The managed thing's id: keeps the order of one thing's notifications (U20). */
  partitionKey: string;
  data: Uint8Array;
}) => Promise<void>;

interface Queued {
  accountId: string;
  region: string;
  destinationName: string;
  thingId: string;
  notification: Notification;
}

type Place = { accountId: string; region: string };

const CONSUMER = "notification";

export type Notifier = ReturnType<typeof createNotifier>;

/** Turns what happens to managed things into records at the customer's destinations, at least once, in order per thing. */
export function createNotifier(deps: {
  destinations: DestinationStore;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
  deliver: DeliverRecord;
}) {
  const { destinations, outbox, clock, log, deliver } = deps;
  /** Destination by event type, for each account and region: asked on every device message, changed rarely. */
  const configured = new Map<string, Promise<ReadonlyMap<string, string>>>();

  const load = async (place: Place): Promise<ReadonlyMap<string, string>> => {
    const all = await destinations.configurations(place, "", 1000);
    return new Map(all.map((configuration) => [configuration.eventType, configuration.destinationName]));
  };

  const destinationsOf = (place: Place): Promise<ReadonlyMap<string, string>> => {
    const key = `${place.accountId}/${place.region}`;
    let found = configured.get(key);
    if (!found) {
      found = load(place);
      configured.set(key, found);
      found.catch(() => configured.delete(key));
    }
    return found;
  };

  outbox.consume(CONSUMER, async (message) => {
    const { accountId, region, destinationName, thingId, notification } = message as Queued;
    const destination = await destinations.destination({ accountId, region }, destinationName);
    if (!destination) {
      log.warn(
        { accountId, destinationName, messageId: notification.messageId },
        "notification dropped: no destination",
      );
      return;
    }
    try {
      await deliver({
        accountId,
        region,
        streamArn: destination.deliveryArn,
        roleArn: destination.roleArn,
        partitionKey: thingId,
        data: Buffer.from(JSON.stringify(notification)),
      });
    } catch (error) {
      log.warn(
        { accountId, destinationName, messageId: notification.messageId, error: messageOf(error) },
        "notification not delivered; it will be tried again",
      );
      throw error;
    }
  });

  return {
    /** Writes for the batch of the change that they tell of; none when the account did not ask for this event type. */
    async write(
      about: { accountId: string; region: string; id: string; arn: string },
      events: readonly { type: EventType; payload: unknown }[],
    ): Promise<Write[]> {
      if (events.length === 0) return [];
      const destinationByType = await destinationsOf(about);
      return events.flatMap(({ type, payload }) => {
        const destinationName = destinationByType.get(type);
        if (destinationName === undefined) return [];
        const queued: Queued = {
          accountId: about.accountId,
          region: about.region,
          destinationName,
          thingId: about.id,
          notification: notificationOf(about, type, payload, clock.now()),
        };
        // One dead destination must not hold up what goes to another, so both are in the key.
        const key = `${about.accountId}/${about.region}/${destinationName}/${about.id}`;
        return [outbox.write(CONSUMER, key, queued)];
      });
    },

    /** After the commit. */
    wake: () => outbox.wake(),

    /** After a configuration has changed. */
    forget(place: Place): void {
      configured.delete(`${place.accountId}/${place.region}`);
    },
  };
}
