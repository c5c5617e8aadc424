/** Values of condition keys and policy variables of one request, by key (`aws:SourceIp`, `iot:ClientId`). */
export type PolicyContext = Readonly<Record<string, string | readonly string[]>>;

const NO_CONTEXT: PolicyContext = Object.freeze({});

/** Keys do not differ by case, but what stands in brackets (the name of a thing's attribute) does. */
export function canonicalKey(key: string): string {
  const bracket = key.indexOf("[");
  return bracket < 0 ? key.toLowerCase() : key.slice(0, bracket).toLowerCase() + key.slice(bracket);
}

// A connection's context is asked thousands of times; it is indexed once, when a key is first missed as written.
const indexes = new WeakMap<PolicyContext, Map<string, string | readonly string[]>>();

/** The value of `key`, or undefined. `canonical` must be `canonicalKey(key)`. */
export function contextValue(
  context: PolicyContext = NO_CONTEXT,
  key: string,
  canonical: string,
): string | readonly string[] | undefined {
  if (Object.hasOwn(context, key)) return context[key];
  let index = indexes.get(context);
  if (!index) {
    index = new Map(Object.entries(context).map(([name, value]) => [canonicalKey(name), value]));
    indexes.set(context, index);
  }
  return index.get(canonical);
}
