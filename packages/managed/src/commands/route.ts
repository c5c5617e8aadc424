import type { Write } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { CommandEndpoint } from "@hearth/data-model";
import type { Reach } from "@hearth/iot";
import { commandMessage } from "../device/device-messages.ts";
import type { Messaging } from "../iot-room.ts";
import type { EventType } from "../notifications/notification.ts";
import type { ManagedThing } from "../things/managed-thing.ts";

/** A command that is on record and on its way. */
export interface OutgoingCommand {
  traceId: string;
  endpoints: readonly CommandEndpoint[];
  /** Milliseconds at which it was accepted … */
  receivedAt: number;
  /** … and at which it fails when it has not been answered. Nothing delivers it later. */
  deadline: number;
}

/** How commands get to one thing. */
export interface DeviceRoute {
  /** Seconds that an answer may take (U18). */
  timeoutSeconds: number;
  /** Whether a command that is sent now would come to anybody; `nobody` fails it at once. */
  reach(): Reach;
  /** What is told besides the command's end when it comes to nobody. */
  failed?(traceId: string): readonly { type: EventType; payload: unknown }[];
  /** Writes for the batch that puts the command on record, where it is sent from there. */
  queue?(command: OutgoingCommand): readonly Write[];
  /** Called when the command is on record. */
  deliver(command: OutgoingCommand): Promise<void>;
}

/** The route of an ACTIVATED thing. Throws the operation's error where there is none. */
export type RouteOf = (thing: ManagedThing, accountAssociationId: string | undefined) => Promise<DeviceRoute>;

/** Commands to a device that has a connection of its own: its control topic. */
export function createDirectRoute(deps: { messaging: Messaging; clock: Clock; timeoutSeconds: number }) {
  const { messaging, clock, timeoutSeconds } = deps;
  return (thing: Pick<ManagedThing, "accountId" | "id">): DeviceRoute => ({
    timeoutSeconds,
    reach: () => messaging.reach(thing.accountId, thing.id, `south/${thing.id}/control`),
    async deliver(command) {
      const seconds = Math.floor((command.deadline - clock.now()) / 1000);
      // What has no whole second left is not sent: its timer ends it.
      if (seconds >= 1) await messaging.publish([commandMessage(thing, command, seconds)]);
    },
  });
}
