import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hearth } from "../kit/command.ts";
import { startServerProcess } from "../kit/server-process.ts";
import { connectPeer } from "../walk/peer.ts";
import { clientsOf, placeOf, policyDocument } from "./doors.ts";

const dataDir = mkdtempSync(join(tmpdir(), "hearth-secrets-"));
afterAll(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 }));

/** Every file below a directory, but for those that are there to hold a secret. */
function filesBelow(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) return filesBelow(path);
    return ["hearth.json", "master.key"].includes(name) ? [] : [path];
  });
}

/** A private key may lie around as PEM or as what is in it. */
function formsOf(secret: string): (string | Buffer)[] {
  if (!secret.startsWith("-----BEGIN")) {
    const bytes = Buffer.from(secret);
    return [secret, bytes.toString("base64").replace(/=+$/, ""), bytes.toString("hex")];
  }
  const lines = secret.trim().split("\n").slice(1, -1);
  return [...lines.filter((line) => line.length > 40).slice(1), Buffer.from(lines.join(""), "base64").subarray(-100)];
}

/**
 * A hub with a session that lasts is told of labels and given a token, and comes back later for more of them: what it was
 * told.
 */
async function tellHub(
  managed: ReturnType<typeof clientsOf>["managed"],
  { id, host, ...place }: { id: string; host: string; port: number; ca: string; cert: string; key: string },
): Promise<[string, string][]> {
  const { Id: CredentialLockerId } = await managed.send("CreateCredentialLocker", {});
  await managed.send("UpdateManagedThing", { Identifier: id, CredentialLockerId });
  const installCode = randomBytes(18).toString("hex").toUpperCase();
  const groups = Array.from({ length: 8 }, () => String(randomBytes(2).readUInt16BE()).padStart(5, "0"));
  const materials = {
    ZIGBEE_QR_BAR_CODE: `Z:${randomBytes(8).toString("hex")}$I:${installCode}`,
    ZWAVE_QR_BAR_CODE: `900112345001${groups.join("")}`,
  };
  for (const [type, AuthenticationMaterial] of Object.entries(materials)) {
    const AuthenticationMaterialType = type as "ZIGBEE_QR_BAR_CODE";
    await managed.send("CreateManagedThing", {
      ...{ Role: "DEVICE", AuthenticationMaterialType, AuthenticationMaterial, CredentialLockerId },
    });
  }
  const south = `south/${id}/setup`;
  const lasting = { clientId: id, clean: false, properties: { sessionExpiryInterval: 3600 } };
  const hub = await connectPeer({ ...place, ...lasting });
  await hub.subscribe([south]);
  const report = { version: "1.0.0", nodeId: "hub", endpoints: [] };
  expect((await hub.ask(`$aws/managed-integrations/${id}/capabilities`, report)).topic).toMatch(/accepted$/);
  const { token } = (await hub.next(south, ({ json }) => json["messageType"] === "LOCAL_TOKEN")).json;
  const list = await hub.next(south, ({ json }) => json["messageType"] === "DEVICE_PROVISIONING");
  for (const material of Object.values(materials)) expect(list.text).toContain(material);
  hub.kill();
  await hub.closed;
  // While it is away, nothing is kept for it.
  await managed.send("PutHubConfiguration", { HubTokenTimerExpirySettingInSeconds: 60 });
  return [
    ["install code", installCode],
    ["device-specific key", groups.join("")],
    ["device-specific key in groups", groups.join("-")],
    ["local token", String(token)],
    ["signature of the local token", String(token).split(".")[2] ?? ""],
  ];
}

