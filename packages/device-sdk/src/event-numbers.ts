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
 * The first number is at least the milliseconds of the clock. If the store was erased, was full or is an old copy, that
 * is beyond whatever the device has used before, as long as it has sent less than one message a millisecond.
 */
export function createEventNumbers(store: Pick<CredentialStore, "load" | "save">, clock: Clock): EventNumbers {
  let next = 0;
  let end = 0;
  let turn: Promise<unknown> = Promise.resolve();

  async function take(): Promise<number> {
    if (next === end) {
      const first = end === 0 ? await begin() : end;
      await store.save("Event Number", { next: first + BLOCK });
      next = first;
      end = first + BLOCK;
    }
    return next++;
  }

  async function begin(): Promise<number> {
    const stored = (await store.load("Event Number"))?.next ?? 1;
    return Math.max(stored, Math.floor(clock.now()));
  }

  return {
    next() {
      const taken = turn.then(take);
      turn = taken.catch(() => {});
      return taken;
    },
  };
}
