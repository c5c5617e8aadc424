import type { Write } from "@hearth/backplane";
import { InternalError } from "@hearth/base";
import type { Notifier } from "../notifications/notifier.ts";
import { type ManagedThing, mayBecome, type ProvisioningStatus, thingArn } from "./managed-thing.ts";
import type { ThingStore } from "./thing-store.ts";

export type LifeCycle = ReturnType<typeof createLifeCycle>;

/** Every change of a thing's provisioning status, with the one DEVICE_LIFE_CYCLE event that it causes (reference 3.5). */
export function createLifeCycle({ things, notifier }: { things: ThingStore; notifier: Pick<Notifier, "write"> }) {
  /** Writes of the event that tells of `thing` as it is now. */
  const tell = (thing: ManagedThing, status: ProvisioningStatus): Promise<Write[]> =>
    notifier.write({ ...thing, arn: thingArn(thing) }, [
      {
        type: "DEVICE_LIFE_CYCLE",
        payload: {
          deviceDetails: {
            id: thing.id,
            arn: thingArn(thing),
            createdAt: new Date(thing.createdAt).toISOString(),
            updatedAt: new Date(thing.updatedAt).toISOString(),
          },
          status,
        },
      },
    ]);

  return {
    async create(thing: ManagedThing): Promise<Write[]> {
      return [await things.insert(thing), ...(await tell(thing, thing.status))];
    },

    /** Replaces `before` by `after`; a change of status must be a legal one. */
    async change(before: ManagedThing, after: ManagedThing): Promise<Write[]> {
      const update = await things.update(before, after);
      if (before.status === after.status) return [update];
      if (!mayBecome(before.status, after.status)) {
        throw new InternalError(`a managed thing may not go from ${before.status} to ${after.status}`);
      }
      return [update, ...(await tell(after, after.status))];
    },

    /** The terminal transition: the record goes. Legal after DELETE_IN_PROGRESS, and by force from anywhere. */
    async remove(thing: ManagedThing, now: number): Promise<Write[]> {
      return [...things.remove(thing), ...(await tell({ ...thing, updatedAt: now }, "DELETED"))];
    },
  };
}
