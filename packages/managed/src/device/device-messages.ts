import type { Message } from "@hearth/iot";
import type { ManagedThing } from "../things/managed-thing.ts";

/** What the platform sends to a device (docs/device-protocol.md). */

type Device = Pick<ManagedThing, "accountId" | "id">;

const message = (device: Device, topic: string, body: unknown): Message => ({
  accountId: device.accountId,
  topic,
  payload: Buffer.from(JSON.stringify(body)),
  qos: 1,
  retain: false,
});

/**
 * A command expires with its trace, also when it was sent and not acknowledged: nobody wants a heater to start hours
 * after its command was reported failed. `seconds` are what is left until then.
 */
export const commandMessage = (
  device: Device,
  command: { traceId: string; managedThingId?: string; endpoints: unknown; receivedAt: number; deadline: number },
  seconds: number,
): Message => ({
  ...message(device, `south/${device.id}/control`, {
    messageType: "DEVICE_COMMAND",
    traceId: command.traceId,
    managedThingId: command.managedThingId,
    timestamp: new Date(command.receivedAt).toISOString(),
    expiresAt: new Date(command.deadline).toISOString(),
    endpoints: command.endpoints,
  }),
  properties: { messageExpiryInterval: seconds },
  neverLate: true,
});

/** To a device that has its certificate from its maker and does not know yet what it is called here. */
export const identityMessage = (device: Device, certificateId: string, now: number): Message =>
  message(device, `$aws/managed-integrations/${certificateId}/identity`, {
    timestamp: new Date(now).toISOString(),
    managedThingId: device.id,
    clientId: device.id,
  });

/** To the device, or to the hub that it is behind; `force`: its record is gone already, and no answer is awaited. */
export const removalMessage = (
  device: Device & Pick<ManagedThing, "parentControllerId">,
  now: number,
  force?: true,
): Message => {
  const { id, parentControllerId: hubId } = device;
  const body = { messageType: "DEVICE_REMOVAL", timestamp: new Date(now).toISOString() };
  return hubId === undefined
    ? message(device, `south/${id}/setup`, body)
    : message(device, `south/${hubId}/setup`, { ...body, managedThingId: id, force });
};

export const rejectionMessage = (
  device: Device,
  why: { code: number; message: string; managedThingId?: string; traceId?: string; eventNumber?: number },
  now: number,
): Message => message(device, `south/${device.id}/rejected`, { ...why, timestamp: new Date(now).toISOString() });

export const capabilitiesOutcome = (
  device: Device,
  outcome: { accepted: true } | { accepted: false; code: number; message: string },
  now: number,
): Message => {
  const timestamp = new Date(now).toISOString();
  const topic = `$aws/managed-integrations/${device.id}/capabilities/${outcome.accepted ? "accepted" : "rejected"}`;
  return message(
    device,
    topic,
    outcome.accepted ? { timestamp } : { code: outcome.code, message: outcome.message, timestamp },
  );
};
