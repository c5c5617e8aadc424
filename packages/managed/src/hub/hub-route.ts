import type { Clock } from "@hearth/base";
import type { DeviceRoute } from "../commands/route.ts";
import { commandMessage } from "../device/device-messages.ts";
import type { Messaging } from "../iot-room.ts";
import type { ManagedThing } from "../things/managed-thing.ts";

/** Commands to a device behind a hub: the hub's control topic, with the device's managed thing id. */
export function createHubRoute(deps: { messaging: Messaging; clock: Clock; timeoutSeconds: number }) {
  const { messaging, clock, timeoutSeconds } = deps;
  return (thing: Pick<ManagedThing, "accountId" | "id">, hubId: string): DeviceRoute => ({
    timeoutSeconds,
    reach: () => messaging.reach(thing.accountId, hubId, `south/${hubId}/control`),
    async deliver(command) {
      const seconds = Math.floor((command.deadline - clock.now()) / 1000);
      // What has no whole second left is not sent: its timer ends it.
      if (seconds < 1) return;
      const hub = { accountId: thing.accountId, id: hubId };
      await messaging.publish([commandMessage(hub, { ...command, managedThingId: thing.id }, seconds)]);
    },
  });
}
