import type { DeviceChange } from "../devices/devices.ts";

/** How many events are kept for those who come back. */
const MAX_KEPT = 10_000;

/** What is pushed, as JSON, to a webhook or in the event stream. */
export interface VendorEvent extends DeviceChange {
  /** Greater for each later event; the same when the event comes again. */
  id: string;
  /** ISO 8601. */
  at: string;
}

export type EventLog = ReturnType<typeof createEventLog>;

/** The last events, numbered, and who hears of new ones. */
export function createEventLog(now: () => number = Date.now) {
  // Numbers begin anew with each start, so an id tells the start as well.
  const start = now().toString(36);
  const kept: VendorEvent[] = [];
  const listeners = new Set<(event: VendorEvent) => void>();
  let count = 0;

  return {
    add(change: DeviceChange): void {
      count += 1;
      const event: VendorEvent = { id: `${start}-${count}`, at: new Date(now()).toISOString(), ...change };
      kept.push(event);
      if (kept.length > 2 * MAX_KEPT) kept.splice(0, kept.length - MAX_KEPT);
      for (const listener of listeners) listener(event);
    },
    listen(listener: (event: VendorEvent) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** What came after the event of that id; "gap" when that is not known any more. */
    after(id: string): VendorEvent[] | "gap" {
      const [from, number] = id.split("-");
      const missed = count - Number(number);
      if (from !== start || !Number.isInteger(missed) || missed < 0 || missed > kept.length) return "gap";
      return kept.slice(kept.length - missed);
    },
  };
}
