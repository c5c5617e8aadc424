import type { Clock, Logger } from "@hearth/base";
import type { Json, JsonObject } from "@hearth/device-sdk";
import type { ResponseEndpoint, StateEndpoint } from "../plugins/protocol-plugin.ts";

/** What one device reports within this time is one message. */
const TOGETHER = 100;
/** Modelled events of one device that wait while the queue takes nothing. */
const MAX_EVENTS = 1_000;

export interface EventSpool {
  add(managedThingId: string, at: number, endpoints: readonly StateEndpoint[]): void;
  /**
   * An answer of a device, which `hand` sends: it takes its place among the device's messages. Values that wait are older
   * than those that it tells, and are left out.
   */
  answer(managedThingId: string, endpoints: readonly ResponseEndpoint[], hand: () => Promise<void>): Promise<void>;
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
  /** What waits leaves when what is on its way has arrived. */
  due: boolean;
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
    pending.due = pending.sending !== undefined;
    if (pending.due) return;
    const { at, endpoints } = pending;
    const told = toWire(endpoints);
    if (told.length === 0) {
      things.delete(managedThingId);
      return;
    }
    pending.endpoints = new Map();
    pending.events = 0;
    const timestamp = new Date(at).toISOString();
    track(managedThingId, pending, send({ messageType: "DEVICE_EVENT", managedThingId, timestamp, endpoints: told }));
  }

  /** Until `sending` has ended, nothing else of the device leaves. */
  function track(managedThingId: string, pending: Pending, sending: Promise<void>): void {
    const tracked = sending.then(() => {
      if (pending.sending !== tracked) return;
      delete pending.sending;
      if (pending.due || !pending.cancel) flush(managedThingId, pending);
    });
    pending.sending = tracked;
  }

  const pendingOf = (managedThingId: string, at: number): Pending =>
    slot(things, managedThingId, () => ({ at, endpoints: new Map(), events: 0, due: false }));

  return {
    add(managedThingId, at, endpoints) {
      const pending = pendingOf(managedThingId, at);
      pending.at = at;
      if (merge(pending, managedThingId, endpoints)) flush(managedThingId, pending);
      else pending.cancel ??= clock.after(TOGETHER, () => flush(managedThingId, pending));
    },
    answer(managedThingId, endpoints, hand) {
      const pending = pendingOf(managedThingId, clock.now());
      for (const { endpointId, capabilities } of endpoints) {
        for (const { id, properties = [] } of capabilities) {
          const waiting = pending.endpoints.get(endpointId)?.get(id)?.properties;
          for (const { name } of properties) waiting?.delete(name);
        }
      }
      const handed = (pending.sending ?? Promise.resolve()).then(hand);
      track(
        managedThingId,
        pending,
        handed.catch(() => {}),
      );
      return handed;
    },
    async drain() {
      while (things.size > 0) {
        for (const [managedThingId, pending] of things) flush(managedThingId, pending);
        await Promise.all([...things.values()].map(({ sending }) => sending));
      }
    },
  };
}

/** Without what holds nothing any more. */
function toWire(endpoints: Pending["endpoints"]): JsonObject[] {
  return [...endpoints].flatMap(([endpointId, reports]) => {
    const capabilities = [...reports]
      .filter(([, { properties, events }]) => properties.size + events.length > 0)
      .map(([id, { properties, events }]) => ({
        id,
        ...(properties.size > 0 ? { properties: [...properties].map(([name, value]) => ({ name, value })) } : {}),
        ...(events.length > 0 ? { events } : {}),
      }));
    return capabilities.length > 0 ? [{ endpointId, capabilities }] : [];
  });
}

function slot<T>(map: Map<string, T>, key: string, create: () => T): T {
  const found = map.get(key) ?? create();
  map.set(key, found);
  return found;
}
