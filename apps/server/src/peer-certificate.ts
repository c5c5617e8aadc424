import type { TLSSocket } from "node:tls";

/** Tags of DER (X.690, 8.1.2): SEQUENCE, and `[3] EXPLICIT`. */
const SEQUENCE = 0x30;
const PEER = 0xa3;

/**
 * The certificate that the peer has proved to hold, as DER; undefined when it showed none. Known on a resumed
 * connection too: the session carries it.
 *
 * Taken from the session as OpenSSL writes it (`SSL_SESSION` in its ssl_asn1.c). Node's own ways cost a connect more:
 * `getPeerCertificate` spells out all that a certificate says, and `getPeerX509Certificate` copies whatever chain the
 * peer has sent along and does not free it.
 */
export function peerCertificate(socket: TLSSocket): Uint8Array | undefined {
  const session = socket.getSession();
  const found = session && certificateIn(session);
  // No certificate, or a session of another form than the one known here: Node knows.
  return found ?? socket.getPeerCertificate(false)?.raw;
}

/** The element `[3]` of a session, which holds the peer's certificate; a copy, since the session holds secrets. */
export function certificateIn(session: Buffer): Uint8Array | undefined {
  const whole = elementAt(session, 0);
  if (whole?.tag !== SEQUENCE || whole.end !== session.length) return undefined;
  for (let at = whole.start; at < whole.end; ) {
    const element = elementAt(session, at);
    if (element === undefined) return undefined;
    if (element.tag === PEER) {
      const certificate = elementAt(session, element.start);
      if (certificate?.tag !== SEQUENCE || certificate.end !== element.end) return undefined;
      return Buffer.from(session.subarray(element.start, element.end));
    }
    at = element.end;
  }
  return undefined;
}

interface Element {
  tag: number;
  /** Of the contents. */
  start: number;
  end: number;
}

/** The element at `at`, with a tag of one byte and a length of at most four; undefined when there is none. */
function elementAt(der: Buffer, at: number): Element | undefined {
  const tag = der[at];
  const first = der[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const bytes = first & 0x7f;
    if (bytes === 0 || bytes > 4 || start + bytes > der.length) return undefined;
    length = der.readUIntBE(start, bytes);
    start += bytes;
  }
  const end = start + length;
  return end > der.length ? undefined : { tag, start, end };
}
