import { cpSync, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  IAMClient,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fleet, openFleet } from "../walk/fleet.ts";
import type { Peer } from "../walk/peer.ts";

const DEVICES = 20;
const ALLOW = [{ Effect: "Allow", Action: "iot:*", Resource: "*" }];

let fleet: Fleet;
let devices: { peer: Peer; key: Awaited<ReturnType<Fleet["identity"]>> }[];
let listener: Peer;
let told = 0;

beforeAll(async () => {
  fleet = await openFleet();
  const keys = await Promise.all(Array.from({ length: DEVICES }, () => fleet.identity(ALLOW)));
  listener = await fleet.connect(await fleet.identity(ALLOW));
  await listener.subscribe(["rotation/#"]);
  devices = await Promise.all(keys.map(async (key) => ({ key, peer: await fleet.connect(key) })));
});
afterAll(() => fleet.close());

/** Does it while every device publishes at QoS 1; none is cut off and nothing is lost. */
async function whileTheyPublish<T>(rotate: () => Promise<T>): Promise<T> {
  const round = ++told;
  const publishing = devices.map(async ({ peer }, device) => {
    for (let count = 0; count < 20; count++) await peer.publish(`rotation/${round}/${device}`, { count });
  });
  const outcome = await rotate();
  await Promise.all(publishing);
  for (let device = 0; device < DEVICES; device++) {
    for (let count = 0; count < 20; count++) {
      expect((await listener.next(`rotation/${round}/${device}`)).json).toEqual({ count });
    }
  }
  for (const { peer } of devices) expect(peer.client.connected).toBe(true);
  return outcome;
}

const serverCertificate = (port: number) =>
  new Promise<string>((resolve, reject) => {
    const socket = connectTls({ host: "localhost", servername: "localhost", port, ca: fleet.ca }, () => {
      resolve(socket.getPeerX509Certificate()?.toString() ?? "");
      socket.destroy();
    });
    socket.on("error", reject);
  });

test("another account may not touch the installation's keys", async () => {
  const { AccessKey } = await fleet.hearth.send("CreateAccount", {});
  const other = fleet.platform.clients({
    accessKeyId: AccessKey.AccessKeyId,
    secretAccessKey: AccessKey.SecretAccessKey,
  });
  for (const operation of ["RotateDeviceAuthority", "RotateMasterKey", "RotateServerCertificate"] as const) {
    await expect(other.hearth.send(operation, {})).rejects.toMatchObject({ name: "AccessDeniedException" });
  }
});

describe("no device is cut off while", () => {
  test("the server's certificate is renewed: the next handshake shows it, under the root that devices trust", async () => {
    const before = await serverCertificate(fleet.file.mqttsPort);
    const { CertificatePem, NotAfter } = await whileTheyPublish(() => fleet.hearth.send("RotateServerCertificate", {}));
    expect(Number(NotAfter)).toBeGreaterThan(Date.now() / 1000 + 800 * 86_400);
    for (const port of fleet.tlsPorts) {
      const shown = await serverCertificate(port);
      expect(shown).not.toBe(before);
      expect(CertificatePem).toContain(shown.trim());
    }
    const again = await fleet.connect(devices[0]!.key);
    again.kill();
  });

  test("the CA of devices is replaced: certificates of both open the door", async () => {
    const { CertificatePem } = await whileTheyPublish(() => fleet.hearth.send("RotateDeviceAuthority", {}));
    expect(CertificatePem).toContain("BEGIN CERTIFICATE");
    const old = await fleet.connect(devices[1]!.key);
    const young = await fleet.connect(await fleet.identity(ALLOW));
    for (const peer of [old, young]) peer.kill();
  });

  test("the master key is replaced: what is stored stays readable, after a cut-off rotation too", async () => {
    const { dataDir } = fleet.platform;
    const keyFile = join(dataDir, "master.key");
    const former = readFileSync(keyFile, "utf8");
    const { id, info } = await fleet.expect();
    await whileTheyPublish(() => fleet.hearth.send("RotateMasterKey", {}));
    const key = readFileSync(keyFile, "utf8");
    expect(key).not.toBe(former);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const shown = { SerialNumber: info.SerialNumber };
    expect(await fleet.managed.send("GetManagedThing", { Identifier: id })).toMatchObject(shown);
    expect(
      (await fleet.managed.send("ListManagedThings", { SerialNumberFilter: info.SerialNumber })).Items,
    ).toHaveLength(1);

    // A crash before the key took its place leaves both; one before the database was under it, the first alone counts.
    const starts = [
      { masterKey: former, next: key },
      { masterKey: key, next: former },
    ];
    for (const { masterKey, next } of starts) {
      const copy = mkdtempSync(join(tmpdir(), "hearth-rotation-"));
      cpSync(dataDir, copy, { recursive: true });
      writeFileSync(join(copy, "master.key"), masterKey);
      writeFileSync(join(copy, "master.key.next"), next, { mode: 0o600 });
      const again = await openFleet({ dataDir: copy });
      expect(await again.managed.send("GetManagedThing", { Identifier: id })).toMatchObject(shown);
      expect(readFileSync(join(copy, "master.key"), "utf8")).toBe(key);
      expect(existsSync(join(copy, "master.key.next"))).toBe(false);
      await again.platform.stop();
    }
  });

  test("the root access key is replaced: both are valid until the old one is gone", async () => {
    const { file, iam } = fleet;
    const { AccessKey } = await whileTheyPublish(() => iam.send(new CreateAccessKeyCommand({})));
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    const young = new IAMClient({ endpoint: file.apiEndpoint, region: file.region, credentials, maxAttempts: 1 });
    const old = { AccessKeyId: file.accessKeyId };
    expect((await iam.send(new ListAccessKeysCommand({}))).AccessKeyMetadata).toHaveLength(2);
    await young.send(new UpdateAccessKeyCommand({ ...old, Status: "Inactive" }));
    await expect(iam.send(new ListAccessKeysCommand({}))).rejects.toThrow();
    await young.send(new DeleteAccessKeyCommand(old));
    expect((await young.send(new ListAccessKeysCommand({}))).AccessKeyMetadata).toHaveLength(1);
    young.destroy();
    for (const { peer } of devices) expect(peer.client.connected).toBe(true);
  });
});
