import { createHomeApp, type HomeApp } from "../../apps/server/src/demo/hub/home-app.ts";
import type { LivingHub } from "../kit/hub.ts";
import { eventually, type Fleet } from "./fleet.ts";

/** How long a radio may take: a Z-Wave inclusion with S2 is some seconds of real protocol. */
const RADIO = 60_000;

/** The app of a home with this hub. A wait in vain, of `patience` milliseconds, tells what the hub has printed. */
export const appOf = (fleet: Fleet, hub: LivingHub, patience = RADIO): HomeApp =>
  createHomeApp({
    managed: fleet.managed,
    hubId: hub.id,
    until: (what, ask) =>
      eventually(what, ask, patience).catch((error: Error) => {
        throw new Error(`${error.message}; the hub said:\n${hub.output().slice(-8_000)}`);
      }),
  });
