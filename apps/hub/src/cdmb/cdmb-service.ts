import type { JsonObject } from "@hearth/device-sdk";
import type { CommandEndpoint, ResponseEndpoint, StateEndpoint } from "../plugins/protocol-plugin.ts";

/**
 * Bus service `cdmb`: the devices by their managed thing ids, whatever their protocol. It publishes `cdmb.changed`
 * (ThingChanged) for each report of a device that is bound.
 */
export interface CdmbService {
  devices(request: Record<string, never>): Promise<{ devices: BoundDevice[] }>;
  /** Durable: under this id both the hub and the cloud talk about the device from now on. */
  bound(request: { deviceId: string; managedThingId: string }): Promise<Record<string, never>>;
  unbound(request: { deviceId: string }): Promise<Record<string, never>>;
  /** What is known, the device is not asked. Refused with code 404 for a thing that the hub does not have. */
  state(request: { managedThingId: string }): Promise<{ deviceId: string; endpoints: NamedEndpoint[] }>;
  /** Never refused: what cannot be done is in the response codes, 404 for a thing that the hub does not have. */
  command(request: {
    managedThingId: string;
    traceId: string;
    /** Milliseconds that are left. */
    within: number;
    endpoints: CommandEndpoint[];
    /** Each capability of the answer with its name and revision. */
    named?: boolean;
  }): Promise<{ deviceId?: string; endpoints: ResponseEndpoint[] }>;
  /** Reads the device again and publishes its whole state. */
  refresh(request: { managedThingId: string }): Promise<Record<string, never>>;
}

export interface BoundDevice {
  deviceId: string;
  managedThingId: string;
  /** The word of its radio: `zigbee`, `zwave`. */
  protocol: string;
}

/** A state endpoint with each capability's name and revision, where the device has been described. */
export interface NamedEndpoint {
  endpointId: string;
  capabilities: (StateEndpoint["capabilities"][number] & { name?: string; version?: string })[];
}

/** Body of `cdmb.changed`. `whole`: all that is known of the device, not only what has changed. */
export interface ThingChanged {
  managedThingId: string;
  deviceId: string;
  /** Milliseconds since the epoch. */
  at: number;
  whole?: boolean;
  endpoints: NamedEndpoint[];
}

/** The bus carries JSON; what the types above describe is JSON. */
export const asJson = (value: object): JsonObject => value as JsonObject;
