import { createSealer } from "@hearth/backplane";
import { ServiceError } from "@hearth/contract";
import type { KeyCall, Keys } from "../keys/keys.ts";
import { arnOf, type Secret, type SecretValue, type SecretVersion } from "./secret.ts";
import type { SealedValue } from "./secret-store.ts";

export type SecretKeyCaller = KeyCall["caller"];

export type SecretCipher = ReturnType<typeof createSecretCipher>;

const TEXT = 0;
const BYTES = 1;

const encoded = (value: SecretValue): Uint8Array =>
  "text" in value
    ? Buffer.concat([Buffer.of(TEXT), Buffer.from(value.text)])
    : Buffer.concat([Buffer.of(BYTES), value.bytes]);

const decoded = (plain: Uint8Array): SecretValue => {
  const content = plain.subarray(1);
  return plain[0] === TEXT ? { text: Buffer.from(content).toString("utf8") } : { bytes: Uint8Array.from(content) };
};

/** What a key refuses, in the words of Secrets Manager. */
function keyFailure(error: unknown, name: "DecryptionFailure" | "EncryptionFailure"): unknown {
  if (!(error instanceof ServiceError)) return error;
  if (error.name === "AccessDeniedException") {
    return new ServiceError(error.name, `Access to KMS is not allowed. ${error.message}`);
  }
  const does = name === "DecryptionFailure" ? "decrypt" : "encrypt";
  return new ServiceError(name, `Secrets Manager can't ${does} the secret value with its KMS key. ${error.message}`);
}

/**
 * Each version under a data key of its own, which a key of KMS seals together with the secret's ARN and the version's id
 * (AWS: Secret encryption and decryption in Secrets Manager).
 */
export function createSecretCipher(keys: Pick<Keys, "decrypt" | "generateDataKey" | "serviceKey">) {
  const contextOf = (secret: Secret, versionId: string) => ({
    SecretARN: arnOf(secret),
    SecretVersionId: versionId,
  });
  const purposeOf = (secret: Secret, versionId: string) => `secret ${arnOf(secret)} ${versionId}`;

  return {
    /** Throws `EncryptionFailure`, `AccessDeniedException`. */
    async seal(
      secret: Secret,
      versionId: string,
      value: SecretValue,
      caller: SecretKeyCaller,
    ): Promise<SealedValue & Pick<SecretVersion, "defaultKey" | "keyArn">> {
      const keyArn = secret.keyArn ?? (await keys.serviceKey("secretsmanager", secret));
      try {
        const call = { keyArn, caller, encryptionContext: contextOf(secret, versionId) };
        const { plaintext, ciphertext } = await keys.generateDataKey(call);
        const sealed = createSealer(plaintext).seal(encoded(value), purposeOf(secret, versionId));
        return { keyArn, defaultKey: secret.keyArn === undefined, dataKey: ciphertext, value: sealed };
      } catch (error) {
        throw keyFailure(error, "EncryptionFailure");
      }
    },

    /** Throws `DecryptionFailure`, `AccessDeniedException`. */
    async open(
      secret: Secret,
      version: SecretVersion,
      { dataKey, value }: SealedValue,
      caller: SecretKeyCaller,
    ): Promise<SecretValue> {
      try {
        const { keyArn, id } = version;
        const call = { keyArn, caller, encryptionContext: contextOf(secret, id), ciphertext: dataKey };
        const plain = await keys.decrypt(call);
        return decoded(createSealer(plain).open(value, purposeOf(secret, id)));
      } catch (error) {
        throw keyFailure(error, "DecryptionFailure");
      }
    },
  };
}
