import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { createClient } from "@hearth/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Credentials } from "../kit/platform.ts";
import { tlsFetch } from "../kit/tls-fetch.ts";
import { modelOf } from "./answers.ts";
import { allow, type Door, openDoor, policy, refusalOf, sender } from "./door.ts";
import { handled } from "./handled.ts";
import { sampleInput } from "./samples.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-listeners-"));
const policyFile = join(folder, "policy.json");
const everybody = { Principal: "*", Resource: "*" };
const destinationsOnly = policy(
  { Sid: "Destinations", Effect: "Allow", ...everybody, Action: ["iotmanagedintegrations:*Destination*", "sts:*"] },
  { Sid: "NoLockers", Effect: "Deny", ...everybody, Action: "iotmanagedintegrations:*CredentialLocker*" },
);

let door: Door;
let user: Credentials;
beforeAll(async () => {
  writeFileSync(policyFile, destinationsOnly);
  door = await openDoor({
    listeners: [
      { name: "open", port: 0, bind: undefined, policyFile: undefined, fips: false },
      { name: "private", port: 0, bind: undefined, policyFile, fips: false },
      { name: "fips", port: 0, bind: undefined, policyFile: undefined, fips: true },
    ],
  });
  user = await door.user("listening", [
    allow("iotmanagedintegrations:*"),
    { ...allow("iot:ListThings"), Condition: { StringEquals: { "hearth:Listener": "open" } } },
  ]);
});
afterAll(async () => {
  await door.stop();
  rmSync(folder, { recursive: true, maxRetries: 10 });
});

function at(listener: string, credentials: Credentials = user) {
  const endpoint = door.file.listeners?.[listener] ?? "";
  const options = { endpoint, region: door.file.region, credentials, fetch: tlsFetch({ ca: door.ca }) };
  return {
    managed: sender(createClient("iot-managed-integrations", options)),
    iot: sender(createClient("iot", options)),
    sts: sender(createClient("sts", options)),
  };
}

const model = modelOf("iot-managed-integrations");
const lockers = handled["iot-managed-integrations"].filter((operation) => operation.includes("CredentialLocker"));

describe("row 109: a listener's policy", () => {
  test("allows destinations and denies credential lockers, on that listener only", async () => {
    const guarded = at("private");
    await guarded.managed.send("ListDestinations", {});
    expect(lockers).toHaveLength(4);
    for (const operation of lockers) {
      const refusal = await refusalOf(guarded.managed.send(operation, sampleInput(model, operation, "required")));
      expect(refusal).toMatchObject({ name: "AccessDeniedException", status: 403 });
      expect(refusal.message).toContain('with an explicit deny in a listener policy: statement "NoLockers"');
    }
    const other = await refusalOf(guarded.managed.send("ListManagedThings", {}));
    expect(other.message).toContain("because no listener policy allows the iotmanagedintegrations:ListManagedThings");
    await at("open").managed.send("ListManagedThings", {});
    await door.as(user)["iot-managed-integrations"].send("ListManagedThings", {});
  });

  test("holds for the root, and gives nobody anything", async () => {
    const refusal = await refusalOf(at("private", door.file).managed.send("ListManagedThings", {}));
    expect(refusal).toMatchObject({ name: "AccessDeniedException", status: 403 });
    const nobody = await door.user("nothing");
    const none = await refusalOf(at("private", nobody).managed.send("ListDestinations", {}));
    expect(none.message).toContain("no identity-based policy");
    await at("private", nobody).sts.send("GetCallerIdentity", {});
  });

  test("is read again when the operator says so, and kept when the file is bad", async () => {
    const list = () => at("private").managed.send("ListDestinations", {});
    try {
      writeFileSync(policyFile, "{");
      door.reload();
      await list();
      const only = { ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::${door.file.accountId}:user/another` } };
      writeFileSync(policyFile, policy({ Effect: "Allow", ...everybody, Action: "*", Condition: only }));
      door.reload();
      expect((await refusalOf(list())).status).toBe(403);
      writeFileSync(
        policyFile,
        policy({
          Effect: "Allow",
          ...everybody,
          Action: "*",
          Condition: {
            ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::${door.file.accountId}:user/listening` },
          },
        }),
      );
      door.reload();
      await at("private").managed.send("ListManagedThings", {});
    } finally {
      writeFileSync(policyFile, destinationsOnly);
      door.reload();
    }
  });

  test("can be asked for by a user's own policy", async () => {
    await at("open").iot.send("ListThings", {});
    expect((await refusalOf(at("fips").iot.send("ListThings", {}))).status).toBe(403);
    expect((await refusalOf(sender(door.as(user).iot).send("ListThings", {}))).status).toBe(403);
  });

  test("a start without the policy's file, or with a bad one, ends with one line", async () => {
    for (const [content, why] of [
      [undefined, /the policy of the listener bad cannot be used: .*bad\.json: ENOENT/],
      ["{}", /the policy of the listener bad cannot be used: .*bad\.json: Statement/],
    ] as const) {
      const file = join(folder, "bad.json");
      if (content !== undefined) writeFileSync(file, content);
      const listeners = [{ name: "bad", port: 0, bind: undefined, policyFile: file, fips: false }];
      await expect(openDoor({ listeners })).rejects.toThrow(why);
    }
  });

  test("neither WebSocket nor MQTT comes by a named listener", async () => {
    const url = new URL(door.file.listeners?.["open"] ?? "");
    const socket = await handshake(Number(url.port), {});
    const answer = new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    socket.write("GET /mqtt HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n");
    expect(await answer).toMatch(/^HTTP\/1.1 404/);
    socket.destroy();
    await expect(handshake(Number(url.port), { ALPNProtocols: ["x-amzn-mqtt-ca"] })).rejects.toThrow();
  });
});

