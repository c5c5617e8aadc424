/** Encryption of secrets at rest under the master key. */
export interface Sealer {
  /** AES-256-GCM. `purpose` is authenticated with it: what was sealed for one purpose does not open for another. */
  seal(plaintext: string | Uint8Array, purpose: string): Uint8Array;
  /** Throws `InternalError` when the bytes were not sealed under this key for this purpose. */
  open(sealed: Uint8Array, purpose: string): Uint8Array;
  openText(sealed: Uint8Array, purpose: string): string;
  /** Keyed hash (HMAC-SHA256, hex) by which a sealed member can be found again. */
  hash(value: string, purpose: string): string;
}
