import type { Logger } from "@hearth/base";
import type { Bus, Subject } from "./bus.ts";

interface Subscription {
  handler: (message: unknown) => unknown;
  active: boolean;
}

/**
 * A Bus within one process: `publish` calls the subscribers before it returns. A subscription made during a publish
 * hears the next message; one that ended during it is not called any more.
 */
export function createBus(log: Logger): Bus {
  /** Arrays are replaced, never changed, so that a publish under way keeps its own list. */
  const subscriptions = new Map<string, readonly Subscription[]>();

  const failed = (name: string, error: unknown) => log.error({ subject: name, err: error }, "a subscriber failed");

  return {
    publish<T>(subject: Subject<T>, message: T): void {
      for (const subscription of subscriptions.get(subject.name) ?? []) {
        if (!subscription.active) continue;
        try {
          const result = subscription.handler(message);
          // An async function fits the handler's type; its rejection must not end the process.
          if (result instanceof Promise) result.catch((error) => failed(subject.name, error));
        } catch (error) {
          failed(subject.name, error);
        }
      }
    },

    subscribe<T>(subject: Subject<T>, handler: (message: T) => void): () => void {
      const subscription: Subscription = { handler: handler as (message: unknown) => unknown, active: true };
      subscriptions.set(subject.name, [...(subscriptions.get(subject.name) ?? []), subscription]);
      return () => {
        subscription.active = false;
        const rest = (subscriptions.get(subject.name) ?? []).filter((other) => other !== subscription);
        if (rest.length > 0) subscriptions.set(subject.name, rest);
        else subscriptions.delete(subject.name);
      };
    },
  };
}
