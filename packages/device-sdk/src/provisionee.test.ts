import { createPrivateKey, X509Certificate } from "node:crypto";
import { FakeClock } from "@hearth/base";
import { afterEach, describe, expect, test } from "vitest";
import { createCertificateRequest, isForRequest } from "./certificate-request.ts";
import { type CredentialLabel, type CredentialStore, createMemoryCredentialStore } from "./credential-store.ts";
import { NetworkError, ProvisioningError } from "./errors.ts";
import { createMqttAgent } from "./mqtt-agent.ts";
import { type ProvisionOptions, provision } from "./provisionee.ts";
import { openProvisioningClient } from "./provisioning-client.ts";
import { createAuthority } from "./simulator/authority.ts";
import type { Fate } from "./simulator/broker.ts";
import { type SimulatedPlatform, type SimulatedPlatformOptions, startSimulatedPlatform } from "./simulator/platform.ts";

const parameters = { SerialNumber: "SN-0001", UniversalProductCode: "829576019524" };
const expected = { serialNumber: "SN-0001", universalProductCode: "829576019524" };

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const run of cleanup.splice(0).reverse()) await run();
});

async function platform(options: Partial<SimulatedPlatformOptions> = {}): Promise<SimulatedPlatform> {
  const started = await startSimulatedPlatform({ devices: [expected], ...options });
  cleanup.push(() => started.close());
  return started;
}

const optionsFor = (to: SimulatedPlatform, store: CredentialStore): ProvisionOptions => ({
  host: to.host,
  port: to.port,
  ca: to.ca,
  claimCertificate: to.claim.certificate,
  claimPrivateKey: to.claim.privateKey,
  templateName: to.templateName,
  parameters,
  store,
  backOff: { minimum: 1, maximum: 4 },
});

describe("provisioning by claim", () => {
  test.each([
    { csr: false, protocolVersion: 5 },
    { csr: true, protocolVersion: 5 },
    { csr: false, protocolVersion: 4 },
  ] as const)("obtains and stores what the device then connects with (%o)", async (variant) => {
    const cloud = await platform();
    const store = createMemoryCredentialStore();
    const device = await provision({ ...optionsFor(cloud, store), ...variant });

    expect(device.managedThingId).toBe(cloud.things.get("SN-0001"));
    expect(await store.load("Device Cert")).toEqual(device);
    expect(await store.load("Pending Cert")).toBeUndefined();
    const certificate = new X509Certificate(device.certificate);
    expect(certificate.checkPrivateKey(createPrivateKey(device.privateKey))).toBe(true);
    if (variant.csr) expect(certificate.subject).toBe("CN=SN-0001");

    const { host, port, ca } = cloud;
    const agent = createMqttAgent({ connection: { host, port, ca, ...device, clientId: device.clientId } });
    cleanup.push(() => agent.stop({ timeout: 0 }));
    agent.start();
    await agent.whenConnected();
    expect(cloud.broker.isConnected(device.clientId)).toBe(true);
  });

  test("a secure element signs the request and keeps the key; a certificate for another key is refused", async () => {
    const cloud = await platform();
    const own = await createCertificateRequest("SN-0001");
    const store = createMemoryCredentialStore();
    const csr = async () => own.certificateSigningRequest;
    const device = await provision({ ...optionsFor(cloud, store), csr });
    expect(device.privateKey).toBe("");
    expect(new X509Certificate(device.certificate).checkPrivateKey(createPrivateKey(own.privateKey))).toBe(true);

    const other = await createCertificateRequest("SN-0001");
    expect(isForRequest(device.certificate, own.certificateSigningRequest)).toBe(true);
    expect(isForRequest(device.certificate, other.certificateSigningRequest)).toBe(false);
    expect(isForRequest("nonsense", own.certificateSigningRequest)).toBe(false);
  });

  test("is done once", async () => {
    const cloud = await platform();
    const store = createMemoryCredentialStore();
    const first = await provision(optionsFor(cloud, store));
    await cloud.close();
    expect(await provision(optionsFor(cloud, store))).toEqual(first);
  });

  test.each([
    ["serial number", { ...parameters, SerialNumber: "SN-0002" }],
    ["product code", { ...parameters, UniversalProductCode: "000000000000" }],
  ])("a wrong %s is refused, and not tried again (row 87)", async (_what, wrong) => {
    let requests = 0;
    const cloud = await platform({
      fate: (_client, { topic }) => {
        if (topic.startsWith("$aws/provisioning-templates/")) requests++;
        return "acknowledge";
      },
    });
    const store = createMemoryCredentialStore();
    const refused = provision({ ...optionsFor(cloud, store), parameters: wrong });
    await expect(refused).rejects.toThrow(ProvisioningError);
    await expect(refused).rejects.toMatchObject({ statusCode: 403, errorCode: "ACCESS_DENIED" });
    expect(requests).toBe(1);
    expect(await store.load("Device Cert")).toBeUndefined();
  });

  test("the template of another profile is refused", async () => {
    const cloud = await platform();
    const refused = provision({ ...optionsFor(cloud, createMemoryCredentialStore()), templateName: "other" });
    await expect(refused).rejects.toMatchObject({ name: "ProvisioningError", statusCode: 403 });
  });

  test("a claim certificate that the platform does not know is refused", async () => {
    const cloud = await platform();
    const stranger = await (await createAuthority()).issue("claim");
    const refused = provision({
      ...optionsFor(cloud, createMemoryCredentialStore()),
      claimCertificate: stranger.certificate,
      claimPrivateKey: stranger.privateKey,
    });
    await expect(refused).rejects.toMatchObject({ name: "ProvisioningError", errorCode: "ConnectionRefused" });
  });
});

