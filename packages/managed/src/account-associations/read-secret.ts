import type { Place } from "../place.ts";

export interface SecretUse extends Place {
  secretArn: string;
  versionId: string;
  /** `aws:SourceArn` of the call: the account association's ARN (reference 13.3). */
  sourceArn: string;
}

/**
 * The SecretString of one version, read at every use and never kept. Throws ServiceError: `AccessDeniedException`
 * (resource policy of the secret or of its key), `ResourceNotFoundException`, `InvalidRequestException`,
 * `DecryptionFailure`.
 */
export type ReadSecret = (use: SecretUse) => Promise<string>;
