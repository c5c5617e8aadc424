import type { Clock } from "@hearth/base";
import type { Json, JsonObject } from "./json.ts";

/** One thing to report about a capability. */
export type Report =
  | { kind: "property"; name: string; value: Json }
  | { kind: "event"; name: string; parameters: JsonObject };

export interface ReporterOptions {
  /** Sends the endpoints of one DEVICE_EVENT; resolves when the platform has it. */
  send(endpoints: JsonObject[]): Promise<void>;
  clock: Clock;
  /** Milliseconds that a report which is not immediate may wait for others. */
  interval: number;
}

export interface Reporter {
  /**
   * Immediate: what is pending leaves now, this last. Otherwise it waits for company. Resolves and rejects with the
   * message that carries it.
   */
  add(endpointId: string, capabilityId: string, reports: Report[], immediate: boolean): Promise<void>;
  /** Sends what is pending. */
  flush(): void;
}

/** Modelled events in one message: beyond this a batch leaves before its time. */
const MAX_EVENTS = 100;

interface Pending {
  properties: Map<string, Json>;
  events: JsonObject[];
}

/**
 * Collects reports into DEVICE_EVENT messages (reference 11.5, reading of U41). Of a property only the last value is
 * sent; events are sent all, in order.
 */
export function createReporter({ send, clock, interval }: ReporterOptions): Reporter {
  let pending = new Map<string, Map<string, Pending>>();
  let events = 0;
  let waiting: { resolve(): void; reject(error: unknown): void }[] = [];
  let cancel: (() => void) | undefined;

  function flush(): void {
    cancel?.();
    cancel = undefined;
    if (waiting.length === 0) return;
    const endpoints = [...pending].map(([endpointId, capabilities]) => ({
      endpointId,
      capabilities: [...capabilities].map(([id, { properties, events: happened }]) => ({
        id,
        ...(properties.size > 0 ? { properties: [...properties].map(([name, value]) => ({ name, value })) } : {}),
        ...(happened.length > 0 ? { events: happened } : {}),
      })),
    }));
    const carried = waiting;
    pending = new Map();
    events = 0;
    waiting = [];
    send(endpoints).then(
      () => {
        for (const { resolve } of carried) resolve();
      },
      (error: unknown) => {
        for (const { reject } of carried) reject(error);
      },
    );
  }

  function pendingOf(endpointId: string, capabilityId: string): Pending {
    const capabilities = pending.get(endpointId) ?? new Map<string, Pending>();
    pending.set(endpointId, capabilities);
    const found = capabilities.get(capabilityId) ?? { properties: new Map(), events: [] };
    capabilities.set(capabilityId, found);
    return found;
  }

  return {
    add(endpointId, capabilityId, reports, immediate) {
      const { properties, events: happened } = pendingOf(endpointId, capabilityId);
      for (const report of reports) {
        if (report.kind === "property") properties.set(report.name, report.value);
        else {
          happened.push({ name: report.name, parameters: report.parameters });
          events++;
        }
      }
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        if (immediate || events >= MAX_EVENTS) flush();
        else cancel ??= clock.after(interval, flush);
      });
    },
    flush,
  };
}
