import { createSealer, type Sealer } from "@hearth/backplane";
import { InternalError } from "@hearth/base";

/** What is encrypted at rest under an account's own data key (reference 13.1). The class is authenticated with it. */
export type DataClass =
  | "association"
  | "capability-report"
  | "connector-event"
  | "credential-locker"
  | "device-profile"
  | "discovered-device"
  | "managed-thing"
  | "notification"
  | "ota-configuration"
  | "ota-task"
  | "state"
  | "tags";

/** Seals under the account's current data key, opens under any that the account has. */
export interface AccountCipher {
  /** Of the current data key. */
  readonly keyId: string;
  seal(text: string, purpose: DataClass): Uint8Array;
  /** Throws `InternalError` for bytes that were not sealed for this account, region and class. */
  open(sealed: Uint8Array, purpose: DataClass): string;
}

const VERSION = 2;
const ID_BYTES = 8;
const HEADER_BYTES = 1 + ID_BYTES;

/** Under what these were sealed by the master key alone, before accounts had data keys. */
export const BEFORE_DATA_KEYS = {
  "managed-thing": "managed-thing",
  "capability-report": "managed-thing.capability-report",
  state: "managed-thing.state",
  tags: "managed.tags",
} as const satisfies Partial<Record<DataClass, string>>;

/** A data key that can be used: `id` is 16 hexadecimal digits. */
export interface OpenDataKey {
  id: string;
  sealer: Sealer;
}

export const openDataKey = (id: string, plaintext: Uint8Array): OpenDataKey => ({
  id,
  sealer: createSealer(plaintext),
});

/** The data key that sealed these bytes; undefined for those sealed by the master key. */
export function dataKeyOf(sealed: Uint8Array): string | undefined {
  if (sealed[0] !== VERSION) return undefined;
  return Buffer.from(sealed.buffer, sealed.byteOffset + 1, ID_BYTES).toString("hex");
}

/**
 * The cipher of one account in one region. Sealed form: version byte 2, 8 bytes id of the data key, then the sealed form
 * of `Sealer` under that key. Account and region are authenticated, so that no row can be moved to another account.
 */
export function createAccountCipher(deps: {
  place: { accountId: string; region: string };
  current: OpenDataKey;
  /** Also the retiring ones; throws when the key cannot be used. */
  keyOf(id: string): Sealer;
  masterSealer: Sealer;
}): AccountCipher {
  const { place, current, keyOf, masterSealer } = deps;
  const bound = `${place.accountId}/${place.region}`;
  const header = Buffer.concat([Buffer.of(VERSION), Buffer.from(current.id, "hex")]);
  return {
    keyId: current.id,
    seal: (text, purpose) => Buffer.concat([header, current.sealer.seal(text, `${purpose}:${bound}`)]),
    open(sealed, purpose) {
      const id = dataKeyOf(sealed);
      if (id === undefined) {
        const before = (BEFORE_DATA_KEYS as Partial<Record<DataClass, string>>)[purpose];
        if (before === undefined) throw new InternalError(`bytes to open for ${purpose} are not in the sealed form`);
        return masterSealer.openText(sealed, before);
      }
      return keyOf(id).openText(sealed.subarray(HEADER_BYTES), `${purpose}:${bound}`);
    },
  };
}
