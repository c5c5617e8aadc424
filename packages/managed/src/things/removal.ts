import type { Database, Write } from "@hearth/backplane";
import type { CommandStore } from "../commands/command-store.ts";
import { commandEvent } from "../commands/commands.ts";
import type { RequestStore } from "../commands/request-store.ts";
import { removalMessage } from "../device/device-messages.ts";
import type { Isolation } from "../hub/isolation.ts";
import type { IotRoom, Messaging } from "../iot-room.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { LifeCycle } from "./life-cycle.ts";
import { type ManagedThing, mustBeTold, thingArn } from "./managed-thing.ts";
import type { ThingStore } from "./thing-store.ts";

/** Children of a hub of whose removal it is reminded at once: no hub has more. */
const MOST_REMINDED = 1000;

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
  things: Pick<ThingStore, "list">;
  isolation: Isolation;
}) {
  const { database, lifeCycle, commands, requests, iot, messaging, notifier, things, isolation } = deps;

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
        ...isolation.of(thing),
        ...device.writes,
      ];
      await database.commit(writes);
      device.closed();
      notifier.wake();
    },

    /** By force, whatever the device would say. The hub that it is behind is told what became of it. */
    async force(thing: ManagedThing, now: number): Promise<void> {
      await this.finish(thing, now);
      if (thing.parentControllerId === undefined || !mustBeTold(thing)) return;
      await messaging.publish([removalMessage(thing, now, true)]);
    },

    /** A device that comes back while its deletion waits is told again; a hub also of the devices behind it. */
    async remind(thing: ManagedThing, now: number): Promise<void> {
      const going = thing.status === "DELETE_IN_PROGRESS" ? [thing] : [];
      if (thing.role === "CONTROLLER") {
        const behind = { parentControllerId: thing.id, status: "DELETE_IN_PROGRESS" };
        going.push(...(await things.list(thing, behind, "", MOST_REMINDED)));
      }
      for (const one of going) messaging.direct(thing.id, removalMessage(one, now));
    },
  };
}
