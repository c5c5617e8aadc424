import type { Clock } from "@hearth/base";

const FIRST = 200;
const LONGEST = 30_000;

/** How long to wait before the next attempt: 0.2 s, twice as long each time up to 30 s, and anew after 30 s of success. */
export function createBackOff(clock: Clock): { succeeded(): void; next(): number } {
  let delay = FIRST;
  let since: number | undefined;
  return {
    /** It runs now. */
    succeeded() {
      since = clock.monotonic();
    },
    next() {
      if (since !== undefined && clock.monotonic() - since >= LONGEST) delay = FIRST;
      since = undefined;
      const wait = delay;
      delay = Math.min(delay * 2, LONGEST);
      return wait;
    },
  };
}