const handshake = (port: number, options: ConnectionOptions): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const socket = connectTls({ host: "localhost", servername: "localhost", port, ca: door.ca, ...options }, () =>
      resolve(socket),
    );
    socket.on("error", reject);
  });

describe("row 110: the FIPS listener", () => {
  const portOf = (listener: string) => Number(new URL(door.file.listeners?.[listener] ?? "").port);

  test.each<[string, ConnectionOptions]>([
    ["TLS 1.3 with ChaCha20", { ciphers: "TLS_CHACHA20_POLY1305_SHA256", minVersion: "TLSv1.3" }],
    ["TLS 1.2 with ChaCha20", { ciphers: "ECDHE-ECDSA-CHACHA20-POLY1305", maxVersion: "TLSv1.2" }],
    ["TLS 1.2 with CBC", { ciphers: "ECDHE-ECDSA-AES128-SHA256", maxVersion: "TLSv1.2" }],
    ["X25519 alone", { ecdhCurve: "X25519" }],
    ["EdDSA signatures alone", { sigalgs: "ed25519" }],
  ])("refuses %s", async (name, options) => {
    await expect(handshake(portOf("fips"), options)).rejects.toThrow();
    if (name.startsWith("EdDSA")) return;
    const socket = await handshake(portOf("open"), options);
    socket.destroy();
  });

  test.each<[string, ConnectionOptions]>([
    ["TLS_AES_128_GCM_SHA256", { ciphers: "TLS_AES_128_GCM_SHA256", minVersion: "TLSv1.3" }],
    ["TLS_AES_256_GCM_SHA384", { ciphers: "TLS_AES_256_GCM_SHA384", minVersion: "TLSv1.3" }],
    ["ECDHE-ECDSA-AES128-GCM-SHA256", { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }],
  ])("takes %s", async (suite, options) => {
    const socket = await handshake(portOf("fips"), options);
    expect(socket.getCipher().name).toBe(suite);
    socket.destroy();
  });

  test("serves the API", async () => {
    await at("fips").managed.send("ListManagedThings", {});
  });

  test("answers nobody without TLS", async () => {
    const socket = connect(portOf("fips"), "127.0.0.1");
    const closed = new Promise((resolve) => socket.on("close", resolve));
    const heard: Buffer[] = [];
    socket.on("data", (data) => heard.push(data));
    socket.on("error", () => undefined);
    socket.write("GET /managed-things HTTP/1.1\r\nhost: a\r\n\r\n");
    await closed;
    expect(Buffer.concat(heard).toString("latin1")).not.toContain("HTTP/");
  });
});