describe("an unreliable network", () => {
  test("is tried again: connections break at any message, before and after it is processed", async () => {
    const fates: Fate[] = ["break", "process-and-break", "acknowledge", "break", "process-and-break"];
    const cloud = await platform({ fate: () => fates.shift() ?? "acknowledge" });
    const device = await provision(optionsFor(cloud, createMemoryCredentialStore()));
    expect(fates).toEqual([]);
    expect(device.managedThingId).toBe(cloud.things.get("SN-0001"));
  });

  test("is given up after so many attempts", async () => {
    let attempts = 0;
    const cloud = await platform({
      fate: () => {
        attempts++;
        return "break";
      },
    });
    const told: string[] = [];
    const failed = provision({
      ...optionsFor(cloud, createMemoryCredentialStore()),
      attempts: 3,
      onRetry: (error) => told.push(error.name),
    });
    await expect(failed).rejects.toThrow(NetworkError);
    expect(attempts).toBe(3);
    expect(told).toEqual(["NetworkError", "NetworkError"]);
  });

  test("a platform that does not answer is a network failure", async () => {
    const clock = new FakeClock();
    let withheld: () => void = () => {};
    const reached = new Promise<void>((resolve) => {
      withheld = resolve;
    });
    const cloud = await platform({
      fate: () => {
        withheld();
        return "lose";
      },
    });
    const { host, port, ca } = cloud;
    const client = await openProvisioningClient({ host, port, ca, ...cloud.claim, clientId: "x" }, 10_000, clock);
    const silent = client.request("$aws/certificates/create/json", {});
    silent.catch(() => {});
    await reached;
    clock.advance(10_000);
    await expect(silent).rejects.toThrow(NetworkError);
    const closed = client.close();
    clock.advance(1000);
    await closed;
  });

  test("waiting can be ended", async () => {
    const stop = new AbortController();
    const cloud = await platform({
      fate: () => {
        stop.abort(new Error("switched off"));
        return "break";
      },
    });
    const waiting = provision({
      ...optionsFor(cloud, createMemoryCredentialStore()),
      backOff: { minimum: 1e6, maximum: 1e6 },
      signal: stop.signal,
    });
    await expect(waiting).rejects.toThrow("switched off");
  });
});

describe("a crash at any step", () => {
  /** Every write to the store is a moment at which the device may die; the write itself has happened or has not. */
  const moments = ["Pending Cert", "Device Cert", "erase Pending Cert"].flatMap((write) => [
    { write, before: true },
    { write, before: false },
  ]);

  test.each(moments)("is survived: $write, before: $before", async ({ write, before }) => {
    const cloud = await platform();
    const memory = createMemoryCredentialStore();
    const dying = (what: string, carryOut: () => Promise<void>): Promise<void> => {
      if (what !== write) return carryOut();
      return (before ? Promise.resolve() : carryOut()).then(() => Promise.reject(new Error("power cut")));
    };
    const store: CredentialStore = {
      load: memory.load,
      save: (label, record) => dying(label, () => memory.save(label, record)),
      erase: (label: CredentialLabel) => dying(`erase ${label}`, () => memory.erase(label)),
    };
    await expect(provision(optionsFor(cloud, store))).rejects.toThrow("power cut");

    const recorded = (await memory.load("Pending Cert")) ?? (await memory.load("Device Cert"));
    const device = await provision(optionsFor(cloud, memory));
    expect(device.managedThingId).toBe(cloud.things.get("SN-0001"));
    expect(await memory.load("Device Cert")).toEqual(device);
    expect(await memory.load("Pending Cert")).toBeUndefined();
    // Only a certificate that was never recorded is lost.
    expect(recorded === undefined).toBe(write === "Pending Cert" && before);
    if (recorded) expect(device.certificateId).toBe(recorded.certificateId);
    const { host, port, ca } = cloud;
    const agent = createMqttAgent({ connection: { host, port, ca, ...device } });
    cleanup.push(() => agent.stop({ timeout: 0 }));
    agent.start();
    await agent.whenConnected();
  });

  test("a certificate that was issued is registered, not issued anew", async () => {
    const topics: string[] = [];
    let dead = true;
    const cloud = await platform({
      fate: (_client, { topic }) => {
        topics.push(topic);
        return dead && topic.includes("provision") ? "break" : "acknowledge";
      },
    });
    const store = createMemoryCredentialStore();
    await expect(provision({ ...optionsFor(cloud, store), attempts: 1 })).rejects.toThrow(NetworkError);
    const pending = await store.load("Pending Cert");
    dead = false;
    const device = await provision(optionsFor(cloud, store));
    expect(device.certificateId).toBe(pending?.certificateId);
    expect(topics.filter((topic) => topic.includes("certificates/create"))).toHaveLength(1);
  });

  test("a certificate that the platform does not know any more is replaced", async () => {
    const cloud = await platform();
    const store = createMemoryCredentialStore();
    const lost = await (await createAuthority()).issue("device");
    await store.save("Pending Cert", { ...lost, certificateOwnershipToken: "forgotten", createdAt: Date.now() });
    const device = await provision(optionsFor(cloud, store));
    expect(device.certificateId).not.toBe(lost.certificateId);
  });

  test("a certificate whose hour is over is left alone", async () => {
    const cloud = await platform();
    const store = createMemoryCredentialStore();
    const old = await (await createAuthority()).issue("device");
    await store.save("Pending Cert", { ...old, certificateOwnershipToken: "old", createdAt: Date.now() - 3_600_000 });
    const device = await provision(optionsFor(cloud, store));
    expect(device.certificateId).not.toBe(old.certificateId);
  });
});
