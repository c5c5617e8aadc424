import type { Clock } from "@hearth/base";
import type { StateEndpoint } from "../plugins/protocol-plugin.ts";

/** Reports of one device within 100 ms are one message. */
const WINDOW = 100;

export interface ReportMerger {
  add(deviceId: string, endpointId: string, capabilities: StateEndpoint["capabilities"]): void;
  stop(): void;
}

export function createReportMerger(
  clock: Clock,
  tell: (deviceId: string, endpoints: StateEndpoint[]) => void,
): ReportMerger {
  const waiting = new Map<string, { endpoints: Map<string, StateEndpoint>; cancel: () => void }>();

  function flush(deviceId: string): void {
    const entry = waiting.get(deviceId);
    waiting.delete(deviceId);
    if (entry) tell(deviceId, [...entry.endpoints.values()]);
  }

  return {
    add(deviceId, endpointId, capabilities) {
      if (capabilities.length === 0) return;
      let entry = waiting.get(deviceId);
      if (!entry) {
        entry = { endpoints: new Map(), cancel: clock.after(WINDOW, () => flush(deviceId)) };
        waiting.set(deviceId, entry);
      }
      const endpoint = entry.endpoints.get(endpointId) ?? { endpointId, capabilities: [] };
      entry.endpoints.set(endpointId, endpoint);
      for (const { id, properties = [], events = [] } of capabilities) {
        let capability = endpoint.capabilities.find((one) => one.id === id);
        if (!capability) {
          capability = { id };
          endpoint.capabilities.push(capability);
        }
        // The newest value of a property, and every event.
        const names = new Set(properties.map(({ name }) => name));
        const kept = (capability.properties ?? []).filter(({ name }) => !names.has(name));
        if (kept.length + properties.length > 0) capability.properties = [...kept, ...properties];
        if (events.length > 0) capability.events = [...(capability.events ?? []), ...events];
      }
    },
    stop() {
      for (const { cancel } of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
