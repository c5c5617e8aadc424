import { randomInt } from "node:crypto";
import { formatArn, parseArn } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Place } from "../place.ts";

/** AWS: Secrets Manager quotas. */
export const SECRET_LIMITS = {
  valueBytes: 65_536,
  policyCharacters: 20_480,
  tags: 50,
  versions: 100,
  stages: 20,
  versionKeptMs: 86_400_000,
  fewestRecoveryDays: 7,
  mostRecoveryDays: 30,
};

export const DAY_MS = 86_400_000;

export interface Tag {
  Key: string;
  Value: string;
}

/** A secret without its values. */
export interface Secret extends Place {
  name: string;
  /** The six random characters at the end of its ARN. */
  suffix: string;
  description: string | undefined;
  /** ARN; undefined: `alias/aws/secretsmanager` of the account. */
  keyArn: string | undefined;
  /** JSON, as it was put. */
  policy: string | undefined;
  tags: readonly Tag[];
  createdAt: number;
  changedAt: number;
  /** The start of the day (UTC) on which a value was last read. */
  accessedAt: number | undefined;
  /** Set while it waits for its deletion: when it goes. */
  purgeAt: number | undefined;
  /** The guard of read, decide, commit; versions count. */
  revision: number;
}

/** A version without its value. */
export interface SecretVersion {
  id: string;
  stages: readonly string[];
  /** ARN of the key that its value is sealed under. */
  keyArn: string;
  /** Whether that is the account's default key. */
  defaultKey: boolean;
  createdAt: number;
  accessedAt: number | undefined;
}

/** What is sealed: a text or bytes. */
export type SecretValue = { text: string } | { bytes: Uint8Array };

export const arnOf = ({ accountId, region, name, suffix }: Place & Pick<Secret, "name" | "suffix">): string =>
  formatArn("secretsmanager", region, accountId, `secret:${name}-${suffix}`);

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export const newSuffix = (): string => Array.from({ length: 6 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");

export const invalidParameter = (message: string): ServiceError =>
  new ServiceError("InvalidParameterException", message);
export const invalidRequest = (message: string): ServiceError => new ServiceError("InvalidRequestException", message);
export const limitExceeded = (message: string): ServiceError => new ServiceError("LimitExceededException", message);
export const notBuilt = (what: string): ServiceError =>
  new ServiceError("NotImplementedException", `${what} is not implemented.`);

export const secretNotFound = (): ServiceError =>
  new ServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");

const NAME = /^[0-9A-Za-z/_+=.@!-]{1,512}$/;

/** Throws `ValidationException`, as AWS does for a name. */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  const message =
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
  throw new ServiceError("ValidationException", message);
}

/** Where a secret is looked for. */
export interface SecretReference extends Place {
  name: string;
  /** Undefined: whatever it is. */
  suffix: string | undefined;
}

/**
 * What a `SecretId` means: a name, or an ARN. An ARN that ends in a hyphen and six characters is taken for a complete one,
 * so that the ARN without them of a secret whose name ends like that finds nothing (AWS: DescribeSecret, SecretId).
 * Throws `InvalidParameterException`, and `ResourceNotFoundException` for another region's.
 */
export function referenceOf(id: string, place: Place): SecretReference {
  const { accountId, region } = place;
  if (!id.startsWith("arn:")) return { accountId, region, name: id, suffix: undefined };
  const arn = parseArn(id);
  const rest = arn?.service === "secretsmanager" ? /^secret:(.+)$/s.exec(arn.resource)?.[1] : undefined;
  if (!arn || rest === undefined) throw invalidParameter("SecretId must be the name or the ARN of a secret.");
  if (arn.region !== region) throw secretNotFound();
  const complete = /^(.+)-([0-9A-Za-z]{6})$/s.exec(rest);
  return { accountId: arn.accountId, region, name: complete?.[1] ?? rest, suffix: complete?.[2] };
}

/** The ARN to be asked about where there is no such secret: with the pattern by which policies name one. */
export const arnOfAbsent = ({ suffix, ...reference }: SecretReference): string =>
  arnOf({ ...reference, suffix: suffix ?? "??????" });

/** Throws `InvalidRequestException` for one that waits for its deletion. */
export function requireLiving(secret: Secret): void {
  if (secret.purgeAt === undefined) return;
  throw invalidRequest(
    "You can't perform this operation on the secret because it was marked for deletion. RestoreSecret keeps it.",
  );
}

/** Throws `InvalidParameterException`. */
export function checkValue(input: { SecretString?: string; SecretBinary?: Uint8Array }): SecretValue | undefined {
  const { SecretString: text, SecretBinary: bytes } = input;
  if (text !== undefined && bytes !== undefined) {
    throw invalidParameter("You can't specify both a binary secret value and a string secret value.");
  }
  if (text !== undefined && Buffer.byteLength(text) > SECRET_LIMITS.valueBytes) {
    throw invalidParameter(`A secret value may have ${SECRET_LIMITS.valueBytes} bytes.`);
  }
  if (text !== undefined) return { text };
  return bytes && { bytes };
}

/** Tags to keep: those that were there, with `added` laid over. Throws `InvalidParameterException`. */
export function withTags(
  before: readonly Tag[],
  added: readonly { readonly Key?: string; readonly Value?: string }[],
): Tag[] {
  const tags = new Map(before.map(({ Key, Value }) => [Key, Value]));
  const seen = new Set<string>();
  for (const { Key = "", Value = "" } of added) {
    if (Key === "" || Key.toLowerCase().startsWith("aws:")) {
      throw invalidParameter("A tag needs a Key, which must not begin with aws:.");
    }
    if (seen.has(Key)) throw invalidParameter("Two tags have the same Key.");
    seen.add(Key);
    tags.set(Key, Value);
  }
  if (tags.size > SECRET_LIMITS.tags) throw invalidParameter(`A secret may have ${SECRET_LIMITS.tags} tags.`);
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}
