import { equal, isObject, type Json, type JsonObject, put, type Sections } from "./shadow.ts";

/** What is known of a change without its document. */
export interface HistoryEntry {
  /** Counts the kept changes of one shadow, over deletions too. */
  readonly ordinal: number;
  /** The shadow's version after the change; a deletion has that of what it deleted. */
  readonly version: number;
  readonly kind: "update" | "delete";
  /** Milliseconds. */
  readonly at: number;
}

export interface HistoryLimits {
  /** Kept changes of one shadow; 0: none. */
  entries: number;
  /** Milliseconds. */
  age: number;
}

/**
 * What is to be kept of `entries` (newest first): so many, and those that are not older than the age, with the one before
 * them, which says what the shadow was when the oldest of them came, unless that is that there was none.
 */
export function keptEntries<Entry extends HistoryEntry>(
  entries: readonly Entry[],
  limits: HistoryLimits,
  now: number,
): Entry[] {
  const newest = entries[0];
  if (newest === undefined) return [];
  const counted = entries.filter(({ ordinal }) => ordinal > newest.ordinal - limits.entries);
  const old = counted.findIndex(({ at }) => at <= now - limits.age);
  if (old < 0) return counted;
  return counted.slice(0, counted[old]?.kind === "delete" ? old : old + 1);
}

/** Whether nothing lies between the two: history may have been off, or its ring smaller, for a while. */
export function follows(before: HistoryEntry, after: HistoryEntry): boolean {
  if (after.ordinal !== before.ordinal + 1) return false;
  if (after.kind === "delete") return before.kind === "update" && after.version === before.version;
  return after.version === before.version + 1 || (before.kind === "delete" && after.version === 1);
}

export interface Changes {
  desired?: JsonObject | null;
  reported?: JsonObject | null;
}

/** The `state` of an update that makes `after` of `before`: nulls for what is gone, arrays whole. */
export function changesBetween(before: Sections, after: Sections): Changes {
  const changes: Changes = {};
  for (const name of ["desired", "reported"] as const) {
    const was = before[name];
    const is = after[name];
    if (is === undefined) {
      if (was !== undefined) changes[name] = null;
    } else {
      const changed = changedMembers(was, is);
      if (changed !== undefined) changes[name] = changed;
    }
  }
  return changes;
}

function changedMembers(before: JsonObject | undefined, after: JsonObject): JsonObject | undefined {
  if (before === undefined) return after;
  const changed: Record<string, Json> = {};
  for (const key of Object.keys(after)) {
    const is = after[key] as Json;
    const was = Object.hasOwn(before, key) ? (before[key] as Json) : undefined;
    if (isObject(is) && isObject(was)) {
      const below = changedMembers(was, is);
      if (below !== undefined) put(changed, key, below);
    } else if (was === undefined || !equal(was, is)) {
      put(changed, key, is);
    }
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) put(changed, key, null);
  return Object.keys(changed).length > 0 ? changed : undefined;
}
