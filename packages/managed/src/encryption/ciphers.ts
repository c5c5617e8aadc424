import { randomBytes } from "node:crypto";
import { type Database, type Sealer, UniqueViolation } from "@hearth/backplane";
import { type Clock, InternalError, randomHex } from "@hearth/base";
import type { Place } from "../place.ts";
import { type AccountCipher, createAccountCipher, openDataKey } from "./account-cipher.ts";
import { createDataKeyStore, type DataKey, PLATFORM_KEY } from "./data-key-store.ts";

/** Envelope encryption of each account's data (reference 13.1). */
export interface Ciphers {
  /** Cached: a look-up in most cases. The account's data key is made when there is none yet. */
  of(place: Place): Promise<AccountCipher>;
}

const KEY_BYTES = 32;
const WRAPPED = "managed.data-key";

export function createCiphers(deps: { database: Database; sealer: Sealer; clock: Clock }): Ciphers {
  const { database, sealer, clock } = deps;
  const keys = createDataKeyStore(deps);
  const known = new Map<string, Promise<AccountCipher>>();

  async function create(place: Place): Promise<DataKey> {
    const wrapped = sealer.seal(randomBytes(KEY_BYTES), WRAPPED);
    const key = { ...place, id: randomHex(8), wrapping: PLATFORM_KEY, wrapped, current: true, createdAt: clock.now() };
    try {
      await database.commit([keys.insert(key)]);
      return key;
    } catch (error) {
      if (!(error instanceof UniqueViolation)) throw error;
      const [other] = (await keys.all(place)).filter(({ current }) => current);
      if (!other) throw error;
      return other;
    }
  }

  async function load({ accountId, region }: Place): Promise<AccountCipher> {
    const place = { accountId, region };
    const all = await keys.all(place);
    if (!all.some(({ current }) => current)) all.push(await create(place));
    const open = new Map(all.map((key) => [key.id, openDataKey(key.id, sealer.open(key.wrapped, WRAPPED))]));
    const currentKey = open.get(all.find(({ current }) => current)?.id ?? "");
    if (!currentKey) throw new InternalError("an account has no data key");
    return createAccountCipher({
      place,
      current: currentKey,
      keyOf: (id) => open.get(id)?.sealer,
      masterSealer: sealer,
    });
  }

  return {
    of(place) {
      const name = `${place.accountId}/${place.region}`;
      let cipher = known.get(name);
      if (!cipher) {
        cipher = load(place);
        known.set(name, cipher);
        cipher.catch(() => known.delete(name));
      }
      return cipher;
    },
  };
}
