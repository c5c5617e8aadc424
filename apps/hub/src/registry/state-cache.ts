import type { StateEndpoint, StateProperty } from "../plugins/protocol-plugin.ts";

type Values = Map<string, StateProperty["value"]>;

/** Bounds for what a device can make the hub remember (reference 4.4). */
const MAX_ENDPOINTS = 40;
const MAX_CAPABILITIES = 40;
const MAX_PROPERTIES = 100;

/** The last values of every device, by device id. */
export interface StateCache {
  apply(deviceId: string, endpoints: readonly StateEndpoint[]): void;
  read(deviceId: string): StateEndpoint[];
  has(deviceId: string): boolean;
  forget(deviceId: string): void;
}

export function createStateCache(): StateCache {
  const devices = new Map<string, Map<string, Map<string, Values>>>();

  return {
    apply(deviceId, endpoints) {
      const known = slot(devices, deviceId, Number.POSITIVE_INFINITY, () => new Map<string, Map<string, Values>>());
      for (const { endpointId, capabilities } of endpoints) {
        const endpoint = known && slot(known, endpointId, MAX_ENDPOINTS, () => new Map<string, Values>());
        for (const { id, properties = [] } of capabilities) {
          const values = endpoint && slot(endpoint, id, MAX_CAPABILITIES, (): Values => new Map());
          for (const { name, value } of properties) {
            if (values && (values.has(name) || values.size < MAX_PROPERTIES)) values.set(name, value);
          }
        }
      }
    },
    read: (deviceId) =>
      [...(devices.get(deviceId) ?? [])].map(([endpointId, capabilities]) => ({
        endpointId,
        capabilities: [...capabilities].map(([id, values]) => ({
          id,
          properties: [...values].map(([name, value]) => ({ name, value })),
        })),
      })),
    has: (deviceId) => devices.has(deviceId),
    forget: (deviceId) => void devices.delete(deviceId),
  };
}

function slot<T>(map: Map<string, T>, key: string, limit: number, create: () => T): T | undefined {
  const found = map.get(key);
  if (found || map.size >= limit) return found;
  const made = create();
  map.set(key, made);
  return made;
}
