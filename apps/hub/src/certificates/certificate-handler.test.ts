import { execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { access, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FakeClock } from "@hearth/base";
import { type SimulatedPlatform, startSimulatedPlatform } from "@hearth/device-sdk";
import { afterEach, describe, expect, test } from "vitest";
import { openConfiguration } from "../configuration/configuration.ts";
import { type HubDirectory, hubDirectory, PRODUCT, SERIAL } from "../onboarding/hub-directory.ts";
import { createHubOnboardingPart } from "../onboarding/onboarding.ts";
import { handlerSuite } from "./handler-suite.ts";
import { openCertificateHandler } from "./open-handler.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const run of cleanup.splice(0).reverse()) await run();
});

async function platform(): Promise<SimulatedPlatform> {
  const cloud = await startSimulatedPlatform({ devices: [{ serialNumber: SERIAL, universalProductCode: PRODUCT }] });
  cleanup.push(() => cloud.close());
  return cloud;
}

async function hub(cloud?: SimulatedPlatform): Promise<HubDirectory> {
  const directory = await hubDirectory(cloud);
  cleanup.push(() => directory.remove());
  return directory;
}

handlerSuite("files", async (cloud) => ({ directory: await hubDirectory(cloud) }));

describe("files", () => {
  test("the key's file is for its owner alone, and no copy of it stays behind", async () => {
    const cloud = await platform();
    const directory = await hub(cloud);
    const configuration = await openConfiguration(directory.configPath, new FakeClock());
    const handler = await openCertificateHandler({ configuration, module: undefined, clock: new FakeClock() });
    await handler.writePermanent(cloud.claim.certificate, cloud.claim.privateKey);
    await handler.writePermanent(cloud.claim.certificate, cloud.claim.privateKey);
    expect((await stat(join(directory.root, "iot_pk.pem"))).mode & 0o777).toBe(0o600);
    await handler.erasePermanent();
    expect((await readdir(directory.root)).filter((name) => name.startsWith("iot_"))).toEqual([]);
  });
});

/** A maker's module: a "vault" of one JSON file, whose claim is there from the factory. */
const VAULT = `
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
export async function createCertificateHandler({ directory, configuration }) {
  const path = join(directory, configuration.ro.vault);
  const load = async () => JSON.parse(await readFile(path, "utf8"));
  return {
    async read(type) {
      const pair = (await load())[type];
      return pair && { certificate: pair[0], key: { pem: pair[1] } };
    },
    async writePermanent(certificate, key) {
      await writeFile(path, JSON.stringify({ ...(await load()), PERMANENT: [certificate, key] }));
    },
    async erasePermanent() {
      const { PERMANENT, ...rest } = await load();
      await writeFile(path, JSON.stringify(rest));
    },
  };
}
`;

async function secureStorage(source: string, cloud?: SimulatedPlatform) {
  const directory = await hub(cloud);
  const { ro } = await directory.configuration();
  const storage = { iot_claim_cert_path: "SECURE_STORAGE", iot_claim_pk_path: "SECURE_STORAGE", vault: "vault.json" };
  await directory.configure({ ...ro, ...storage });
  const module = join(directory.root, "vault.mjs");
  await writeFile(module, source);
  return { directory, module };
}

describe("a plug-in module", () => {
  test("row 76: with SECURE_STORAGE a plug-in store supplies the claim and keeps the permanent credentials", async () => {
    const cloud = await platform();
    const { directory, module } = await secureStorage(VAULT, cloud);
    const vault = join(directory.root, "config", "vault.json");
    await writeFile(vault, JSON.stringify({ CLAIM: [cloud.claim.certificate, cloud.claim.privateKey] }));
    // Nothing is to come from files.
    for (const name of ["claim_cert.pem", "claim_pk.key"]) await writeFile(join(directory.root, "certs", name), "");
    const context = directory.context("HubOnboarding", { certificateHandler: module });
    const provisioned = new Promise<void>((resolve) => {
      context.bus.subscribe("config.changed", () => resolve());
    });
    const part = await createHubOnboardingPart().start(context);
    cleanup.push(() => part.stop());
    await provisioned;
    const kept = JSON.parse(await readFile(vault, "utf8"));
    const [certificate, key] = kept.PERMANENT;
    expect(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect((await directory.configuration()).rw).toMatchObject({
      iot_provisioning_state: "PROVISIONED",
      iot_permanent_cert_path: "SECURE_STORAGE",
      iot_permanent_pk_path: "SECURE_STORAGE",
    });
    await expect(access(join(directory.root, "iot_pk.pem"))).rejects.toThrow("ENOENT");
    const body = key.split("\n")[1];
    const elsewhere = execFileSync("grep", ["-rlF", body, directory.root], { encoding: "utf8" }).trim().split("\n");
    expect(elsewhere).toEqual([vault]);

    await context.bus.request("config", "erase", {});
    expect(Object.keys(JSON.parse(await readFile(vault, "utf8")))).toEqual(["CLAIM"]);
  });

  test.each([
    ["no module", undefined, "no certificate handler is named"],
    ["a module that throws", "throw new Error('no token in the slot')", "no token in the slot"],
    ["a module without the factory", "export const x = 1", "does not export createCertificateHandler"],
    ["a factory that throws", "export function createCertificateHandler() { throw new Error('locked') }", "locked"],
    [
      "a factory that gives nothing",
      "export const createCertificateHandler = async () => undefined",
      "gave no handler",
    ],
  ])("%s is a named error", async (_what, source, words) => {
    const { directory, module } = await secureStorage(source ?? "", await platform());
    const configuration = await openConfiguration(directory.configPath, new FakeClock());
    const options = { configuration, module: source === undefined ? undefined : module, clock: new FakeClock() };
    await expect(openCertificateHandler(options)).rejects.toThrow(words);
  });

  test("a plug-in that hangs is given up after its time, wherever it hangs", async () => {
    const hang = "new Promise(() => setInterval(() => {}, 1e9).unref())";
    const hanging = [
      `await ${hang}`,
      `export const createCertificateHandler = () => ${hang}`,
      `export const createCertificateHandler = async () => ({ read: () => ${hang} })`,
    ];
    for (const source of hanging) {
      const { directory, module } = await secureStorage(source, await platform());
      const clock = new FakeClock();
      const configuration = await openConfiguration(directory.configPath, clock);
      const read = openCertificateHandler({ configuration, module, clock }).then((handler) => handler.read("CLAIM"));
      const ticking = setInterval(() => clock.advance(10_000), 5);
      await expect(read).rejects.toThrow("did not finish within 30 s");
      clearInterval(ticking);
    }
  });

  test("what it gives that is no certificate or key is refused", async () => {
    const cloud = await platform();
    for (const pair of [
      { certificate: "x", key: { pem: cloud.claim.privateKey } },
      { certificate: cloud.claim.certificate, key: { pem: cloud.claim.certificate } },
      { certificate: cloud.claim.certificate },
    ]) {
      const source = `export const createCertificateHandler = async () => ({ read: async () => (${JSON.stringify(pair)}) })`;
      const { directory, module } = await secureStorage(source, cloud);
      const configuration = await openConfiguration(directory.configPath, new FakeClock());
      const handler = await openCertificateHandler({ configuration, module, clock: new FakeClock() });
      await expect(handler.read("CLAIM")).rejects.toThrow(/gave no/);
    }
  });
});
