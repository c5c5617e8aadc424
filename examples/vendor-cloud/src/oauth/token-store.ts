import type { AdapterPayload } from "oidc-provider";

/** At most this many of each kind (codes, tokens, sessions, …): beyond, the oldest goes. */
const MAX_ENTRIES = 20_000;

interface Entry {
  payload: AdapterPayload;
  /** Milliseconds since the epoch; absent: never. */
  expiresAt?: number;
}

export type TokenStore = ReturnType<typeof createTokenStore>;

/** What the authorization server remembers, in memory; `adapter` is what oidc-provider works on. */
export function createTokenStore() {
  const kinds = new Map<string, Map<string, Entry>>();
  const byGrant = createIndex();
  /** Of access and refresh tokens alone. */
  const byAccount = createIndex();
  const sessionIds = new Map<string, string>();

  const entries = (kind: string): Map<string, Entry> => {
    let found = kinds.get(kind);
    if (!found) {
      found = new Map();
      kinds.set(kind, found);
    }
    return found;
  };

  const remove = (kind: string, id: string): void => {
    const entry = entries(kind).get(id);
    if (!entry) return;
    entries(kind).delete(id);
    const { grantId, accountId, uid } = entry.payload;
    if (grantId) byGrant.remove(grantId, kind, id);
    if (accountId) byAccount.remove(accountId, kind, id);
    if (uid && sessionIds.get(uid) === id) sessionIds.delete(uid);
  };

  const live = (kind: string, id: string): AdapterPayload | undefined => {
    const entry = entries(kind).get(id);
    if (entry?.expiresAt !== undefined && entry.expiresAt <= Date.now()) {
      remove(kind, id);
      return undefined;
    }
    return entry?.payload;
  };

  const tokensOf = (accountId: string) =>
    byAccount.of(accountId).flatMap(([kind, id]) => {
      const payload = live(kind, id);
      return payload ? [{ kind, id, payload }] : [];
    });

  return {
    adapter: (kind: string) => ({
      async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
        remove(kind, id);
        const all = entries(kind);
        if (all.size >= MAX_ENTRIES) remove(kind, all.keys().next().value as string);
        all.set(id, { payload, ...(expiresIn === undefined ? {} : { expiresAt: Date.now() + expiresIn * 1_000 }) });
        const { grantId, accountId, uid } = payload;
        if (grantId) byGrant.add(grantId, kind, id);
        if (accountId && (kind === "AccessToken" || kind === "RefreshToken")) byAccount.add(accountId, kind, id);
        if (kind === "Session" && uid) sessionIds.set(uid, id);
      },
      async find(id: string): Promise<AdapterPayload | undefined> {
        return live(kind, id);
      },
      async findByUid(uid: string): Promise<AdapterPayload | undefined> {
        const id = sessionIds.get(uid);
        return id === undefined ? undefined : live(kind, id);
      },
      async findByUserCode(): Promise<undefined> {
        return undefined;
      },
      async consume(id: string): Promise<void> {
        const entry = entries(kind).get(id);
        if (entry) entry.payload.consumed = Math.floor(Date.now() / 1_000);
      },
      async destroy(id: string): Promise<void> {
        remove(kind, id);
      },
      async revokeByGrantId(grantId: string): Promise<void> {
        for (const [member, id] of byGrant.of(grantId)) if (member === kind) remove(member, id);
      },
    }),
    /** Whether the user has let this client at the devices, and neither has taken it back nor let it run out. */
    isLinked(clientId: string, accountId: string): boolean {
      return tokensOf(accountId).some(({ payload }) => payload.clientId === clientId && !payload.consumed);
    },
    /** Ends all refresh tokens of a user, or all tokens; how many those were. */
    revoke(accountId: string, which: "refresh" | "all"): number {
      const ended = tokensOf(accountId).filter(({ kind }) => which === "all" || kind === "RefreshToken");
      for (const { kind, id } of ended) remove(kind, id);
      return ended.length;
    },
  };
}

/** Which entries, as [kind, id], belong to a key. */
function createIndex() {
  const members = new Map<string, Map<string, [kind: string, id: string]>>();
  return {
    add(key: string, kind: string, id: string): void {
      const of = members.get(key) ?? new Map();
      members.set(key, of.set(`${kind} ${id}`, [kind, id]));
    },
    remove(key: string, kind: string, id: string): void {
      const of = members.get(key);
      if (of?.delete(`${kind} ${id}`) && of.size === 0) members.delete(key);
    },
    of: (key: string): [kind: string, id: string][] => [...(members.get(key)?.values() ?? [])],
  };
}
