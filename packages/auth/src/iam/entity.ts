import { type Bus, type Database, type Write, WriteConflict } from "@hearth/backplane";
import { InternalError } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { type PolicyDocument, type PolicyKind, PolicyParseError, parsePolicy, policySize } from "@hearth/policy";
import { identitiesChanged } from "../identity-cache.ts";
import type { InlinePolicy } from "./inline-policy-store.ts";

/** What the operations on users and roles have in common. */

export const noSuchEntity = (message: string): ServiceError => new ServiceError("NoSuchEntityException", message);
export const alreadyExists = (message: string): ServiceError =>
  new ServiceError("EntityAlreadyExistsException", message);
export const deleteConflict = (message: string): ServiceError => new ServiceError("DeleteConflictException", message);
export const limitExceeded = (message: string): ServiceError => new ServiceError("LimitExceededException", message);
export const invalidInput = (message: string): ServiceError => new ServiceError("InvalidInputException", message);
const malformedPolicy = (message: string): ServiceError =>
  new ServiceError("MalformedPolicyDocumentException", message);

const MOST_ATTEMPTS = 20;

/** Read, decide, commit; again when somebody else was quicker. Whoever remembers identities is told afterwards. */
export async function changeIdentity<Result>(
  { database, bus }: { database: Database; bus: Bus },
  accountId: string,
  decide: () => Promise<{ writes: readonly Write[]; result: Result }>,
): Promise<Result> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const { writes, result } = await decide();
    try {
      await database.commit(writes);
    } catch (error) {
      if (error instanceof WriteConflict) continue;
      throw error;
    }
    bus.publish(identitiesChanged, { accountId });
    return result;
  }
  throw new InternalError(`an identity of account ${accountId} changed ${MOST_ATTEMPTS} times under our hands`);
}

/** Throws `MalformedPolicyDocumentException`. */
export function readPolicy(document: string, kind: PolicyKind, limit: number): PolicyDocument {
  try {
    return parsePolicy(document, kind, limit);
  } catch (error) {
    if (error instanceof PolicyParseError) throw malformedPolicy(error.message);
    throw error;
  }
}

/** All inline policies of an owner together may have so many characters (AWS: IAM and AWS STS quotas). */
export function checkInlineSize(
  existing: readonly InlinePolicy[],
  added: InlinePolicy,
  limit: number,
  owner: string,
): void {
  const others = existing.filter((policy) => policy.name !== added.name);
  const size = [...others, added].reduce((sum, policy) => sum + policySize(policy.document), 0);
  if (size > limit) throw limitExceeded(`Maximum policy size of ${limit} bytes exceeded for ${owner}`);
}

/**
 * What a new user or role may not have: the same tag twice (keys differ in more than case), or a boundary, for none is
 * evaluated. Throws `InvalidInputException`.
 */
export function checkNewEntity(input: { Tags?: readonly { Key: string }[]; PermissionsBoundary?: string }): void {
  const keys = (input.Tags ?? []).map(({ Key }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  if (input.PermissionsBoundary !== undefined) {
    throw invalidInput(`Scope ARN: ${input.PermissionsBoundary} is not attachable: boundaries are not supported.`);
  }
}

/** IAM gives documents percent-encoded (AWS: IAM API Reference, GetUserPolicy). */
export const encodeDocument = (document: string): string => encodeURIComponent(document);

/** Entries after the marker, which is opaque to clients. */
export const readMarker = (marker: string | undefined): string =>
  marker === undefined ? "" : Buffer.from(marker, "base64url").toString();

/** Cuts a list that was read with one entry more than asked. */
export function cutPage<Entry>(
  found: readonly Entry[],
  size: number,
  keyOf: (entry: Entry) => string,
): { page: readonly Entry[]; rest: { IsTruncated: boolean; Marker?: string } } {
  const page = found.slice(0, size);
  const last = page.at(-1);
  if (found.length <= size || last === undefined) return { page, rest: { IsTruncated: false } };
  return { page, rest: { IsTruncated: true, Marker: Buffer.from(keyOf(last)).toString("base64url") } };
}

export const PAGE = 100;
