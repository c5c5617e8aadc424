import type { Clock } from "@hearth/base";
import type { BoundDevice } from "./cdmb-service.ts";

/** Milliseconds between a read that failed and the next: first, and twice as long each time up to the longest. */
const PAUSE = { first: 30_000, longest: 600_000 };
/** A device that does not sleep is asked so often by itself. Afterwards it has to be heard first, as one that sleeps. */
const TRIES = 8;

/**
 * Devices whose state has to be read once more: it could not be read, or they slept. One that is awake is asked again after a
 * pause, each when it is heard; none sooner than its pause after the last time, however much it talks.
 */
export interface Unread {
  /** It sleeps, and has not been asked. */
  asleep(device: BoundDevice): void;
  /** It was asked in vain. */
  failed(device: BoundDevice, sleepy: boolean): void;
  /** It was read, or is nobody's any more. */
  done(deviceId: string): void;
  /** It has said something; `back`: after a time in which it could not be reached. */
  heard(deviceId: string, back: boolean): void;
  /** Of this protocol, or all: nothing is to be asked any more. */
  clear(protocol?: string): void;
}

interface Entry {
  device: BoundDevice;
  sleepy: boolean;
  tries: number;
  /** When it was asked last. */
  last: number;
  cancel: () => void;
  asking: boolean;
}

/** `read` ends with `failed` or `done`. */
export function createUnread({ clock, read }: { clock: Clock; read: (device: BoundDevice) => void }): Unread {
  const entries = new Map<string, Entry>();

  const pauseOf = ({ tries }: Entry) => (tries === 0 ? 0 : Math.min(PAUSE.first * 2 ** (tries - 1), PAUSE.longest));

  function ask(entry: Entry): void {
    entry.cancel();
    entry.asking = true;
    entry.last = clock.monotonic();
    read(entry.device);
  }

  function schedule(entry: Entry): void {
    entry.cancel();
    if (entry.sleepy || entry.tries >= TRIES) return;
    entry.cancel = clock.after(Math.max(0, entry.last + pauseOf(entry) - clock.monotonic()), () => ask(entry));
  }

  function entryOf(device: BoundDevice, sleepy: boolean): Entry {
    const known = entries.get(device.deviceId);
    const entry = known ?? {
      tries: 0,
      last: Number.NEGATIVE_INFINITY,
      cancel: () => {},
      asking: false,
      device,
      sleepy,
    };
    Object.assign(entry, { device, sleepy, asking: false });
    entries.set(device.deviceId, entry);
    return entry;
  }

  return {
    asleep: (device) => void entryOf(device, true),
    failed(device, sleepy) {
      const entry = entryOf(device, sleepy);
      entry.tries++;
      entry.last = clock.monotonic();
      schedule(entry);
    },
    done(deviceId) {
      entries.get(deviceId)?.cancel();
      entries.delete(deviceId);
    },
    heard(deviceId, back) {
      const entry = entries.get(deviceId);
      if (!entry || entry.asking) return;
      if (back) entry.tries = Math.min(entry.tries, 1);
      if (clock.monotonic() >= entry.last + pauseOf(entry)) ask(entry);
      else if (back) schedule(entry);
    },
    clear(protocol) {
      for (const [deviceId, { device, cancel }] of entries) {
        if (protocol !== undefined && device.protocol !== protocol) continue;
        cancel();
        entries.delete(deviceId);
      }
    },
  };
}
