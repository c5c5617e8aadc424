import type { JsonObject } from "@hearth/device-sdk";
import type { Part, PartContext } from "../part.ts";
import { serveRadio } from "../plugins/radio-client.ts";
import { openDeviceStore } from "./device-store.ts";
import type { Admission, ZigbeeDpk } from "./dpk/dpk.ts";
import { adapters, createHerdsmanDpk, type ZigbeeAdapter } from "./dpk/herdsman-dpk.ts";
import { createZigbeeRadio, type ZigbeeRadio } from "./radio.ts";
import { createZigbeeService } from "./service.ts";

/** Makes a DPK for a part; `admit` is asked of every device that wants to join. */
export type CreateDpk = (context: PartContext, admit: Admission) => ZigbeeDpk;

/**
 * The Zigbee bridge: bus service `radio.zigbee` over the stick of `settings.zigbee`. It serves at once; a coordinator
 * that is not there is what `health` says.
 */
export function createZigbeePart(createDpk: CreateDpk = herdsman): Part {
  return {
    name: "AceZigbee",
    async start(context) {
      const { bus, clock, log, directory } = context;
      const store = await openDeviceStore(directory, log);
      let radio: ZigbeeRadio | undefined;
      const dpk = createDpk(context, (address) => radio?.admits(address) ?? "stranger");
      const publish = (word: string, body: JsonObject) => bus.publish(`radio.zigbee.${word}`, body);
      const service = createZigbeeService({
        ...{ dpk, clock, log },
        onHealth(health) {
          publish("health", { ...health });
          if (health.state === "up") radio?.resume();
        },
      });
      radio = createZigbeeRadio({ service, store, clock, log, publish });
      const { admits: _, resume: __, stop: ___, ...methods } = radio;
      const unserve = serveRadio(bus, "zigbee", methods);
      // A stick may take seconds to start, and the others need not wait for it.
      void service.start();
      return {
        async stop() {
          unserve();
          radio?.stop();
          await service.stop();
        },
      };
    },
  };
}

function herdsman({ settings, directory, clock, log }: PartContext, admit: Admission): ZigbeeDpk {
  const { port, adapter } = settings.zigbee ?? {};
  if (port === undefined) throw new Error("no Zigbee coordinator is set: --zigbee tcp://host:port or a serial device");
  if (!isAdapter(adapter)) throw new Error(`${adapter} is no Zigbee adapter: ${adapters.join(", ")}`);
  return createHerdsmanDpk({ port, adapter, directory, admit, clock, log });
}

const isAdapter = (name: string | undefined): name is ZigbeeAdapter => adapters.some((adapter) => adapter === name);
