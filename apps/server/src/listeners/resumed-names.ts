import { hash } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { BoundedMap } from "@hearth/base";
import { peerCertificate } from "../peer-certificate.ts";

/** A session lasts 300 s; so many devices with TLS 1.2 may come back in that time. */
const CAPACITY = 100_000;

/** As Node declares it, `servername` is only there on servers. */
export type NamedSocket = TLSSocket & { servername?: string | false | null };

/**
 * Which server name a resumed session of TLS 1.2 was made under. OpenSSL tells a resumed connection's name from its
 * session, where Node leaves it out; without it a device that says whose it is would be taken for one that does not.
 * Only the session's own listener resumes it, so each has one of these; a device that uses several names there is
 * where it was last.
 *
 * @returns puts the name in its place; false: it is not known, so the connection must not go on
 */
export function createResumedNames(capacity = CAPACITY): (socket: NamedSocket) => boolean {
  /** By the certificate's fingerprint. Empty: none was sent. */
  const names = new BoundedMap<string, string>(capacity);
  return (socket) => {
    if (socket.getProtocol() !== "TLSv1.2") return true;
    const der = peerCertificate(socket);
    if (der === undefined) return true;
    const certificate = hash("sha256", der, "base64");
    if (!socket.isSessionReused()) {
      names.set(certificate, socket.servername || "");
      return true;
    }
    if (socket.servername) return true;
    const name = names.get(certificate);
    if (name) socket.servername = name;
    return name !== undefined;
  };
}
