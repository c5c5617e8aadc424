import { join } from "node:path";
import type { JsonObject } from "@hearth/device-sdk";
import { createOffboarding, type Marker, parseMarker } from "../offboarding/offboarding.ts";
import type { Part } from "../part.ts";
import { openJsonFile } from "../state/json-file.ts";
import { createProvisioner, type Provisioner } from "./provisioner.ts";
import { createRecords, noState, parseState } from "./records.ts";

/**
 * The core provisioner (reference 10.1), and how the hub itself leaves (10.13). Service `provisioner`; its state is in
 * `provisioner.json`, `offboarding.json` is there while the hub is leaving.
 */
export function createProvisionerPart({ openFile = openJsonFile }: { openFile?: typeof openJsonFile } = {}): Part {
  return {
    name: "LPW-Provisioner",
    async start({ bus, clock, log, directory }) {
      const recover = (error: Error) => log.error({ error: error.message }, "the state before the last is taken");
      const file = await openFile(join(directory, "provisioner.json"), parseState, noState, { recover });
      const marker = await openFile<Marker | null>(join(directory, "offboarding.json"), parseMarker, null, { recover });
      let provisioner: Provisioner | undefined;
      let end = () => {};
      const begin = () => {
        const records = createRecords(file);
        const begun = createProvisioner({ bus, clock, log, records });
        provisioner = begun;
        end = () => {
          provisioner = undefined;
          begun.stop();
          records.close();
        };
      };
      const offboarding = createOffboarding({
        ...{ bus, clock, log, marker },
        close: () => end(),
        forget: () => file.replace(noState, { forget: true }),
        done: begin,
      });
      if (!offboarding.resume()) begin();
      // Last: whoever is there hears the cloud.
      const stopServing = bus.serve("provisioner", {
        queue: async () => ({ requests: provisioner?.requests() ?? ["off-boarding"] }),
        devices: async () => ({ devices: Object.values(file.value.devices) as unknown as JsonObject[] }),
        async offboard() {
          await offboarding.factoryReset();
          return {};
        },
      });
      return {
        async stop() {
          stopServing();
          offboarding.stop();
          end();
        },
      };
    },
  };
}
