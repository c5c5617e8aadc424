import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { createSealer, openSqlite } from "@hearth/backplane";
import { silentLogger, systemClock } from "@hearth/base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCa } from "../../../tests/kit/certificate-authority.ts";
import { type Listeners, openListeners } from "./listeners/listeners.ts";
import { CALLBACK_PATH, createOAuthCallback } from "./oauth-callback.ts";
import { ensureServerCertificate, serverCertificateMigrations } from "./server-certificate.ts";

let listeners: Listeners;
let client: { key: string; cert: string };
const directory = mkdtempSync(join(tmpdir(), "hearth-callback-"));
/** Queries that came through, and whether with a client's certificate. */
const came: string[] = [];
const shown: boolean[] = [];
let answer: (query: URLSearchParams) => Promise<{ status: number; location?: string; page?: string }>;

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
  const ca = await makeCa("CN=somebody");
  const signed = await ca.sign("CN=device");
  client = { key: signed.privateKey, cert: signed.certificate };
  const managed = {
    acceptCallback(query: URLSearchParams) {
      came.push(query.toString());
      return answer(query);
    },
  };
  const callback = createOAuthCallback({ managed, log: silentLogger });
  const closed = () => {
    throw new Error("not this door");
  };
  listeners = await openListeners(
    { apiPort: 0, httpsPort: 0, mqttsPort: 0, tlsPort: 0, callbackPort: 0, openMqttPort: undefined, bind: "127.0.0.1" },
    certificate,
    {
      ...{ request: closed, upgrade: closed, mqtt: closed, openMqtt: closed },
      callback(request, response) {
        shown.push(Object.keys((request.socket as TLSSocket).getPeerCertificate?.() ?? {}).length > 0);
        callback(request, response);
      },
    },
    silentLogger,
  );
});
afterAll(async () => {
  await listeners?.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
});

const ask = (path: string, method = "GET", headers: Record<string, string> = {}) =>
  new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const { callback: port } = listeners.ports;
    const options = { host: "127.0.0.1", port, path, method, headers, agent: false, rejectUnauthorized: false };
    const sent = httpsRequest({ ...options, ...client }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on("error", reject).end();
  });

test("the callback port asks nobody for a certificate, and sends the browser where it is told", async () => {
  answer = async () => ({ status: 302, location: "https://app.example.com/done" });
  const redirect = await ask(`${CALLBACK_PATH}?state=a&code=b+c`, "GET", { host: "evil.example.com" });
  expect(redirect).toMatchObject({ status: 302, text: "" });
  expect(redirect.headers).toMatchObject({
    location: "https://app.example.com/done",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": expect.stringContaining("default-src 'none'"),
  });
  expect([came.at(-1), shown.at(-1)]).toEqual(["state=a&code=b+c", false]);
});

test("by HTTP/2 as well", async () => {
  answer = async () => ({ status: 200, page: "<p>done</p>" });
  const session = connectHttp2(`https://127.0.0.1:${listeners.ports.callback}`, { rejectUnauthorized: false });
  const stream = session.request({ ":path": `${CALLBACK_PATH}?state=h2` });
  const status = new Promise((resolve) => stream.on("response", (headers) => resolve(headers[":status"])));
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += chunk;
  session.close();
  expect([await status, text, came.at(-1)]).toEqual([200, "<p>done</p>", "state=h2"]);
});

test("nothing else is served there, and nothing that only looks spends a code", async () => {
  const before = came.length;
  expect(await ask("/")).toMatchObject({ status: 404 });
  expect(await ask(`${CALLBACK_PATH}/x?state=a`)).toMatchObject({ status: 404 });
  expect(await ask("/managed-things")).toMatchObject({ status: 404 });
  for (const method of ["HEAD", "POST", "OPTIONS"]) {
    expect(await ask(`${CALLBACK_PATH}?state=a`, method)).toMatchObject({ status: 405, headers: { allow: "GET" } });
  }
  expect(came.length).toBe(before);
});

test("what goes wrong inside is not shown to the browser", async () => {
  answer = async () => {
    throw new Error("the database is at /secret/place");
  };
  const { status, text } = await ask(`${CALLBACK_PATH}?state=a`);
  expect(status).toBe(500);
  expect(text).toContain("try again");
  expect(text).not.toContain("secret");
});
