import type { Principal } from "@hearth/contract";
import type { Place } from "../place.ts";

/** A use of a customer's key for the data of one account in one region, which is the encryption context. */
export interface KeyUse extends Place {
  keyArn: string;
}

/**
 * The key management service, asked as the service principal of managed integrations. Everything throws
 * `ServiceError`s: `NotFoundException`, `AccessDeniedException`, `DisabledException`, `KMSInvalidStateException`,
 * `InvalidCiphertextException`.
 */
export interface KeyService {
  /** A new data key, wrapped. */
  generateDataKey(use: KeyUse): Promise<Uint8Array>;
  decrypt(use: KeyUse, wrapped: Uint8Array): Promise<Uint8Array>;
  /** Asked for whoever sent the request. */
  describe(use: KeyUse, principal: Principal): Promise<{ enabled: boolean }>;
  /** Told when a key's state or policy has changed. Returns the function that ends it. */
  onChange(listener: (keyArn: string) => void): () => void;
}
