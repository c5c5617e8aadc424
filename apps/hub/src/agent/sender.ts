import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { type Bus, BusError } from "../bus/bus.ts";

/** Between two tries to hand a message to the queue. */
const RETRY = 5_000;
/** So many tries does a hub without a cloud get: it is starting, or it was off-boarded and there is nobody to tell. */
const TRIES_WITHOUT_CLOUD = 12;

export interface Sender {
  /**
   * Resolves when the message is on disk in the queue to the cloud, however long the proxy is away or its disk is full;
   * or when it can never be sent, or this was stopped.
   */
  send(message: JsonObject): Promise<void>;
  stop(): void;
}

/** Hands messages for `north/{id}/control` to the MQTT proxy. */
export function createSender(deps: { bus: Bus; clock: Clock; log: Logger }): Sender {
  const { bus, clock, log } = deps;
  const waiting = new Set<() => void>();
  let stopped = false;
  const wakeAll = () => {
    for (const wake of [...waiting]) wake();
  };
  const offPresence = bus.onPresence((service, there) => {
    if (service === "mqtt" && there) wakeAll();
  });

  const pause = () =>
    new Promise<void>((resolve) => {
      const wake = () => {
        cancel();
        waiting.delete(wake);
        resolve();
      };
      const cancel = clock.after(RETRY, wake);
      waiting.add(wake);
    });

  return {
    async send(message) {
      for (let tries = 1; !stopped; tries++) {
        try {
          await bus.request("mqtt", "send", { channel: "control", message, durable: true });
          return;
        } catch (error) {
          const code = error instanceof BusError ? error.code : undefined;
          if (code === "bad-message" || (code === "not-provisioned" && tries >= TRIES_WITHOUT_CLOUD)) {
            log.error({ messageType: message["messageType"], error: messageOf(error) }, "a message cannot be sent");
            return;
          }
          if (tries === 1) log.warn({ error: messageOf(error) }, "the queue to the cloud takes nothing; tried again");
          await pause();
        }
      }
    },
    stop() {
      stopped = true;
      offPresence();
      wakeAll();
    },
  };
}
