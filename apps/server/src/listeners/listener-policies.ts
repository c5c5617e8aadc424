import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type ListenerPolicy, readListenerPolicy } from "@hearth/auth";
import { type Logger, messageOf } from "@hearth/base";
import { ConfigurationError } from "../configuration.ts";
import type { NamedListener } from "./named-listener.ts";

export interface ListenerPolicies {
  /** Undefined: the listener has none, so whatever its callers may. */
  of(listener: string): ListenerPolicy | undefined;
  /** Undefined: there is no listener of this name. */
  listener(name: string): { policy?: ListenerPolicy } | undefined;
  /** Reads the files again. A file that cannot be used leaves the policy that was, and an error in the log. */
  reload(): void;
}

/**
 * The policies of the listeners that name a file.
 * @throws ConfigurationError for a file that cannot be read, or holds no policy: a listener without its policy is open
 */
export function createListenerPolicies(listeners: readonly NamedListener[], log: Logger): ListenerPolicies {
  const guarded = listeners.flatMap(({ name, policyFile }) => (policyFile === undefined ? [] : [{ name, policyFile }]));
  const read = ({ name, policyFile }: { name: string; policyFile: string }): ListenerPolicy => {
    const path = resolve(policyFile);
    try {
      return readListenerPolicy(name, readFileSync(path, "utf8"));
    } catch (error) {
      throw new ConfigurationError(
        `the policy of the listener ${name} cannot be used: ${path}: ${messageOf(error).split("\n")[0]}`,
      );
    }
  };
  const policies = new Map(guarded.map((listener) => [listener.name, read(listener)]));
  return {
    of: (listener) => policies.get(listener),
    listener(name) {
      const policy = policies.get(name);
      if (policy) return { policy };
      return listeners.some((one) => one.name === name) ? {} : undefined;
    },
    reload() {
      for (const listener of guarded) {
        try {
          policies.set(listener.name, read(listener));
        } catch (error) {
          log.error({ listener: listener.name, error: messageOf(error) }, "the listener keeps the policy that it had");
        }
      }
    },
  };
}
