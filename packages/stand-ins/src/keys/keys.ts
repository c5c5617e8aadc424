import { randomBytes } from "node:crypto";
import type { Database, Sealer } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { KmsOperations, OperationTable } from "@hearth/contract";
import { cryptographicOperations } from "./cryptographic-operations.ts";
import {
  decrypt,
  type EncryptionContext,
  encrypt,
  type Key,
  type KeyState,
  keyIdOf,
  keyNotFound,
  partsOfKeyArn,
  requireEnabled,
} from "./key.ts";
import { keyOperations } from "./key-operations.ts";
import { type KeyCaller, requirePermission } from "./key-policy.ts";
import { createKeyStore } from "./key-store.ts";

/** Throws `NotFoundException`. */
export type FindKey = (arn: string, now: number) => Promise<Key>;

export interface KeyCall {
  keyArn: string;
  caller: Exclude<KeyCaller, { kind: "door" }>;
  encryptionContext: EncryptionContext;
}

export interface Keys {
  /** For the API door, service `kms`. */
  operations: OperationTable<KmsOperations>;
  /**
   * For services of the platform. All ask the key's policy and throw what the operations of the same name throw, with
   * `AccessDeniedException`.
   */
  generateDataKeyWithoutPlaintext(call: KeyCall): Promise<Uint8Array>;
  decrypt(call: KeyCall & { ciphertext: Uint8Array }): Promise<Uint8Array>;
  describe(call: KeyCall): Promise<{ state: KeyState }>;
  /** Told of every change of a key's state or policy, with its ARN. Returns the function that ends it. */
  onChange(listener: (keyArn: string) => void): () => void;
}

const DATA_KEY_BYTES = 32;

/** Key Management Service, as far as envelope encryption needs it: symmetric keys, key policies, encryption context. */
export function createKeys(deps: { database: Database; sealer: Sealer; clock: Clock }): Keys {
  const { database, clock } = deps;
  const store = createKeyStore(deps);
  const listeners = new Set<(arn: string) => void>();

  const find: FindKey = async (arn, now) => {
    const parts = partsOfKeyArn(arn);
    const key = parts && (await store.find(parts, parts.id, now));
    if (!key) throw keyNotFound(arn);
    return key;
  };

  async function permitted(call: KeyCall, action: string): Promise<Key> {
    const key = await find(call.keyArn, clock.now());
    requirePermission(key, action, call.caller, call.encryptionContext);
    return key;
  }

  return {
    operations: {
      ...cryptographicOperations(find),
      ...keyOperations({
        database,
        store,
        find,
        changed: (arn) => {
          for (const listener of listeners) listener(arn);
        },
      }),
    },

    async generateDataKeyWithoutPlaintext(call) {
      const key = await permitted(call, "kms:GenerateDataKeyWithoutPlaintext");
      requireEnabled(key);
      return encrypt(key, randomBytes(DATA_KEY_BYTES), call.encryptionContext);
    },

    async decrypt(call) {
      const key = await permitted(call, "kms:Decrypt");
      requireEnabled(key);
      if (keyIdOf(call.ciphertext) !== key.id) throw keyNotFound(call.keyArn);
      return decrypt(key, call.ciphertext, call.encryptionContext);
    },

    async describe(call) {
      const { state } = await permitted(call, "kms:DescribeKey");
      return { state };
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
