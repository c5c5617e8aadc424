import { join } from "node:path";
import type { Part } from "../part.ts";
import { openJsonFile } from "../state/json-file.ts";
import { createProvisioner } from "./provisioner.ts";
import { createRecords, noState, parseState } from "./records.ts";

/** The core provisioner (reference 10.1): service `provisioner`, its state in `provisioner.json`. */
export function createProvisionerPart(): Part {
  return {
    name: "LPW-Provisioner",
    async start({ bus, clock, log, directory }) {
      const recover = (error: Error) => log.error({ error: error.message }, "the state before the last is taken");
      const file = await openJsonFile(join(directory, "provisioner.json"), parseState, noState, { recover });
      const provisioner = createProvisioner({ bus, clock, log, records: createRecords(file) });
      return { stop: async () => provisioner.stop() };
    },
  };
}
