import { type Bus, subject } from "@hearth/backplane";

/** Published when an account's users, roles, keys or identity policies have changed. */
export const identitiesChanged = subject<{ accountId: string }>("auth.identities-changed");

export interface IdentityCache<Value> {
  /** What `load` found for the key; what it did not find is asked again. */
  get(key: string): Promise<Value | undefined>;
}

/**
 * Remembers what every request needs of the store, until an identity changes. At most `size` keys; changes are rare,
 * so they empty it.
 */
export function createIdentityCache<Value>(
  bus: Bus,
  load: (key: string) => Promise<Value | undefined>,
  size = 10_000,
): IdentityCache<Value> {
  const entries = new Map<string, Promise<Value | undefined>>();
  bus.subscribe(identitiesChanged, () => entries.clear());
  return {
    get(key) {
      const known = entries.get(key);
      if (known) return known;
      const loading = load(key);
      if (entries.size >= size) entries.delete(entries.keys().next().value as string);
      entries.set(key, loading);
      const forget = (): void => {
        if (entries.get(key) === loading) entries.delete(key);
      };
      loading.then((value) => {
        if (value === undefined) forget();
      }, forget);
      return loading;
    },
  };
}
