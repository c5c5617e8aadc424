import { isDeepStrictEqual } from "node:util";
import type { Clock, Logger } from "@hearth/base";
import type { LocalCommand } from "../agent/agent-service.ts";
import type { ThingChanged } from "../cdmb/cdmb-service.ts";
import type { Routine } from "./routine-file.ts";

/** Two routines that switch each other stop after so many runs in a minute. */
const MAX_RUNS = 30;
const MINUTE = 60_000;

export interface Routines {
  /** A report of a device: what has become the value that a routine waits for, runs it. */
  changed(report: ThingChanged): void;
}

/** Local routines: each run is a local command and needs a valid token like any other. */
export function createRoutines(deps: {
  routines: readonly Routine[];
  command: (command: LocalCommand) => { accepted: boolean; reply: string };
  clock: Clock;
  log: Logger;
}): Routines {
  const { routines, command, clock, log } = deps;
  const watches = routines.map((routine) => ({ routine, met: false, runs: 0, minute: 0, count: 0 }));
  type Watch = (typeof watches)[number];

  function run(watch: Watch): void {
    const { name, commands } = watch.routine;
    const minute = Math.floor(clock.now() / MINUTE);
    if (minute !== watch.minute) Object.assign(watch, { minute, runs: 0 });
    watch.runs++;
    if (watch.runs > MAX_RUNS) {
      if (watch.runs === MAX_RUNS + 1)
        log.warn({ routine: name }, "the routine runs too often and waits for the next minute");
      return;
    }
    for (const { managedThingId, endpoints } of commands) {
      watch.count++;
      const traceId = `routine:${name.replaceAll(/[^a-zA-Z0-9]/g, "_").slice(0, 64)}:${watch.count}`;
      const { accepted, reply } = command({ traceId, managedThingId, endpoints });
      if (!accepted) log.warn({ routine: name, reply }, "a routine did not run");
    }
  }

  return {
    changed({ managedThingId, whole, endpoints }) {
      for (const watch of watches) {
        const { when } = watch.routine;
        if (when.managedThingId !== managedThingId) continue;
        for (const { endpointId, capabilities } of endpoints) {
          if (endpointId !== when.endpointId) continue;
          for (const { id, properties = [] } of capabilities) {
            if (id !== when.capability && !id.startsWith(`${when.capability}@`)) continue;
            const property = properties.find(({ name }) => name === when.property);
            if (!property) continue;
            const met = isDeepStrictEqual(property.value, when.equals);
            const became = met && !watch.met;
            watch.met = met;
            // A whole state is how things are, after a restart: nothing has become so now.
            if (became && !whole) run(watch);
          }
        }
      }
    },
  };
}
