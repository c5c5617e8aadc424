import { ServiceError } from "@hearth/contract";
import type { ReadSecret } from "@hearth/managed";
import type { SecretReader } from "@hearth/stand-ins";

const SERVICE = "iotmanagedintegrations.amazonaws.com";

const REFUSALS = {
  denied: "AccessDeniedException",
  "not-found": "ResourceNotFoundException",
  deleted: "InvalidRequestException",
  "key-unusable": "DecryptionFailure",
} as const;

/** How managed integrations reads the secrets of its customers: as the service, for one account association. */
export function managedSecrets(secrets: SecretReader): ReadSecret {
  return async ({ accountId, region, secretArn, versionId, sourceArn }) => {
    const caller = { service: SERVICE, sourceAccount: accountId, sourceArn };
    const read = await secrets.read({ account: accountId, region, secretArn, versionId, caller });
    if (read.outcome !== "read") throw new ServiceError(REFUSALS[read.outcome], read.message);
    if (read.text === undefined) {
      throw new ServiceError("InvalidRequestException", "It holds a SecretBinary; write a SecretString.");
    }
    return read.text;
  };
}
