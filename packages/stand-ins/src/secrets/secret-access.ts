import { type RequestContext, type ResourcePolicy, ServiceError } from "@hearth/contract";
import { arnOf, arnOfAbsent, referenceOf, type Secret, type SecretReference, secretNotFound } from "./secret.ts";
import { secretConditions } from "./secret-policy.ts";
import type { SecretStore } from "./secret-store.ts";

export type Conditions = Record<string, string | string[]>;

export type SecretAccess = ReturnType<typeof createSecretAccess>;

/** `aws:RequestTag/…` and `aws:TagKeys`. */
export const requestTags = (tags: readonly { readonly Key?: string; readonly Value?: string }[]): Conditions => ({
  ...(tags.length > 0 && { "aws:TagKeys": tags.map(({ Key = "" }) => Key) }),
  ...Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [`aws:RequestTag/${Key}`, Value])),
});

/** Drops what was not asked. */
export const given = (conditions: Readonly<Record<string, string | number | boolean | undefined>>): Conditions =>
  Object.fromEntries(
    Object.entries(conditions).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );

const policyOf = ({ accountId, policy }: Secret): ResourcePolicy => ({
  accountId,
  kind: "resource-based",
  ...(policy !== undefined && { document: policy }),
});

/** How operations on one secret find it and have it authorized: it is read once for what the door asks. */
export function createSecretAccess(store: Pick<SecretStore, "find">) {
  const asked = new WeakMap<RequestContext, Promise<{ reference: SecretReference; secret: Secret | undefined }>>();

  function located({ SecretId }: { SecretId?: string }, request: RequestContext) {
    const known = asked.get(request);
    if (known) return known;
    const locating = (async () => {
      const reference = referenceOf(SecretId ?? "", request);
      return { reference, secret: await store.find(reference) };
    })();
    asked.set(request, locating);
    return locating;
  }

  return {
    /** The part of a binding by which the door authorizes. `more`: condition keys of the request. */
    onSecret<Input extends { SecretId?: string }>(more: (input: Input) => Conditions = () => ({})) {
      return {
        async resources(input: Input, request: RequestContext) {
          const { reference, secret } = await located(input, request);
          return [secret ? arnOf(secret) : arnOfAbsent(reference)];
        },
        async conditions(input: Input, request: RequestContext) {
          const { secret } = await located(input, request);
          return { ...(secret && secretConditions(secret)), ...more(input) };
        },
        async resourcePolicy(input: Input, request: RequestContext) {
          const { secret } = await located(input, request);
          return secret && policyOf(secret);
        },
      };
    },

    /** As it is now. Throws `ResourceNotFoundException`. */
    async find({ SecretId }: { SecretId: string }, request: RequestContext): Promise<Secret> {
      const secret = await store.find(referenceOf(SecretId, request));
      if (!secret) throw secretNotFound();
      return secret;
    },

    /** For one of several that an operation names: the caller's permission is asked here. */
    async permitted(SecretId: string, action: string, request: RequestContext, more: Conditions): Promise<Secret> {
      const reference = referenceOf(SecretId, request);
      const secret = await store.find(reference);
      const conditions = { ...(secret && secretConditions(secret)), ...more };
      await request.authorize(
        action,
        secret ? arnOf(secret) : arnOfAbsent(reference),
        conditions,
        secret && policyOf(secret),
      );
      if (!secret) throw secretNotFound();
      return secret;
    },
  };
}

/** Throws what it does not take for a refusal. */
export function refusalIn(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  throw error;
}
