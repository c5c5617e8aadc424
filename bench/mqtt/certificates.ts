import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;

/** PEM. */
export interface KeyAndCertificate {
  cert: string;
  key: string;
}

export interface BenchCertificates {
  ca: string;
  /** The server's certificate and the root behind it, as Hearth's own listeners show them. */
  server: KeyAndCertificate;
  client: KeyAndCertificate;
}

/**
 * One authority for all brokers, of the kind that Hearth makes for itself (P-256, one step): the client's certificate
 * is registered with Hearth, and a peer trusts the authority. So every handshake signs and verifies the same.
 */
export async function makeCertificates(): Promise<BenchCertificates> {
  const root = await issue("CN=Bench Root");
  const server = await issue("CN=localhost", root);
  const client = await issue("CN=bench device", root);
  return {
    ca: root.cert,
    server: { cert: `${server.cert}\n${root.cert}\n`, key: server.key },
    client: { cert: client.cert, key: client.key },
  };
}

interface Issued extends KeyAndCertificate {
  subject: string;
  signingKey: webcrypto.CryptoKey;
}

let serial = 1;

async function issue(subject: string, issuer?: Issued): Promise<Issued> {
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: String(10 + serial++),
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 30 * DAY),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: issuer?.signingKey ?? keys.privateKey,
    extensions: issuer
      ? [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])]
      : [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    subject,
    signingKey: keys.privateKey,
    cert: certificate.toString("pem"),
    key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
  };
}
