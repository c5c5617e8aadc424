import type { Clock, Logger } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import type { Bus } from "../bus/bus.ts";

/** Services of the parts that hear the cloud: whoever serves one has subscribed before. */
export const LISTENERS = ["log", "agent", "provisioner", "hub-control"] as const;
/** Milliseconds that a part which is not there is waited for. */
const PATIENCE = 30_000;
/** Of the messages that wait for it, together. */
const MAX_BYTES = 8 * 1_048_576;

export interface Delivery {
  /** `bytes`: how long the message was on its way here. */
  publish(topic: string, message: JsonObject, bytes: number): void;
  stop(): void;
}

interface Held {
  topic: string;
  message: JsonObject;
  since: number;
}

/**
 * Tells the bus what the cloud says, in its order. The cloud says much at the moment of the connection, and some of it
 * once: while a listener is not there (it starts, or was just killed) everything waits for it, 30 s and 8 MiB at most.
 */
export function createDelivery(deps: { bus: Bus; clock: Clock; log: Logger; listeners: readonly string[] }): Delivery {
  const { bus, clock, log, listeners } = deps;
  const missing = new Set(listeners);
  let held: Held[] = [];
  let bytes = 0;
  /** Whoever is missing has been waited for. */
  let gaveUp = false;
  let stopTimer = () => {};

  function release(): void {
    stopTimer();
    const waited = held;
    held = [];
    bytes = 0;
    for (const { topic, message, since } of waited) bus.publish(topic, aged(message, clock.monotonic() - since));
  }

  function giveUp(): void {
    gaveUp = true;
    log.warn({ missing: [...missing], messages: held.length }, "parts are not there to hear what the cloud says");
    release();
  }

  const end = bus.onPresence((service, there) => {
    if (!listeners.includes(service)) return;
    if (!there) missing.add(service);
    else missing.delete(service);
    if (missing.size > 0) return;
    gaveUp = false;
    release();
  });

  return {
    publish(topic, message, length) {
      if (missing.size === 0 || gaveUp) return bus.publish(topic, message);
      if (held.length === 0) stopTimer = clock.after(PATIENCE, giveUp);
      held.push({ topic, message, since: clock.monotonic() });
      bytes += length;
      if (bytes > MAX_BYTES) giveUp();
    },
    stop() {
      end();
      stopTimer();
    },
  };
}

/** A command has its time from the arrival at the hub: what it has waited here is gone. */
function aged(message: JsonObject, waited: number): JsonObject {
  const { expiresAt } = message;
  const left = new Date(typeof expiresAt === "string" ? Date.parse(expiresAt) - waited : Number.NaN);
  return Number.isNaN(left.getTime()) ? message : { ...message, expiresAt: left.toISOString() };
}
