import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { pemOf } from "./certificate-request.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;

export interface Signed {
  certificate: string;
  privateKey: string;
}

/** A CA as the maker of devices has one. */
export interface MakersCa {
  certificate: string;
  /** Another certificate of the same name and key. */
  renewed(): Promise<MakersCa>;
  /**
   * A certificate of the CA's with a key of its own; valid for a day. `subject`: "CN=…, OU=…"; `addresses`: the IP
   * addresses of a server.
   */
  sign(subject: string, more?: { notBefore?: Date; notAfter?: Date; addresses?: string[] }): Promise<Signed>;
}

export async function makeCa(
  subject: string,
  { notAfter, ...given }: { notAfter?: Date; keys?: webcrypto.CryptoKeyPair } = {},
): Promise<MakersCa> {
  const pair = given.keys ?? (await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]));
  const keys = pair as never;
  const authority = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: subject,
      keys,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(Date.now() - DAY),
      notAfter: notAfter ?? new Date(Date.now() + DAY),
      extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
    },
    webcrypto as never,
  );
  return {
    certificate: authority.toString("pem"),
    renewed: () => makeCa(subject, { keys: pair }),
    async sign(
      name,
      { notBefore = new Date(Date.now() - DAY), notAfter = new Date(Date.now() + DAY), addresses = [] } = {},
    ) {
      const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
      const certificate = await x509.X509CertificateGenerator.create(
        {
          serialNumber: `01${randomBytes(15).toString("hex")}`,
          subject: name,
          issuer: authority.subjectName,
          publicKey: own.publicKey as never,
          signingKey: pair.privateKey as never,
          signingAlgorithm: ALGORITHM,
          notBefore,
          notAfter,
          extensions:
            addresses.length === 0
              ? []
              : [new x509.SubjectAlternativeNameExtension(addresses.map((value) => ({ type: "ip" as const, value })))],
        },
        webcrypto as never,
      );
      return { certificate: certificate.toString("pem"), privateKey: pemOf(own.privateKey) };
    },
  };
}
