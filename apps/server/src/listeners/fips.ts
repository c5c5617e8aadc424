import { getFips } from "node:crypto";
import type { TlsOptions } from "node:tls";
import type { NamedListener } from "./named-listener.ts";

/**
 * What a FIPS listener offers: TLS 1.2 and 1.3 with AES-GCM, elliptic curves of NIST, signatures with SHA-2 (NIST
 * SP 800-52 Rev. 2, 3.3.1; managed-integrations reference 13.4, U48).
 */
export const FIPS_TLS: TlsOptions = {
  minVersion: "TLSv1.2",
  ciphers: [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
  ].join(":"),
  ecdhCurve: "P-256:P-384:P-521",
  sigalgs: [
    ...["ECDSA+SHA256", "ECDSA+SHA384", "ECDSA+SHA512"],
    ...["RSA-PSS+SHA256", "RSA-PSS+SHA384", "RSA-PSS+SHA512"],
    ...["RSA+SHA256", "RSA+SHA384", "RSA+SHA512"],
  ].join(":"),
};

/**
 * What an operator should know: the process uses OpenSSL's FIPS provider when Node was told so, which must be before it
 * has used any other. Undefined: it does, or there is no FIPS listener.
 */
export function fipsNote(listeners: readonly NamedListener[]): string | undefined {
  const names = listeners.flatMap(({ name, fips }) => (fips ? [name] : []));
  if (names.length === 0 || getFips() === 1) return undefined;
  return (
    `the FIPS listener ${names.join(", ")} offers only what FIPS 140-3 approves, but the cryptography is not a validated ` +
    "module's: start Node with NODE_OPTIONS=--enable-fips where OpenSSL has its FIPS provider."
  );
}
