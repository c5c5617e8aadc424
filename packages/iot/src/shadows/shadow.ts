import { isUtf8 } from "node:buffer";
import { ServiceError } from "@hearth/contract";

/**
 * The rules of device shadows (reference 3): pure functions from a stored shadow and a request to a new shadow.
 * Values are never changed in place, so a shadow may be shared and kept.
 */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface Sections {
  readonly desired?: JsonObject;
  readonly reported?: JsonObject;
}

export interface Shadow {
  /** 0: there is none, and none is remembered. */
  readonly version: number;
  readonly state: Sections;
  /** Mirrors the state; each leaf is `{ timestamp }` in epoch seconds. */
  readonly metadata: Sections;
  /** `state` and `metadata` as they are stored, so that nobody has to serialise them twice. */
  readonly stateText: string;
  readonly metadataText: string;
  /** Set on a deleted shadow, whose version is remembered for a while. Milliseconds. */
  readonly deletedAt?: number;
}

export interface ShadowUpdate {
  /** `null` empties the document; a section of `null` is removed. */
  readonly state: { readonly desired?: JsonObject | null; readonly reported?: JsonObject | null } | null;
  readonly version?: number;
  readonly clientToken?: string;
}

export interface ShadowChange {
  readonly previous: Shadow;
  readonly next: Shadow;
  readonly update: ShadowUpdate;
  /** Epoch seconds. */
  readonly timestamp: number;
  /** What desired asks for and reported lacks; absent when nothing. */
  readonly delta?: { readonly state: JsonObject; readonly metadata: JsonObject };
}

export interface ShadowLimits {
  /** Bytes of the state as compact JSON; metadata does not count. */
  documentBytes: number;
  /** Levels of members below `desired` and `reported`. */
  depth: number;
  clientTokenBytes: number;
  /** Milliseconds for which the version of a deleted shadow is remembered. */
  versionMemory: number;
}

export const SHADOW_LIMITS: ShadowLimits = {
  documentBytes: 8 * 1024,
  depth: 8,
  clientTokenBytes: 64,
  versionMemory: 48 * 3_600_000,
};

export const NO_SHADOW: Shadow = { version: 0, state: {}, metadata: {}, stateText: "{}", metadataText: "{}" };

const SECTIONS = ["desired", "reported"] as const;

const invalid = (message: string): ServiceError => new ServiceError("InvalidRequestException", message);

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads a request's payload. Empty (allowed for get and delete) gives `{}`.
 * Throws `UnsupportedDocumentEncodingException` (not UTF-8) and `InvalidRequestException` (no JSON object).
 */
export function readRequest(payload: Uint8Array): JsonObject {
  if (!isUtf8(payload)) {
    throw new ServiceError(
      "UnsupportedDocumentEncodingException",
      "Unsupported documented encoding; supported encoding is UTF-8",
    );
  }
  if (payload.length === 0) return {};
  let value: Json;
  try {
    value = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("utf8")) as Json;
  } catch {
    throw invalid("Invalid JSON");
  }
  if (!isObject(value)) throw invalid("Invalid JSON");
  return value;
}

/** The client token of a request; throws `InvalidRequestException` when it is not a string of at most 64 bytes. */
export function clientTokenOf(request: JsonObject, limits: ShadowLimits = SHADOW_LIMITS): string | undefined {
  const token = own(request, "clientToken");
  if (token === undefined) return undefined;
  if (typeof token !== "string" || Buffer.byteLength(token) > limits.clientTokenBytes) {
    throw invalid("Invalid clientToken");
  }
  return token;
}

