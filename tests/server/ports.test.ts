import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServerProcess, startServerProcess } from "../kit/server-process.ts";
import { clientsOf } from "./doors.ts";

const directory = mkdtempSync(join(tmpdir(), "hearth-ports-"));
const PUBLIC = "https://hearth.example:8443";
/** Loopback, and yet not the address that loopback listeners are bound to. */
const OTHER_ADDRESS = "127.0.0.2";

let holderOf443: Server | undefined;
let server: ServerProcess;
/** Chosen here: `hearth.json` has the public URL instead. */
let httpsPort: number;

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, "0.0.0.0", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

beforeAll(async () => {
  httpsPort = await freePort();
  // Whoever may bind 443 finds it taken, everybody else may not: it is not to be had either way.
  const holder = createServer();
  holderOf443 = await new Promise<Server | undefined>((resolve) => {
    holder.once("error", () => resolve(undefined)).listen(443, "0.0.0.0", () => resolve(holder));
  });
  writeFileSync(
    join(directory, "hearth.yaml"),
    ["region: eu-central-1", 'accountId: "123456789012"', "apiPort: 1", "logLevel: info", ""].join("\n"),
  );
  server = await startServerProcess({
    dataDir: join(directory, "data"),
    cwd: directory,
    // Of the file's settings the environment overrides one.
    environment: {
      HEARTH_BIND: "0.0.0.0",
      HEARTH_PUBLIC_URL: PUBLIC,
      HEARTH_HTTPS_PORT: String(httpsPort),
      HEARTH_TLS_PORT: "",
    },
  });
});
afterAll(async () => {
  await server?.kill("SIGTERM");
  holderOf443?.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
});

const accepts = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = createConnection({ host, port }, () => resolve(true));
    socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
  });
const portOf = (url: string): number => Number(new URL(url).port);

/** The certificate that a port shows to whoever trusts only the installation's root. */
const certificateAt = (port: number, servername: string) =>
  new Promise<X509Certificate>((resolve, reject) => {
    const ca = readFileSync(server.file.caFile);
    const socket = connect({ host: OTHER_ADDRESS, port, servername, ca }, () => {
      resolve(new X509Certificate(socket.getPeerCertificate().raw));
      socket.destroy();
    });
    socket.on("error", reject);
  });

/** Session tickets of TLS 1.3 that a client is given; they come before the first answer. */
const ticketsAt = (port: number) =>
  new Promise<number>((resolve, reject) => {
    let tickets = 0;
    const socket = connect({ host: OTHER_ADDRESS, port, rejectUnauthorized: false, minVersion: "TLSv1.3" });
    socket.on("session", () => tickets++);
    socket.on("error", reject);
    socket.once("data", () => {
      resolve(tickets);
      socket.destroy();
    });
    socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
  });

const tlsPorts = (): number[] => [httpsPort, server.file.mqttsPort, server.file.tlsPort];

describe("where the server listens", () => {
  test("a handshake gives one session ticket: a device has one connection", async () => {
    expect(await ticketsAt(httpsPort)).toBe(1);
  });

  test("plain HTTP is on loopback only, TLS where HEARTH_BIND says", async () => {
    const api = portOf(server.file.apiEndpoint);
    expect(new URL(server.file.apiEndpoint).hostname).toBe("127.0.0.1");
    expect(await accepts("127.0.0.1", api)).toBe(true);
    expect(await accepts(OTHER_ADDRESS, api)).toBe(false);
    for (const port of tlsPorts()) expect(await accepts(OTHER_ADDRESS, port)).toBe(true);
  });

  test("without HEARTH_BIND everything is on loopback", async () => {
    const local = await startServerProcess();
    try {
      for (const port of [portOf(local.file.httpsEndpoint), local.file.mqttsPort, local.file.tlsPort]) {
        expect([await accepts("127.0.0.1", port), await accepts(OTHER_ADDRESS, port)]).toEqual([true, false]);
      }
    } finally {
      await local.stop();
    }
  });

  test("where 443 is not to be had, any free port stands in, and that is said", () => {
    const { tlsPort } = server.file;
    expect(tlsPort).toBeGreaterThan(1023);
    expect(server.stdout()).toMatch(new RegExp(`Note: port 443 .*${tlsPort} stands in.*HEARTH_TLS_PORT`));
  });
});

