import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { createMemoryBus } from "../bus/memory-bus.ts";
import type { RadioDevice, RadioService } from "../plugins/protocol-plugin.ts";
import { createRadioClient } from "../plugins/radio-client.ts";
import { createZWavePart } from "./zwave-part.ts";

/** The simulator's network, as far as the tests' home looks at it; what is not a test does not know the simulator. */
interface Network {
  readonly port: number;
  readonly devices: readonly { readonly id: string; readonly label: string; press(): void }[];
  joinState(): { mode: string };
  close(): Promise<void>;
}

/** What the tests of the bridge run in: the part on the real driver, and the simulator's controller behind TCP. */
export async function openZWaveHome<Simulated extends Network>(startNetwork: (store: string) => Promise<Simulated>) {
  const directory = mkdtempSync(join(tmpdir(), "hearth-hub-zwave-"));
  const network = await startNetwork(join(directory, "network.json"));
  const bus = createMemoryBus();
  const radio: RadioService = createRadioClient(bus, "zwave");
  const heard: { topic: string; body: JsonObject }[] = [];
  for (const word of ["joined", "failed", "left", "changed", "health", "interviewing", "reachable"]) {
    bus.subscribe(`radio.zwave.${word}`, (body) => heard.push({ topic: word, body }));
  }

  const isUp = () => until(async () => (await radio.health({})).state === "up");
  const start = () =>
    createZWavePart().start({
      ...{ bus, clock: systemClock, log: silentLogger, directory },
      settings: {
        ...{ configPath: "", stateDirectory: "", runDirectory: "", logDirectory: "", customPlugins: [] },
        zwave: { port: `tcp://127.0.0.1:${network.port}` },
      },
    });
  let part = await start();
  await isUp();

  const device = (id: string): Simulated["devices"][number] => {
    const found = network.devices.find((one) => one.id === id);
    if (!found) throw new Error(`no ${id}`);
    return found;
  };
  const next = (topic: string, from: number) =>
    until(() => heard.slice(from).find((one) => one.topic === topic)).then(({ body }) => body);
  /** An exclusion that ends may be in the way. */
  const mode = (wanted: string) => until(() => network.joinState().mode === wanted);
  const joinedAs = async (from: number) => (await next("joined", from))["device"] as unknown as RadioDevice;

  return {
    ...{ directory, network, radio, heard, device, isUp, next, mode, joinedAs },
    label: (id: string) => ({
      ...{ managedThingId: `thing-${id}`, protocol: "ZWAVE" as const, materialType: "ZWAVE_QR_BAR_CODE" },
      material: device(id).label,
    }),
    async command(deviceId: string, capability: string, name: string, parameters: JsonObject = {}, endpointId = "1") {
      const endpoints = [{ endpointId, capabilities: [{ id: capability, actions: [{ name, parameters }] }] }];
      const answer = await radio.command({ deviceId, traceId: "t", within: 5_000, endpoints });
      const [capabilityAnswer] = answer.endpoints[0]?.capabilities ?? [];
      if (!capabilityAnswer) throw new Error("no answer");
      return capabilityAnswer;
    },
    /** By its button, with the PIN where one is given. */
    async byButton(id: string, material?: string): Promise<RadioDevice> {
      const from = heard.length;
      await radio.open({ seconds: 60, ...(material ? { material } : {}) });
      await mode("inclusion");
      device(id).press();
      const joined = await joinedAs(from);
      await radio.close({});
      return joined;
    },
    /** The radio's process ends and begins anew. */
    async restart(): Promise<void> {
      await part.stop();
      part = await start();
    },
    async close(): Promise<void> {
      await part.stop();
      await network.close();
      rmSync(directory, { recursive: true, maxRetries: 10 });
    },
  };
}

/** Looks again and again until it is so. */
export async function until<T>(what: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await what();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
