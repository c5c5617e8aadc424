import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SecretRead, SecretReader } from "./secret-reader.ts";

/** How AWS's client is made; its standard credential chain, unless a test says otherwise. */
interface AwsSecretsOptions {
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  maxAttempts?: number;
}

const LONGEST_MS = 10_000;

type Refused = Exclude<SecretRead["outcome"], "read">;

/** By what AWS says; undefined: nothing about the secret, so that asking again may help. */
function outcomeOf({ name, message }: Error): Refused | undefined {
  switch (name) {
    case "AccessDeniedException":
      return /\bKMS\b/.test(message) ? "key-unusable" : "denied";
    case "DecryptionFailure":
    case "KMSAccessDeniedException":
    case "KMSInvalidStateException":
      return "key-unusable";
    case "InvalidRequestException":
      return /delet/i.test(message) ? "deleted" : "not-found";
    case "InvalidParameterException":
    case "ResourceNotFoundException":
    case "ValidationException":
      return "not-found";
    default:
      return undefined;
  }
}

/**
 * Secrets of the real Secrets Manager, by the credentials of the server's environment. AWS sees that principal and not the
 * service: its policies and the secret's must allow it `secretsmanager:GetSecretValue`, the key's `kms:Decrypt`.
 */
export function createAwsSecrets(options: AwsSecretsOptions = {}): SecretReader & { close(): void } {
  const clients = new Map<string, Promise<SecretsManagerClient>>();
  const clientOf = (region: string): Promise<SecretsManagerClient> => {
    // Read by installations whose secrets are at AWS.
    const client =
      clients.get(region) ??
      import("@aws-sdk/client-secrets-manager").then(
        ({ SecretsManagerClient }) => new SecretsManagerClient({ region, ...options }),
      );
    clients.set(region, client);
    return client;
  };
  return {
    async read({ region, secretArn, versionId, versionStage }) {
      const { GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
      const client = await clientOf(region);
      const asked = { SecretId: secretArn, VersionId: versionId, VersionStage: versionStage };
      try {
        const abortSignal = AbortSignal.timeout(LONGEST_MS);
        const { SecretString, SecretBinary, VersionId } = await client.send(new GetSecretValueCommand(asked), {
          abortSignal,
        });
        return {
          outcome: "read",
          ...(SecretString !== undefined && { text: SecretString }),
          ...(SecretBinary !== undefined && { bytes: new Uint8Array(SecretBinary) }),
          versionId: VersionId ?? "",
        };
      } catch (error) {
        const outcome = error instanceof Error ? outcomeOf(error) : undefined;
        if (outcome === undefined) throw error;
        return { outcome, message: `${secretArn}: ${(error as Error).message}` };
      }
    },
    close() {
      for (const client of clients.values()) void client.then((one) => one.destroy());
    },
  };
}
