import { mkdtempSync, rmSync } from "node:fs";
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
    { handshake: 200, headers: 200, request: 400 },
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

test("idle connections are closed when the server drains", async () => {
  const socket = plain(listeners.ports.api);
  const end = ended(socket);
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await new Promise((resolve) => socket.once("data", resolve));
  listeners.drain();
  expect(await end).toContain("answer");
});
