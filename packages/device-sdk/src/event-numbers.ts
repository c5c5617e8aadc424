import type { Clock } from "@hearth/base";
import type { CredentialStore } from "./credential-store.ts";

/** Numbers reserved by one write to the store; a restart skips what is left of a block. */
const BLOCK = 1000;

export interface EventNumbers {
  /** The next number of this device: larger than every one before it, across restarts too. */
  next(): Promise<number>;
}

/**
 * The platform ignores a message whose `eventNumber` it has seen (device protocol, "Envelope"), so a number that
 * has perhaps been sent must never come back: whole blocks are made durable before their first number is used.
 *
 * A device without any record starts at the milliseconds of its clock. If its store was erased, that is beyond
 * whatever it has used before, as long as it has sent less than one message a millisecond.
 */
export function createEventNumbers(store: Pick<CredentialStore, "load" | "save">, clock: Clock): EventNumbers {
  let next = 0;
  let end = 0;
  let turn: Promise<unknown> = Promise.resolve();

  async function take(): Promise<number> {
    if (next === end) {
      const stored = end === 0 ? (await store.load("Event Number"))?.next : end;
      const first = stored ?? Math.max(1, Math.floor(clock.now()));
      await store.save("Event Number", { next: first + BLOCK });
      next = first;
      end = first + BLOCK;
    }
    return next++;
  }

  return {
    next() {
      const taken = turn.then(take);
      turn = taken.catch(() => {});
      return taken;
    },
  };
}
