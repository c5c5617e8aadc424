import { createHash } from "node:crypto";
import type { DeviceCertificate, DeviceDirectory } from "../device-directory.ts";

export type CertificateVerdict =
  | { certificate: DeviceCertificate }
  | {
      refusal: "unknown" | "not-active" | "not-yet-valid" | "expired";
      /** For the log: a client that is refused in the handshake sees a closed connection only. */
      reason: string;
      certificateId: string;
      /** Absent: unknown. */
      certificate?: DeviceCertificate;
    };

/** Lower-case hex SHA-256 of the DER (reference 6). */
export const certificateIdOf = (der: Uint8Array): string => createHash("sha256").update(der).digest("hex");

/**
 * Decides whether the holder of a certificate may come in. TLS has proven that the peer holds the key; that the
 * certificate is registered, ACTIVE and within its dates is checked here, at every connection, resumed ones too.
 */
export async function authenticateCertificate(
  directory: DeviceDirectory,
  der: Uint8Array,
  now: number,
): Promise<CertificateVerdict> {
  const certificateId = certificateIdOf(der);
  const certificate = await directory.certificate(certificateId);
  if (!certificate) {
    return { refusal: "unknown", reason: `The certificate ${certificateId} is not registered.`, certificateId };
  }
  const { status, notBefore, notAfter } = certificate;
  const what = { certificateId, certificate };
  if (status !== "ACTIVE") {
    return { refusal: "not-active", reason: `The certificate ${certificateId} is ${status}.`, ...what };
  }
  if (now < notBefore) {
    const reason = `The certificate ${certificateId} is valid from ${iso(notBefore)}.`;
    return { refusal: "not-yet-valid", reason, ...what };
  }
  if (now > notAfter) {
    return { refusal: "expired", reason: `The certificate ${certificateId} has expired at ${iso(notAfter)}.`, ...what };
  }
  return { certificate };
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
