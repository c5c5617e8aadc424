import type { Message } from "@hearth/iot";
import type { DeviceDiscovery } from "../discovery/discovery.ts";
import type { ManagedThing } from "../things/managed-thing.ts";

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
