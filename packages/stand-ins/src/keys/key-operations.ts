import { randomBytes } from "node:crypto";
import { type Database, onConflictAgain } from "@hearth/backplane";
import { type KmsOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { type Key, keyArn, keyMetadata, newKeyId, referencedKey } from "./key.ts";
import { checkKeyPolicy, defaultPolicy, requirePermission } from "./key-policy.ts";
import type { KeyStore } from "./key-store.ts";
import type { FindKey } from "./keys.ts";

type Names =
  | "CancelKeyDeletion"
  | "CreateKey"
  | "DescribeKey"
  | "DisableKey"
  | "EnableKey"
  | "GetKeyPolicy"
  | "ListKeys"
  | "PutKeyPolicy"
  | "ScheduleKeyDeletion";

const DAY_MS = 86_400_000;
const FEWEST_DAYS = 7;
const MOST_DAYS = 30;
const KEYS_PER_PAGE = 100;
/** Each costs a row; a home needs one. */
const MOST_KEYS = 1_000;
/** A key has one policy, which cannot be named otherwise. */
const POLICY_NAME = "default";

const unsupported = (message: string) => new ServiceError("UnsupportedOperationException", message);

/** The life of keys and who may use them. `changed` is told of each change, with the key's ARN. */
export function keyOperations(deps: {
  database: Pick<Database, "commit">;
  store: KeyStore;
  find: FindKey;
  changed: (arn: string) => void;
}): OperationTable<Pick<KmsOperations, Names>> {
  const { database, store, find, changed } = deps;
  const onKey = (input: { KeyId: string }, request: RequestContext) => [referencedKey(input.KeyId, request)];

  async function permitted(reference: string, action: string, request: RequestContext): Promise<Key> {
    const key = await find(referencedKey(reference, request), request.now);
    requirePermission(key, action, { kind: "door", principal: request.principal });
    return key;
  }

  async function change(
    reference: string,
    action: string,
    request: RequestContext,
    decide: (key: Key) => Parameters<KeyStore["update"]>[1] | undefined,
  ): Promise<Key> {
    const key = await onConflictAgain(async () => {
      const before = await permitted(reference, action, request);
      const after = decide(before);
      if (after) await database.commit([store.update(before, after), store.purge(request.now)]);
      return { ...before, ...after };
    });
    changed(keyArn(key));
    return key;
  }

  const notWhileDeleted = (key: Key) => {
    if (key.state !== "PendingDeletion") return;
    throw new ServiceError(
      "KMSInvalidStateException",
      `${keyArn(key)} is pending deletion. CancelKeyDeletion keeps it.`,
    );
  };
  const requirePolicyName = (name: string | undefined) => {
    if (name === undefined || name === POLICY_NAME) return;
    throw new ServiceError("NotFoundException", `A key has one policy, named ${POLICY_NAME}.`);
  };

  return {
    CreateKey: {
      async handle(input, request) {
        if ((input.KeySpec ?? input.CustomerMasterKeySpec ?? "SYMMETRIC_DEFAULT") !== "SYMMETRIC_DEFAULT") {
          throw unsupported("KeySpec: only SYMMETRIC_DEFAULT is supported here.");
        }
        if ((input.KeyUsage ?? "ENCRYPT_DECRYPT") !== "ENCRYPT_DECRYPT") {
          throw unsupported("KeyUsage: only ENCRYPT_DECRYPT is supported here.");
        }
        if ((input.Origin ?? "AWS_KMS") !== "AWS_KMS" || input.CustomKeyStoreId || input.XksKeyId) {
          throw unsupported("Key material comes from this platform only: Origin AWS_KMS.");
        }
        if (input.MultiRegion) throw unsupported("MultiRegion keys are not supported here.");
        if (input.Tags && input.Tags.length > 0) throw unsupported("Tags of keys are not supported here.");
        const { accountId, region, now } = request;
        if ((await store.count(request)) >= MOST_KEYS) {
          throw new ServiceError("LimitExceededException", `An account may have ${MOST_KEYS} keys in a region.`);
        }
        const key: Key = {
          accountId,
          region,
          id: newKeyId(),
          material: randomBytes(32),
          policy: input.Policy ?? defaultPolicy(accountId),
          description: input.Description ?? "",
          state: "Enabled",
          manager: "CUSTOMER",
          createdAt: now,
          revision: 1,
        };
        const bypass = input.BypassPolicyLockoutSafetyCheck === true;
        if (input.Policy !== undefined) checkKeyPolicy(input.Policy, key, request.principal, bypass);
        await database.commit([store.insert(key), store.purge(now)]);
        return { KeyMetadata: keyMetadata(key) };
      },
    },

    DescribeKey: {
      resources: onKey,
      async handle(input, request) {
        return { KeyMetadata: keyMetadata(await permitted(input.KeyId, "kms:DescribeKey", request)) };
      },
    },

    ListKeys: {
      async handle(input, request) {
        const limit = input.Limit ?? KEYS_PER_PAGE;
        const ids = await store.ids(request, input.Marker ?? "", request.now, limit + 1);
        const page = ids.slice(0, limit);
        const Truncated = ids.length > limit;
        const last = page.at(-1);
        return {
          Keys: page.map((id) => ({ KeyId: id, KeyArn: keyArn({ ...request, id }) })),
          Truncated,
          ...(Truncated && last !== undefined ? { NextMarker: last } : {}),
        };
      },
    },

    GetKeyPolicy: {
      resources: onKey,
      async handle(input, request) {
        const key = await permitted(input.KeyId, "kms:GetKeyPolicy", request);
        requirePolicyName(input.PolicyName);
        return { Policy: key.policy, PolicyName: POLICY_NAME };
      },
    },

    PutKeyPolicy: {
      resources: onKey,
      async handle(input, request) {
        requirePolicyName(input.PolicyName);
        await change(input.KeyId, "kms:PutKeyPolicy", request, (key) => {
          notWhileDeleted(key);
          checkKeyPolicy(input.Policy, key, request.principal, input.BypassPolicyLockoutSafetyCheck === true);
          return { policy: input.Policy };
        });
        return {};
      },
    },

    EnableKey: {
      resources: onKey,
      async handle(input, request) {
        await change(input.KeyId, "kms:EnableKey", request, (key) => {
          notWhileDeleted(key);
          return { state: "Enabled" };
        });
        return {};
      },
    },

    DisableKey: {
      resources: onKey,
      async handle(input, request) {
        await change(input.KeyId, "kms:DisableKey", request, (key) => {
          notWhileDeleted(key);
          return { state: "Disabled" };
        });
        return {};
      },
    },

    ScheduleKeyDeletion: {
      resources: onKey,
      async handle(input, request) {
        const days = input.PendingWindowInDays ?? MOST_DAYS;
        if (days < FEWEST_DAYS || days > MOST_DAYS) {
          const message = `PendingWindowInDays must be ${FEWEST_DAYS} to ${MOST_DAYS}.`;
          throw new ServiceError("ValidationException", message);
        }
        const deletionAt = request.now + days * DAY_MS;
        const key = await change(input.KeyId, "kms:ScheduleKeyDeletion", request, (before) => {
          notWhileDeleted(before);
          return { state: "PendingDeletion", deletionAt };
        });
        return {
          KeyId: keyArn(key),
          DeletionDate: deletionAt / 1000,
          KeyState: "PendingDeletion",
          PendingWindowInDays: days,
        };
      },
    },

    CancelKeyDeletion: {
      resources: onKey,
      async handle(input, request) {
        const key = await change(input.KeyId, "kms:CancelKeyDeletion", request, (before) => {
          if (before.state !== "PendingDeletion") {
            throw new ServiceError("KMSInvalidStateException", `${keyArn(before)} is not pending deletion.`);
          }
          return { state: "Disabled", deletionAt: undefined };
        });
        return { KeyId: keyArn(key) };
      },
    },
  };
}