/** Checks an update request (reference 3.1, 3.4); throws `InvalidRequestException`. Unknown root members are ignored. */
export function parseUpdate(request: JsonObject, limits: ShadowLimits = SHADOW_LIMITS): ShadowUpdate {
  const clientToken = clientTokenOf(request, limits);
  const version = own(request, "version");
  if (version !== undefined && !(typeof version === "number" && Number.isSafeInteger(version) && version >= 0)) {
    throw invalid("Invalid version");
  }
  const state = own(request, "state");
  if (state === undefined) throw invalid("Missing required node: state");
  const common = {
    ...(version === undefined ? {} : { version }),
    ...(clientToken === undefined ? {} : { clientToken }),
  };
  if (state === null) return { state: null, ...common };
  if (!isObject(state)) throw invalid("State node must be an object");
  for (const key of Object.keys(state)) {
    if (key !== "desired" && key !== "reported") throw invalid("State contains an invalid node");
  }
  const sections: { desired?: JsonObject | null; reported?: JsonObject | null } = {};
  for (const name of SECTIONS) {
    const section = own(state, name);
    if (section === undefined) continue;
    if (section !== null) {
      if (!isObject(section)) {
        throw invalid(`${name === "desired" ? "Desired" : "Reported"} node must be an object`);
      }
      checkMembers(section, 1, false, limits.depth);
    }
    sections[name] = section;
  }
  return { state: sections, ...common };
}

/**
 * A null inside an array could mean no deletion, so it is refused (reference 3.1). Array elements that are containers
 * count as a level.
 */
function checkMembers(node: JsonObject | readonly Json[], level: number, inArray: boolean, depth: number): void {
  const isArray = Array.isArray(node);
  const keys = isArray ? undefined : Object.keys(node);
  const values = (isArray ? node : Object.values(node)) as readonly Json[];
  // The text is AWS's own; the limit that it names is older than the one in force (reference 3.4).
  if (level > depth && (keys?.length ?? 0) > 0) {
    throw invalid("JSON contains too many levels of nesting; maximum is 6");
  }
  for (const value of values) {
    if (value === null && (inArray || isArray)) throw invalid("State contains an invalid node");
    if (typeof value !== "object" || value === null) continue;
    if (level >= depth + 1) throw invalid("JSON contains too many levels of nesting; maximum is 6");
    checkMembers(value as JsonObject | readonly Json[], level + 1, inArray || isArray, depth);
  }
}

/** The shadow as the rules see it: a deleted one whose memory has run out never was (reference 3.1). */
export function currentShadow(stored: Shadow | undefined, now: number, limits: ShadowLimits = SHADOW_LIMITS): Shadow {
  if (!stored) return NO_SHADOW;
  return stored.deletedAt !== undefined && stored.deletedAt + limits.versionMemory <= now ? NO_SHADOW : stored;
}

export const exists = (shadow: Shadow): boolean => shadow.version > 0 && shadow.deletedAt === undefined;

/**
 * Applies an update. `now` in milliseconds.
 * Throws `ConflictException` (another version) and `RequestEntityTooLargeException` (document over 8 KB).
 */
export function applyUpdate(
  previous: Shadow,
  update: ShadowUpdate,
  now: number,
  limits: ShadowLimits = SHADOW_LIMITS,
): ShadowChange {
  if (update.version !== undefined && update.version !== previous.version) {
    throw new ServiceError("ConflictException", "Version conflict");
  }
  const timestamp = Math.floor(now / 1000);
  const stamp: JsonObject = { timestamp };
  const state: { desired?: JsonObject; reported?: JsonObject } = {};
  const metadata: { desired?: JsonObject; reported?: JsonObject } = {};
  if (update.state !== null) {
    for (const name of SECTIONS) {
      const patch = update.state[name];
      const merged =
        patch === undefined
          ? { state: previous.state[name], metadata: previous.metadata[name] }
          : patch === null
            ? undefined
            : merge(previous.state[name], previous.metadata[name], patch, stamp);
      if (merged?.state !== undefined) {
        state[name] = merged.state;
        metadata[name] = merged.metadata;
      }
    }
  }
  const stateText = JSON.stringify(state);
  if (Buffer.byteLength(stateText) > limits.documentBytes) {
    throw new ServiceError("RequestEntityTooLargeException", "The payload exceeds the maximum size allowed");
  }
  const next: Shadow = {
    version: previous.version + 1,
    state,
    metadata,
    stateText,
    metadataText: JSON.stringify(metadata),
  };
  const delta = difference(state.desired, state.reported, metadata.desired);
  return { previous, next, update, timestamp, ...(delta ? { delta } : {}) };
}