test("no secret stands in the database, its log, a backup or what the server tells", async () => {
  const environment = { HEARTH_LOG_LEVEL: "debug" };
  const server = await startServerProcess({ dataDir, environment });
  const { file } = server;
  const clients = clientsOf(file);
  const { managed, iot, iam, hearth: accounts } = clients;
  const secrets = new Map<string, string>([["root access key", file.secretAccessKey]]);

  const serialNumber = `SERIAL${randomBytes(8).toString("hex").toUpperCase()}`;
  secrets.set("serial number", serialNumber);
  const profileInput = {
    ProvisioningType: "FLEET_PROVISIONING",
    Name: "sealed",
    ClientToken: "profile-token",
  } as const;
  const profile = await managed.send("CreateProvisioningProfile", profileInput);
  secrets.set("claim key", profile.ClaimCertificatePrivateKey ?? "");
  const owner = `owner-${randomBytes(8).toString("hex")}`;
  secrets.set("owner", owner);
  const thing = await managed.send("CreateManagedThing", {
    Role: "CONTROLLER",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: `SN:${serialNumber};UPC:829576019524`,
    Owner: owner,
  });
  // A device that does not name itself by its serial number; client ids are told in the log.
  const peer = await connectPeer({
    port: file.mqttsPort,
    ca: placeOf(file).ca,
    cert: profile.ClaimCertificate ?? "",
    key: profile.ClaimCertificatePrivateKey ?? "",
    clientId: "claiming",
  });
  for (const topic of ["$aws/certificates/create/json", "$aws/provisioning-templates/sealed/provision/json"]) {
    await peer.subscribe([`${topic}/accepted`, `${topic}/rejected`]);
  }
  const created = (await peer.ask("$aws/certificates/create/json", {})).json;
  secrets.set("device key", String(created["privateKey"]));
  secrets.set("ownership token", String(created["certificateOwnershipToken"]));
  const provisioned = await peer.ask("$aws/provisioning-templates/sealed/provision/json", {
    certificateOwnershipToken: created["certificateOwnershipToken"],
    parameters: { SerialNumber: serialNumber, UniversalProductCode: "829576019524" },
  });
  expect(provisioned.json).toMatchObject({ thingName: thing.Id });
  await peer.end();
  const hub = { ...placeOf(file), id: thing.Id ?? "", cert: String(created["certificatePem"]) };
  for (const [name, secret] of await tellHub(managed, { ...hub, key: String(created["privateKey"]) })) {
    secrets.set(name, secret);
  }
  const keys = await iot.send("CreateKeysAndCertificate", { setAsActive: true });
  secrets.set("certificate's key", keys.keyPair?.PrivateKey ?? "");

  await iam.send("CreateUser", { UserName: "somebody" });
  const { AccessKey } = await iam.send("CreateAccessKey", { UserName: "somebody" });
  secrets.set("user's access key", AccessKey.SecretAccessKey);
  await iam.send("CreateRole", {
    RoleName: "assumed",
    AssumeRolePolicyDocument: policyDocument({
      Principal: { AWS: `arn:aws:iam::${file.accountId}:user/somebody` },
      Action: "sts:AssumeRole",
    }),
  });
  const user = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  const { Credentials } = await clientsOf({ ...file, ...user }).sts.send("AssumeRole", {
    RoleArn: `arn:aws:iam::${file.accountId}:role/assumed`,
    RoleSessionName: "session",
  });
  secrets.set("session's secret", Credentials?.SecretAccessKey ?? "");
  secrets.set("session token", Credentials?.SessionToken ?? "");
  const account = await accounts.send("CreateAccount", { AccountName: "another" });
  secrets.set("account's access key", account.AccessKey.SecretAccessKey);
  // What is refused is told of in the log, too.
  await clientsOf({ ...file, secretAccessKey: AccessKey.SecretAccessKey })
    .iot.send("ListThings", {})
    .catch((error: Error) => error);
  const made = await hearth(dataDir, "backup", "copy");
  expect(made.code, made.stderr).toBe(0);

  for (const [name, secret] of secrets) expect(secret.length, name).toBeGreaterThan(15);
  const search = (when: string, told: string) => {
    const places: [string, Buffer][] = filesBelow(dataDir).map((path) => [path, readFileSync(path)]);
    expect(places.map(([path]) => path)).toContain(join(dataDir, "hearth.db"));
    places.push(["what the server told", Buffer.from(told)]);
    const hits = places.flatMap(([path, content]) =>
      [...secrets]
        .filter(([, secret]) => formsOf(secret).some((form) => content.includes(form)))
        .map(([name]) => `${when}: the ${name} stands in ${path}`),
    );
    expect(hits).toEqual([]);
  };
  expect(server.stderr()).toContain('"level":20');
  // The search itself finds what is not sealed.
  const wal = readFileSync(join(dataDir, "hearth.db-wal"));
  expect([wal, readFileSync(join(dataDir, "hearth.db"))].some((content) => content.includes(thing.Id ?? ""))).toBe(
    true,
  );
  search("while it runs", server.output());
  expect(await server.kill("SIGTERM")).toBe(0);
  search("when it has stopped", server.output());

  const again = await startServerProcess({ dataDir, environment });
  try {
    // A day's worth of repeats: the sealed answer, which holds the key, and another request under the token is refused.
    const repeat = await clientsOf(again.file).managed.send("CreateProvisioningProfile", profileInput);
    expect(digest(repeat)).toBe(digest(profile));
    await expect(
      clientsOf(again.file).managed.send("CreateProvisioningProfile", { ...profileInput, Name: "another" }),
    ).rejects.toMatchObject({ name: "ConflictException" });
    search("started again", again.output());
  } finally {
    await again.kill("SIGTERM");
  }
});

const digest = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");
