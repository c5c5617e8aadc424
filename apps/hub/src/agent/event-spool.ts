import type { Clock, Logger } from "@hearth/base";
import type { Json, JsonObject } from "@hearth/device-sdk";
import type { StateEndpoint } from "../plugins/protocol-plugin.ts";

/** What one device reports within this time is one message. */
const TOGETHER = 100;
/** Modelled events of one device that wait while the queue takes nothing. */
const MAX_EVENTS = 1_000;

export interface EventSpool {
  add(managedThingId: string, at: number, endpoints: readonly StateEndpoint[]): void;
  /** Sends what waits, and resolves when it is on disk. */
  drain(): Promise<void>;
}

interface Reports {
  properties: Map<string, Json>;
  events: { name: string; parameters: JsonObject }[];
}

interface Pending {
  at: number;
  endpoints: Map<string, Map<string, Reports>>;
  events: number;
  cancel?: () => void;
  sending?: Promise<void>;
}

/**
 * Reports of devices on their way to the cloud, as DEVICE_EVENT: of a property the last value, of events all, in order.
 * One message of a device at a time, so that a newer value never overtakes an older one.
 */
export function createEventSpool(deps: {
  send: (message: JsonObject) => Promise<void>;
  clock: Clock;
  log: Logger;
}): EventSpool {
  const { send, clock, log } = deps;
  const things = new Map<string, Pending>();

  function merge(pending: Pending, managedThingId: string, endpoints: readonly StateEndpoint[]): boolean {
    let urgent = false;
    for (const { endpointId, capabilities } of endpoints) {
      const known = slot(pending.endpoints, endpointId, () => new Map<string, Reports>());
      for (const { id, properties = [], events = [] } of capabilities) {
        const reports = slot(known, id, (): Reports => ({ properties: new Map(), events: [] }));
        for (const { name, value } of properties) reports.properties.set(name, value);
        for (const { name, parameters } of events) {
          urgent = true;
          if (pending.events >= MAX_EVENTS)
            log.error({ managedThingId, event: name }, "an event is lost: too many wait");
          else {
            pending.events++;
            reports.events.push({ name, parameters });
          }
        }
      }
    }
    return urgent;
  }

  function flush(managedThingId: string, pending: Pending): void {
    pending.cancel?.();
    delete pending.cancel;
    // What is on its way comes back here when it has arrived.
    if (pending.sending) return;
    const { at, endpoints } = pending;
    if (endpoints.size === 0) {
      things.delete(managedThingId);
      return;
    }
    pending.endpoints = new Map();
    pending.events = 0;
    const timestamp = new Date(at).toISOString();
    const message = { messageType: "DEVICE_EVENT", managedThingId, timestamp, endpoints: toWire(endpoints) };
    pending.sending = send(message).then(() => {
      delete pending.sending;
      flush(managedThingId, pending);
    });
  }

  return {
    add(managedThingId, at, endpoints) {
      const pending = slot(things, managedThingId, (): Pending => ({ at, endpoints: new Map(), events: 0 }));
      pending.at = at;
      if (merge(pending, managedThingId, endpoints)) flush(managedThingId, pending);
      else pending.cancel ??= clock.after(TOGETHER, () => flush(managedThingId, pending));
    },
    async drain() {
      for (const [managedThingId, pending] of things) flush(managedThingId, pending);
      while (things.size > 0) await Promise.all([...things.values()].map(({ sending }) => sending));
    },
  };
}

function toWire(endpoints: Pending["endpoints"]): JsonObject[] {
  return [...endpoints].map(([endpointId, capabilities]) => ({
    endpointId,
    capabilities: [...capabilities].map(([id, { properties, events }]) => ({
      id,
      ...(properties.size > 0 ? { properties: [...properties].map(([name, value]) => ({ name, value })) } : {}),
      ...(events.length > 0 ? { events } : {}),
    })),
  }));
}

function slot<T>(map: Map<string, T>, key: string, create: () => T): T {
  const found = map.get(key) ?? create();
  map.set(key, found);
  return found;
}
