import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import type { Database, Migration, Sealer } from "@hearth/backplane";
import { type Clock, randomHex } from "@hearth/base";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto);

export const serverCertificateMigrations: readonly Migration[] = [
  {
    room: "server",
    version: 1,
    name: "server certificates",
    statements: [
      `CREATE TABLE server_certificate (
        name TEXT PRIMARY KEY,
        certificate_pem TEXT NOT NULL,
        private_key BLOB NOT NULL,
        names TEXT NOT NULL,
        not_after BIGINT NOT NULL
      )`,
    ],
  },
];

export interface ServerCertificate {
  /** PEM: the server's certificate followed by the root. */
  chain: string;
  /** PEM, PKCS #8. */
  privateKey: string;
  /** PEM: the root that clients trust. */
  root: string;
  /** Milliseconds since the epoch, of the server's own. */
  notAfter: number;
}

interface Row {
  name: string;
  certificate_pem: string;
  private_key: Uint8Array;
  names: string;
  not_after: number;
}

const DAY = 86_400_000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const PURPOSE = "server-certificate";

/**
 * The certificate that the TLS listeners show, signed by this installation's own root. Both are made at the first
 * start; the server's is renewed under the same root when its names change, it has less than 30 days left, or `renew`
 * asks for it.
 */
export async function ensureServerCertificate(
  deps: { database: Database; sealer: Sealer; clock: Clock },
  names: readonly string[],
  renew = false,
): Promise<ServerCertificate> {
  const { database, sealer, clock } = deps;
  const rows = await database.query<Row>("SELECT * FROM server_certificate");
  const stored = new Map(rows.map((row) => [row.name, row]));
  const wanted = [...new Set(names)].sort().join(",");

  let root = stored.get("root");
  if (!root) {
    root = await issue("root", undefined, [], clock.now(), 20 * 365 * DAY, sealer);
    await save(database, root);
  }
  let server = stored.get("server");
  if (renew || !server || server.names !== wanted || server.not_after < clock.now() + 30 * DAY) {
    const issuer = {
      certificate: new x509.X509Certificate(root.certificate_pem),
      key: await importKey(sealer.openText(root.private_key, PURPOSE)),
    };
    // 825 days is the longest that common TLS clients accept from a root that they were told to trust.
    server = await issue("server", issuer, wanted.split(","), clock.now(), 825 * DAY, sealer);
    await save(database, server);
  }
  return {
    chain: `${server.certificate_pem.trim()}\n${root.certificate_pem.trim()}\n`,
    privateKey: sealer.openText(server.private_key, PURPOSE),
    root: `${root.certificate_pem.trim()}\n`,
    notAfter: server.not_after,
  };
}

async function issue(
  name: "root" | "server",
  issuer: { certificate: x509.X509Certificate; key: webcrypto.CryptoKey } | undefined,
  names: readonly string[],
  now: number,
  lifetime: number,
  sealer: Sealer,
): Promise<Row> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const notAfter = now + lifetime;
  const subject = issuer
    ? `CN=${names.find((entry) => !isIP(entry) && !entry.startsWith("*")) ?? names[0]},O=Hearth`
    : "CN=Hearth Root CA,O=Hearth";
  const extensions: x509.Extension[] = issuer
    ? [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((entry) => ({ type: isIP(entry) ? ("ip" as const) : ("dns" as const), value: entry })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
      ]
    : [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ];
  extensions.push(await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as webcrypto.CryptoKey));
  const certificate = await x509.X509CertificateGenerator.create({
    // A serial number is positive: the leading hex digit keeps the top bit clear (RFC 5280, 4.1.2.2).
    serialNumber: `4${randomHex(16).slice(1)}`,
    subject,
    issuer: issuer?.certificate.subject ?? subject,
    // An hour back, for clients whose clock is a little behind.
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(notAfter),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey as webcrypto.CryptoKey,
    signingKey: issuer?.key ?? (keys.privateKey as webcrypto.CryptoKey),
    extensions,
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    name,
    certificate_pem: certificate.toString("pem"),
    private_key: sealer.seal(x509.PemConverter.encode(pkcs8, "PRIVATE KEY"), PURPOSE),
    names: names.join(","),
    not_after: notAfter,
  };
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const pkcs8 = x509.PemConverter.decodeFirst(pem);
  return webcrypto.subtle.importKey("pkcs8", pkcs8, ALGORITHM, false, ["sign"]) as Promise<webcrypto.CryptoKey>;
}

function save(database: Database, row: Row): Promise<void> {
  return database.commit([
    {
      sql: `INSERT INTO server_certificate (name, certificate_pem, private_key, names, not_after) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET certificate_pem = excluded.certificate_pem,
          private_key = excluded.private_key, names = excluded.names, not_after = excluded.not_after`,
      params: [row.name, row.certificate_pem, row.private_key, row.names, row.not_after],
    },
  ]);
}
