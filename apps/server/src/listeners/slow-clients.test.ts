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

/** Out of patience soon, with whatever does not go on. */
let listeners: Listeners;
/** Patient, but not between requests. */
let brisk: Listeners;
/** So patient that a busy machine ends nothing. */
let patient: Listeners;
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
  const long = 60_000;
  const open = (within: { handshake: number; headers: number; request: number; idle: number; stalled: number }) =>
    openListeners(
      { apiPort: 0, httpsPort: 0, mqttsPort: 0, tlsPort: 0, openMqttPort: 0, bind: "127.0.0.1" },
      certificate,
      {
        request: (_request, response) => response.end("answer"),
        upgrade: (_request, socket) => socket.destroy(),
        mqtt: (socket) => socket.destroy(),
        openMqtt: (socket) => socket.destroy(),
      },
      silentLogger,
      { headBytes: 16_384, pingsPerMinute: 30, connectionsPerAddress: 8, ...within },
    );
  listeners = await open({ handshake: 200, headers: 200, request: 400, idle: 200, stalled: 400 });
  brisk = await open({ handshake: long, headers: long, request: long, idle: 1_000, stalled: long });
  patient = await open({ handshake: long, headers: long, request: long, idle: long, stalled: long });
});

afterAll(async () => {
  for (const one of [listeners, brisk, patient]) await one?.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
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
    let beat: NodeJS.Timeout | undefined;
    session.on("error", () => {});
    session.on("close", () => {
      clearInterval(beat);
      resolve({ pings, code });
    });
    session.once("connect", () => {
      beat = setInterval(() => {
        if (!session.destroyed && !session.closed) session.ping(() => pings++);
      }, interval);
      if (request) session.request({ ":path": "/" }).on("error", reject).resume().end();
    });
  });
}
const urls = ({ ports }: Listeners) => [
  `http://127.0.0.1:${ports.api}`,
  `https://127.0.0.1:${ports.https}`,
  `https://127.0.0.1:${ports.tls}`,
];

test("HTTP/2 sessions are not kept open by PING alone, before a request or after", async () => {
  const ends = await Promise.all(urls(brisk).flatMap((url) => [pinging(url, 100), pinging(url, 100, true)]));
  for (const { pings, code } of ends) {
    expect(pings).toBeGreaterThan(0);
    expect(code).toBe(constants.NGHTTP2_NO_ERROR);
  }
});

test("an HTTP/2 session that pings too much is ended at once", async () => {
  const [url = ""] = urls(patient);
  expect((await pinging(url, 1)).code).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
});

test("an HTTP/1.1 connection is not kept open between requests", async () => {
  const socket = plain(brisk.ports.api);
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  expect(await ended(socket)).toContain("answer");
});

test("an address has only so many HTTP connections, of either version, until they end", async () => {
  const all = Array.from({ length: 8 }, () => plain(patient.ports.api));
  await Promise.all(
    all.map((socket) => new Promise((written) => socket.write("GET / HTTP/1.1\r\nhost: x\r\n", written))),
  );
  const answer = () => {
    const one = plain(patient.ports.api);
    one.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    return ended(one);
  };
  expect(await answer()).toBe("");
  expect((await pinging(urls(patient)[0] ?? "", 1_000)).code).toBeUndefined();
  for (const socket of all) socket.destroy();
  await expect.poll(answer).toContain("answer");
});

test("idle connections are closed when the server drains", async () => {
  const socket = plain(patient.ports.api);
  const end = ended(socket);
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await new Promise((resolve) => socket.once("data", resolve));
  patient.drain();
  expect(await end).toContain("answer");
});
