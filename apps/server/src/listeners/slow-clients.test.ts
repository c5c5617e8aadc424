import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectHttp2, constants } from "node:http2";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { createSealer, openSqlite } from "@hearth/backplane";
import { silentLogger, systemClock } from "@hearth/base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureServerCertificate, serverCertificateMigrations } from "../server-certificate.ts";
import { type Listeners, openListeners } from "./listeners.ts";

let listeners: Listeners;
const directory = mkdtempSync(join(tmpdir(), "hearth-listeners-"));

beforeAll(async () => {
  const database = await openSqlite({
    file: join(directory, "hearth.db"),
    migrations: [...serverCertificateMigrations],
    log: silentLogger,
    clock: systemClock,
    unsafeNoFsync: true,
  });
  const sealer = createSealer(Buffer.alloc(32, 1));
  const certificate = await ensureServerCertificate({ database, sealer, clock: systemClock }, ["localhost"]);
  await database.close();
  listeners = await openListeners(
    { apiPort: 0, httpsPort: 0, mqttsPort: 0, tlsPort: 0, openMqttPort: 0, bind: "127.0.0.1" },
    certificate,
    {
      request: (_request, response) => response.end("answer"),
      upgrade: (_request, socket) => socket.destroy(),
      mqtt: (socket) => socket.destroy(),
      openMqtt: (socket) => socket.destroy(),
    },
    silentLogger,
    {
      headBytes: 16_384,
      handshake: 200,
      headers: 200,
      request: 400,
      idle: 200,
      stalled: 400,
      pingsPerMinute: 30,
      connectionsPerAddress: 8,
    },
  );
});

afterAll(async () => {
  await listeners?.close();
  rmSync(directory, { recursive: true, force: true });
});

const plain = (port: number): Socket => connect(port, "127.0.0.1");
const secure = (port: number): Socket => connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });

/** Resolves to what it was told once the server has closed the connection; a test that waits in vain fails. */
function ended(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  socket.on("error", () => {});
  return new Promise((resolve) => socket.on("close", () => resolve(text)));
}

test.each(["https", "mqtts", "tls"] as const)("a TLS handshake that does not go on is ended: %s", async (name) => {
  expect(await ended(plain(listeners.ports[name]))).toBe("");
});

test.each([
  ["api", plain],
  ["https", secure],
  ["tls", secure],
] as const)("headers that do not end are not waited for: %s", async (name, open) => {
  const socket = open(listeners.ports[name]);
  socket.write("GET / HTTP/1.1\r\nhost: x\r\nx-slow: ");
  const trickle = setInterval(() => socket.writable && socket.write("y"), 50);
  expect(await ended(socket)).toMatch(/^(HTTP\/1\.1 408|$)/);
  clearInterval(trickle);
});

test("a TLS connection that says nothing is ended", async () => {
  await ended(secure(listeners.ports.https));
});

/** A session that does nothing but ping every `interval` ms; resolves to the code of its end. */
function pinging(url: string, interval: number, request = false): Promise<{ pings: number; code: number | undefined }> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(url, { rejectUnauthorized: false });
    let pings = 0;
    let code: number | undefined;
    session.on("goaway", (given) => {
      code = given;
    });
    const beat = setInterval(() => {
      if (!session.destroyed && !session.closed) session.ping(() => pings++);
    }, interval);
    session.on("error", () => {});
    session.on("close", () => {
      clearInterval(beat);
      resolve({ pings, code });
    });
    session.once("connect", () => {
      if (request) session.request({ ":path": "/" }).on("error", reject).resume().end();
    });
  });
}
const urls = () => [
  `http://127.0.0.1:${listeners.ports.api}`,
  `https://127.0.0.1:${listeners.ports.https}`,
  `https://127.0.0.1:${listeners.ports.tls}`,
];

test("HTTP/2 sessions are not kept open by PING alone, before a request or after", async () => {
  const ends = await Promise.all(urls().flatMap((url) => [pinging(url, 50), pinging(url, 50, true)]));
  for (const { pings, code } of ends) {
    expect(pings).toBeGreaterThan(0);
    expect(code).toBe(constants.NGHTTP2_NO_ERROR);
  }
});

test("an HTTP/2 session that pings too much is ended at once", async () => {
  const [url = ""] = urls();
  expect((await pinging(url, 1)).code).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
});

test("an HTTP/1.1 connection is not kept open between requests", async () => {
  const socket = plain(listeners.ports.api);
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  expect(await ended(socket)).toContain("answer");
});

test("an address has only so many HTTP connections, of either version, until they end", async () => {
  const all = Array.from({ length: 8 }, () => plain(listeners.ports.api));
  await Promise.all(
    all.map((socket) => new Promise((written) => socket.write("GET / HTTP/1.1\r\nhost: x\r\n", written))),
  );
  const one = plain(listeners.ports.api);
  one.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  expect(await ended(one)).toBe("");
  expect((await pinging(urls()[0] ?? "", 1_000)).code).toBeUndefined();
  await Promise.all(all.map(ended));
  const later = plain(listeners.ports.api);
  later.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  expect(await ended(later)).toContain("answer");
});

test("idle connections are closed when the server drains", async () => {
  const socket = plain(listeners.ports.api);
  const end = ended(socket);
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await new Promise((resolve) => socket.once("data", resolve));
  listeners.drain();
  expect(await end).toContain("answer");
});
