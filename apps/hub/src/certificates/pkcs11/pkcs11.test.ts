import "reflect-metadata";
import { createPublicKey, webcrypto } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@hearth/base";
import { startSimulatedPlatform } from "@hearth/device-sdk";
import * as x509 from "@peculiar/x509";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { openConfiguration } from "../../configuration/configuration.ts";
import { PRODUCT, SERIAL } from "../../onboarding/hub-directory.ts";
import { createHubOnboardingPart } from "../../onboarding/onboarding.ts";
import { createMqttProxyPart } from "../../proxy/mqtt-proxy.ts";
import type { Pkcs11Location } from "../certificate-handler.ts";
import { handlerSuite } from "../handler-suite.ts";
import { openCertificateHandler } from "../open-handler.ts";
import { PIN, SOFTHSM, tokenDirectory } from "./softhsm.ts";
import { withToken } from "./token.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const run of cleanup.splice(0).reverse()) await run();
});

if (!SOFTHSM) console.warn("PKCS #11 is not tested: SoftHSM 2 is not installed (Debian: softhsm2)");

const tokenHome = mkdtempSync(join(tmpdir(), "hearth-tokens-"));
afterAll(() => rmSync(tokenHome, { recursive: true, force: true, maxRetries: 10 }));

async function tokenHub(received: (payload: string) => void = () => {}) {
  const cloud = await startSimulatedPlatform({
    devices: [{ serialNumber: SERIAL, universalProductCode: PRODUCT }],
    fate: (_client, { payload }) => {
      received(payload.toString());
      return "acknowledge";
    },
  });
  cleanup.push(() => cloud.close());
  const directory = await tokenDirectory(cloud, tokenHome);
  cleanup.push(() => directory.remove());
  return { cloud, directory };
}

if (SOFTHSM)
  handlerSuite("a PKCS #11 token", async (cloud) => ({
    directory: await tokenDirectory(cloud, tokenHome),
    module: "pkcs11",
  }));

describe.runIf(SOFTHSM)("PKCS #11", () => {
  test("row 88: the key is made and used by its label, and cannot be had out of the token", async () => {
    const { directory } = await tokenHub();
    const clock = new FakeClock();
    const configuration = await openConfiguration(directory.configPath, clock);
    const handler = await openCertificateHandler({ configuration, module: "pkcs11", clock });
    const request = (await handler.csr?.(SERIAL)) ?? "";
    // Whoever asks again gets the same key's request.
    const keyOf = async (pem: string) => {
      const made = new x509.Pkcs10CertificateRequest(pem);
      expect(await made.verify(webcrypto)).toBe(true);
      expect(made.subject).toBe(`CN=${SERIAL}`);
      return made.publicKey.toString("pem");
    };
    expect(createPublicKey(await keyOf(request)).asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
    expect(await keyOf((await handler.csr?.(SERIAL)) ?? "")).toBe(await keyOf(request));

    const {
      library,
      token_label: tokenLabel,
      pin_file: pinFile,
    } = configuration.json.ro["pkcs11"] as Record<string, string>;
    await withToken({ library, tokenLabel, pinFile } as Pkcs11Location, ({ api, module, session, find }) => {
      const [key] = find(api.CKO_PRIVATE_KEY, "Device Cert");
      const flags = module.C_GetAttributeValue(session, key as Buffer, [
        { type: api.CKA_EXTRACTABLE },
        { type: api.CKA_NEVER_EXTRACTABLE },
        { type: api.CKA_SENSITIVE },
        { type: api.CKA_ALWAYS_SENSITIVE },
      ]);
      expect(flags.map(({ value }) => (value as Buffer)[0])).toEqual([0, 1, 1, 1]);
      expect(() => module.C_GetAttributeValue(session, key as Buffer, [{ type: api.CKA_VALUE }])).toThrow(
        "CKR_ATTRIBUTE_SENSITIVE",
      );
      const [publicKey] = find(api.CKO_PUBLIC_KEY, "Device Cert");
      const wrap = () =>
        module.C_WrapKey(
          session,
          { mechanism: api.CKM_AES_KEY_WRAP },
          publicKey as Buffer,
          key as Buffer,
          Buffer.alloc(256),
        );
      expect(wrap).toThrow(/CKR_/);
    });
  });

  test("TLS by the token's key: the hub connects, again after a break, sends and hears; its key is in no file", async () => {
    let arrived: (payload: string) => void = () => {};
    const { cloud, directory } = await tokenHub((payload) => arrived(payload));
    const arrival = (words: string) =>
      new Promise<void>((resolve) => {
        arrived = (payload) => payload.includes(words) && resolve();
      });
    const options = { certificateHandler: "pkcs11" };
    const proxy = await createMqttProxyPart({ backOff: { minimum: 10, maximum: 50 }, listeners: [] }).start(
      directory.context("MQTTProxy", options),
    );
    cleanup.push(() => proxy.stop());
    const context = directory.context("HubOnboarding", options);
    const connected = new Promise<void>((resolve) => {
      context.bus.subscribe("mqtt.connection", (body) => body["connected"] && resolve());
    });
    const onboarding = await createHubOnboardingPart().start(context);
    cleanup.push(() => onboarding.stop());
    await connected;
    const id = cloud.things.get(SERIAL) as string;
    const heard = new Promise((resolve) => {
      context.bus.subscribe("mqtt.south.setup", resolve);
    });
    cloud.south(id, "setup", '{"messageType":"DEVICE_ADDED"}');
    expect(await heard).toEqual({ messageType: "DEVICE_ADDED" });
    const say = async (traceId: string) => {
      const arriving = arrival(traceId);
      const message = { messageType: "DEVICE_EVENT", traceId };
      await context.bus.request("mqtt", "send", { channel: "control", message, durable: true });
      await arriving;
    };
    await say("before-the-break");
    cloud.broker.break(id);
    await say("after-the-break");
    await context.bus.request("mqtt", "release", {});
    expect(cloud.broker.isConnected(id)).toBe(false);
    const stored = await readdir(directory.root, { recursive: true, withFileTypes: true });
    for (const file of stored.filter((entry) => entry.isFile() && !entry.name.startsWith("claim"))) {
      expect(await readFile(join(file.parentPath, file.name), "utf8")).not.toContain("PRIVATE KEY");
    }
  });

  test("a missing section, an unknown token, a wrong PIN and a missing library are named; the PIN never", async () => {
    const { directory } = await tokenHub();
    const { ro } = await directory.configuration();
    const section = ro["pkcs11"] as Record<string, string>;
    const failing = async (pkcs11: object | undefined) => {
      await directory.configure({ ...ro, pkcs11: pkcs11 as never });
      const clock = new FakeClock();
      const configuration = await openConfiguration(directory.configPath, clock);
      const read = openCertificateHandler({ configuration, module: "pkcs11", clock }).then((handler) =>
        handler.read("PERMANENT"),
      );
      return read.then(
        () => "",
        (error: Error) => error.message,
      );
    };
    expect(await failing(null as never)).toContain("ro.pkcs11.library is missing");
    expect(await failing({ ...section, token_label: "another" })).toContain("no token another");
    expect(await failing({ ...section, library: "/nowhere/lib.so" })).toContain("/nowhere/lib.so");
    const pinFile = join(directory.root, "certs", "wrong-pin");
    await writeFile(pinFile, `${PIN}-wrong`);
    const wrong = await failing({ ...section, pin_file: pinFile });
    expect(wrong).toContain("CKR_PIN_INCORRECT");
    expect(wrong).not.toContain(PIN);
    expect(await readFile(directory.configPath, "utf8")).not.toContain(PIN);
  });
});
