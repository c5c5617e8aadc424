import type { Message } from "@hearth/iot";
import type { DeviceDiscovery } from "../discovery/discovery.ts";
import type { ManagedThing, ThingDetails } from "../things/managed-thing.ts";

/** What the platform tells a hub (docs/device-protocol.md, "Hubs"). */

type Hub = Pick<ManagedThing, "accountId" | "id">;

const message = (hub: Hub, body: object): Message => ({
  accountId: hub.accountId,
  topic: `south/${hub.id}/setup`,
  payload: Buffer.from(JSON.stringify(body)),
  qos: 1,
  retain: false,
});

/** Search: with the install code or the protocol's details where the caller gave some. */
export const discoveryMessage = (hub: Hub, discovery: DeviceDiscovery): Message =>
  message(hub, {
    messageType: "DEVICE_DISCOVERY",
    timestamp: new Date(discovery.startedAt).toISOString(),
    discoveryId: discovery.id,
    discoveryType: discovery.type,
    installCode: discovery.details.authenticationMaterial,
    customProtocolDetail: discovery.details.customProtocolDetail,
    protocol: discovery.details.protocol,
    managedThingId: discovery.details.endDeviceId,
  });

/** A device that the hub found or let join has its record: the id under which both talk about it from now on. */
export const addedMessage = (hub: Hub, device: { deviceId: string; managedThingId: string }, now: number): Message =>
  message(hub, { messageType: "DEVICE_ADDED", timestamp: new Date(now).toISOString(), ...device });

/** A device that may join: its bar code, with which the hub lets it in. A secret. */
export interface HubLabel {
  managedThingId: string;
  authenticationMaterialType: string;
  authenticationMaterial: string;
}

/** Which labels wait. `first`: in place of all that the hub knew; `complete`: no page of the same list comes behind. */
export const provisioningMessage = (
  hub: Hub,
  page: { first: boolean; complete: boolean; devices: readonly HubLabel[]; removed: readonly string[] },
  now: number,
): Message => message(hub, { messageType: "DEVICE_PROVISIONING", timestamp: new Date(now).toISOString(), ...page });

/** `key`: the public key that the token is checked with (Ed25519; SPKI, PEM). */
export const tokenMessage = (hub: Hub, given: { token: string; seconds: number; key: string }, now: number): Message =>
  message(hub, { messageType: "LOCAL_TOKEN", timestamp: new Date(now).toISOString(), ...given });

export const networkModeMessage = (hub: Hub, mode: NonNullable<ThingDetails["hubNetworkMode"]>, now: number): Message =>
  message(hub, { messageType: "HUB_NETWORK_MODE", timestamp: new Date(now).toISOString(), mode });
