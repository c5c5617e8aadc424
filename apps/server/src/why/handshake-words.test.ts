import { expect, test } from "vitest";
import { describeHandshake } from "./handshake-words.ts";

// As OpenSSL 3 and Node 20 name them, seen with openssl s_client, Node and bytes by hand as clients.
test.each([
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "handshake unknown-ca", /unknown CA.*ca\.pem/],
  ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "handshake server-expired", /device's clock/],
  ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "handshake server-name", /name/],
  ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN", "handshake server-certificate", /ca\.pem.*name/],
  ["ERR_SSL_BAD_SIGNATURE", "handshake client-certificate", /belong together/],
  ["ERR_SSL_EE_KEY_TOO_SMALL", "handshake client-certificate", /2048 bits/],
  ["ERR_SSL_NO_APPLICATION_PROTOCOL", "handshake alpn", /x-amzn-mqtt-ca/],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "handshake version", /TLS 1\.2 or 1\.3/],
  ["ERR_SSL_NO_SHARED_CIPHER", "handshake cipher", /let the client offer/],
  ["ERR_SSL_HTTP_REQUEST", "handshake http", /https:/],
  ["ERR_SSL_HTTPS_PROXY_REQUEST", "handshake http", /https:/],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "handshake no-tls", /does not speak TLS/],
  ["ERR_TLS_HANDSHAKE_TIMEOUT", "handshake slow", /in time.*network/],
  ["ECONNRESET", "handshake closed", /closed the connection/],
])("%s is %s", (code, cause, words) => {
  const told = describeHandshake(Object.assign(new Error("said OpenSSL"), { code }));
  expect(told).toEqual({ cause, words: expect.stringMatching(words) });
  expect(told.words).toContain(`(${code})`);
});

test("what is not known is told as OpenSSL says it, without its places in C", () => {
  const error = Object.assign(new Error("80E7:error:0A00:SSL routines:f:bad thing:../deps/x.c:1:\n"), {
    ...{ code: "ERR_SSL_BAD_THING", reason: "bad thing" },
  });
  expect(describeHandshake(error)).toEqual({
    cause: "handshake other",
    words: "the TLS handshake failed: bad thing; look for this in the client's TLS library (ERR_SSL_BAD_THING)",
  });
  expect(describeHandshake(new Error("x".repeat(1_000))).words.length).toBeLessThan(400);
});