describe("the public URL", () => {
  test("is handed out", async () => {
    const { iot, managed } = clientsOf(server.file);
    expect(server.file).toMatchObject({ httpsEndpoint: PUBLIC, mqttHost: "hearth.example" });
    for (const endpointType of ["iot:Data-ATS", "iot:Data"]) {
      expect(await iot.send("DescribeEndpoint", { endpointType })).toEqual({ endpointAddress: "hearth.example" });
    }
    expect(await managed.send("RegisterCustomEndpoint", {})).toEqual({ EndpointAddress: "hearth.example" });
    expect(await managed.send("GetCustomEndpoint", {})).toEqual({ EndpointAddress: "hearth.example" });
  });

  test("stands in the certificate, beside the names from the configuration", async () => {
    for (const port of tlsPorts()) {
      for (const name of ["hearth.example", "localhost"]) {
        const { subjectAltName } = await certificateAt(port, name);
        expect(subjectAltName?.split(", ").sort()).toEqual([
          "DNS:*.iot.eu-central-1.hearth.example",
          "DNS:*.iot.eu-central-1.localhost",
          "DNS:hearth.example",
          "DNS:localhost",
          "IP Address:127.0.0.1",
        ]);
      }
    }
    await expect(certificateAt(server.file.mqttsPort, "elsewhere.example")).rejects.toThrow(/altnames/);
  });
});

test("hearth.yaml in the working directory is read; the environment wins", async () => {
  expect(server.file).toMatchObject({ region: "eu-central-1", accountId: "123456789012" });
  expect(portOf(server.file.apiEndpoint)).toBeGreaterThan(1);
  const { iot } = clientsOf(server.file);
  const { thingArn } = await iot.send("CreateThing", { thingName: "somewhere" });
  expect(thingArn).toBe("arn:aws:iot:eu-central-1:123456789012:thing/somewhere");
});

test("health, readiness and metrics are on the API port", async () => {
  const get = async (path: string) => {
    const response = await fetch(`${server.file.apiEndpoint}${path}`);
    return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
  };
  expect(await get("/healthz")).toMatchObject({ status: 200, text: "ok\n" });
  expect(await get("/readyz")).toMatchObject({ status: 200, text: "ready\n" });
  const metrics = await get("/metrics");
  expect(metrics).toMatchObject({ status: 200, type: expect.stringMatching(/^text\/plain; version=0\.0\.4/) });
  // Prometheus' text format: comments, and samples of a name, labels and a number.
  const sample = /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^}]*\})? (-?[0-9.e+-]+|[+-]Inf|NaN)$/;
  expect(
    metrics.text.split("\n").filter((line) => line !== "" && !line.startsWith("# ") && !sample.test(line)),
  ).toEqual([]);
  for (const name of ["process_cpu_seconds_total", "hearth_api_request_seconds_count"]) {
    expect(metrics.text).toContain(name);
  }
});

test("the open MQTT port says what it is; its warning names a policy that is not there", async () => {
  const open = await startServerProcess({
    environment: { HEARTH_OPEN_MQTT_PORT: "0", HEARTH_OPEN_MQTT_POLICY: "later", HEARTH_BIND: "0.0.0.0" },
  });
  try {
    const port = open.file.openMqttPort ?? 0;
    expect([await accepts("127.0.0.1", port), await accepts(OTHER_ADDRESS, port)]).toEqual([true, false]);
    expect(open.stdout()).toContain(`mqtt://127.0.0.1:${port}   NO TLS, NO AUTHENTICATION`);
    for (const said of [open.stdout(), open.stderr()]) {
      expect(said).toContain("has no TLS and no authentication");
      expect(said).toContain("there is no policy later yet");
    }
  } finally {
    await open.stop();
  }
});
