import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@hearth/base";
import { createProgram } from "../cli/program.ts";
import { createLoggerPart } from "../logger/logger-part.ts";
import type { Part, PartName } from "../part.ts";

// A hub of toys, for tests of what becomes of its processes: each part counts, and says so to whoever listens.

function createToy(name: PartName): () => Part {
  return () => ({
    name,
    async start({ bus, clock, log, directory }) {
      // As libraries do it.
      writeFileSync(join(directory, "toy"), name);
      let count = 0;
      let stopTimer = () => {};
      const tick = (): void => {
        count += 1;
        bus.publish(`toy.${name}`, { count, pid: process.pid });
        stopTimer = clock.after(20, tick);
      };
      tick();
      const stopServing = bus.serve(`toy.${name}`, {
        count: async () => ({ count, pid: process.pid }),
        async throw() {
          setImmediate(() => {
            throw new Error("a toy broke");
          });
          return {};
        },
      });
      const stopHearing = bus.subscribe("mqtt.south.setup", () => {});
      log.warn({ clock: clock === systemClock }, "a toy plays");
      return {
        async stop() {
          stopTimer();
          stopServing();
          stopHearing();
        },
      };
    },
  });
}

await createProgram({
  AceZigbee: createToy("AceZigbee"),
  AceZwave: createToy("AceZwave"),
  CDMB: createToy("CDMB"),
  Logger: createLoggerPart,
}).parseAsync();
