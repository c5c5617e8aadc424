import type { Clock } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import type { ChangeNotificationService, ClientNode } from "@matter/main/node";
import { Node } from "@matter/main/node";
import type { StateEndpoint, StateProperty } from "../plugins/protocol-plugin.ts";
import { eventOf } from "./cluster-view.ts";
import { clustersOf, endpointIdOf, propertiesOfCluster } from "./node-device.ts";

/** Reports of one device within so many milliseconds are one. */
const TOGETHER = 100;

type Event = { name: string; parameters: JsonObject };

interface Pending {
  /** By endpoint and capability. */
  capabilities: Map<
    string,
    { endpointId: string; id: string; properties: Map<string, StateProperty>; events: Event[] }
  >;
  cancel: () => void;
}

/** Brings what devices report into the data model's words, and tells it in one piece for each device. */
export function createReports(deps: {
  clock: Clock;
  deviceIdOf: (node: ClientNode) => string | undefined;
  changed: (deviceId: string, endpoints: StateEndpoint[]) => void;
}) {
  const { clock, deviceIdOf, changed } = deps;
  const pending = new Map<string, Pending>();

  function tell(deviceId: string): void {
    const said = pending.get(deviceId);
    pending.delete(deviceId);
    if (!said) return;
    said.cancel();
    const endpoints = new Map<string, StateEndpoint>();
    for (const { endpointId, id, properties, events } of said.capabilities.values()) {
      const endpoint = endpoints.get(endpointId) ?? { endpointId, capabilities: [] };
      endpoints.set(endpointId, endpoint);
      endpoint.capabilities.push({
        id,
        ...(properties.size > 0 ? { properties: [...properties.values()] } : {}),
        ...(events.length > 0 ? { events } : {}),
      });
    }
    changed(deviceId, [...endpoints.values()]);
  }

  function take(deviceId: string, endpointId: string, id: string, properties: StateProperty[], event?: Event): void {
    if (properties.length === 0 && !event) return;
    const known = pending.get(deviceId);
    const said = known ?? { capabilities: new Map(), cancel: clock.after(TOGETHER, () => tell(deviceId)) };
    pending.set(deviceId, said);
    const key = `${endpointId}/${id}`;
    const entry = said.capabilities.get(key) ?? { endpointId, id, properties: new Map(), events: [] };
    said.capabilities.set(key, entry);
    for (const property of properties) entry.properties.set(property.name, property);
    if (event) entry.events.push(event);
  }

  return {
    onChange(change: ChangeNotificationService.Change): void {
      if (change.kind === "delete") return;
      const node = Node.forEndpoint(change.endpoint) as unknown as ClientNode;
      const deviceId = deviceIdOf(node);
      if (deviceId === undefined) return;
      const cluster = clustersOf(node).find(
        ({ endpoint, id }) => endpoint === change.endpoint && id === change.behavior.id,
      );
      if (!cluster) return;
      const endpointId = endpointIdOf(cluster.endpoint);
      const { id } = cluster.view.capability;
      if (change.kind === "update") {
        take(deviceId, endpointId, id, propertiesOfCluster(cluster, change.properties));
        return;
      }
      const event = eventOf(cluster.view, change.event, change.payload);
      if (!event) return;
      take(deviceId, endpointId, id, [], event);
      tell(deviceId);
    },

    forget(deviceId: string): void {
      pending.get(deviceId)?.cancel();
      pending.delete(deviceId);
    },

    stop(): void {
      for (const { cancel } of pending.values()) cancel();
      pending.clear();
    },
  };
}
