import { createDevice, createMemoryCredentialStore, createMqttAgent, type Device, provision } from "@hearth/device-sdk";
import type { Door } from "./door.ts";

/** A lamp made with the device SDK, provisioned by claim and connected. */
export async function startLamp(
  door: Pick<Door, "file" | "ca">,
  claim: { templateName: string; certificate: string; privateKey: string },
  info: { SerialNumber: string; UniversalProductCode: string },
): Promise<{ device: Device; on(): boolean; stop(): Promise<void> }> {
  const store = createMemoryCredentialStore();
  const where = { host: door.file.mqttHost, port: door.file.mqttsPort, ca: door.ca };
  const { managedThingId, clientId, certificate, privateKey } = await provision({
    ...where,
    claimCertificate: claim.certificate,
    claimPrivateKey: claim.privateKey,
    templateName: claim.templateName,
    parameters: info,
    store,
    attempts: 1,
  });
  const agent = createMqttAgent({ connection: { ...where, certificate, privateKey, clientId } });
  let on = false;
  const device = createDevice({ agent, store, id: managedThingId, nodeId: "lamp" });
  device.endpoint("1", { deviceTypes: ["On/Off Light"] }).capability("matter.OnOff@1.4", {
    name: "On/Off",
    version: "6",
    properties: { OnOff: { get: () => on } },
    actions: {
      On: () => {
        on = true;
      },
      Off: () => {
        on = false;
      },
    },
  });
  await device.start();
  return { device, on: () => on, stop: () => device.stop() };
}
