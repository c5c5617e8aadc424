import type { Fields, Json, Profile, Version } from "./case.ts";

/** What patterns are read with. */
export interface Reading {
  version: Version;
  profile: Profile;
  /** What `@name` stands for, once it was met. */
  names: Map<string, unknown>;
}

const has = (value: Fields, ...names: string[]): boolean =>
  Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));

/** Replaces what depends on the version, the profile or an earlier packet by its value. */
export function resolve(value: Json | undefined, reading: Reading): unknown {
  if (typeof value === "string") {
    if (value.startsWith("@") && reading.names.has(value)) return reading.names.get(value);
    return value.replaceAll("{i}", () => String(reading.names.get("@i")));
  }
  if (Array.isArray(value)) return value.map((one) => resolve(one, reading));
  if (typeof value !== "object" || value === null) return value;
  if (has(value, "v4", "v5")) return resolve(reading.version === 4 ? value["v4"]! : value["v5"]!, reading);
  if (has(value, "standard", "aws")) return resolve(value[reading.profile]!, reading);
  if (has(value, "text", "times")) return String(value["text"]).repeat(Number(resolve(value["times"]!, reading)));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolve(one, reading)]));
}

const plain = (value: unknown): unknown => (value instanceof Uint8Array ? Buffer.from(value).toString() : value);

const shown = (value: unknown): string => {
  const text = JSON.stringify(plain(value)) ?? "nothing";
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

/** Where `actual` is not what `wanted` (resolved) says: the first difference in words; undefined when there is none. */
export function difference(wanted: unknown, given: unknown, reading: Reading, path = ""): string | undefined {
  const actual = plain(given);
  const differs = () => `${path || "packet"} is ${shown(actual)}, not ${shown(wanted)}`;
  if (wanted === null) return actual === undefined ? undefined : differs();
  if (typeof wanted === "string" && wanted.startsWith("@")) {
    if (actual === undefined) return differs();
    if (wanted !== "@any") reading.names.set(wanted, actual);
    return undefined;
  }
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual) || actual.length !== wanted.length) return differs();
    return first(wanted.map((one, index) => difference(one, actual[index], reading, `${path}[${index}]`)));
  }
  if (typeof wanted !== "object") return actual === wanted ? undefined : differs();
  const fields = wanted as Fields;
  if (has(fields, "not")) return difference(fields["not"], actual, reading, path) === undefined ? differs() : undefined;
  if (has(fields, "min", "max")) {
    const inside = typeof actual === "number" && actual >= Number(fields["min"]) && actual <= Number(fields["max"]);
    return inside ? undefined : differs();
  }
  if (has(fields, "oneOf")) {
    const found = (fields["oneOf"] as unknown[]).some((one) => difference(one, actual, reading, path) === undefined);
    return found ? undefined : differs();
  }
  const object = (typeof actual === "object" && actual !== null ? actual : {}) as Record<string, unknown>;
  return first(
    Object.entries(fields).map(([name, one]) =>
      difference(one, object[name], reading, path ? `${path}.${name}` : name),
    ),
  );
}

const first = (differences: (string | undefined)[]): string | undefined => differences.find((one) => one !== undefined);
