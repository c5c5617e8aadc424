import type { Logger } from "@hearth/base";
import type { Bus } from "../bus/bus.ts";

/**
 * The bus as one part sees it: what the part has left there when it stops, or does not manage to start, is taken away.
 * Says what the part listens to, as the reference's components do (10.3).
 */
export function createPartBus(bus: Bus, log: Logger): { bus: Bus; release(): void } {
  const undo = new Set<() => void>();
  const said = new Set<string>();
  const kept = (stop: () => void): (() => void) => {
    const once = (): void => {
      undo.delete(once);
      stop();
    };
    undo.add(once);
    return once;
  };
  return {
    bus: {
      publish: (topic, body) => bus.publish(topic, body),
      request: (service, method, body, options) => bus.request(service, method, body, options),
      subscribe(topic, handler) {
        const stop = bus.subscribe(topic, handler);
        if (!said.has(topic)) log.info(`Successfully subscribed to topic ${topic}`);
        said.add(topic);
        return kept(stop);
      },
      serve: (service, methods) => kept(bus.serve(service, methods)),
      onPresence: (listener) => kept(bus.onPresence(listener)),
    },
    release() {
      for (const stop of [...undo]) stop();
    },
  };
}
