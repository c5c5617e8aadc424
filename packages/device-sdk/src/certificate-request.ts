import "reflect-metadata";
import { KeyObject, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A new P-256 key and a PKCS #10 request for it, both PEM. The key is nowhere else. */
export async function createCertificateRequest(
  commonName: string,
): Promise<{ privateKey: string; certificateSigningRequest: string }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    { name: [{ CN: [commonName] }], keys, signingAlgorithm: algorithm },
    webcrypto,
  );
  return {
    privateKey: KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString(),
    certificateSigningRequest: request.toString("pem"),
  };
}

/** Whether the certificate (PEM) is for the public key of the request. */
export function isForRequest(certificate: string, certificateSigningRequest: string): boolean {
  try {
    const asked = Buffer.from(new x509.Pkcs10CertificateRequest(certificateSigningRequest).publicKey.rawData);
    return asked.equals(Buffer.from(new x509.X509Certificate(certificate).publicKey.rawData));
  } catch {
    return false;
  }
}
