import type { Clock } from "@hearth/base";

/**
 * Milliseconds. A node that could not decipher a command has done nothing, and has new nonces a moment later: at once again,
 * it would be met in the same state. One that is awake for a moment only is sent to sleep by the library after 250 ms.
 */
const PAUSES = [50, 150];

interface Sending {
  clock: Clock;
  isUndecoded(error: unknown): boolean;
  /** Milliseconds for all of it. */
  within: number;
}

/** Sends what a node could not decipher again, three times in all, while the time lasts. `send` is told what is left of it. */
export async function sendUntilDecoded<T>(send: (left: number) => Promise<T>, sending: Sending): Promise<T> {
  const { clock, isUndecoded, within } = sending;
  const until = clock.monotonic() + within;
  for (const pause of PAUSES) {
    try {
      return await send(until - clock.monotonic());
    } catch (error) {
      if (!isUndecoded(error) || until - clock.monotonic() <= pause) throw error;
    }
    await new Promise<void>((resolve) => void clock.after(pause, resolve));
  }
  return await send(until - clock.monotonic());
}
