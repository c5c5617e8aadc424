import type { Outbox, Write } from "@hearth/backplane";
import type { Logger } from "@hearth/base";
import { type Clock, messageOf } from "@hearth/base";
import type { DestinationStore } from "./destination-store.ts";
import { type EventType, type Notification, notificationOf } from "./notification.ts";
import type { Delivery } from "./target.ts";

/** Puts one record where it belongs, under the destination's role. Rejects when it could not. */
export type DeliverRecord = (delivery: Delivery, signal: AbortSignal) => Promise<void>;

interface Queued {
  accountId: string;
  region: string;
  destinationName: string;
  thingId: string;
  notification: Notification;
}

type Place = { accountId: string; region: string };

const CONSUMER = "notification";

/** Milliseconds that one delivery may take: what hangs is given up and tried again. */
export const DELIVERY_MS = 10_000;
/** Deliveries to one destination at the same time, of the consumer's 64. */
const PER_DESTINATION = 16;

/** `<account>/<region>/<destination>/<thing>`: the name of a destination has no slash. */
const destinationIn = (key: string): string => key.slice(0, key.lastIndexOf("/"));

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

  async function withinTime(delivery: Delivery): Promise<void> {
    const controller = new AbortController();
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(DELIVERY_MS, () => {
        const error = new Error(`not delivered within ${DELIVERY_MS / 1000} seconds`);
        controller.abort(error);
        reject(error);
      });
    });
    try {
      await Promise.race([deliver(delivery, controller.signal), late]);
    } finally {
      cancel();
    }
  }

  const handle = async (message: unknown): Promise<void> => {
    const { accountId, region, destinationName, thingId, notification } = message as Queued;
    const destination = await destinations.deliverable({ accountId, region }, destinationName);
    if (!destination) {
      log.warn(
        { accountId, destinationName, messageId: notification.messageId },
        "notification dropped: no destination",
      );
      return;
    }
    try {
      await withinTime({
        accountId,
        region,
        targetArn: destination.deliveryArn,
        roleArn: destination.roleArn,
        partitionKey: thingId,
        messageId: notification.messageId,
        data: Buffer.from(JSON.stringify(notification)),
      });
    } catch (error) {
      log.warn(
        { accountId, destinationName, messageId: notification.messageId, error: messageOf(error) },
        "notification not delivered; it will be tried again",
      );
      throw error;
    }
  };
  outbox.consume(CONSUMER, handle, { groupOf: destinationIn, perGroup: PER_DESTINATION });

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

    /** After the commit, with its writes if they are at hand: then nothing has to be read again. */
    wake: (committed?: readonly Write[]) => outbox.wake(committed),

    /** After a configuration has changed. */
    forget(place: Place): void {
      configured.delete(`${place.accountId}/${place.region}`);
    },
  };
}
