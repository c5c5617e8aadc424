import { randomBytes } from "node:crypto";
import { type Database, onConflictAgain, type Sealer } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { KmsOperations, OperationTable } from "@hearth/contract";
import { cryptographicOperations } from "./cryptographic-operations.ts";
import {
  decrypt,
  type EncryptionContext,
  encrypt,
  type Key,
  type KeyState,
  keyArn,
  keyIdOf,
  keyNotFound,
  newKeyId,
  partsOfKeyArn,
  referencedKey,
  requireEnabled,
  type Scope,
} from "./key.ts";
import { keyOperations } from "./key-operations.ts";
import { type KeyCaller, requirePermission, servicePolicy } from "./key-policy.ts";
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
  /** A new data key of 256 bits, plain and encrypted. */
  generateDataKey(call: KeyCall): Promise<{ plaintext: Uint8Array; ciphertext: Uint8Array }>;
  describe(call: KeyCall): Promise<{ state: KeyState }>;
  /** The ARN of the key that an id, an ARN or an alias means. Throws `NotFoundException`. */
  resolve(reference: string, scope: Scope): Promise<string>;
  /** The ARN of the key `alias/aws/<service>` of an account, made where it is missing. */
  serviceKey(service: string, scope: Scope): Promise<string>;
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
    const id = parts && ("id" in parts ? parts.id : await store.target(parts, parts.alias));
    const key = parts && id !== undefined && (await store.find(parts, id, now));
    if (!key) throw keyNotFound(arn);
    return key;
  };

  async function ensureServiceKey(service: string, scope: Scope): Promise<string> {
    const alias = `alias/aws/${service}`;
    const found = await store.target(scope, alias);
    if (found !== undefined) return keyArn({ ...scope, id: found });
    const now = clock.now();
    const { accountId, region } = scope;
    const key: Key = {
      ...{ accountId, region, id: newKeyId(), material: randomBytes(DATA_KEY_BYTES), state: "Enabled", manager: "AWS" },
      policy: servicePolicy(scope, service),
      description: `Default key that protects what ${service} stores when no other key is named`,
      createdAt: now,
      revision: 1,
    };
    await database.commit([store.insert(key), store.insertAlias(scope, alias, key.id, now)]);
    return keyArn(key);
  }

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

    async generateDataKey(call) {
      const key = await permitted(call, "kms:GenerateDataKey");
      requireEnabled(key);
      const plaintext = randomBytes(DATA_KEY_BYTES);
      return { plaintext, ciphertext: encrypt(key, plaintext, call.encryptionContext) };
    },

    resolve: async (reference, scope) => keyArn(await find(referencedKey(reference, scope), clock.now())),

    serviceKey: (service, scope) => onConflictAgain(() => ensureServiceKey(service, scope)),

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
