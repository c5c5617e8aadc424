import type { Database, Write } from "@hearth/backplane";
import type { CommandStore } from "../commands/command-store.ts";
import { commandEvent } from "../commands/commands.ts";
import type { RequestStore } from "../commands/request-store.ts";
import { removalMessage } from "../device/device-messages.ts";
import type { IotRoom, Messaging } from "../iot-room.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { LifeCycle } from "./life-cycle.ts";
import { type ManagedThing, thingArn } from "./managed-thing.ts";

export type Removal = ReturnType<typeof createRemoval>;

/** The end of a managed thing (reference 3.5): the device is told, confirms, and the record goes; or it goes by force. */
export function createRemoval(deps: {
  database: Database;
  lifeCycle: LifeCycle;
  commands: CommandStore;
  requests: Pick<RequestStore, "removeAll">;
  iot: IotRoom;
  messaging: Messaging;
  notifier: Pick<Notifier, "wake" | "write">;
}) {
  const { database, lifeCycle, commands, requests, iot, messaging, notifier } = deps;

  return {
    /** DELETE_IN_PROGRESS, and the device is asked to forget its credentials. Asking again is harmless. */
    async begin(thing: ManagedThing, now: number): Promise<void> {
      if (thing.status !== "DELETE_IN_PROGRESS") {
        const after: ManagedThing = { ...thing, status: "DELETE_IN_PROGRESS", updatedAt: now };
        await database.commit(await lifeCycle.change(thing, after));
        notifier.wake();
      }
      await messaging.publish([removalMessage(thing, now)]);
    },

    /** The device has refused or failed to go. */
    async fail(thing: ManagedThing, eventNumber: number, now: number): Promise<void> {
      const after: ManagedThing = {
        ...thing,
        status: "DELETION_FAILED",
        updatedAt: now,
        lastEventNumber: eventNumber,
      };
      await database.commit(await lifeCycle.change(thing, after));
      notifier.wake();
    },

    /** The record, its state, its certificate, registry thing and shadow go, and its open commands fail, in one commit. */
    async finish(thing: ManagedThing, now: number): Promise<void> {
      const open = await commands.ofThing(thing, thing.id);
      const device = await iot.forgetDevice({
        accountId: thing.accountId,
        region: thing.region,
        thingName: thing.id,
        certificateId: thing.certificateId,
      });
      // Nobody will answer any more: each command has its one outcome nevertheless, before the thing's own end.
      const failed = open.map((command) => commandEvent(command, "failed", now));
      const writes: Write[] = [
        ...(await notifier.write({ ...thing, arn: thingArn(thing) }, failed)),
        ...(await lifeCycle.remove(thing, now)),
        ...open.flatMap((command) => [commands.close(command), commands.disarm(command)]),
        requests.removeAll(thing),
        ...device.writes,
      ];
      await database.commit(writes);
      device.closed();
      notifier.wake();
    },

    /** A device that comes back while its deletion waits is told again. */
    remind(thing: ManagedThing, now: number): void {
      if (thing.status === "DELETE_IN_PROGRESS") messaging.direct(thing.id, removalMessage(thing, now));
    },
  };
}
