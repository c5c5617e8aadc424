import { createHash, X509Certificate } from "node:crypto";
import { formatArn, parseArn } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Place } from "../storage/place.ts";

/** The rules of device certificates (reference 6). */
export type CertificateStatus =
  | "ACTIVE"
  | "INACTIVE"
  | "REVOKED"
  | "PENDING_TRANSFER"
  | "REGISTER_INACTIVE"
  | "PENDING_ACTIVATION";

export interface Certificate {
  /** Lower-case hex SHA-256 of the DER. */
  certificateId: string;
  status: CertificateStatus;
  certificatePem: string;
  /** `SNI_ONLY`: registered without a CA. */
  certificateMode: "DEFAULT" | "SNI_ONLY";
  /** Milliseconds, as the other times. */
  notBefore: number;
  notAfter: number;
  createdAt: number;
  modifiedAt: number;
  /** From 1; grows with each change of status. */
  customerVersion: number;
  generationId: string;
  /** The registered CA that signed it. */
  caCertificateId?: string;
}

export const certificateArn = (at: Place, certificateId: string): string =>
  formatArn("iot", at.region, at.accountId, `cert/${certificateId}`);

const invalid = (message: string): ServiceError => new ServiceError("InvalidRequestException", message);

export const noCertificate = (certificateId: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `Certificate ${certificateId} not found`);

/** The API accepts ids with `0x` and capitals. */
export const normalCertificateId = (text: string): string => text.toLowerCase().replace(/^0x/, "");

/**
 * The certificate that a principal's ARN names. Throws `InvalidRequestException` for what is not a certificate's ARN,
 * `ResourceNotFoundException` (or what `foreign` gives) for one of another account or region, which nobody here sees.
 */
export function principalCertificateId(at: Place, principal: string, foreign?: () => ServiceError): string {
  const arn = parseArn(principal);
  const id = arn?.service === "iot" ? /^cert\/([0-9a-fA-F]{64})$/.exec(arn.resource)?.[1] : undefined;
  if (!arn || id === undefined) throw invalid("The principal must be the ARN of a certificate");
  const certificateId = id.toLowerCase();
  if (arn.accountId !== at.accountId || arn.region !== at.region) throw foreign?.() ?? noCertificate(certificateId);
  return certificateId;
}

/** Throws `InvalidRequestException` for a status that only the platform sets. */
export function checkNewStatus(status: CertificateStatus): void {
  if (status === "PENDING_TRANSFER" || status === "PENDING_ACTIVATION") {
    throw invalid(`The status ${status} is set by the platform only`);
  }
}

/** Throws `CertificateStateException` or `DeleteConflictException` (reference 6: what may be deleted). */
export function checkDeletable(
  at: Place,
  certificate: Certificate,
  attached: { things: boolean; policies: boolean },
  forceDelete: boolean,
): void {
  const arn = certificateArn(at, certificate.certificateId);
  if (certificate.status === "ACTIVE") {
    throw new ServiceError(
      "CertificateStateException",
      `Certificate must be deactivated (not ACTIVE) before deletion: ${certificate.certificateId}`,
      { resourceId: certificate.certificateId },
    );
  }
  if (attached.things) {
    throw new ServiceError("DeleteConflictException", `Things must be detached before deletion (arn: ${arn})`);
  }
  if (attached.policies && !forceDelete) {
    throw new ServiceError(
      "DeleteConflictException",
      `Certificate policies must be detached before deletion (arn: ${arn})`,
    );
  }
}

export interface ReadCertificate {
  certificateId: string;
  /** The certificate alone, as PEM with a final newline. */
  certificatePem: string;
  notBefore: number;
  notAfter: number;
}

/** Reads the first certificate of a PEM text. Throws `CertificateValidationException`. */
export function readCertificatePem(pem: string): ReadCertificate {
  let certificate: X509Certificate;
  try {
    if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw new Error("no PEM");
    certificate = new X509Certificate(pem);
  } catch {
    throw new ServiceError("CertificateValidationException", "The certificate is not a valid X.509 certificate in PEM");
  }
  const notBefore = Date.parse(certificate.validFrom);
  const notAfter = Date.parse(certificate.validTo);
  if (!Number.isFinite(notBefore) || !Number.isFinite(notAfter)) {
    throw new ServiceError("CertificateValidationException", "The certificate's validity cannot be read");
  }
  return {
    certificateId: createHash("sha256").update(certificate.raw).digest("hex"),
    certificatePem: certificate.toString(),
    notBefore,
    notAfter,
  };
}
