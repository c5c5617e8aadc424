import { randomBytes } from "node:crypto";
import { type KmsOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import {
  decrypt,
  type EncryptionContext,
  encrypt,
  invalidCiphertext,
  type Key,
  keyArn,
  keyIdOf,
  referencedKey,
  requireEnabled,
} from "./key.ts";
import { requirePermission } from "./key-policy.ts";
import type { FindKey } from "./keys.ts";

type Names = "Decrypt" | "Encrypt" | "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" | "ReEncrypt";

const ALGORITHM = "SYMMETRIC_DEFAULT";

const BYTES_OF_SPEC: Readonly<Record<string, number>> = { AES_128: 16, AES_256: 32 };

const invalid = (message: string) => new ServiceError("ValidationException", message);

function bytesWanted({ KeySpec, NumberOfBytes }: { KeySpec?: string; NumberOfBytes?: number }): number {
  if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
    throw invalid("Please specify either number of bytes or key spec.");
  }
  return NumberOfBytes ?? BYTES_OF_SPEC[KeySpec ?? ""] ?? 0;
}

function requireAlgorithm(...names: (string | undefined)[]): void {
  if (names.some((name) => name !== undefined && name !== ALGORITHM)) {
    throw new ServiceError("InvalidKeyUsageException", `Keys here encrypt with ${ALGORITHM} only.`);
  }
}

/** Everything was checked and would have been done (AWS: Testing your permissions). */
function endDryRun(dryRun: boolean | undefined): void {
  if (dryRun) {
    throw new ServiceError(
      "DryRunOperationException",
      "The request would have succeeded, but the DryRun option is set.",
    );
  }
}

/** Encrypting, decrypting and data keys: what a key is for. */
export function cryptographicOperations(find: FindKey): OperationTable<Pick<KmsOperations, Names>> {
  const onKey = (input: { KeyId: string }, request: RequestContext) => [referencedKey(input.KeyId, request)];

  async function usable(
    reference: string,
    action: string,
    context: EncryptionContext | undefined,
    request: RequestContext,
  ): Promise<Key> {
    const key = await find(referencedKey(reference, request), request.now);
    requirePermission(key, action, { kind: "door", principal: request.principal }, context);
    requireEnabled(key);
    return key;
  }

  /** The key of a ciphertext; `expected` is what the caller thinks that it is. */
  function sourceArn(ciphertext: Uint8Array | undefined, request: RequestContext, expected?: string): string {
    const id = ciphertext && keyIdOf(ciphertext);
    if (id === undefined) throw invalidCiphertext();
    const arn = referencedKey(id, request);
    if (expected !== undefined && referencedKey(expected, request) !== arn) {
      throw new ServiceError(
        "IncorrectKeyException",
        "The key ID in the request does not identify the key of this ciphertext.",
      );
    }
    return arn;
  }
  /** Before the input is known to be good, the door asks about whatever it names. */
  const onSource = (ciphertext: Uint8Array | undefined, request: RequestContext) => {
    const id = ciphertext && keyIdOf(ciphertext);
    return id === undefined ? "*" : referencedKey(id, request);
  };

  return {
    Encrypt: {
      resources: onKey,
      async handle(input, request) {
        requireAlgorithm(input.EncryptionAlgorithm);
        const { EncryptionContext: context = {} } = input;
        const key = await usable(input.KeyId, "kms:Encrypt", context, request);
        endDryRun(input.DryRun);
        return {
          CiphertextBlob: encrypt(key, input.Plaintext, context),
          KeyId: keyArn(key),
          EncryptionAlgorithm: ALGORITHM,
        };
      },
    },

    Decrypt: {
      resources: (input, request) => [onSource(input.CiphertextBlob, request)],
      async handle(input, request) {
        requireAlgorithm(input.EncryptionAlgorithm);
        if (input.Recipient) throw invalid("Recipient is not supported here.");
        const { CiphertextBlob: ciphertext, EncryptionContext: context = {} } = input;
        const arn = sourceArn(ciphertext, request, input.KeyId);
        const key = await usable(arn, "kms:Decrypt", context, request);
        const Plaintext = decrypt(key, ciphertext ?? new Uint8Array(0), context);
        endDryRun(input.DryRun);
        return { KeyId: keyArn(key), Plaintext, EncryptionAlgorithm: ALGORITHM };
      },
    },

    ReEncrypt: {
      action: "kms:ReEncryptTo",
      resources: (input, request) => [referencedKey(input.DestinationKeyId, request)],
      async handle(input, request) {
        requireAlgorithm(input.SourceEncryptionAlgorithm, input.DestinationEncryptionAlgorithm);
        const { SourceEncryptionContext: from = {}, DestinationEncryptionContext: to = {} } = input;
        const ciphertext = input.CiphertextBlob;
        const arn = sourceArn(ciphertext, request, input.SourceKeyId);
        await request.authorize("kms:ReEncryptFrom", arn);
        const source = await usable(arn, "kms:ReEncryptFrom", from, request);
        const target = await usable(input.DestinationKeyId, "kms:ReEncryptTo", to, request);
        const plaintext = decrypt(source, ciphertext ?? new Uint8Array(0), from);
        endDryRun(input.DryRun);
        return {
          CiphertextBlob: encrypt(target, plaintext, to),
          SourceKeyId: keyArn(source),
          KeyId: keyArn(target),
          SourceEncryptionAlgorithm: ALGORITHM,
          DestinationEncryptionAlgorithm: ALGORITHM,
        };
      },
    },

    GenerateDataKey: {
      resources: onKey,
      async handle(input, request) {
        const bytes = bytesWanted(input);
        if (input.Recipient) throw invalid("Recipient is not supported here.");
        const { EncryptionContext: context = {} } = input;
        const key = await usable(input.KeyId, "kms:GenerateDataKey", context, request);
        endDryRun(input.DryRun);
        const Plaintext = randomBytes(bytes);
        return { CiphertextBlob: encrypt(key, Plaintext, context), Plaintext, KeyId: keyArn(key) };
      },
    },

    GenerateDataKeyWithoutPlaintext: {
      resources: onKey,
      async handle(input, request) {
        const bytes = bytesWanted(input);
        const { EncryptionContext: context = {} } = input;
        const key = await usable(input.KeyId, "kms:GenerateDataKeyWithoutPlaintext", context, request);
        endDryRun(input.DryRun);
        return { CiphertextBlob: encrypt(key, randomBytes(bytes), context), KeyId: keyArn(key) };
      },
    },
  };
}