/** The remembered remains of a deleted shadow. Throws `ResourceNotFoundException` when there is none. */
export function applyDelete(previous: Shadow, label: string, now: number): Shadow {
  if (!exists(previous)) throw noShadow(label);
  return { ...NO_SHADOW, version: previous.version, deletedAt: now };
}

/** `label`: the shadow's name, or the thing's for the classic shadow. */
export const noShadow = (label: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `No shadow exists with name: '${label}'`);

type Merged = { state: JsonObject; metadata: JsonObject } | undefined;

/** Undefined when nothing is left: an object exists through its leaves only. */
function merge(
  base: JsonObject | undefined,
  baseMetadata: JsonObject | undefined,
  patch: JsonObject,
  stamp: JsonObject,
): Merged {
  const state: Record<string, Json> = { ...base };
  const metadata: Record<string, Json> = { ...baseMetadata };
  for (const key of Object.keys(patch)) {
    const value = patch[key] as Json;
    if (value === null) {
      delete state[key];
      delete metadata[key];
    } else if (isObject(value)) {
      const existing = Object.hasOwn(state, key) ? state[key] : undefined;
      const below = isObject(existing) ? existing : undefined;
      const merged = merge(below, below && (metadata[key] as JsonObject), value, stamp);
      if (merged) {
        put(state, key, merged.state);
        put(metadata, key, merged.metadata);
      } else if (below) {
        delete state[key];
        delete metadata[key];
      }
    } else {
      put(state, key, value);
      put(metadata, key, leafMetadata(value, stamp));
    }
  }
  for (const _ in state) return { state, metadata };
  return undefined;
}

/** Arrays become arrays of stamps, element by element (reference 3.1). */
function leafMetadata(value: Json, stamp: JsonObject): Json {
  if (Array.isArray(value)) return value.map((element) => leafMetadata(element as Json, stamp));
  if (!isObject(value)) return stamp;
  const metadata: Record<string, Json> = {};
  for (const key of Object.keys(value)) put(metadata, key, leafMetadata(value[key] as Json, stamp));
  return metadata;
}

/** Members of `desired` that `reported` lacks or has with another value, with their metadata (reference 3.2). */
export function difference(
  desired: JsonObject | undefined,
  reported: JsonObject | undefined,
  metadata: JsonObject | undefined,
): { state: JsonObject; metadata: JsonObject } | undefined {
  if (!desired) return undefined;
  const state: Record<string, Json> = {};
  const stamps: Record<string, Json> = {};
  let differs = false;
  for (const key of Object.keys(desired)) {
    const wanted = desired[key] as Json;
    const actual = reported && Object.hasOwn(reported, key) ? reported[key] : undefined;
    const stamp = metadata?.[key];
    if (isObject(wanted) && isObject(actual)) {
      const below = difference(wanted, actual, stamp as JsonObject | undefined);
      if (!below) continue;
      put(state, key, below.state);
      put(stamps, key, below.metadata);
    } else {
      if (actual !== undefined && equal(wanted, actual)) continue;
      put(state, key, wanted);
      if (stamp !== undefined) put(stamps, key, stamp);
    }
    differs = true;
  }
  return differs ? { state, metadata: stamps } : undefined;
}

export function equal(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((element, index) => equal(element as Json, b[index] as Json));
  }
  const left = a as JsonObject;
  const right = b as JsonObject;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && equal(left[key] as Json, right[key] as Json));
}

/** Sets a member of a document. An assignment to `__proto__` would set the object's prototype instead. */
export function put(object: Record<string, Json>, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
