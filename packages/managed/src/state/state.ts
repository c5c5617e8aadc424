import type { ManagedThing } from "../things/managed-thing.ts";

/** A property's stored value. `value` is any JSON value. */
export interface StoredProperty {
  endpointId: string;
  capabilityId: string;
  property: string;
  value: unknown;
  /** ISO 8601, when the value last became another one. */
  changedAt: string;
}

/** What a device says of one capability. */
export interface ReportedCapability {
  endpointId: string;
  capabilityId: string;
  properties: readonly { name: string; value: unknown }[];
}

export const propertyKey = (endpointId: string, capabilityId: string, property: string): string =>
  `${endpointId}\u0000${capabilityId}\u0000${property}`;

/** Equality of JSON values; the order of an object's members does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => sameJson(item, b[index]))
    );
  }
  const left = Object.entries(a);
  return (
    left.length === Object.keys(b).length &&
    left.every(([name, value]) => Object.hasOwn(b, name) && sameJson(value, (b as Record<string, unknown>)[name]))
  );
}

/** The properties whose value is new or another one than stored. A repeated value is no change (reference 7.3). */
export function changesOf(
  stored: ReadonlyMap<string, StoredProperty>,
  reported: readonly ReportedCapability[],
  changedAt: string,
): StoredProperty[] {
  const changes = new Map<string, StoredProperty>();
  for (const { endpointId, capabilityId, properties } of reported) {
    for (const { name, value } of properties) {
      const key = propertyKey(endpointId, capabilityId, name);
      const before = stored.get(key);
      if (before !== undefined && sameJson(before.value, value)) changes.delete(key);
      else changes.set(key, { endpointId, capabilityId, property: name, value, changedAt });
    }
  }
  return [...changes.values()];
}

/** Name and version of a capability, as the device's own report gives them. */
export type CapabilityNames = (endpointId: string, capabilityId: string) => { name: string; version: string };

export interface StateEndpoint {
  endpointId: string;
  capabilities: {
    id: string;
    name: string;
    version: string;
    properties: { name: string; value: { propertyValue: unknown; lastChangedAt: string } }[];
  }[];
}

/** Groups properties into the form of GetManagedThingState and of `addedStates` (reference 6, 7.3). */
export function stateEndpoints(properties: readonly StoredProperty[], names: CapabilityNames): StateEndpoint[] {
  const endpoints = new Map<string, Map<string, StateEndpoint["capabilities"][number]>>();
  for (const { endpointId, capabilityId, property, value, changedAt } of properties) {
    const capabilities = endpoints.get(endpointId) ?? new Map();
    endpoints.set(endpointId, capabilities);
    const capability = capabilities.get(capabilityId) ?? {
      id: capabilityId,
      ...names(endpointId, capabilityId),
      properties: [],
    };
    capabilities.set(capabilityId, capability);
    capability.properties.push({ name: property, value: { propertyValue: value, lastChangedAt: changedAt } });
  }
  return [...endpoints].map(([endpointId, capabilities]) => ({
    endpointId,
    capabilities: [...capabilities.values()],
  }));
}

/**
 * The part of the classic shadow's `reported` section that mirrors these properties: endpoint, capability without its
 * version, property.
 */
export function shadowOf(properties: readonly StoredProperty[]): Record<string, unknown> {
  // Endpoints are named by devices, also `constructor`: what a plain object inherits must not be found here.
  const endpoints = new Map<string, Map<string, [string, unknown][]>>();
  for (const { endpointId, capabilityId, property, value } of properties) {
    const capability = capabilityId.slice(0, capabilityId.lastIndexOf("@"));
    const capabilities = endpoints.get(endpointId) ?? new Map<string, [string, unknown][]>();
    endpoints.set(endpointId, capabilities);
    capabilities.set(capability, [...(capabilities.get(capability) ?? []), [property, value]]);
  }
  const capabilitiesOf = (capabilities: Map<string, [string, unknown][]>) =>
    Object.fromEntries([...capabilities].map(([capability, values]) => [capability, Object.fromEntries(values)]));
  return {
    endpoints: Object.fromEntries([...endpoints].map(([id, capabilities]) => [id, capabilitiesOf(capabilities)])),
  };
}

export type StateOwner = Pick<ManagedThing, "accountId" | "region" | "id">;
