import type { ManagedIntegrations } from "@hearth/contract";
import type { CapabilityReport, MessageEndpoint } from "@hearth/data-model";
import type { Place } from "../place.ts";
import type { OwnSchema } from "../schemas/checked-schemas.ts";
import type { Tags } from "../tags/taggable.ts";

export type DiscoveryType = ManagedIntegrations.DiscoveryType;
export type DiscoveryStatus = ManagedIntegrations.DeviceDiscoveryStatus;

/** One search for devices: by a hub on its radios, or by a connector at its vendor (reference 9.6, 10.6). */
export interface DeviceDiscovery extends Place {
  id: string;
  type: DiscoveryType;
  status: DiscoveryStatus;
  /** The hub that searches … */
  controllerId?: string;
  /** … or the account association in which is searched. */
  associationId?: string;
  details: DiscoveryDetails;
  deviceCount: number;
  /** Milliseconds. */
  startedAt: number;
  finishedAt?: number;
  revision: number;
}

/** Sealed at rest. */
export interface DiscoveryDetails {
  tags?: Tags;
  authenticationMaterial?: string;
  authenticationMaterialType?: string;
  customProtocolDetail?: Readonly<Record<string, string>>;
  protocol?: string;
  endDeviceId?: string;
  connectorDeviceIds?: readonly string[];
}

/** A device that a discovery found. Sealed at rest, but for its number. */
export interface DiscoveredDevice {
  /** Counts the devices of one discovery, from 0. */
  number: number;
  /** The vendor's id of the device, or the hub's. */
  deviceId: string;
  /** What the same device is in every discovery: see `identityOf`. */
  identity: string;
  name?: string;
  deviceTypes?: readonly string[];
  brand?: string;
  model?: string;
  modification: ManagedIntegrations.DiscoveryModification;
  /** Milliseconds. */
  discoveredAt: number;
  /** What a connector reported with it. */
  report?: CapabilityReport;
  state?: readonly MessageEndpoint[];
  /** What the values of its own capabilities are checked against. */
  schemas?: readonly OwnSchema[];
}

export const discoveryArn = (discovery: Place & { id: string }): string =>
  `arn:aws:iotmanagedintegrations:${discovery.region}:${discovery.accountId}:device-discovery/${discovery.id}`;

/** A device is the same one wherever it is found through the same connector destination or hub. */
export const identityOf = (by: { destinationId: string } | { controllerId: string }, deviceId: string): string =>
  "destinationId" in by ? `CLOUD;${by.destinationId};${deviceId}` : `HUB;${by.controllerId};${deviceId}`;

/**
 * The AuthenticationMaterial of a discovered device (U2): minted here, looked up when it comes back, never trusted for
 * what it says. The model allows no dot in it, which vendors' ids may have.
 */
export const materialOf = (
  discovery: DeviceDiscovery,
  device: Pick<DiscoveredDevice, "number" | "deviceId">,
): string =>
  discovery.associationId === undefined
    ? `HUB:${discovery.id}:${device.number}`
    : `CLOUD:${discovery.id}:${encoded(device.deviceId)}`;

const encoded = (deviceId: string): string => deviceId.replaceAll(".", "%2E");

/** Whether a vendor's id fits into an AuthenticationMaterial of 512 characters. */
export const canBeMaterial = (deviceId: string): boolean => encoded(deviceId).length <= 473;

/** The discovery that minted the material and which of its devices is meant; undefined: it was not minted here. */
export function parseMaterial(
  material: string,
): { discoveryId: string; deviceId: string } | { discoveryId: string; number: number } | undefined {
  const [, kind, discoveryId = "", device = ""] = /^(CLOUD|HUB):([0-9a-f]{32}):(.{1,473})$/.exec(material) ?? [];
  if (kind === "CLOUD") return { discoveryId, deviceId: device.replaceAll("%2E", ".") };
  return kind === "HUB" && /^\d{1,9}$/.test(device) ? { discoveryId, number: Number(device) } : undefined;
}
