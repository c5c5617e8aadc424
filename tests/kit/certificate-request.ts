import "reflect-metadata";
import { KeyObject, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A P-256 key and a PKCS #10 request for it, both PEM: a hundred times quicker to make than an RSA key. */
export async function makeCertificateRequest(
  commonName: string,
): Promise<{ privateKey: string; certificateSigningRequest: string }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const name = [{ CN: [commonName] }];
  const asked = { name, keys: keys as never, signingAlgorithm: algorithm };
  const request = await x509.Pkcs10CertificateRequestGenerator.create(asked, webcrypto as never);
  return {
    privateKey: KeyObject.from(keys.privateKey as never)
      .export({ type: "pkcs8", format: "pem" })
      .toString(),
    certificateSigningRequest: request.toString("pem"),
  };
}
