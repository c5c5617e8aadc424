import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

/** Of 127.0.0.1, signed by itself: `openssl req -x509 -newkey ec -days 36500 -addext subjectAltName=…`. */
export const VENDOR_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBqzCCAVCgAwIBAgIUHzEr/F1fx0QJ/q/d6Rkl3kwwv/AwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdmVuZG9yLmV4YW1wbGUwIBcNMjYxMTIxMTkwOTAzWhgPMjEy
NjEwMjgxOTA5MDNaMBkxFzAVBgNVBAMMDnZlbmRvci5leGFtcGxlMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEr151IFYzdED/AFualevryw5XpptyYF3+PK9hd2eL
0nKrq1c54xZ6s2VnRB+ZVPIxv76u8kxSncl/qm2zU4T7IKN0MHIwHQYDVR0OBBYE
FBAlsbFuAhX7dxtnMYoXWbCptPw0MB8GA1UdIwQYMBaAFBAlsbFuAhX7dxtnMYoX
WbCptPw0MA8GA1UdEwEB/wQFMAMBAf8wHwYDVR0RBBgwFoIOdmVuZG9yLmV4YW1w
bGWHBH8AAAEwCgYIKoZIzj0EAwIDSQAwRgIhAIbpmhbOYhwRXk9yEtlnaER7A7aH
PmZm1hBqd8GFitUhAiEAkVY9eUMFejk+ISnOUvH2wUl73EBVer6yasCfwBgHZpc=
-----END CERTIFICATE-----
`;
const PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVHO1bSXNqlFQNfBf
UDjS2pURLskq4kVG601l6JrsJ82hRANCAASvXnUgVjN0QP8AW5qV6+vLDlemm3Jg
Xf48r2F3Z4vScqurVznjFnqzZWdEH5lU8jG/vq7yTFKdyX+qbbNThPsg
-----END PRIVATE KEY-----
`;

export interface Asked {
  authorization: string | undefined;
  body: Record<string, string>;
}

export type VendorAnswer = { status?: number; type?: string; body: string | object; location?: string } | "never";

/** A vendor's token URL whose answers the test writes. */
export interface Vendor {
  tokenUrl: string;
  authUrl: string;
  asked: Asked[];
  answer: (asked: Asked) => VendorAnswer;
  close(): void;
}

export async function startVendor(): Promise<Vendor> {
  const server: Server = createServer({ cert: VENDOR_CERTIFICATE, key: PRIVATE_KEY }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { authorization } = request.headers;
      const body = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
      vendor.asked.push({ authorization, body });
      const answer = vendor.answer({ authorization, body });
      if (answer === "never") return;
      const { status = 200, type = "application/json", location } = answer;
      response.writeHead(status, { "content-type": type, ...(location ? { location } : {}) });
      response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const vendor: Vendor = {
    authUrl: `${origin}/authorize?audience=home`,
    tokenUrl: `${origin}/token`,
    asked: [],
    answer: () => "never",
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return vendor;
}
