import type { Sealer } from "@hearth/backplane";
import type { ThingDetails } from "./managed-thing.ts";

/** Keyed hashes by which managed things are found, and told apart, by members that are sealed. */

const MATERIAL = "managed-thing.material";
const CONNECTOR_DEVICE = "managed-thing.connector-device";
const RADIO = "managed-thing.radio";

/** What a discovered device is the same by, in whichever discovery it was found. */
export const discoveredMaterialHash = (sealer: Pick<Sealer, "hash">, identity: string): string =>
  sealer.hash(`DISCOVERED_DEVICE;${identity}`, MATERIAL);

/** The same device is the same material: serial with product code where it has them, else the whole string. */
export function materialHash(sealer: Pick<Sealer, "hash">, details: ThingDetails): string {
  if (details.discoveredIdentity !== undefined) return discoveredMaterialHash(sealer, details.discoveredIdentity);
  const code = details.universalProductCode ?? details.internationalArticleNumber;
  const text = details.serialNumber && code ? `${details.serialNumber};${code}` : details.authenticationMaterial;
  return sealer.hash(`${details.authenticationMaterialType};${text}`, MATERIAL);
}

export const connectorDeviceHash = (sealer: Pick<Sealer, "hash">, connectorDeviceId: string): string =>
  sealer.hash(connectorDeviceId, CONNECTOR_DEVICE);

/** A Zigbee device is known by its EUI-64, a Z-Wave device by its device-specific key: the label has one of them. */
export const radioHash = (sealer: Pick<Sealer, "hash">, radioId: string): string =>
  sealer.hash(radioId.toUpperCase(), RADIO);
