import { setImmediate } from "node:timers/promises";
import type { Database, Sealer, Timers, Write } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { Sections } from "./shadow.ts";
import { type Changes, changesBetween, follows, type HistoryLimits, keptEntries } from "./shadow-history-rules.ts";
import {
  deleteEntries,
  deleteHistoryOf,
  type FullEntry,
  lastOrdinal,
  readEntries,
  readFullEntries,
  readRings,
  type ShadowActor,
  sealActor,
  writeEntry,
} from "./shadow-history-store.ts";
import { readShadow, type ShadowKey, type StoredShadow } from "./shadow-store.ts";

export interface ShadowHistoryDeps {
  database: Database;
  sealer: Sealer;
  timers: Timers;
  clock: Clock;
  limits: HistoryLimits;
}

/** One change on the timeline. */
export interface TimelineEntry extends Pick<FullEntry, "ordinal" | "version" | "kind" | "at" | "actor"> {
  /** Absent when what the shadow was before is not kept. */
  changes?: Changes;
}

export interface ShadowMoment {
  version: number;
  /** When it became so, in milliseconds. */
  at: number;
  /** Absent for a shadow that has not been changed since history is kept. */
  actor?: ShadowActor;
  state: Sections;
  metadata: Sections;
}

export interface ShadowHistory {
  /** The ordinal of the latest entry of a shadow whose row does not say it; 0: none. */
  lastOrdinal(key: ShadowKey): Promise<number>;
  /** The ordinal of the entry that comes after `ordinal`; the same when none is kept. */
  next(ordinal: number): number;
  /**
   * For the batch that stores `stored`, whose sealed document is taken as it is. Null for a deletion. Nothing when no
   * history is kept.
   */
  record(key: ShadowKey, stored: StoredShadow, document: Uint8Array | null, by: ShadowActor): readonly Write[];
  /** Newest first, up to `limit` of those between the times (milliseconds, both included) and before an ordinal. */
  list(
    key: ShadowKey,
    range: { from?: number | undefined; to?: number | undefined; before?: number | undefined },
    limit: number,
  ): Promise<{ entries: TimelineEntry[]; more: boolean }>;
  /** What the shadow was then (milliseconds). Undefined: there was none, or nobody knows any more. */
  at(key: ShadowKey, moment: number): Promise<ShadowMoment | undefined>;
  planRemoval(thing: Omit<ShadowKey, "shadowName">): Write;
}

const SWEEP_TIMER = "shadow-history";
const DAY = 24 * 3_600_000;
/** Rings that one step of the sweep reads; full ones have 100 rows, unless they are made larger. */
const RINGS_AT_ONCE = 50;

/**
 * What shadows have been: each accepted change with who made it, in a ring for each shadow that is written in the
 * commit of the change.
 */
export function createShadowHistory(deps: ShadowHistoryDeps): ShadowHistory {
  const { database, sealer, timers, clock, limits } = deps;
  /** A connection's publisher is one object for as long as it lasts. */
  const sealedActors = new WeakMap<ShadowActor, Uint8Array>();
  /** Until then the timer is known to be armed. */
  let armedUntil = 0;

  function sealed(actor: ShadowActor): Uint8Array {
    let known = sealedActors.get(actor);
    if (known === undefined) {
      known = sealActor(sealer, actor);
      sealedActors.set(actor, known);
    }
    return known;
  }

  /** At the end of the day, whoever asks how often. */
  const nextSweep = (now: number): number => (Math.floor(now / DAY) + 1) * DAY;

  async function kept(key: ShadowKey) {
    return keptEntries(await readEntries(database, key), limits, clock.now());
  }

  /** Removes what is too old or too much, ring by ring. */
  async function sweep(): Promise<void> {
    const now = clock.now();
    for (let after: Required<ShadowKey> | undefined; ; ) {
      const rings = await readRings(database, now - limits.age, after, RINGS_AT_ONCE);
      const writes = rings.flatMap(({ key, oldest, newest, base, deletion }) => {
        const from = Math.max(newest - limits.entries + 1, base > 0 && base === deletion ? base + 1 : base);
        return oldest < from ? [deleteEntries(key, from, now)] : [];
      });
      if (writes.length > 0) await database.commit(writes);
      if (rings.length < RINGS_AT_ONCE) return;
      after = rings[rings.length - 1]?.key;
      // Reading an embedded store lets nobody else in.
      await setImmediate();
    }
  }

  timers.handle(SWEEP_TIMER, async () => {
    await sweep();
    return [timers.arm(SWEEP_TIMER, "daily", nextSweep(clock.now()))];
  });

  return {
    lastOrdinal: async (key) => (limits.entries === 0 ? 0 : lastOrdinal(database, key)),

    next: (ordinal) => (limits.entries === 0 ? ordinal : ordinal + 1),

    record(key, { shadow, history, modifiedAt: at }, document, by) {
      if (limits.entries === 0) return [];
      const kind = document === null ? "delete" : "update";
      const entry = { ordinal: history, version: shadow.version, kind, at } as const;
      const write = writeEntry(key, entry, limits.entries, sealed(by), document);
      if (at < armedUntil) return [write];
      armedUntil = nextSweep(at);
      timers.wake(armedUntil);
      return [write, timers.arm(SWEEP_TIMER, "daily", armedUntil)];
    },

    async list(key, { from = 0, to = Number.MAX_SAFE_INTEGER, before = Number.MAX_SAFE_INTEGER }, limit) {
      const all = await kept(key);
      const oldest = Math.max(from, clock.now() - limits.age + 1);
      const found = all.filter(({ ordinal, at }) => ordinal < before && at >= oldest && at <= to).slice(0, limit + 1);
      const page = found.slice(0, limit);
      if (page.length === 0) return { entries: [], more: false };
      const wanted = new Set(page.flatMap(({ ordinal }) => [ordinal, ordinal - 1]));
      const full = await readFullEntries(deps, key, [...wanted]);
      return { entries: page.flatMap(({ ordinal }) => timelineEntry(full, ordinal)), more: found.length > limit };
    },

    async at(key, moment) {
      // First, so that it is never newer than the ring.
      const current = await readShadow(deps, key);
      const entries = await kept(key);
      const index = entries.findIndex(({ at }) => at <= moment);
      const found = entries[index];
      const next = entries[index - 1];
      const now =
        current && current.shadow.deletedAt === undefined && current.modifiedAt <= moment
          ? { ...current.shadow, at: current.modifiedAt }
          : undefined;
      if (found === undefined) return now;
      // What came while no history was kept is known only for as long as it is the state.
      const isLatest = next === undefined && current !== undefined && current.modifiedAt <= found.at;
      if (!isLatest && !(next !== undefined && follows(found, next))) return now;
      if (found.kind === "delete") return undefined;
      return (await readFullEntries(deps, key, [found.ordinal])).get(found.ordinal);
    },

    planRemoval: deleteHistoryOf,
  };
}

function timelineEntry(full: ReadonlyMap<number, FullEntry>, ordinal: number): TimelineEntry[] {
  const entry = full.get(ordinal);
  // Its slot has been taken meanwhile.
  if (entry === undefined) return [];
  const before = full.get(ordinal - 1);
  const known = before !== undefined && follows(before, entry);
  const born = entry.kind === "update" && entry.version === 1;
  return [{ ...entry, ...(known || born ? { changes: changesBetween(known ? before.state : {}, entry.state) } : {}) }];
}
