import "reflect-metadata";
import { createHash, KeyObject, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { KeyPair } from "../credential-store.ts";

interface IssuedCertificate extends KeyPair {
  /** Lower-case hex SHA-256 of the DER. */
  certificateId: string;
}

/** A certificate authority that lives in memory. */
export interface Authority {
  /** PEM. */
  certificate: string;
  issue(commonName: string, host?: string): Promise<IssuedCertificate>;
  /** Throws for what is not a request, or is not signed by the key in it. */
  sign(certificateSigningRequest: string): Promise<Omit<IssuedCertificate, "privateKey">>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const YEAR = 365 * 24 * 3600 * 1000;

export async function createAuthority(now: number = Date.now()): Promise<Authority> {
  const authorityKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const notBefore = new Date(now - 60_000);
  const notAfter = new Date(now + YEAR);
  const root = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: "01",
      name: "CN=Simulated platform",
      notBefore,
      notAfter,
      signingAlgorithm: ALGORITHM,
      keys: authorityKeys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ],
    },
    webcrypto,
  );
  let serial = 1;

  async function certify(subject: x509.JsonName | string, publicKey: x509.PublicKeyType, host?: string) {
    const certificate = await x509.X509CertificateGenerator.create(
      {
        serialNumber: (++serial).toString(16).padStart(4, "0"),
        subject,
        issuer: root.subject,
        notBefore,
        notAfter,
        signingKey: authorityKeys.privateKey,
        signingAlgorithm: ALGORITHM,
        publicKey,
        extensions: host
          ? [
              new x509.SubjectAlternativeNameExtension([
                { type: "dns", value: host },
                { type: "ip", value: "127.0.0.1" },
              ]),
            ]
          : [],
      },
      webcrypto,
    );
    return {
      certificate: certificate.toString("pem"),
      certificateId: createHash("sha256").update(Buffer.from(certificate.rawData)).digest("hex"),
    };
  }

  return {
    certificate: root.toString("pem"),
    async issue(commonName, host) {
      const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
      const issued = await certify([{ CN: [commonName] }], keys.publicKey, host);
      const privateKey = KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString();
      return { ...issued, privateKey };
    },
    async sign(certificateSigningRequest) {
      const request = new x509.Pkcs10CertificateRequest(certificateSigningRequest);
      if (!(await request.verify(webcrypto))) throw new Error("the request's signature does not fit its key");
      return certify(request.subject, request.publicKey);
    },
  };
}
