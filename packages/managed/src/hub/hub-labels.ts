import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { LockerStore } from "../credential-lockers/locker-store.ts";
import { KeyedQueue } from "../device/keyed-queue.ts";
import type { Messaging } from "../iot-room.ts";
import type { Place } from "../place.ts";
import type { ManagedThing } from "../things/managed-thing.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { type HubLabel, provisioningMessage } from "./hub-messages.ts";

/** Labels that one message carries: with the longest material they are 64 KiB. */
const PAGE = 50;
/** Labels that one hub is told of: no home has more that wait. */
const MOST_LABELS = 1_000;
/** Hubs that are told of one change; further ones of the same locker ask when they connect. */
const MOST_HUBS = 100;

const LABELS = ["ZIGBEE_QR_BAR_CODE", "ZWAVE_QR_BAR_CODE", "CUSTOM_PROTOCOL_QR_BAR_CODE"];

/** The label of a device that waits for a hub of its locker (reference 3.2, 3.3). */
function labelOf(thing: ManagedThing): { lockerId: string; label: HubLabel } | undefined {
  const { id: managedThingId, role, status, credentialLockerId: lockerId, details } = thing;
  const { authenticationMaterialType, authenticationMaterial } = details;
  const waits = role === "DEVICE" && (status === "PRE_ASSOCIATED" || status === "ISOLATED");
  if (!waits || lockerId === undefined || !LABELS.includes(authenticationMaterialType)) return undefined;
  return { lockerId, label: { managedThingId, authenticationMaterialType, authenticationMaterial } };
}

/** One thing as it was and as it is; undefined before it was made, and when it waits for nobody any more. */
export interface LabelChange {
  before?: ManagedThing;
  after?: ManagedThing;
}

export type HubLabels = ReturnType<typeof createHubLabels>;

/**
 * Tells hubs which labels they may admit by simple and zero-touch setup: an install code or a device-specific key has to
 * be there before its device can join. A hub gets its list when it asks, and each change while it is connected. Labels
 * are secrets: they go to the connected hub alone, and are never stored on their way.
 */
export function createHubLabels(deps: {
  things: Pick<ThingStore, "hubsOfLocker" | "labelled">;
  lockers: Pick<LockerStore, "exists">;
  messaging: Pick<Messaging, "direct">;
  clock: Clock;
  log: Logger;
}) {
  const { things, lockers, messaging, clock, log } = deps;
  /** Lists and changes of one locker go out in the order of the commits that they tell of. */
  const queue = new KeyedQueue();

  /** Nobody's request fails because a hub could not be told: it asks when it connects. */
  const inOrder = (place: Place, lockerId: string, task: () => Promise<void>): Promise<void> =>
    queue
      .run(`${place.accountId}/${place.region}/${lockerId}`, task)
      .catch((error: unknown) => log.error({ lockerId, error: messageOf(error) }, "hubs not told of labels"));

  type Page = Parameters<typeof provisioningMessage>[1];
  const tell = (hub: Pick<ManagedThing, "accountId" | "id">, page: Page): boolean =>
    messaging.direct(hub.id, provisioningMessage(hub, page, clock.now()));

  async function sendList(hub: ManagedThing, lockerId: string): Promise<void> {
    const isThere = await lockers.exists(hub, lockerId);
    let after = "";
    for (let sent = 0; ; sent += PAGE) {
      const found = isThere ? await things.labelled(hub, lockerId, after, PAGE + 1) : [];
      const page = found.slice(0, PAGE);
      const devices = page.flatMap((thing) => labelOf(thing)?.label ?? []);
      const complete = found.length <= PAGE || sent + PAGE >= MOST_LABELS;
      const isConnected = tell(hub, { first: sent === 0, complete, devices, removed: [] });
      if (complete || !isConnected) return;
      after = page.at(-1)?.id ?? "";
    }
  }

  async function sendChange(
    place: Place,
    lockerId: string,
    change: { devices: HubLabel[]; removed: string[] },
    except: string | undefined,
  ): Promise<void> {
    const hubs = await things.hubsOfLocker(place, lockerId, MOST_HUBS);
    if (hubs.length === 0) return;
    const isThere = change.devices.length === 0 || (await lockers.exists(place, lockerId));
    const devices = isThere ? change.devices : [];
    for (let from = 0; from < Math.max(devices.length, change.removed.length); from += PAGE) {
      const part = {
        devices: devices.slice(from, from + PAGE),
        removed: change.removed.slice(from, from + PAGE),
      };
      for (const hub of hubs) if (hub.id !== except) tell(hub, { first: false, complete: true, ...part });
    }
  }

  return {
    /** The whole list, in pages. Resolves when they are on their way. */
    async list(hub: ManagedThing): Promise<void> {
      const { credentialLockerId: lockerId } = hub;
      if (lockerId === undefined) tell(hub, { first: true, complete: true, devices: [], removed: [] });
      else await inOrder(hub, lockerId, () => sendList(hub, lockerId));
    },

    /** After the commit of changes of things of one place. `except`: the hub that has taken the device in. */
    async changed(changes: readonly LabelChange[], except?: string): Promise<void> {
      const byLocker = new Map<string, { devices: HubLabel[]; removed: string[] }>();
      const of = (lockerId: string) => {
        const known = byLocker.get(lockerId) ?? { devices: [], removed: [] };
        byLocker.set(lockerId, known);
        return known;
      };
      let place: Place | undefined;
      for (const { before, after } of changes) {
        const was = before && labelOf(before);
        const is = after && labelOf(after);
        if (was?.lockerId === is?.lockerId) continue;
        place = after ?? before;
        if (was) of(was.lockerId).removed.push(was.label.managedThingId);
        if (is) of(is.lockerId).devices.push(is.label);
      }
      if (!place) return;
      const where = place;
      await Promise.all(
        [...byLocker].map(([id, change]) => inOrder(where, id, () => sendChange(where, id, change, except))),
      );
    },

    /** After a locker was deleted: nobody is admitted by it any more. */
    lockerGone: (place: Place, lockerId: string): Promise<void> =>
      inOrder(place, lockerId, async () => {
        const nothing = { first: true, complete: true, devices: [], removed: [] };
        for (const hub of await things.hubsOfLocker(place, lockerId, MOST_HUBS)) tell(hub, nothing);
      }),
  };
}
