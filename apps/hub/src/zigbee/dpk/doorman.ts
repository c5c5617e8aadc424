import type { Clock, Logger } from "@hearth/base";
import type { Admission } from "./dpk.ts";

/** Strangers that are asked to leave at the same time: the library holds a place for each in the queue of all requests. */
const AT_ONCE = 4;
/** Milliseconds for which it waits for their answer. */
const LEAVING = 10_000;
/** Guests that are interviewed at the same time: each takes the same places with all that it is asked. */
const GUESTS = 8;
/** Milliseconds after which an interview does not count any more. */
const INTERVIEW = 120_000;
/** Who waits for his turn. The others have theirs when they announce themselves again. */
const WAITING = 100;
/** Milliseconds between two lines of the log about more than that. */
const COMPLAIN = 60_000;

/** Who may join, asked by a stack that sends a device away itself when it is told that it may not. */
export interface Doorman {
  /**
   * Resolves to true when it may come in, to false when it is its turn to leave; never for one that is not to be told
   * now.
   */
  ask(address: string): Promise<boolean>;
  /** Its interview is over. */
  settled(address: string): void;
  /** The device says that it leaves. */
  left(address: string): void;
  stop(): void;
}

/** Deals with guests and strangers a few at a time, so that a crowd of them does not keep the hub from its own devices. */
export function createDoorman(deps: { admit: Admission; clock: Clock; log: Logger }): Doorman {
  const { admit, clock, log } = deps;
  /** Each with what ends its turn. */
  const guests = new Map<string, () => void>();
  const leaving = new Map<string, () => void>();
  const waiting = new Map<string, (admitted: boolean) => void>();
  let cancelComplaint: (() => void) | undefined;

  function take(places: Map<string, () => void>, address: string, time: number): void {
    const cancel = clock.after(time, () => give(places, address));
    places.set(address, cancel);
  }

  function give(places: Map<string, () => void>, address: string): void {
    places.get(address)?.();
    if (places.delete(address)) next();
  }

  /** What it is told, if there is a place for it now. */
  function answer(address: string): boolean | undefined {
    const admission = admit(address);
    if (admission === "awaited" || (admission === "guest" && guests.has(address))) return true;
    if (admission === "guest") {
      if (guests.size >= GUESTS) return undefined;
      take(guests, address, INTERVIEW);
      return true;
    }
    if (leaving.size >= AT_ONCE || leaving.has(address)) return undefined;
    log.info({ address }, "a device that nobody awaits is turned away");
    take(leaving, address, LEAVING);
    return false;
  }

  /** Whoever waits and may. */
  function next(): void {
    for (const [address, resolve] of waiting) {
      const told = answer(address);
      if (told === undefined) continue;
      waiting.delete(address);
      resolve(told);
    }
  }

  function tooMany(): void {
    if (cancelComplaint) return;
    log.warn({ waiting: waiting.size }, "more devices that nobody knows want to join than can be dealt with");
    cancelComplaint = clock.after(COMPLAIN, () => {
      cancelComplaint = undefined;
    });
  }

  return {
    ask(address) {
      const told = answer(address);
      if (told !== undefined) return Promise.resolve(told);
      return new Promise((resolve) => {
        if (waiting.size >= WAITING && !waiting.has(address)) return tooMany();
        waiting.set(address, resolve);
      });
    },
    settled: (address) => give(guests, address),
    left(address) {
      waiting.delete(address);
      give(guests, address);
      give(leaving, address);
    },
    stop() {
      for (const cancel of [...guests.values(), ...leaving.values()]) cancel();
      cancelComplaint?.();
      guests.clear();
      leaving.clear();
      waiting.clear();
    },
  };
}
