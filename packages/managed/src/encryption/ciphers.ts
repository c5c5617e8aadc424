import { randomBytes } from "node:crypto";
import { type Database, type Sealer, UniqueViolation } from "@hearth/backplane";
import { type Clock, InternalError, messageOf, randomHex } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Place } from "../place.ts";
import { type AccountCipher, createAccountCipher, type OpenDataKey, openDataKey } from "./account-cipher.ts";
import { type DataKey, type DataKeyStore, PLATFORM_KEY } from "./data-key-store.ts";
import type { KeyService } from "./key-service.ts";

/** Envelope encryption of each account's data (reference 13.1). */
export interface Ciphers {
  /**
   * Cached: a look-up in most cases. The account's data key is made when there is none yet. Throws
   * `AccessDeniedException` while the customer's key that wraps it may not be used.
   */
  of(place: Place): Promise<AccountCipher>;
}

export interface CiphersOfAccounts extends Ciphers {
  /** A data key to be inserted as the current one; wrapped by the platform, or by the key with this ARN. */
  newDataKey(place: Place, wrapping: string): Promise<DataKey>;
  /** After the account's data keys have changed. */
  forget(place: Place): void;
  stop(): void;
}

const KEY_BYTES = 32;
const WRAPPED = "managed.data-key";
/** A policy may deny by something that tells nobody when it changes; so nothing is opened longer than this without asking. */
const CUSTOMER_KEY_MS = 60_000;

interface Known {
  cipher: Promise<AccountCipher>;
  /** Infinite for what only the platform wraps. */
  until: number;
}

const nameOf = (place: Place): string => `${place.accountId}/${place.region}`;

export function createCiphers(deps: {
  database: Database;
  sealer: Sealer;
  clock: Clock;
  dataKeys: DataKeyStore;
  keys: KeyService;
}): CiphersOfAccounts {
  const { database, sealer, clock, dataKeys, keys } = deps;
  const known = new Map<string, Known>();
  // Which accounts a key serves is not worth an index: it changes rarely, and opening again costs one row.
  const stop = keys.onChange(() => {
    for (const [name, { until }] of known) if (until !== Number.POSITIVE_INFINITY) known.delete(name);
  });

  async function newDataKey(place: Place, wrapping: string): Promise<DataKey> {
    const { accountId, region } = place;
    const wrapped =
      wrapping === PLATFORM_KEY
        ? sealer.seal(randomBytes(KEY_BYTES), WRAPPED)
        : await keys.generateDataKey({ accountId, region, keyArn: wrapping });
    const key = { accountId, region, id: randomHex(8), wrapping, wrapped, current: true, createdAt: clock.now() };
    // Whoever may wrap but not unwrap would never see the data again.
    await open(key);
    return key;
  }

  async function open({ accountId, region, id, wrapping, wrapped }: DataKey): Promise<OpenDataKey> {
    if (wrapping === PLATFORM_KEY) return openDataKey(id, sealer.open(wrapped, WRAPPED));
    try {
      return openDataKey(id, await keys.decrypt({ accountId, region, keyArn: wrapping }, wrapped));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      throw new ServiceError(
        "AccessDeniedException",
        `The KMS key ${wrapping} cannot be used: ${messageOf(error)} Make it usable again to read what it protects.`,
      );
    }
  }

  async function firstDataKey(place: Place): Promise<DataKey> {
    const key = await newDataKey(place, PLATFORM_KEY);
    try {
      await database.commit([dataKeys.insert(key)]);
      return key;
    } catch (error) {
      if (!(error instanceof UniqueViolation)) throw error;
      const other = (await dataKeys.all(place)).find(({ current }) => current);
      if (!other) throw error;
      return other;
    }
  }

  async function load({ accountId, region }: Place, lease: { until: number }): Promise<AccountCipher> {
    const place = { accountId, region };
    const all = await dataKeys.all(place);
    const current = all.find((key) => key.current) ?? (await firstDataKey(place));
    const opened = await open(current);
    const retired = new Map<string, OpenDataKey | Error>();
    for (const key of all) {
      // What a retired key protects is of use to few: only they are refused when it cannot be used.
      if (!key.current) retired.set(key.id, await open(key).catch((error: Error) => error));
    }
    if (all.every(({ wrapping }) => wrapping === PLATFORM_KEY)) lease.until = Number.POSITIVE_INFINITY;
    return createAccountCipher({
      place,
      current: opened,
      keyOf(id) {
        const found = id === opened.id ? opened : retired.get(id);
        if (!found) throw new InternalError(`the data key ${id} is not one of the account's`);
        if (found instanceof Error) throw found;
        return found.sealer;
      },
      masterSealer: sealer,
    });
  }

  return {
    newDataKey,
    stop,
    forget: (place) => void known.delete(nameOf(place)),
    of(place) {
      const name = nameOf(place);
      const before = known.get(name);
      if (before && (before.until === Number.POSITIVE_INFINITY || before.until > clock.now())) return before.cipher;
      // Until it is known who wraps the data key, it may be a customer's.
      const lease = { until: clock.now() + CUSTOMER_KEY_MS };
      const entry: Known = Object.assign(lease, { cipher: load(place, lease) });
      known.set(name, entry);
      entry.cipher.catch(() => {
        if (known.get(name) === entry) known.delete(name);
      });
      return entry.cipher;
    },
  };
}
