import { join } from "node:path";
import type { BusMethod } from "../bus/bus.ts";
import type { Part } from "../part.ts";
import { createRegistry, parseRegistry } from "../registry/registry.ts";
import { openJsonFile } from "../state/json-file.ts";
import { createCdmb } from "./cdmb.ts";

/** CDMB: the bus service `cdmb` (cdmb-service.ts). */
export function createCdmbPart(): Part {
  return {
    name: "CDMB",
    async start({ bus, clock, log, directory }) {
      const file = await openJsonFile(
        join(directory, "devices.json"),
        parseRegistry,
        {},
        {
          recover: (error) => log.error({ error: error.message }, "the registry was damaged; its last state is taken"),
        },
      );
      const cdmb = createCdmb({ bus, registry: createRegistry(file), clock, log });
      const stop = bus.serve("cdmb", cdmb.service as unknown as Record<string, BusMethod>);
      return {
        async stop() {
          stop();
          cdmb.stop();
          await cdmb.settled();
        },
      };
    },
  };
}
