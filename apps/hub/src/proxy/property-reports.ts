import type { Json, JsonObject } from "@hearth/device-sdk";
import type { Channel } from "./proxy-service.ts";

/** A message on its way to the cloud, as it is kept. */
export interface Outbound {
  channel: Channel;
  message: JsonObject;
  /** Milliseconds since the epoch before which it is not to be sent. */
  notBefore?: number;
}

const member = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? value[name]
    : undefined;

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** Calls `visit` with the name of each property that the report tells. */
function properties(message: JsonObject, visit: (key: string, property: Json) => boolean): Json[] {
  const thing = member(message, "managedThingId") ?? null;
  return listOf(member(message, "endpoints")).flatMap((endpoint) => {
    const capabilities = listOf(member(endpoint, "capabilities")).flatMap((capability) => {
      const where = [thing, member(endpoint, "endpointId") ?? null, member(capability, "id") ?? null];
      const kept = listOf(member(capability, "properties")).filter((property) =>
        visit(JSON.stringify([...where, member(property, "name") ?? null]), property),
      );
      return kept.length > 0 ? [{ ...(capability as JsonObject), properties: kept }] : [];
    });
    return capabilities.length > 0 ? [{ ...(endpoint as JsonObject), capabilities }] : [];
  });
}

/** Whether the message tells properties' values and nothing else, so that a later value makes it worthless. */
export function isPropertyReport({ channel, message }: Outbound): boolean {
  if (channel !== "control" || message["messageType"] !== "DEVICE_EVENT") return false;
  return listOf(member(message, "endpoints")).every((endpoint) =>
    listOf(member(endpoint, "capabilities")).every(
      (capability) => listOf(member(capability, "events")).length === 0 && member(capability, "actions") === undefined,
    ),
  );
}

/** The properties of a report, by thing, endpoint, capability and name. */
export function propertyKeys({ message }: Outbound): string[] {
  const keys: string[] = [];
  properties(message, (key) => keys.push(key) > 0);
  return keys;
}

/** The report with those properties alone that `keep` accepts; undefined when none is left. */
export function withProperties(outbound: Outbound, keep: (key: string) => boolean): Outbound | undefined {
  const endpoints = properties(outbound.message, keep);
  return endpoints.length > 0 ? { ...outbound, message: { ...outbound.message, endpoints } } : undefined;
}

/** What is left of messages in order when of each property only the newest value stays. Everything else stays. */
export function collapse<T extends { outbound: Outbound }>(entries: readonly T[]): T[] {
  const newest = new Map<string, T>();
  for (const entry of entries) {
    if (isPropertyReport(entry.outbound)) for (const key of propertyKeys(entry.outbound)) newest.set(key, entry);
  }
  return entries.flatMap((entry) => {
    if (!isPropertyReport(entry.outbound)) return [entry];
    const outbound = withProperties(entry.outbound, (key) => newest.get(key) === entry);
    return outbound ? [{ ...entry, outbound }] : [];
  });
}
