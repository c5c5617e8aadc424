import "reflect-metadata";
import { webcrypto } from "node:crypto";
import type { AddressInfo } from "node:net";
import { connect, createServer, type SecureVersion, type Server, type TLSSocket } from "node:tls";
import * as x509 from "@peculiar/x509";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { certificateIn, peerCertificate } from "./peer-certificate.ts";

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

interface Holder {
  key: string;
  cert: string;
}

async function issue(algorithm: typeof EC | typeof RSA): Promise<Holder> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({ name: "CN=x", keys });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"), cert: certificate.toString("pem") };
}

const derOf = (pem: string) => Buffer.from(x509.PemConverter.decodeFirst(pem));

let server: Server;
let holders: Record<"ec" | "rsa", Holder>;
let accepted: (socket: TLSSocket) => void;
beforeAll(async () => {
  holders = { ec: await issue(EC), rsa: await issue(RSA) };
  server = createServer({ ...holders.ec, requestCert: true, rejectUnauthorized: false }, (socket) => {
    socket.on("error", () => {});
    accepted(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.close());

/** What the server sees of one connection, and the session that the client may resume. */
async function seen(version: SecureVersion, holder: Holder | undefined, resumed?: Buffer) {
  const arrived = new Promise<TLSSocket>((resolve) => {
    accepted = resolve;
  });
  const client = connect({
    port: (server.address() as AddressInfo).port,
    host: "127.0.0.1",
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    ...holder,
    ...(resumed ? { session: resumed } : {}),
  });
  const session = new Promise<Buffer>((resolve) => client.once("session", resolve));
  const socket = await arrived;
  const found = {
    ours: peerCertificate(socket),
    inSession: certificateIn(socket.getSession() as Buffer),
    nodes: socket.getPeerCertificate(false)?.raw,
    reused: socket.isSessionReused(),
    // A resumed session need not be given anew.
    session: resumed ?? (await session),
  };
  socket.end();
  client.destroy();
  return found;
}

describe.each(["TLSv1.2", "TLSv1.3"] as const)("a peer's certificate over %s", (version) => {
  test.each(["ec", "rsa"] as const)("is the one that it holds, also when it resumes: %s", async (kind) => {
    const holder = holders[kind];
    const first = await seen(version, holder);
    const again = await seen(version, holder, first.session);
    expect([first.reused, again.reused]).toEqual([false, true]);
    for (const { ours, inSession, nodes } of [first, again]) {
      expect(ours).toEqual(derOf(holder.cert));
      // That the session has it in the form known here: otherwise each connect would pay for both ways.
      expect(inSession).toEqual(nodes);
    }
  });

  test("is the first of a chain that it sends", async () => {
    const { key, cert } = holders.ec;
    const { ours } = await seen(version, { key, cert: `${cert}\n${holders.rsa.cert}\n` });
    expect(ours).toEqual(derOf(cert));
  });

  test("is none when it shows none", async () => {
    const first = await seen(version, undefined);
    expect(first.ours).toBeUndefined();
    // A resumed session is its owner's: a certificate that the client has now is not asked for.
    const again = await seen(version, holders.ec, first.session);
    expect([again.reused, again.ours]).toEqual([true, undefined]);
  });
});

test("a session that is cut, or something else, holds no certificate", async () => {
  const { inSession } = await seen("TLSv1.3", holders.ec);
  const certificate = inSession as Uint8Array;
  const length = Buffer.alloc(2);
  const session = (tag: number) => {
    length.writeUInt16BE(certificate.length);
    const peer = Buffer.concat([Buffer.from([tag, 0x82]), length, certificate]);
    length.writeUInt16BE(peer.length + 3);
    return Buffer.concat([Buffer.from([0x30, 0x82]), length, Buffer.from([2, 1, 1]), peer]);
  };
  const whole = session(0xa3);
  expect(certificateIn(whole)).toEqual(certificate);
  for (let bytes = 0; bytes < whole.length; bytes++) expect(certificateIn(whole.subarray(0, bytes))).toBeUndefined();
  expect(certificateIn(session(0xa4))).toBeUndefined();
  expect(certificateIn(Buffer.concat([whole, Buffer.from([0])]))).toBeUndefined();
  for (const bytes of [
    [0x30, 0x80],
    [0x30, 0x85, 1, 1, 1, 1, 1],
    [0x30, 2, 0x1f, 0],
    [0x30, 4, 0xa3, 2, 4, 0],
  ]) {
    expect(certificateIn(Buffer.from(bytes))).toBeUndefined();
  }
});
