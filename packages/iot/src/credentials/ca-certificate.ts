import { createHash, X509Certificate } from "node:crypto";
import { formatArn } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Place } from "../storage/place.ts";
import { type ReadCertificate, readCertificatePem } from "./certificate.ts";

/** The rules of the CAs that customers register (reference 6). */
export interface CaCertificate extends ReadCertificate {
  status: "ACTIVE" | "INACTIVE";
  /** Whether certificates that it signed are registered when their devices first connect. */
  autoRegistration: boolean;
  /** The provisioning template that admits those devices at once; absent: they wait as PENDING_ACTIVATION. */
  templateName?: string;
  /** `DEFAULT`: the account has proved that it holds the CA's key. */
  certificateMode: "DEFAULT" | "SNI_ONLY";
  /** Of `subjectHash`. */
  subject: string;
  createdAt: number;
  modifiedAt: number;
  /** From 1; grows with each change. */
  customerVersion: number;
  generationId: string;
}

export const caCertificateArn = (at: Place, certificateId: string): string =>
  formatArn("iot", at.region, at.accountId, `cacert/${certificateId}`);

export const noCaCertificate = (certificateId: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `CA certificate ${certificateId} not found`);

/** Names as OpenSSL prints them. That two print alike says nothing yet: signatures decide. */
export const subjectHash = (name: string): string => createHash("sha256").update(name).digest("hex");

const invalid = (message: string): ServiceError => new ServiceError("CertificateValidationException", message);

const CURVES = new Set(["prime256v1", "secp384r1", "secp521r1"]);
const RSA_BITS = 2048;

/** Reads a CA's certificate. Throws `CertificateValidationException`. */
export function readCaCertificate(pem: string, now: number): ReadCertificate & { subject: string } {
  const read = readCertificatePem(pem);
  const certificate = new X509Certificate(read.certificatePem);
  if (!certificate.ca) throw invalid("The certificate is not one of a CA: its basic constraints do not say so");
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  const supported =
    (asymmetricKeyType === "rsa" && (asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS) ||
    (asymmetricKeyType === "ec" && CURVES.has(asymmetricKeyDetails?.namedCurve ?? ""));
  if (!supported) throw invalid("The CA's key must be RSA of 2048 bits or more, or of curve P-256, P-384 or P-521");
  if (now > read.notAfter) throw invalid("The CA's certificate has expired");
  return { ...read, subject: subjectHash(certificate.subject) };
}

/** Whether the CA has signed the certificate. Costs a verification: ask of candidates of the right name only. */
export function isSignedBy(certificate: X509Certificate, ca: Pick<CaCertificate, "certificatePem">): boolean {
  try {
    const issuer = new X509Certificate(ca.certificatePem);
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** An attribute of the subject; the first where there are several. */
export function subjectAttribute(certificate: X509Certificate, name: "CN" | "OU"): string | undefined {
  const subject = certificate.toLegacyObject().subject as unknown as Record<string, string | string[]> | undefined;
  const value = subject && Object.hasOwn(subject, name) ? subject[name] : undefined;
  return Array.isArray(value) ? value[0] : value;
}

/**
 * Checks that the certificate proves the account's hold of the CA: signed by it, with the registration code as its
 * common name. Throws `CertificateValidationException`, `RegistrationCodeValidationException`.
 */
export function checkVerification(pem: string, ca: Pick<CaCertificate, "certificatePem">, code: string): void {
  const proof = new X509Certificate(readCertificatePem(pem).certificatePem);
  if (!isSignedBy(proof, ca)) throw invalid("The verification certificate is not signed by the CA");
  if (subjectAttribute(proof, "CN")?.toLowerCase() === code) return;
  const message = "The verification certificate's common name must be what GetRegistrationCode answers";
  throw new ServiceError("RegistrationCodeValidationException", message);
}
