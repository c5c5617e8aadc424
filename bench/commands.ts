import { readFileSync } from "node:fs";
import { randomText } from "@hearth/base";
import { type Client, createClient, type ServiceOperations } from "@hearth/client";
import { createDevice, createMemoryCredentialStore, createMqttAgent, provision } from "@hearth/device-sdk";
import { type ServerFile, startServerProcess } from "../tests/kit/server-process.ts";
import { median, quantile } from "./machine.ts";

type Managed = Client<ServiceOperations["iot-managed-integrations"]>;

const DEVICES = 16;
const UPC = "829576019524";

/**
 * The whole round trip: an app sends a command through the API, the device does it and answers over MQTT, the app reads
 * the new state. One command in flight for each device.
 */
export async function benchCommands(seconds: number, runs: number): Promise<void> {
  const server = await startServerProcess({ fromSources: true });
  try {
    const { file } = server;
    const managed = createClient("iot-managed-integrations", {
      endpoint: file.apiEndpoint,
      region: file.region,
      credentials: file,
    });
    const profile = await managed.send("CreateProvisioningProfile", {
      ProvisioningType: "FLEET_PROVISIONING",
      Name: "bench",
    });
    const devices = await Promise.all(Array.from({ length: DEVICES }, () => device(file, managed, profile)));
    console.log(`${DEVICES} devices, one command in flight each, ${runs} runs of ${seconds} s`);
    const rates: number[] = [];
    const p50: number[] = [];
    const p99: number[] = [];
    for (let run = 0; run < runs; run++) {
      const latencies: number[] = [];
      const end = Date.now() + seconds * 1000;
      await Promise.all(devices.map((one) => one.commandUntil(end, latencies)));
      rates.push(latencies.length / seconds);
      p50.push(median(latencies));
      p99.push(quantile(latencies, 0.99));
      console.log(`  run ${run + 1}: ${rates.at(-1)?.toFixed(0)} commands/s`);
    }
    console.log(
      `app → device → state: ${median(rates).toFixed(0)} commands/s, p50 ${median(p50).toFixed(1)} ms, p99 ${median(p99).toFixed(1)} ms (medians)`,
    );
    await Promise.all(devices.map((one) => one.stop()));
  } finally {
    await server.stop();
  }
}

async function device(
  file: ServerFile,
  managed: Managed,
  profile: { Name?: string; ClaimCertificate?: string; ClaimCertificatePrivateKey?: string },
) {
  const SerialNumber = randomText(12);
  const { Id: id = "" } = await managed.send("CreateManagedThing", {
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: `SN:${SerialNumber};UPC:${UPC}`,
  });
  const store = createMemoryCredentialStore();
  const place = { host: file.mqttHost, port: file.mqttsPort, ca: readFileSync(file.caFile, "utf8") };
  const credential = await provision({
    ...place,
    claimCertificate: profile.ClaimCertificate ?? "",
    claimPrivateKey: profile.ClaimCertificatePrivateKey ?? "",
    templateName: profile.Name ?? "",
    parameters: { SerialNumber, UniversalProductCode: UPC },
    store,
  });
  const agent = createMqttAgent({ connection: { ...place, ...credential } });
  const light = createDevice({ agent, store, id: credential.managedThingId, nodeId: SerialNumber });
  let on = false;
  let acted: () => void = () => undefined;
  light.endpoint("1", { deviceTypes: ["On/Off Light"] }).capability("matter.OnOff@1.4", {
    name: "On/Off",
    version: "6",
    properties: { OnOff: { get: () => on } },
    actions: {
      On: () => {
        on = true;
        acted();
      },
      Off: () => {
        on = false;
        acted();
      },
    },
  });
  await light.start();

  const state = async (): Promise<unknown> => {
    const { Endpoints } = await managed.send("GetManagedThingState", { ManagedThingId: id });
    const properties = Endpoints[0]?.capabilities[0]?.properties as { value: { propertyValue: unknown } }[] | undefined;
    return properties?.[0]?.value.propertyValue;
  };
  const command = async (wanted: boolean): Promise<void> => {
    const action = { name: wanted ? "On" : "Off", parameters: {} };
    const capability = { id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [action] };
    // Nothing can be read before the device has acted; asking all the while would measure the asking.
    const done = new Promise<void>((resolve) => {
      acted = resolve;
    });
    await managed.send("SendManagedThingCommand", {
      ManagedThingId: id,
      Endpoints: [{ endpointId: "1", capabilities: [capability] }],
    });
    await done;
    while ((await state()) !== wanted) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return {
    async commandUntil(end: number, latencies: number[]) {
      while (Date.now() < end) {
        const start = performance.now();
        await command(!on);
        latencies.push(performance.now() - start);
      }
    },
    async stop() {
      await light.stop();
      await agent.stop();
    },
  };
}
