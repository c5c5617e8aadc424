import { type Database, isConflict, onConflictAgain, type Sealer, type Write } from "@hearth/backplane";
import { type Clock, randomHex } from "@hearth/base";
import { lazyMessage } from "../messaging/json-message.ts";
import type { Message } from "../messaging/message.ts";
import type { Page } from "../storage/page.ts";
import type { Planned } from "../storage/planned.ts";
import {
  applyDelete,
  applyUpdate,
  currentShadow,
  exists,
  type JsonObject,
  noShadow,
  parseUpdate,
  SHADOW_LIMITS,
  type Shadow,
  type ShadowChange,
  type ShadowLimits,
  type ShadowUpdate,
} from "./shadow.ts";
import { ShadowCache } from "./shadow-cache.ts";
import { acceptedText, deletedText, deltaText, documentsText, getText } from "./shadow-documents.ts";
import type { ShadowHistory } from "./shadow-history.ts";
import type { ShadowActor } from "./shadow-history-store.ts";
import {
  deleteShadowsOf,
  forgetShadows,
  listShadowNames,
  readShadow,
  type ShadowKey,
  type StoredShadow,
  sealDocument,
  writeShadow,
} from "./shadow-store.ts";

export interface ShadowsDeps {
  database: Database;
  sealer: Sealer;
  clock: Clock;
  history: ShadowHistory;
  limits?: ShadowLimits;
}

/** An update that somebody else commits within a batch of their own. */
export interface PlannedShadowUpdate {
  /** Guarded by the shadow that they were planned on: on `WriteConflict` plan again. */
  writes: readonly Write[];
  /** accepted, delta and documents; to be published once the batch is durable. */
  messages: readonly Message[];
  version: number;
  /** Tell when the batch is durable; saves the next update a read. */
  committed(): void;
}

/** An update as somebody in the house asks for it. */
export type ShadowRequest = {
  state: {
    desired?: Readonly<Record<string, unknown>> | null;
    reported?: Readonly<Record<string, unknown>> | null;
  } | null;
  version?: number;
};

export interface ShadowOutcome {
  /** The accepted document as JSON text. */
  accepted(): string;
  messages: readonly Message[];
}

export interface Shadows {
  /** The document as JSON text. Throws `ResourceNotFoundException`. */
  get(key: ShadowKey, clientToken?: string): Promise<string>;
  /** Durable when it resolves: the accepted document and what to publish. Throws as `applyUpdate`. */
  update(key: ShadowKey, update: ShadowUpdate, by: ShadowActor): Promise<ShadowOutcome>;
  /** Throws `ResourceNotFoundException`. */
  remove(key: ShadowKey, by: ShadowActor, clientToken?: string): Promise<ShadowOutcome>;
  list(key: Omit<ShadowKey, "shadowName">, after: string | undefined, limit: number): Promise<Page<string>>;
  /** All shadows of a thing, which is going for good, with their history: versions are not remembered. */
  planRemoval(key: Omit<ShadowKey, "shadowName">): Planned;
  /** Checks the request as one from a device. `by`: the platform, unless given. Throws as `parseUpdate` and `applyUpdate`. */
  planUpdate(key: ShadowKey, request: ShadowRequest, by?: ShadowActor): Promise<PlannedShadowUpdate>;
}

/** Each lost attempt is one that another server of the same database has won, so this much contention is bearable. */
const ATTEMPTS = 500;

const PLATFORM: ShadowActor = { principalId: "platform" };

/** What a decision builds on: the shadow, and the ordinal of its latest history entry. */
interface Base {
  stored: StoredShadow | undefined;
  history: number;
}

interface Decision<T> {
  next: StoredShadow;
  writes: readonly Write[];
  result: T;
}

/** Shadows kept at hand for the next update. */
const CACHED_BYTES = 96 << 20;

export const shadowTopic = (key: ShadowKey, rest: string): string =>
  key.shadowName === undefined
    ? `$aws/things/${key.thingName}/shadow/${rest}`
    : `$aws/things/${key.thingName}/shadow/name/${key.shadowName}/${rest}`;

