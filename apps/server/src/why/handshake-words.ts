import type { ConnectionCause } from "@hearth/broker";

const PROVE = "give it ca.pem of the data directory as its root";
const NAMES = "connect by localhost or by a name that publicUrl or serverNames has put into the certificate";

/** What stands behind the codes of OpenSSL and Node: what the connection log calls it, what happened, what to do. */
const FAULTS: readonly (readonly [cause: ConnectionCause, code: RegExp, words: string])[] = [
  [
    "handshake unknown-ca",
    /ALERT_UNKNOWN_CA/,
    `the client does not know who signed the server's certificate (unknown CA): ${PROVE}`,
  ],
  [
    "handshake server-expired",
    /ALERT_CERTIFICATE_EXPIRED/,
    "for the client the server's certificate has expired or is not valid yet: look at the device's clock; a server that is started anew renews its certificate",
  ],
  [
    "handshake server-name",
    /ALERT_BAD_CERTIFICATE/,
    `the client does not accept the server's certificate, most often because of its name: ${NAMES}`,
  ],
  [
    "handshake server-certificate",
    /ALERT_(CERTIFICATE_UNKNOWN|CERTIFICATE_REVOKED|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|DECRYPT_ERROR)/,
    `the client does not accept the server's certificate: ${PROVE}, and ${NAMES}`,
  ],
  [
    "handshake alpn",
    /NO_APPLICATION_PROTOCOL/,
    "the client offers only ALPN names that this port does not know: on 8883 offer x-amzn-mqtt-ca or none, on 443 also mqtt, x-amzn-http-ca and http/1.1, on 8443 no name of MQTT",
  ],
  [
    "handshake version",
    /UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|ALERT_PROTOCOL_VERSION/,
    "the client offers no version of TLS from 1.2 on: switch TLS 1.2 or 1.3 on in its TLS library",
  ],
  [
    "handshake cipher",
    /NO_SHARED|NO_SUITABLE|NO_CIPHER|ALERT_HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY/,
    "client and server have no cipher, key exchange or signature in common: let the client offer an ECDHE suite with AES-GCM or ChaCha20 and the curve P-256 or X25519",
  ],
  [
    "handshake client-certificate",
    /BAD_SIGNATURE|KEY_TOO_SMALL|MD_TOO_WEAK|WRONG_SIGNATURE|UNABLE_TO_DECODE|X509|CERT_LENGTH|SIGNATURE_TYPE/,
    "the client's certificate, or its proof of having the private key, is no good: see that both belong together and that the key has at least 2048 bits (RSA) or 256 (EC)",
  ],
  [
    "handshake http",
    /HTTP_REQUEST|HTTPS_PROXY_REQUEST/,
    "the client speaks plain HTTP to a TLS port: use an https: address",
  ],
  [
    "handshake no-tls",
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL|LENGTH_MISMATCH|UNEXPECTED_MESSAGE|BAD_RECORD_TYPE/,
    "the client does not speak TLS: switch it on in the client; this port takes nothing else",
  ],
  [
    "handshake slow",
    /HANDSHAKE_TIMEOUT/,
    "the client did not finish the handshake in time: look at its network, or at a device that is too busy for TLS",
  ],
  [
    "handshake closed",
    /ECONNRESET|EPIPE|ECONNABORTED/,
    `the client closed the connection in the middle: often it does not trust the server's certificate and does not say so (${PROVE}, ${NAMES}); port scanners and health checks do it too`,
  ],
];

/** Why a TLS handshake failed: what the log calls it, and in words, with the code for those who know it. */
export function describeHandshake(error: Error & { code?: string; reason?: string }): {
  cause: ConnectionCause;
  words: string;
} {
  const code = error.code ?? "";
  const [cause, , known] = FAULTS.find(([, pattern]) => pattern.test(code)) ?? ["handshake other" as const];
  const words = known ?? `${(error.reason ?? error.message).slice(0, 300)}; look for this in the client's TLS library`;
  return { cause, words: `the TLS handshake failed: ${words}${code === "" ? "" : ` (${code})`}` };
}
