import "reflect-metadata";
import { KeyObject, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A P-256 key and a PKCS #10 request for it, both PEM: a hundred times quicker to make than an RSA key. */
export async function makeCertificateRequest(
  commonName: string,
): Promise<{ privateKey: string; certificateSigningRequest: string }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const name = [{ CN: [commonName] }];
  const asked = { name, keys: keys as never, signingAlgorithm: ALGORITHM };
  const request = await x509.Pkcs10CertificateRequestGenerator.create(asked, webcrypto as never);
  return {
    privateKey: pemOf(keys.privateKey),
    certificateSigningRequest: request.toString("pem"),
  };
}

/** A certificate that no platform has issued, as a device's maker makes it, with its key; both PEM. Valid for a year. */
export async function makeCertificate(
  commonName: string,
  validity: { notBefore?: Date; notAfter?: Date } = {},
): Promise<{ certificate: string; privateKey: string }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    { name: [{ CN: [commonName] }], keys: keys as never, signingAlgorithm: ALGORITHM, ...validity },
    webcrypto as never,
  );
  return { certificate: made.toString("pem"), privateKey: pemOf(keys.privateKey) };
}

/** PKCS #8 in PEM. */
export const pemOf = (key: unknown): string =>
  KeyObject.from(key as never)
    .export({ type: "pkcs8", format: "pem" })
    .toString();
