import type { Bus, Database } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { connectionClosed, connectionOpened } from "@hearth/iot";
import { identityMessage } from "../device/device-messages.ts";
import type { HubGreeting } from "../hub/hub-greeting.ts";
import type { Messaging } from "../iot-room.ts";
import type { Removal } from "../things/removal.ts";
import type { ThingStore } from "../things/thing-store.ts";

/**
 * Keeps each managed thing's connectivity as the broker tells of it (reference 3.6). Commits keep their order, so the
 * newest report wins.
 */
export function watchConnectivity(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  log: Logger;
  region: string;
  things: ThingStore;
  removal: Pick<Removal, "remind">;
  messaging: Pick<Messaging, "direct">;
  greeting: Pick<HubGreeting, "connected">;
}): { settle(): Promise<void>; stop(): void } {
  const { database, bus, clock, log, region, things, removal, messaging, greeting } = deps;
  const note = (
    accountId: string,
    thingName: string | undefined,
    connected: boolean,
    at: number,
    reason: string | null,
  ): Promise<void> => {
    // Only a connection that stands for a registered thing can be a managed one: their names are equal.
    if (thingName === undefined) return Promise.resolve();
    return database
      .commit([things.setConnectivity({ accountId, region }, thingName, connected, at, reason)])
      .catch((error) => log.error({ thingName, error: messageOf(error) }, "connectivity not stored"));
  };
  const stops = [
    bus.subscribe(connectionOpened, (opened) => {
      void note(opened.accountId, opened.thingName, true, opened.timestamp, null);
      if (opened.thingName === undefined) {
        const { accountId, clientId, certificateId } = opened;
        // Only devices that come by the signature of a profile's CA may have this client id.
        if (certificateId === undefined || clientId !== certificateId) return;
        things.byCertificate({ accountId, region }, certificateId).then(
          (thing) => thing && messaging.direct(clientId, identityMessage(thing, certificateId, clock.now())),
          (error) => log.error({ certificateId, error: messageOf(error) }, "managed thing not read"),
        );
        return;
      }
      things
        .get({ accountId: opened.accountId, region }, opened.thingName)
        .then(async (thing) => {
          if (!thing) return;
          await removal.remind(thing, clock.now());
          await greeting.connected(thing);
        })
        .catch((error) =>
          log.error({ thingName: opened.thingName, error: messageOf(error) }, "connected thing not greeted"),
        );
    }),
    bus.subscribe(connectionClosed, (closed) => {
      const reason = closed.reason === "API_INITIATED_DISCONNECT" ? "SERVER_INITIATED_DISCONNECT" : closed.reason;
      void note(closed.accountId, closed.thingName, false, closed.timestamp, reason);
    }),
  ];
  return {
    /** At start, before any connection: what a crash left as connected is not. */
    settle: () => database.commit([things.allDisconnected(clock.now())]),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}
