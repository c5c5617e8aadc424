import type { SchemaType } from "./documents.ts";

/** `matter.OnOff@1.4` taken apart. */
export interface VersionedId {
  /** `matter.OnOff` */
  identity: string;
  /** `matter` */
  namespace: string;
  /** `1.4`, or `$latest` */
  version: string;
}

const IDENTITY = /^[a-zA-Z0-9]+(\.[a-zA-Z0-9]+)+$/;
const NAMESPACE = /^[a-z0-9]{3,12}$/;
/** At most three digits, three digits and four digits (reference 5.1). */
const VERSION = /^\d{1,3}\.\d{1,3}(\.\d{1,4})?$/;

/** Version of the Matter release that the library is made from, and of every id in the namespace `matter`. */
export const LIBRARY_VERSION = "1.4";

/** Namespaces that customers may not use: those of reference 5.1, and what goes beyond it. */
export const RESERVED_NAMESPACES: readonly string[] = ["aws", "hearth", "matter"];

export const isVersion = (text: string): boolean => VERSION.test(text);

/** Undefined for what is not `namespace[.sub…].Name@version` of 7 to 128 characters (reference 5.1). */
export function parseVersionedId(text: unknown): VersionedId | undefined {
  if (typeof text !== "string" || text.length < 7 || text.length > 128) return undefined;
  const at = text.indexOf("@");
  if (at < 0) return undefined;
  const identity = text.slice(0, at);
  const version = text.slice(at + 1);
  if (!isIdentity(identity) || (version !== "$latest" && !isVersion(version))) return undefined;
  return { identity, namespace: identity.slice(0, identity.indexOf(".")), version };
}

export function isIdentity(text: string): boolean {
  return IDENTITY.test(text) && NAMESPACE.test(text.slice(0, text.indexOf(".")));
}

/** The versioned id within `/schema-versions/capability/matter.OnOff@1.4`; undefined for any other form. */
export function idOfPath(path: string, type: SchemaType): string | undefined {
  const prefix = `/schema-versions/${type}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

export const pathOfId = (versionedId: string, type: SchemaType): string => `/schema-versions/${type}/${versionedId}`;

/** Orders by number, part by part; a missing patch counts as 0. */
export function compareVersions(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
