import { randomUUID } from "node:crypto";
import { createSealer } from "@hearth/backplane";
import { parseArn } from "@hearth/base";
import { type Kms, ServiceError } from "@hearth/contract";

export interface Scope {
  accountId: string;
  region: string;
}

export type KeyState = "Enabled" | "Disabled" | "PendingDeletion";

/** A symmetric key for encryption. Its material never leaves this room. */
export interface Key extends Scope {
  /** A UUID. */
  id: string;
  material: Uint8Array;
  /** JSON, as it was given. */
  policy: string;
  description: string;
  state: KeyState;
  /** `AWS`: made for a service of the platform, under a policy that its account cannot change. */
  manager: "AWS" | "CUSTOMER";
  /** Milliseconds; set while the deletion is pending. */
  deletionAt?: number;
  createdAt: number;
  /** The guard of read, decide, commit. */
  revision: number;
}

export const keyArn = ({ accountId, region, id }: Pick<Key, "accountId" | "id" | "region">): string =>
  `arn:aws:kms:${region}:${accountId}:key/${id}`;

export const newKeyId = (): string => randomUUID();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The ARN of the key or alias that a request means; one of another account or region is left as it is, for the door to
 * refuse.
 */
export function referencedKey(reference: string, scope: Scope): string {
  if (reference.startsWith("arn:")) return reference;
  const resource = reference.startsWith("alias/") ? reference : `key/${reference}`;
  return `arn:aws:kms:${scope.region}:${scope.accountId}:${resource}`;
}

/** Account, region and id or alias in an ARN; undefined for anything else. */
export function partsOfKeyArn(arn: string): (Scope & ({ id: string } | { alias: string })) | undefined {
  const { service, accountId, region, resource = "" } = parseArn(arn) ?? {};
  if (service !== "kms" || !accountId || !region) return undefined;
  if (resource.startsWith("alias/")) return { accountId, region, alias: resource };
  const id = resource.startsWith("key/") ? resource.slice(4) : "";
  return UUID.test(id) ? { accountId, region, id } : undefined;
}

export const keyNotFound = (arn: string): ServiceError =>
  new ServiceError("NotFoundException", `Key '${arn}' does not exist. ListKeys shows those that do.`);

/** Throws unless the key may encrypt and decrypt now. */
export function requireEnabled(key: Key): void {
  const arn = keyArn(key);
  if (key.state === "Disabled") {
    throw new ServiceError("DisabledException", `${arn} is disabled. EnableKey makes it usable again.`);
  }
  if (key.state === "PendingDeletion") {
    const message = `${arn} is pending deletion. CancelKeyDeletion, then EnableKey, make it usable again.`;
    throw new ServiceError("KMSInvalidStateException", message);
  }
}

export function keyMetadata(key: Key): Kms.KeyMetadata {
  return {
    KeyId: key.id,
    Arn: keyArn(key),
    AWSAccountId: key.accountId,
    CreationDate: key.createdAt / 1000,
    Enabled: key.state === "Enabled",
    Description: key.description,
    KeyUsage: "ENCRYPT_DECRYPT",
    KeyState: key.state,
    ...(key.deletionAt === undefined ? {} : { DeletionDate: key.deletionAt / 1000 }),
    Origin: "AWS_KMS",
    KeyManager: key.manager,
    CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
    KeySpec: "SYMMETRIC_DEFAULT",
    EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    MultiRegion: false,
  };
}

export type EncryptionContext = Readonly<Record<string, string>>;

const FORMAT = 1;
const ID_BYTES = 16;
const HEADER_BYTES = 1 + ID_BYTES;

/** The order of its members does not count (AWS: Encryption context). */
const boundTo = (context: EncryptionContext): string =>
  JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A ciphertext that names its key and opens under it with the same encryption context only. */
export function encrypt(key: Key, plaintext: Uint8Array, context: EncryptionContext): Uint8Array {
  const id = Buffer.from(key.id.replaceAll("-", ""), "hex");
  return Buffer.concat([Buffer.of(FORMAT), id, createSealer(key.material).seal(plaintext, boundTo(context))]);
}

/** The id of the key that a ciphertext was made under; undefined when it is none of ours. */
export function keyIdOf(ciphertext: Uint8Array): string | undefined {
  if (ciphertext.length <= HEADER_BYTES || ciphertext[0] !== FORMAT) return undefined;
  const hex = Buffer.from(ciphertext.subarray(1, HEADER_BYTES)).toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const invalidCiphertext = (): ServiceError =>
  new ServiceError(
    "InvalidCiphertextException",
    "The ciphertext was changed, or the encryption context is not the one that it was encrypted under.",
  );

/** Throws `InvalidCiphertextException`. */
export function decrypt(key: Key, ciphertext: Uint8Array, context: EncryptionContext): Uint8Array {
  try {
    return createSealer(key.material).open(ciphertext.subarray(HEADER_BYTES), boundTo(context));
  } catch {
    throw invalidCiphertext();
  }
}
