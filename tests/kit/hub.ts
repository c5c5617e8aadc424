import { randomHex, randomText } from "@hearth/base";
import type { VirtualDevice, VirtualDeviceOptions, ZigbeeMesh, ZWaveNetwork } from "@hearth/simulator";
import { startZigbeeMesh, startZWaveNetwork } from "@hearth/simulator";
import type { Managed } from "../../apps/server/src/demo/hub/home-app.ts";
import { furnishHub, type HubHome } from "../../apps/server/src/demo/hub/hub-home.ts";
import { openUplink, type Uplink } from "../../apps/server/src/demo/hub/uplink.ts";
import { eventually } from "../walk/fleet.ts";
import { type HubProcess, makeHubRoot, startHubProcess } from "./hub-process.ts";

/** TCP ports of the radios that a hub has. */
export interface RadioPorts {
  zigbee?: number;
  zwave?: number;
}

/** Starts the hub on its home and its radios, and does not wait for it. */
export const startHub = (home: HubHome, radios: RadioPorts = {}, program?: `/${string}`): HubProcess => {
  const flags = Object.entries(radios).flatMap(([radio, port]) => [`--${radio}`, `tcp://127.0.0.1:${port}`]);
  return startHubProcess(home.root, ["run", ...flags], program);
};

/** Where a hub belongs: an account's client, and the door of its devices. */
export interface HubCloud {
  managed: Managed;
  mqttsPort: number;
  /** PEM of the root that signed the server's certificate. */
  ca: string;
}

/** A hub that waits for its first start: its record, and its home in `root` with all that it needs. Its id with it. */
export async function makeHub(
  cloud: HubCloud,
  root: string,
  port = cloud.mqttsPort,
): Promise<HubHome & { id: string }> {
  const { managed, ca } = cloud;
  const templateName = `hubs-${randomHex(4)}`;
  const profile = await managed.createProvisioningProfile({
    ProvisioningType: "FLEET_PROVISIONING",
    Name: templateName,
  });
  const [serialNumber, productCode] = [`HUB${randomHex(5).toUpperCase()}`, randomText(12, "0123456789")];
  const { Id: id = "" } = await managed.createManagedThing({
    Role: "CONTROLLER",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: `SN:${serialNumber};UPC:${productCode};`,
  });
  const claimCertificate = profile.ClaimCertificate ?? "";
  const claimPrivateKey = profile.ClaimCertificatePrivateKey ?? "";
  const claim = { endpoint: "localhost", port, rootCa: ca, templateName, claimCertificate, claimPrivateKey };
  return { ...furnishHub(root, { ...claim, serialNumber, productCode }), id };
}

/** A hub with its radios: provisioned by claim, ACTIVATED, with a credential locker. */
export interface LivingHub {
  id: string;
  /** Of the hub's credential locker. */
  locker: string;
  home: HubHome;
  uplink: Uplink;
  zigbee: ZigbeeMesh;
  zwave: ZWaveNetwork;
  readonly process: HubProcess;
  /** The first virtual device of this type; of this radio, where both have one. */
  device(type: string, radio?: "zigbee" | "zwave"): VirtualDevice;
  /** A managed thing by its bar code; in the hub's locker unless another is named: its id. */
  label(device: VirtualDevice, CredentialLockerId?: string): Promise<string>;
  /** Ends the process with SIGKILL and starts it again. */
  restart(): Promise<void>;
  /** All that the hub has printed. */
  output(): string;
  close(): Promise<void>;
}

export interface HubOptions {
  zigbee?: readonly VirtualDeviceOptions[];
  zwave?: readonly VirtualDeviceOptions[];
  /** `bin/hearth-hub` of an installed hub; without it the tests' bundle. */
  program?: `/${string}`;
  /** Milliseconds until it must be ACTIVATED; 30,000 by default. */
  timeout?: number;
}

/** Starts the radios and the hub, and resolves when the hub is ACTIVATED. */
export async function openHub(cloud: HubCloud, options: HubOptions): Promise<LivingHub> {
  const { managed } = cloud;
  const { root, remove } = makeHubRoot();
  const closing: (() => unknown)[] = [remove];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  const closed = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const opened = await opening;
    closing.push(() => opened.close());
    return opened;
  };
  try {
    const [zigbee, zwave, uplink] = await Promise.all([
      closed<ZigbeeMesh>(startZigbeeMesh({ devices: options.zigbee ?? [], seed: 1 })),
      closed<ZWaveNetwork>(startZWaveNetwork({ devices: options.zwave ?? [], seed: 1 })),
      closed(openUplink(cloud.mqttsPort)),
    ]);
    const { id, ...home } = await makeHub(cloud, root, uplink.port);
    const { Id: locker = "" } = await managed.createCredentialLocker({});
    await managed.updateManagedThing({ Identifier: id, CredentialLockerId: locker });
    const radios = { ...(options.zigbee && { zigbee: zigbee.port }), ...(options.zwave && { zwave: zwave.port }) };
    let running = startHub(home, radios, options.program);
    let printed = "";
    closing.push(() => running.kill("SIGTERM"));
    const hub: LivingHub = {
      ...{ id, locker, home, uplink, zigbee, zwave, close },
      get process() {
        return running;
      },
      device(type, radio) {
        const devices = [...(radio === "zwave" ? [] : zigbee.devices), ...(radio === "zigbee" ? [] : zwave.devices)];
        const found = devices.find((device) => device.type === type);
        if (!found) throw new Error(`there is no virtual device of type ${type}`);
        return found;
      },
      async label(device, CredentialLockerId = locker) {
        const type = zigbee.devices.includes(device) ? "ZIGBEE_QR_BAR_CODE" : "ZWAVE_QR_BAR_CODE";
        const given = { AuthenticationMaterialType: type, AuthenticationMaterial: device.label } as const;
        return (await managed.createManagedThing({ Role: "DEVICE", ...given, CredentialLockerId })).Id ?? "";
      },
      async restart() {
        await running.kill("SIGKILL");
        printed += running.stderr();
        running = startHub(home, radios, options.program);
      },
      output: () => printed + running.stderr(),
    };
    const isActive = async () => (await managed.getManagedThing({ Identifier: id })).ProvisioningStatus === "ACTIVATED";
    await eventually(
      "the hub to be ACTIVATED",
      async () => ((await isActive()) ? true : undefined),
      options.timeout ?? 30_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; the hub said:\n${hub.output()}`);
    });
    return hub;
  } catch (error) {
    await close();
    throw error;
  }
}

/** A fleet's platform, as a hub sees it. */
export const cloudOf = (fleet: { managed: Managed; file: { mqttsPort: number }; ca: string }): HubCloud => ({
  ...{ managed: fleet.managed, mqttsPort: fleet.file.mqttsPort, ca: fleet.ca },
});
