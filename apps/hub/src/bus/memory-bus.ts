import type { JsonObject } from "@hearth/device-sdk";
import { type Bus, BusError, type BusMethod, topicFits } from "./bus.ts";

const TIMEOUT = 10_000;

/** A bus within one process. Bodies are copied, as a socket would, so that nobody shares what another changes. */
export function createMemoryBus(): Bus {
  const services = new Map<string, Readonly<Record<string, BusMethod>>>();
  const subscribers = new Set<{ topic: string; handler: (body: JsonObject) => void }>();
  const watchers = new Set<(service: string, there: boolean) => void>();

  return {
    publish(topic, body) {
      const text = JSON.stringify(body);
      for (const subscriber of [...subscribers]) {
        if (topicFits(subscriber.topic, topic)) queueMicrotask(() => subscriber.handler(JSON.parse(text)));
      }
    },
    subscribe(topic, handler) {
      const subscriber = { topic, handler };
      subscribers.add(subscriber);
      return () => void subscribers.delete(subscriber);
    },
    async request(service, method, body, { timeout = TIMEOUT, signal } = {}) {
      const methods = services.get(service);
      if (!methods) throw new BusError("no-such-service", `nobody serves ${service}`);
      const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (!run) throw new BusError("no-such-method", `${service} has no method ${method}`);
      const answer = run(JSON.parse(JSON.stringify(body))).catch((error) => {
        throw new BusError("refused", error instanceof Error ? error.message : String(error), error?.code);
      });
      return JSON.parse(JSON.stringify(await within(answer, timeout, `${service}.${method}`, signal)));
    },
    serve(service, methods) {
      if (services.has(service)) throw new Error(`${service} is served already`);
      services.set(service, methods);
      for (const watcher of watchers) watcher(service, true);
      return () => {
        if (services.get(service) !== methods) return;
        services.delete(service);
        for (const watcher of watchers) watcher(service, false);
      };
    },
    onPresence(listener) {
      watchers.add(listener);
      for (const service of services.keys()) listener(service, true);
      return () => void watchers.delete(listener);
    },
  };
}

function within<T>(answer: Promise<T>, timeout: number, what: string, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (message: string) => reject(new BusError("timeout", message));
    const timer = setTimeout(() => fail(`${what} did not answer within ${timeout} ms`), timeout);
    const abort = () => fail(`${what} is not waited for any more`);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    answer.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    });
  });
}
