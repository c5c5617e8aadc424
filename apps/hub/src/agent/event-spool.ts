import { BoundedMap, type Clock, type Logger } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import type { ResponseEndpoint, StateEndpoint } from "../plugins/protocol-plugin.ts";
import { createTokenBucket, type TokenBucket } from "../plugins/token-bucket.ts";
import { eventMessages, type Reported, type Reports } from "./event-messages.ts";

/** What one device reports within this time is one message. */
const TOGETHER = 100;
/** The same of a device that does not stop. */
const TOGETHER_LONGER = 1_000;
/** So many messages of values may a device have before it counts as one that does not stop. */
const MESSAGES = { burst: 100, perSecond: 1 };
/** Modelled events of one device that wait while the queue takes nothing. */
const MAX_EVENTS = 1_000;
/** Modelled events that one device may have; the queue to the cloud is everybody's. */
const EVENTS = { burst: 1_000, perSecond: 5 };
/** Devices whose bounds are remembered: more than a home has. */
const REMEMBERED = 10_000;

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

interface Pending {
  at: number;
  endpoints: Reported;
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
  const bounds = new BoundedMap<string, { messages: TokenBucket; events: TokenBucket }>(REMEMBERED);

  function boundsOf(managedThingId: string) {
    const known = bounds.get(managedThingId);
    if (known) return known;
    const made = { messages: createTokenBucket(clock, MESSAGES), events: createTokenBucket(clock, EVENTS) };
    bounds.set(managedThingId, made);
    return made;
  }

  function merge(pending: Pending, managedThingId: string, endpoints: readonly StateEndpoint[]): boolean {
    let urgent = false;
    for (const { endpointId, capabilities } of endpoints) {
      const known = slot(pending.endpoints, endpointId, () => new Map<string, Reports>());
      for (const { id, properties = [], events = [] } of capabilities) {
        const reports = slot(known, id, (): Reports => ({ properties: new Map(), events: [] }));
        for (const { name, value } of properties) reports.properties.set(name, value);
        for (const { name, parameters } of events) {
          urgent = true;
          if (pending.events >= MAX_EVENTS || !boundsOf(managedThingId).events.take())
            log.error({ managedThingId, event: name }, "an event is lost: the device has too many");
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
    const messages = eventMessages(endpoints, (name) =>
      log.error({ managedThingId, name }, "a value is left out: it is too long for the cloud"),
    );
    if (messages.length === 0) {
      things.delete(managedThingId);
      return;
    }
    pending.endpoints = new Map();
    pending.events = 0;
    const timestamp = new Date(at).toISOString();
    track(managedThingId, pending, sendAll(managedThingId, timestamp, messages));
  }

  async function sendAll(managedThingId: string, timestamp: string, messages: readonly JsonObject[][]): Promise<void> {
    for (const endpoints of messages) await send({ messageType: "DEVICE_EVENT", managedThingId, timestamp, endpoints });
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

  const together = (managedThingId: string): number =>
    boundsOf(managedThingId).messages.take() ? TOGETHER : TOGETHER_LONGER;

  const pendingOf = (managedThingId: string, at: number): Pending =>
    slot(things, managedThingId, () => ({ at, endpoints: new Map(), events: 0, due: false }));

  return {
    add(managedThingId, at, endpoints) {
      const pending = pendingOf(managedThingId, at);
      pending.at = at;
      if (merge(pending, managedThingId, endpoints)) flush(managedThingId, pending);
      else pending.cancel ??= clock.after(together(managedThingId), () => flush(managedThingId, pending));
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

function slot<T>(map: Map<string, T>, key: string, create: () => T): T {
  const found = map.get(key) ?? create();
  map.set(key, found);
  return found;
}
