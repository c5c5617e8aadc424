import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { complaints, type ServerProcess, startServerProcess } from "../kit/server-process.ts";
import { clientsOf } from "./doors.ts";

const root = mkdtempSync(join(tmpdir(), "hearth-start-"));
const running = new Set<ServerProcess>();
const start = async (options: Parameters<typeof startServerProcess>[0]) => {
  const server = await startServerProcess(options);
  running.add(server);
  return server;
};
const stop = async (server: ServerProcess) => {
  running.delete(server);
  return server.kill("SIGTERM");
};
afterEach(async () => {
  for (const server of running) await server.kill("SIGKILL");
  running.clear();
});
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const NAMES = [
  ...["accountId", "region", "accessKeyId", "secretAccessKey", "apiEndpoint", "httpsEndpoint"],
  ...["mqttHost", "mqttsPort", "tlsPort", "callbackUrl", "caFile"],
];

describe("the first start and the second", () => {
  test("make everything once, and keep it", async () => {
    const dataDir = join(root, "made", "for it");
    const first = await start({ dataDir, fromSources: true });
    const { file } = first;
    expect(Object.keys(file)).toEqual(NAMES);
    expect(file).toMatchObject({ accountId: "000000000000", region: "us-east-1", mqttHost: "localhost" });
    expect(file.accessKeyId).toMatch(/^AKIA[A-Z0-9]{16}$/);
    expect(file.secretAccessKey).toMatch(/^[A-Za-z0-9/+]{40}$/);
    for (const name of ["hearth.json", "master.key", "hearth.db", "hearth.db-wal", "lock"]) {
      expect([name, modeOf(join(dataDir, name))]).toEqual([name, "600"]);
    }
    expect(modeOf(dataDir)).toBe("700");
    const authority = readFileSync(file.caFile, "utf8");
    expect(authority).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(complaints(first.stderr())).toBe("");
    const { iot } = clientsOf(file);
    await iot.send("CreateThing", { thingName: "kept" });
    const certificate = await iot.send("CreateKeysAndCertificate", { setAsActive: true });
    expect(await stop(first)).toBe(0);

    const begun = Date.now();
    const second = await start({ dataDir });
    console.log(`the second start took ${Date.now() - begun} ms`);
    const { accountId, accessKeyId, secretAccessKey, caFile } = file;
    expect(second.file).toMatchObject({ accountId, accessKeyId, secretAccessKey, caFile });
    expect(readFileSync(caFile, "utf8")).toBe(authority);
    const again = clientsOf(second.file).iot;
    expect(await again.send("DescribeThing", { thingName: "kept" })).toMatchObject({ thingName: "kept" });
    // The same device authority signs the next one.
    const next = await again.send("CreateKeysAndCertificate", { setAsActive: true });
    const issuer = (pem: string | undefined) =>
      spawnSync("openssl", ["x509", "-noout", "-issuer", "-ext", "authorityKeyIdentifier"], {
        input: pem,
        encoding: "utf8",
      }).stdout;
    expect(issuer(next.certificatePem)).toMatch(/issuer/);
    expect(issuer(next.certificatePem)).toBe(issuer(certificate.certificatePem));
    expect(await stop(second)).toBe(0);
  });

  test("say where things are, in lines that a shell takes as they are", async () => {
    // Whatever a directory may be called.
    const dataDir = join(root, 'it\'s "a" $HOME `odd` place');
    mkdirSync(dataDir);
    const server = await start({ dataDir });
    const { file } = server;
    const printed = server.stdout();
    for (const told of [
      file.apiEndpoint,
      file.httpsEndpoint,
      `mqtts://${file.mqttHost}:${file.mqttsPort}`,
      file.caFile,
    ]) {
      expect(printed).toContain(told);
    }
    expect(printed).toContain(`by ALPN on ${file.tlsPort}`);
    expect(printed).toContain(`${file.accountId} in ${file.region}`);
    expect(printed).not.toContain(file.secretAccessKey);

    const lines = printed.split("\n").filter((line) => line.trim().startsWith("export "));
    const names = [
      "AWS_ENDPOINT_URL",
      "AWS_REGION",
      "AWS_DEFAULT_REGION",
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
    ];
    const show = names.map((name) => `printf '%s\\n' "$${name}"`);
    const bash = spawnSync("bash", ["--norc", "-eu", "-c", [...lines, ...show].join("\n")], {
      encoding: "utf8",
      // On a socket bash would take itself for a remote shell, and read its start files.
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], HOME: "/nowhere" },
    });
    expect(bash.stderr).toBe("");
    expect(bash.stdout.trim().split("\n")).toEqual([
      file.apiEndpoint,
      file.region,
      file.region,
      file.accessKeyId,
      file.secretAccessKey,
    ]);
    await stop(server);
  });
});
