import type { JsonObject } from "@hearth/device-sdk";

/** Reference 10.7. DHA is read by nobody yet. */
export type CertificateType = "CLAIM" | "DHA" | "PERMANENT";

/** A token: the one in `slot`, the one of that label, or the first that there is. */
export interface Pkcs11Location {
  library: string;
  slot?: number;
  tokenLabel?: string;
  /** A file that holds the user's PIN and nothing else. */
  pinFile: string;
}

/** A private key: as text, or as the name of one that never leaves its token. */
export type KeyMaterial = { pem: string } | { pkcs11: Pkcs11Location & { keyLabel: string } };

/** Where the hub's certificates and keys are kept (reference 10.7): files, or what a plug-in module makes of it. */
export interface CertificateHandler {
  /** Undefined when there is none. */
  read(type: CertificateType): Promise<{ certificate: string; key: KeyMaterial } | undefined>;
  /**
   * For a store that keeps the key to itself: makes the permanent key unless it is there, and a PKCS #10 request (PEM)
   * signed by it. A handler without it is given the key to keep.
   */
  csr?(commonName: string): Promise<string>;
  /** `key` (PEM) unless the handler made it itself. Resolves when both are durable. */
  writePermanent(certificate: string, key?: string): Promise<void>;
  /** Off-boarding: the permanent pair is gone afterwards. */
  erasePermanent(): Promise<void>;
}

/** What a plug-in module exports as `createCertificateHandler`; `configuration` is `iotmi_config.json`. */
export type CreateCertificateHandler = (settings: {
  directory: string;
  configuration: JsonObject;
}) => Promise<CertificateHandler>;
