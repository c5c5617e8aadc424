/** What stands behind the codes of OpenSSL and Node, for whoever looks after the device. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED)/,
    "the client does not trust the server's certificate: give it ca.pem of the data directory as its root, and connect by a name that is in the certificate (publicUrl, serverNames)",
  ],
  [
    /NO_APPLICATION_PROTOCOL/,
    "the client offers only ALPN names that this port does not know (MQTT: x-amzn-mqtt-ca, mqtt)",
  ],
  [/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|ALERT_PROTOCOL_VERSION/, "the client offers only versions of TLS below 1.2"],
  [/HTTP_REQUEST/, "the client speaks plain HTTP to a TLS port"],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL/,
    "the client does not speak TLS; this port does nothing else",
  ],
  [/NO_SHARED_CIPHER|NO_SHARED_GROUP/, "client and server have no cipher in common"],
  [/HANDSHAKE_TIMEOUT/, "the client did not finish the handshake in time"],
  [
    /ECONNRESET|EPIPE/,
    "the client closed the connection in the middle; often it does not trust the server's certificate",
  ],
];

/** Why a TLS handshake failed, in words, with the code for those who know it. */
export function wordsForHandshake(error: Error & { code?: string }): string {
  const code = error.code ?? "";
  const [, words] = FAULTS.find(([pattern]) => pattern.test(code)) ?? [];
  return `the TLS handshake failed: ${words ?? error.message.slice(0, 300)}${code === "" ? "" : ` (${code})`}`;
}
