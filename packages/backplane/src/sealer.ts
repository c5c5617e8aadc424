import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  randomFillSync,
} from "node:crypto";
import { BoundedMap, InternalError } from "@hearth/base";
import type { Sealer } from "./sealing.ts";

const VERSION = 1;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + SALT_BYTES + NONCE_BYTES;

/**
 * Random 96-bit nonces are safe for 2^32 messages under one key (NIST SP 800-38D, 8.3). The outbox seals thousands
 * of messages a second, so each sealer takes a fresh subkey when it starts and again after this many messages.
 */
const MESSAGES_PER_SUBKEY = 2 ** 28;

/** Asking for random bytes costs as much as sealing a short text, so they are taken for many nonces at a time. */
const NONCES_AT_ONCE = 256;

/** There are a few dozen of them, and each account's. */
const PURPOSES = 1024;

/** Each process start leaves one salt in the data; deriving again costs some microseconds. */
const CACHED_SUBKEYS = 1024;

function derive(key: Uint8Array, salt: Uint8Array, label: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, label, 32));
}

function subkeyFor(sealKey: Uint8Array | undefined, salt: Uint8Array): Buffer {
  if (!sealKey) throw new InternalError("a sealer needs a key to seal with");
  return derive(sealKey, salt, "hearth subkey v1");
}

/** What a sealer works with: keys to seal with, the newest first, and the key of its hashes. 32 bytes each. */
export interface SealingKeys {
  seal: Uint8Array[];
  hash: Uint8Array;
}

/** The keys that are derived from `masterKey` (32 bytes). */
export function keysOfMaster(masterKey: Uint8Array): SealingKeys {
  if (masterKey.byteLength !== 32) throw new InternalError("the master key must have 32 bytes");
  const none = new Uint8Array(0);
  return {
    seal: [derive(masterKey, none, "hearth seal v1")],
    hash: derive(masterKey, none, "hearth hash v1"),
  };
}

/** Seals under `masterKey` (32 bytes). */
export const createSealer = (masterKey: Uint8Array): Sealer => createSealerOf(keysOfMaster(masterKey));

/** Also takes another key to seal with from now on; what was sealed before still opens. */
export interface RenewableSealer extends Sealer {
  renew(sealKey: Uint8Array): void;
}

/**
 * Seals under the first of the keys, opens under any. Sealed form: version byte 1, 16 bytes salt of the subkey, 12 bytes nonce,
 * ciphertext, 16 bytes tag. Authenticated beside the text: version and purpose.
 */
export function createSealerOf(keys: SealingKeys): RenewableSealer {
  const sealKeys = [...keys.seal];
  const hashKey = keys.hash;
  const subkeys = new Map<string, Buffer>();

  const newSubkey = () => {
    const salt = randomBytes(SALT_BYTES);
    const key = createSecretKey(subkeyFor(sealKeys[0], salt));
    return { head: Buffer.concat([Buffer.of(VERSION), salt]), key, left: MESSAGES_PER_SUBKEY };
  };
  let current = newSubkey();

  const remember = (name: string, key: Buffer) => {
    if (subkeys.size >= CACHED_SUBKEYS) subkeys.delete(subkeys.keys().next().value as string);
    subkeys.set(name, key);
  };

  const nonces = Buffer.alloc(NONCE_BYTES * NONCES_AT_ONCE);
  let nextNonce = nonces.length;
  const newNonce = (): Buffer => {
    if (nextNonce === nonces.length) {
      randomFillSync(nonces);
      nextNonce = 0;
    }
    const nonce = nonces.subarray(nextNonce, nextNonce + NONCE_BYTES);
    nextNonce += NONCE_BYTES;
    return nonce;
  };

  const known = new BoundedMap<string, Buffer>(PURPOSES);
  const authenticated = (purpose: string): Buffer => {
    let bytes = known.get(purpose);
    if (!bytes) {
      bytes = Buffer.from(`${VERSION}:${purpose}`);
      known.set(purpose, bytes);
    }
    return bytes;
  };

  const open = (sealed: Uint8Array, purpose: string): Buffer => {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    if (bytes.length < HEADER_BYTES + TAG_BYTES || bytes[0] !== VERSION) {
      throw new InternalError(`bytes to open for ${purpose} are not in the sealed form`);
    }
    const salt = bytes.subarray(1, 1 + SALT_BYTES);
    const name = salt.toString("latin1");
    const known = subkeys.get(name);
    let failure: unknown;
    // A salt belongs to one of the keys; which one, the first text that opens tells.
    for (const key of known ? [known] : sealKeys.map((sealKey) => subkeyFor(sealKey, salt))) {
      try {
        const text = openUnder(key, bytes, purpose);
        if (!known) remember(name, key);
        return text;
      } catch (error) {
        failure = error;
      }
    }
    throw new InternalError(`bytes to open for ${purpose} were not sealed for it under this master key`, failure);
  };

  const openUnder = (key: Buffer, bytes: Buffer, purpose: string): Buffer => {
    const nonce = bytes.subarray(1 + SALT_BYTES, HEADER_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(authenticated(purpose));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    const text = decipher.update(bytes.subarray(HEADER_BYTES, bytes.length - TAG_BYTES));
    return Buffer.concat([text, decipher.final()]);
  };

  return {
    renew(sealKey) {
      sealKeys.unshift(sealKey);
      current = newSubkey();
    },
    seal(plaintext, purpose) {
      if (current.left <= 0) current = newSubkey();
      current.left--;
      const nonce = newNonce();
      const cipher = createCipheriv("aes-256-gcm", current.key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(authenticated(purpose));
      const text = typeof plaintext === "string" ? cipher.update(plaintext, "utf8") : cipher.update(plaintext);
      // GCM is a stream: nothing is left for the end.
      cipher.final();
      return Buffer.concat([current.head, nonce, text, cipher.getAuthTag()]);
    },
    open,
    openText: (sealed, purpose) => open(sealed, purpose).toString("utf8"),
    hash(value, purpose) {
      // The length keeps ("ab", "c") and ("a", "bc") apart.
      const message = `${Buffer.byteLength(purpose)}:${purpose}:${value}`;
      return createHmac("sha256", hashKey).update(message).digest("hex");
    },
  };
}
