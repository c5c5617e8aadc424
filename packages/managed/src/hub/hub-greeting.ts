import type { Clock } from "@hearth/base";
import type { Messaging } from "../iot-room.ts";
import type { ManagedThing } from "../things/managed-thing.ts";
import type { ThingStore } from "../things/thing-store.ts";
import type { HubLabels } from "./hub-labels.ts";
import { addedMessage, networkModeMessage } from "./hub-messages.ts";
import type { HubTokens } from "./hub-tokens.ts";

/** Devices whose setup a hub is reminded of at once: no hub has more. */
const MOST_REMINDED = 1_000;

export type HubGreeting = ReturnType<typeof createHubGreeting>;

/** What a hub is told by itself, because it is there. Other things, and hubs that are not ACTIVATED, are told nothing. */
export function createHubGreeting(deps: {
  tokens: Pick<HubTokens, "give">;
  labels: Pick<HubLabels, "list">;
  things: Pick<ThingStore, "list">;
  messaging: Pick<Messaging, "direct">;
  clock: Clock;
}) {
  const { tokens, labels, things, messaging, clock } = deps;
  const isActiveHub = (thing: ManagedThing) => thing.role === "CONTROLLER" && thing.status === "ACTIVATED";

  /** The hub's network mode, where it was ever set. */
  function networkMode(hub: ManagedThing): void {
    const mode = hub.details.hubNetworkMode;
    if (mode === undefined || !isActiveHub(hub)) return;
    messaging.direct(hub.id, networkModeMessage(hub, mode, clock.now()));
  }

  /** DEVICE_ADDED again for each device that has brought no report since: the hub may have missed it. */
  async function added(hub: ManagedThing): Promise<void> {
    const waiting = { parentControllerId: hub.id, status: "DISCOVERED" };
    for (const { id, details } of await things.list(hub, waiting, "", MOST_REMINDED)) {
      const { hubDeviceId: deviceId } = details;
      if (deviceId === undefined) continue;
      messaging.direct(hub.id, addedMessage(hub, { deviceId, managedThingId: id }, clock.now()));
    }
  }

  /** It has connected. For labels it asks. */
  async function connected(thing: ManagedThing): Promise<void> {
    if (!isActiveHub(thing)) return;
    networkMode(thing);
    await added(thing);
    await tokens.give(thing);
  }

  return {
    connected,
    networkMode,

    /** Its first report was taken: it connected before anybody could tell it anything. */
    async activated(thing: ManagedThing): Promise<void> {
      if (!isActiveHub(thing)) return;
      await connected(thing);
      await labels.list(thing);
    },
  };
}
