// The X.509 library takes its services from decorators and needs this first.
import "reflect-metadata";
import { createHash, randomBytes, webcrypto } from "node:crypto";
import { type Database, type Sealer, UniqueViolation } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import * as x509 from "@peculiar/x509";

/** Signs device certificates. Its key exists only sealed in the database and, opened, in memory. */
export interface CertificateAuthority {
  /** PEM of the CA's own certificate. */
  certificatePem(): Promise<string>;
  /** Signs `publicKeyPem` (SPKI). */
  issue(publicKeyPem: string, subject?: string): Promise<IssuedCertificate>;
  /**
   * Signs what a PKCS #10 request asks for, with its subject.
   * Throws `InvalidRequestException` when it is malformed, not signed by its key, or of a key that is not supported.
   */
  issueFromRequest(requestPem: string): Promise<IssuedCertificate>;
  /**
   * A new CA signs from now on. Certificates of the one before stay what they are: who a device is says the registry,
   * not its issuer. Returns the new CA's PEM.
   */
  rotate(): Promise<string>;
}

export interface IssuedCertificate {
  certificateId: string;
  certificatePem: string;
  /** Milliseconds. */
  notBefore: number;
  notAfter: number;
}

export interface CertificateAuthorityDeps {
  database: Database;
  sealer: Sealer;
  clock: Clock;
}

const PURPOSE = "iot device authority key";
const NAME = "device";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DEVICE_SUBJECT = "CN=IoT Device Certificate";
/** Reference 6. */
const NOT_AFTER = Date.UTC(2049, 11, 31, 23, 59, 59);
/** A device whose clock is slow must find its certificate valid. */
const BACKDATED = 120_000;
const RSA_BITS = 2048;
const CURVES = new Set(["P-256", "P-384", "P-521"]);

interface Opened {
  certificate: x509.X509Certificate;
  key: webcrypto.CryptoKey;
}

export function createCertificateAuthority(deps: CertificateAuthorityDeps): CertificateAuthority {
  const { database, sealer, clock } = deps;
  let opened: Promise<Opened> | undefined;

  async function read(): Promise<Opened | undefined> {
    const [row] = await database.query<{ certificate_pem: string; sealed_key: Uint8Array }>(
      "SELECT certificate_pem, sealed_key FROM iot_device_authority WHERE name = ?",
      [NAME],
    );
    if (!row) return undefined;
    const pkcs8 = sealer.open(row.sealed_key, PURPOSE);
    return {
      certificate: new x509.X509Certificate(row.certificate_pem),
      key: await webcrypto.subtle.importKey("pkcs8", pkcs8, ALGORITHM, false, ["sign"]),
    };
  }

  async function create(replacing: boolean): Promise<void> {
    const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const now = clock.now();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: "CN=Hearth Device CA",
      notBefore: new Date(now - BACKDATED),
      notAfter: new Date(NOT_AFTER),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const pkcs8 = new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
    await database.commit([
      ...(replacing ? [{ sql: "DELETE FROM iot_device_authority WHERE name = ?", params: [NAME] }] : []),
      {
        sql: `INSERT INTO iot_device_authority (name, certificate_pem, sealed_key, created_at)
              VALUES (?, ?, ?, ?)`,
        params: [NAME, pem(certificate), sealer.seal(pkcs8, PURPOSE), now],
      },
    ]);
  }

  async function openOrCreate(): Promise<Opened> {
    const known = await read();
    if (known) return known;
    try {
      await create(false);
    } catch (error) {
      // Another process of the installation was first.
      if (!(error instanceof UniqueViolation)) throw error;
    }
    return (await read()) as Opened;
  }

  function open(): Promise<Opened> {
    opened ??= openOrCreate().catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  async function sign(publicKey: x509.PublicKey, subject: x509.X509CertificateCreateCommonParams["subject"]) {
    const { certificate: authority, key } = await open();
    const notBefore = Math.floor((clock.now() - BACKDATED) / 1000) * 1000;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject,
      issuer: authority.subjectName,
      notBefore: new Date(notBefore),
      notAfter: new Date(NOT_AFTER),
      signingAlgorithm: ALGORITHM,
      publicKey,
      signingKey: key,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ],
    });
    return {
      certificateId: createHash("sha256").update(new Uint8Array(certificate.rawData)).digest("hex"),
      certificatePem: pem(certificate),
      notBefore,
      notAfter: NOT_AFTER,
    };
  }

  return {
    certificatePem: async () => pem((await open()).certificate),
    issue: (publicKeyPem, subject = DEVICE_SUBJECT) => sign(new x509.PublicKey(publicKeyPem), subject),
    async rotate() {
      await create(true);
      opened = undefined;
      return pem((await open()).certificate);
    },
    issueFromRequest: async (requestPem) => {
      const request = await readCertificateRequest(requestPem);
      return sign(request.publicKey, request.subject === "" ? DEVICE_SUBJECT : request.subjectName);
    },
  };
}

const pem = (certificate: x509.X509Certificate): string => `${certificate.toString("pem")}\n`;

/** 20 random bytes as a positive INTEGER of DER: the highest bit is clear, the highest byte not zero (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(20);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x01;
  return bytes.toString("hex");
}

async function readCertificateRequest(requestPem: string): Promise<x509.Pkcs10CertificateRequest> {
  const refused = (why: string): ServiceError =>
    new ServiceError("InvalidRequestException", `The certificate signing request is not valid: ${why}`);
  let request: x509.Pkcs10CertificateRequest;
  try {
    request = new x509.Pkcs10CertificateRequest(requestPem);
  } catch {
    throw refused("not PKCS #10 in PEM");
  }
  const algorithm = request.publicKey.algorithm as { name: string; modulusLength?: number; namedCurve?: string };
  const supported =
    (algorithm.name.startsWith("RSA") && (algorithm.modulusLength ?? 0) >= RSA_BITS) ||
    (algorithm.name.startsWith("EC") && CURVES.has(algorithm.namedCurve ?? ""));
  if (!supported) throw refused("the key must be RSA of 2048 bits or more, or of curve P-256, P-384 or P-521");
  if (!(await request.verify().catch(() => false))) throw refused("its signature does not fit its key");
  return request;
}
