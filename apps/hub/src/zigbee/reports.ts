import type { Clock } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import type { StateEndpoint } from "../plugins/protocol-plugin.ts";

type Capability = StateEndpoint["capabilities"][number];

/** Makes one message of what a device tells within 100 ms, and leaves out what has been told already. */
export interface Reports {
  add(deviceId: string, endpointId: string, capabilities: readonly Capability[]): void;
  /** An answer told these values: the next report of one that it told otherwise than the reports before it is news. */
  answered(deviceId: string, endpoints: readonly StateEndpoint[]): void;
  /** What was told of a device is forgotten with it. */
  forget(deviceId: string): void;
  stop(): void;
}

export const MERGE = 100;

interface Pending {
  cancel: () => void;
  endpoints: Map<string, Map<string, { properties: Map<string, Value>; events: NonNullable<Capability["events"]> }>>;
}

type Value = JsonObject[string];

export function createReports(clock: Clock, tell: (deviceId: string, endpoints: StateEndpoint[]) => void): Reports {
  const pending = new Map<string, Pending>();
  /** By device: `<endpoint>/<capability>/<property>` and the value as text. */
  const told = new Map<string, Map<string, string>>();

  function flush(deviceId: string): void {
    const { endpoints } = pending.get(deviceId) as Pending;
    pending.delete(deviceId);
    const known = told.get(deviceId) ?? new Map<string, string>();
    told.set(deviceId, known);
    const isNew = (path: string, value: Value) => {
      const text = JSON.stringify(value);
      if (known.get(path) === text) return false;
      known.set(path, text);
      return true;
    };
    const news = [...endpoints].flatMap(([endpointId, capabilities]): StateEndpoint[] => {
      const changed = [...capabilities].flatMap(([id, { properties, events }]): Capability[] => {
        const values = [...properties]
          .filter(([name, value]) => isNew(`${endpointId}/${id}/${name}`, value))
          .map(([name, value]) => ({ name, value }));
        if (values.length === 0 && events.length === 0) return [];
        return [{ id, ...(values.length > 0 ? { properties: values } : {}), ...(events.length > 0 ? { events } : {}) }];
      });
      return changed.length > 0 ? [{ endpointId, capabilities: changed }] : [];
    });
    if (news.length > 0) tell(deviceId, news);
  }

  return {
    add(deviceId, endpointId, capabilities) {
      if (capabilities.length === 0) return;
      const entry = pending.get(deviceId) ?? {
        cancel: clock.after(MERGE, () => flush(deviceId)),
        endpoints: new Map(),
      };
      pending.set(deviceId, entry);
      const endpoint = entry.endpoints.get(endpointId) ?? new Map();
      entry.endpoints.set(endpointId, endpoint);
      for (const { id, properties = [], events = [] } of capabilities) {
        const capability = endpoint.get(id) ?? { properties: new Map(), events: [] };
        endpoint.set(id, capability);
        for (const { name, value } of properties) capability.properties.set(name, value);
        capability.events.push(...events);
      }
    },
    answered(deviceId, endpoints) {
      const known = told.get(deviceId);
      if (!known) return;
      for (const { endpointId, capabilities } of endpoints) {
        for (const { id, properties = [] } of capabilities) {
          for (const { name, value } of properties) {
            const path = `${endpointId}/${id}/${name}`;
            if (known.get(path) !== JSON.stringify(value)) known.delete(path);
          }
        }
      }
    },
    forget(deviceId) {
      pending.get(deviceId)?.cancel();
      pending.delete(deviceId);
      told.delete(deviceId);
    },
    stop() {
      for (const { cancel } of pending.values()) cancel();
      pending.clear();
    },
  };
}
