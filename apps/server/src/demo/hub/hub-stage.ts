import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@hearth/client";
import { startZigbeeMesh, startZWaveNetwork, type ZigbeeMesh, type ZWaveNetwork } from "@hearth/simulator";
import type { HearthFile } from "../../hearth-file.ts";
import { type Program, startProgram, typeScript } from "../program.ts";
import { inRoot, plainEnvironment, startServerProgram } from "../server-program.ts";
import type { Managed } from "./home-app.ts";
import { furnishHub, type HubHome } from "./hub-home.ts";
import { openUplink, type Uplink } from "./uplink.ts";

const LIGHT = "color-light";
const LOCK = "lock";
const SERIAL = "HUB-DEMO-1";
const PRODUCT = "829576019524";

/** A cloud of the demo's own, two radios without hardware, and the way from the hub to the cloud. */
export interface HubStage {
  file: HearthFile;
  managed: Managed;
  uplink: Uplink;
  zigbee: ZigbeeMesh;
  zwave: ZWaveNetwork;
}

/** @param closing takes what has to be ended, at once, so that somebody ends it whatever happens next */
export async function setHubStage(
  directory: string,
  closing: (end: () => Promise<unknown>) => void,
): Promise<HubStage> {
  const ended = async <T extends { close(): Promise<void> }>(opened: Promise<T>): Promise<T> => {
    const one = await opened;
    closing(() => one.close());
    return one;
  };
  const [file, zigbee, zwave] = await Promise.all([
    startServerProgram(directory, (program) => closing(() => program.stop())),
    ended(startZigbeeMesh({ devices: [{ type: LIGHT }] })),
    ended(startZWaveNetwork({ devices: [{ type: LOCK }] })),
  ]);
  const uplink = await ended(openUplink(file.mqttsPort));
  const options = { endpoint: file.apiEndpoint, region: file.region, credentials: file };
  return { file, managed: createClient("iot-managed-integrations", options), uplink, zigbee, zwave };
}

/** Reference 10.4, steps 1 to 7: the hub's record, and what its maker puts on it. */
export async function prepareHub(
  { file, managed, uplink }: HubStage,
  directory: string,
): Promise<HubHome & { id: string }> {
  await managed.registerCustomEndpoint({});
  const profile = await managed.createProvisioningProfile({ ProvisioningType: "FLEET_PROVISIONING", Name: "hubs" });
  const { Id: id = "" } = await managed.createManagedThing({
    Role: "CONTROLLER",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: `SN:${SERIAL};UPC:${PRODUCT};`,
    Name: "Demo hub",
  });
  const root = join(directory, "hub");
  mkdirSync(root, { mode: 0o700 });
  const home = furnishHub(root, {
    // The uplink of the demo stands between; otherwise it is the address that RegisterCustomEndpoint gives.
    ...{ endpoint: "localhost", port: uplink.port, rootCa: readFileSync(file.caFile, "utf8") },
    ...{ templateName: "hubs", serialNumber: SERIAL, productCode: PRODUCT },
    claimCertificate: profile.ClaimCertificate ?? "",
    claimPrivateKey: profile.ClaimCertificatePrivateKey ?? "",
  });
  return { ...home, id };
}

/** `hearth-hub run`, in its default layout: a process for each radio, and one for the rest. */
export const startHubProgram = (home: HubHome, { zigbee, zwave }: HubStage): Program =>
  startProgram(
    "the hub",
    typeScript(
      ...[inRoot("apps/hub/src/main.ts"), "run"],
      ...["--zigbee", `tcp://127.0.0.1:${zigbee.port}`, "--zwave", `tcp://127.0.0.1:${zwave.port}`],
    ),
    { ...plainEnvironment(), HEARTH_HUB_ROOT: home.root },
  );