export function createShadows(deps: ShadowsDeps): Shadows {
  const { database, sealer, clock, history } = deps;
  const limits = deps.limits ?? SHADOW_LIMITS;
  /**
   * The latest decided shadow of each key, also while its commit is under way: an update that arrives meanwhile builds
   * on it and both share one fsync. Each write goes over exactly what it was built on: when a commit fails, what was
   * built on it conflicts too, and starts again from the table.
   */
  const latest = new ShadowCache(CACHED_BYTES);
  const id = (key: ShadowKey): string =>
    `${key.accountId}/${key.region}/${key.thingName}/${key.shadowName === undefined ? "" : `n/${key.shadowName}`}`;

  const etags = randomHex(8);
  let decisions = 0;
  const newEtag = (): string => `${etags}${(++decisions).toString(36)}`;

  const baseOf = (stored: StoredShadow): Base => ({ stored, history: stored.history });

  async function load(key: ShadowKey): Promise<Base> {
    const known = latest.get(id(key));
    if (known) return baseOf(known);
    const read = await readShadow(deps, key);
    const base = { stored: read, history: read?.history || (await history.lastOrdinal(key)) };
    // Somebody may have decided meanwhile.
    const decided = latest.get(id(key));
    return decided ? baseOf(decided) : base;
  }

  /** Updates that met a conflict take turns, or a crowd of them would go on defeating one another. */
  const turns = new Map<string, Promise<unknown>>();

  async function inTurn<T>(cacheKey: string, run: () => Promise<T>): Promise<T> {
    const own = (turns.get(cacheKey) ?? Promise.resolve()).then(run);
    const settled = own.catch(() => undefined);
    turns.set(cacheKey, settled);
    try {
      return await own;
    } finally {
      if (turns.get(cacheKey) === settled) turns.delete(cacheKey);
    }
  }

  /** Commits `decide`'s outcome; conflicts are decided again on what the table holds. */
  async function change<T>(key: ShadowKey, decide: (base: Base, now: number) => Decision<T>): Promise<T> {
    const cacheKey = id(key);
    const attempt = async (): Promise<T> => {
      const known = latest.get(cacheKey);
      // Nothing may come between reading `latest` and setting it, hence no `await` where it is known.
      const { next, writes, result } = decide(known ? baseOf(known) : await load(key), clock.now());
      latest.set(cacheKey, next);
      try {
        await database.commit(writes);
      } catch (error) {
        // Whatever was decided since builds on what is not stored.
        latest.delete(cacheKey);
        throw error;
      }
      return result;
    };
    try {
      return await attempt();
    } catch (error) {
      if (!isConflict(error)) throw error;
      return inTurn(cacheKey, () => onConflictAgain(attempt, ATTEMPTS));
    }
  }

  function decideUpdate(key: ShadowKey, update: ShadowUpdate, base: Base, now: number, by: ShadowActor) {
    const decided = applyUpdate(currentShadow(base.stored?.shadow, now, limits), update, now, limits);
    return { decided, ...store(key, base, decided.next, now, by) };
  }

  /** The shadow and its history entry, which hold the same sealed bytes: sealing them costs more than deciding. */
  function store(key: ShadowKey, base: Base, shadow: Shadow, now: number, by: ShadowActor) {
    const next: StoredShadow = { shadow, etag: newEtag(), history: history.next(base.history), modifiedAt: now };
    const document = sealDocument(shadow, sealer);
    const kept = shadow.deletedAt === undefined ? document : null;
    const writes = [writeShadow(key, base.stored?.etag, next, document), ...history.record(key, next, kept, by)];
    return { next, writes };
  }

  return {
    async get(key, clientToken) {
      // From the table, not from `latest`: nobody may see what is not durable yet.
      const now = clock.now();
      const shadow = currentShadow((await readShadow(deps, key))?.shadow, now, limits);
      if (!exists(shadow)) throw noShadow(label(key));
      return getText(shadow, now, clientToken);
    },

    update: (key, update, by) =>
      change(key, (base, now) => {
        const { decided, next, writes } = decideUpdate(key, update, base, now, by);
        const accepted = once(() => acceptedText(decided));
        return { next, writes, result: { accepted, messages: updateMessages(key, decided, accepted) } };
      }),

    remove: (key, by, clientToken) =>
      change(key, (base, now) => {
        const previous = currentShadow(base.stored?.shadow, now, limits);
        const { next, writes } = store(key, base, applyDelete(previous, label(key), now), now, by);
        const accepted = (): string => deletedText(previous.version, now, clientToken);
        return {
          next,
          writes: [...writes, forgetShadows(now - limits.versionMemory)],
          result: { accepted, messages: [lazyMessage(key.accountId, shadowTopic(key, "delete/accepted"), accepted)] },
        };
      }),

    list: (key, after, limit) => listShadowNames(database, key, after, limit),

    planRemoval(key) {
      const prefix = id({ ...key, shadowName: undefined });
      return {
        writes: [deleteShadowsOf(key), history.planRemoval(key)],
        committed() {
          for (const cached of [...latest.keys()]) if (cached.startsWith(prefix)) latest.delete(cached);
        },
      };
    },

    async planUpdate(key, request, by = PLATFORM) {
      const update = parseUpdate({ ...request } as Readonly<Record<string, unknown>> as JsonObject, limits);
      const cacheKey = id(key);
      const base = await load(key);
      // Taken out: if the caller's batch conflicts, the next plan reads the table.
      latest.delete(cacheKey);
      const { decided, next, writes } = decideUpdate(key, update, base, clock.now(), by);
      return {
        writes,
        messages: updateMessages(
          key,
          decided,
          once(() => acceptedText(decided)),
        ),
        version: decided.next.version,
        committed() {
          const known = latest.peek(cacheKey);
          if (!known || known.shadow.version < next.shadow.version) latest.set(cacheKey, next);
        },
      };
    },
  };
}

/** In the order of reference 3.2. */
function updateMessages(key: ShadowKey, decided: ShadowChange, accepted: () => string): Message[] {
  const messages = [
    lazyMessage(key.accountId, shadowTopic(key, "update/accepted"), accepted),
    lazyMessage(key.accountId, shadowTopic(key, "update/documents"), () => documentsText(decided)),
  ];
  if (decided.delta) {
    messages.splice(
      1,
      0,
      lazyMessage(key.accountId, shadowTopic(key, "update/delta"), () => deltaText(decided)),
    );
  }
  return messages;
}

function once(text: () => string): () => string {
  let known: string | undefined;
  return () => {
    known ??= text();
    return known;
  };
}

/** What AWS calls the shadow in its error: its name, or the thing's for the classic one. */
const label = (key: ShadowKey): string => key.shadowName ?? key.thingName;
