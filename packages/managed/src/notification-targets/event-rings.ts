import { BoundedMap } from "@hearth/base";
import type { Delivery } from "../notifications/target.ts";

export interface NotificationEvent {
  /** The record's messageId. */
  id: string;
  /** JSON without line breaks. */
  data: string;
}

/** Per target, in memory: enough for a page that was reloaded, and no more. */
const MAX_EVENTS = 1000;
const MAX_BYTES = 1 << 20;
const MAX_RINGS = 100;
export const MAX_FOLLOWERS = 20;

interface Ring {
  /** Number of the first in `events`. */
  first: number;
  events: NotificationEvent[];
  bytes: number;
  followers: Set<() => void>;
}

export type EventRings = ReturnType<typeof createEventRings>;

/** The last records of each target of server-sent events, and those who follow them. */
export function createEventRings() {
  const rings = new BoundedMap<string, Ring>(MAX_RINGS);
  const ringOf = (arn: string): Ring => {
    const ring = rings.get(arn) ?? { first: 0, events: [], bytes: 0, followers: new Set() };
    rings.set(arn, ring);
    return ring;
  };

  return {
    put({ targetArn, messageId, data }: Delivery): void {
      const ring = ringOf(targetArn);
      ring.events.push({ id: messageId, data: Buffer.from(data).toString() });
      ring.bytes += data.byteLength;
      while (ring.events.length > MAX_EVENTS || (ring.bytes > MAX_BYTES && ring.events.length > 1)) {
        ring.bytes -= Buffer.byteLength(ring.events[0]!.data);
        ring.events.shift();
        ring.first++;
      }
      for (const wake of ring.followers) wake();
    },

    /**
     * What comes from now on, or behind the event `after`; all that is kept, when that one is not any more. Undefined when
     * too many follow already. Ends with `signal`. Who reads too slowly misses what the ring lets go.
     */
    follow(arn: string, after: string | undefined, signal: AbortSignal): AsyncIterable<NotificationEvent> | undefined {
      const ring = ringOf(arn);
      if (ring.followers.size >= MAX_FOLLOWERS) return undefined;
      let wake = () => {};
      const woken = () => wake();
      ring.followers.add(woken);
      signal.addEventListener("abort", () => {
        ring.followers.delete(woken);
        wake();
      });
      const known = after === undefined ? ring.events.length - 1 : ring.events.findIndex(({ id }) => id === after);
      let next = ring.first + known + 1;
      return {
        async *[Symbol.asyncIterator]() {
          while (!signal.aborted) {
            next = Math.max(next, ring.first);
            const event = ring.events[next - ring.first];
            if (event) {
              next++;
              yield event;
            } else {
              await new Promise<void>((resolve) => {
                wake = resolve;
              });
            }
          }
        },
      };
    },
  };
}
