import type { Part } from "../part.ts";
import { serveRadio } from "../plugins/radio-client.ts";
import { openNodeStore } from "./device-store.ts";
import { createZWaveJsDpk } from "./dpk/zwave-js-dpk.ts";
import { createZWaveRadio } from "./zwave-radio.ts";

/** AceZwave: the Z-Wave radio on the bus as `radio.zwave`. Serves at once; whether the stick is there, health says. */
export function createZWavePart(): Part {
  return {
    name: "AceZwave",
    async start({ bus, clock, log, directory, settings }) {
      if (!settings.zwave) throw new Error("there is no Z-Wave controller in the settings: give its port");
      const dpk = createZWaveJsDpk({ port: settings.zwave.port, directory, log });
      const radio = createZWaveRadio({ bus, clock, log, dpk, store: await openNodeStore(directory, log) });
      const stopServing = serveRadio(bus, "zwave", radio.service);
      void radio.start();
      return {
        async stop() {
          stopServing();
          await radio.stop();
        },
      };
    },
  };
}
