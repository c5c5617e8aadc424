import type { Clock } from "@hearth/base";
import type { Messaging } from "../iot-room.ts";
import type { ManagedThing } from "../things/managed-thing.ts";
import type { HubLabels } from "./hub-labels.ts";
import { networkModeMessage } from "./hub-messages.ts";
import type { HubTokens } from "./hub-tokens.ts";

export type HubGreeting = ReturnType<typeof createHubGreeting>;

/** What a hub is told by itself, because it is there. Other things, and hubs that are not ACTIVATED, are told nothing. */
export function createHubGreeting(deps: {
  tokens: Pick<HubTokens, "give">;
  labels: Pick<HubLabels, "list">;
  messaging: Pick<Messaging, "direct">;
  clock: Clock;
}) {
  const { tokens, labels, messaging, clock } = deps;
  const isActiveHub = (thing: ManagedThing) => thing.role === "CONTROLLER" && thing.status === "ACTIVATED";

  /** The hub's network mode, where it was ever set. */
  function networkMode(hub: ManagedThing): void {
    const mode = hub.details.hubNetworkMode;
    if (mode === undefined || !isActiveHub(hub)) return;
    messaging.direct(hub.id, networkModeMessage(hub, mode, clock.now()));
  }

  /** It has connected. For labels it asks. */
  async function connected(thing: ManagedThing): Promise<void> {
    if (!isActiveHub(thing)) return;
    networkMode(thing);
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
