import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isPublic } from "./addresses.ts";
import { createOutbound, OutboundRefused, type OutboundRequest } from "./outbound.ts";

const get: OutboundRequest = { method: "GET", headers: {}, timeoutMs: 5000, maxBytes: 100 };

describe("addresses", () => {
  test.each([
    ...["127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"],
    ...["100.64.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1"],
    ...["::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1"],
    ...[
      "::ffff:a9fe:a9fe",
      "::7f00:1",
      "64:ff9b::7f00:1",
      "64:ff9b::8.8.8.8",
      "2002:7f00:1::",
      "2001:db8::1",
      "2001::1",
    ],
    ...["fec0::1", "100::1", "localhost", "", "1.2.3", "5f00::1"],
  ])("%s is not public", (address) => expect(isPublic(address)).toBe(false));

  test.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"])(
    "%s is public",
    (address) => expect(isPublic(address)).toBe(true),
  );
});

describe("what may be called", () => {
  const names: Record<string, string[]> = {
    "public.example": ["93.184.216.34"],
    "inside.example": ["10.1.2.3"],
    "both.example": ["93.184.216.34", "127.0.0.1"],
    "lab.example": ["192.168.7.7"],
  };
  const lookUp = async (host: string) => {
    const found = names[host];
    if (!found) throw Object.assign(new Error("ENOTFOUND"), { code: "ENOTFOUND" });
    return found.map((address) => ({ address, family: 4 }));
  };
  const outbound = createOutbound({ lookUp, allow: ["lab.example", "10.9.0.0/16", "fd00::1"] });

  test.each([
    ["http://127.0.0.1/", /public/],
    ["http://2130706433/", /127\.0\.0\.1/],
    ["http://0x7f.1/", /127\.0\.0\.1/],
    ["http://0177.0.0.1/", /127\.0\.0\.1/],
    ["https://[::1]/", /public/],
    ["https://[::ffff:10.0.0.1]/", /public/],
    ["http://169.254.169.254/latest/meta-data/", /public/],
    ["https://inside.example/", /10\.1\.2\.3/],
    ["https://both.example/", /127\.0\.0\.1/],
    ["ftp://public.example/", /http and https/],
    ["file:///etc/passwd", /http and https/],
    ["https://user:secret@public.example/", /password/],
    ["https://public.example:22/", /Port 22/],
    ["not a url", /not a URL/],
  ])("not %s", async (url, why) => {
    const refused = await outbound.check(url).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OutboundRefused);
    expect((refused as Error).message).toMatch(why);
    expect((refused as Error).message).not.toContain("\n");
    await expect(outbound.request(url, get)).rejects.toThrow(OutboundRefused);
  });

  test.each([
    ...["https://public.example/hook", "http://public.example:8080/", "https://lab.example:22/", "http://10.9.1.1/"],
    ...["http://[fd00::1]:99/", "https://unknown.example/"],
  ])("%s may be configured", (url) => expect(outbound.check(url)).resolves.toBeUndefined());

  test("the operator's list must be one of addresses and names", () => {
    expect(() => createOutbound({ allow: ["10.0.0.0/99"] })).toThrow();
  });
});

describe("a request", () => {
  let server: Server;
  let port = 0;
  const asked: { url: string; host: string; body: string }[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { url = "", headers } = request;
        asked.push({ url, host: headers.host ?? "", body: Buffer.concat(chunks).toString() });
        if (url === "/away") response.writeHead(302, { location: "http://169.254.169.254/" }).end();
        else if (url === "/long") response.end("x".repeat(101));
        else if (url !== "/never") response.writeHead(201, { "X-Twice": ["a", "b"] }).end("fine");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  let lookUps = 0;
  const local = createOutbound({
    allow: ["127.0.0.1"],
    // The second look-up of a name that changes its mind would lead elsewhere.
    lookUp: async () => [{ address: lookUps++ === 0 ? "127.0.0.1" : "127.9.9.9", family: 4 }],
  });

  test("goes to the address that was checked, under the name that was asked for", async () => {
    const sent = await local.request(`http://hook.example:${port}/x?y`, {
      ...get,
      method: "POST",
      body: Buffer.from("b"),
    });
    expect([sent.status, sent.headers["x-twice"], Buffer.from(sent.body).toString()]).toEqual([201, "a, b", "fine"]);
    expect(asked.at(-1)).toEqual({ url: "/x?y", host: `hook.example:${port}`, body: "b" });
    expect(lookUps).toBe(1);
  });

  test("does not follow, does not read on, and does not wait for ever", async () => {
    const at = (path: string) => `http://127.0.0.1:${port}${path}`;
    expect((await local.request(at("/away"), get)).status).toBe(302);
    await expect(local.request(at("/long"), get)).rejects.toThrow("more than 100 bytes");
    await expect(local.request(at("/never"), { ...get, timeoutMs: 50 })).rejects.toThrow(/abort/i);
    const controller = new AbortController();
    const hanging = local.request(at("/never"), { ...get, signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(hanging).rejects.toThrow();
    expect(asked.filter(({ url }) => url.includes("meta"))).toEqual([]);
  });
});

/** Of vendor.example, signed by itself: `openssl req -x509 -newkey ec -days 36500 -addext subjectAltName=…`. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
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

test("an authority of the operator's is trusted besides the known ones, and no other", async () => {
  const server = createTlsServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (_request, response) => response.end("fine"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const given = { allow: ["127.0.0.1"], lookUp: async () => [{ address: "127.0.0.1", family: 4 }] };
  const trusting = createOutbound({ ...given, ca: [CERTIFICATE] });
  try {
    expect((await trusting.request(`https://vendor.example:${port}/`, get)).status).toBe(200);
    await expect(trusting.request(`https://other.example:${port}/`, get)).rejects.toThrow(/altnames/);
    await expect(createOutbound(given).request(`https://vendor.example:${port}/`, get)).rejects.toThrow(/self-signed/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
