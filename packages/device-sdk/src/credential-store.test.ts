import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@hearth/base";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMemoryCredentialStore, type DeviceCredential, openFileCredentialStore } from "./credential-store.ts";
import { CredentialStoreError } from "./errors.ts";
import { createEventNumbers } from "./event-numbers.ts";

const device: DeviceCredential = {
  certificate: "CERT",
  privateKey: "KEY",
  certificateId: "ab12",
  managedThingId: "thing",
  clientId: "thing",
  thingName: "thing",
};

let directory: string;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "credentials-")), "state");
});
afterEach(async () => {
  await rm(join(directory, ".."), { recursive: true, force: true });
});

describe("file store", () => {
  test("keeps records by label, across openings", async () => {
    const store = await openFileCredentialStore(directory);
    expect(await store.load("Device Cert")).toBeUndefined();
    await store.save("Device Cert", device);
    await store.save("Root Cert", { certificate: "ROOT" });
    const again = await openFileCredentialStore(directory);
    expect(await again.load("Device Cert")).toEqual(device);
    expect(await again.load("Root Cert")).toEqual({ certificate: "ROOT" });
    expect(await again.load("Claim Cert")).toBeUndefined();
    await again.erase("Device Cert");
    await again.erase("Device Cert");
    expect(await store.load("Device Cert")).toBeUndefined();
  });

  test("nobody else may read them", async () => {
    const store = await openFileCredentialStore(directory);
    await store.save("Device Cert", device);
    await store.save("Device Cert", { ...device, certificateId: "cd34" });
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect(await readdir(directory)).toEqual(["device-cert.json"]);
    expect((await stat(join(directory, "device-cert.json"))).mode & 0o777).toBe(0o600);
  });

  test("what a crash left half-written is neither read nor kept", async () => {
    const store = await openFileCredentialStore(directory);
    await store.save("Device Cert", device);
    await writeFile(join(directory, ".device-cert.json.0123456789ab"), '{"certificate":"half');
    const again = await openFileCredentialStore(directory);
    expect(await again.load("Device Cert")).toEqual(device);
    expect(await readdir(directory)).toEqual(["device-cert.json"]);
  });

  test.each(["", "{", "[]", "{}", '{"certificate":1,"privateKey":"x"}'])(
    "a damaged file is an error, not an absent record: %s",
    async (content) => {
      const store = await openFileCredentialStore(directory);
      await writeFile(join(directory, "claim-cert.json"), content);
      await expect(store.load("Claim Cert")).rejects.toThrow(CredentialStoreError);
    },
  );

  test("a save that fails leaves the old record", async () => {
    const store = await openFileCredentialStore(directory);
    await store.save("Device Cert", device);
    const before = await readFile(join(directory, "device-cert.json"), "utf8");
    const circular: Record<string, unknown> = { ...device };
    circular["self"] = circular;
    await expect(store.save("Device Cert", circular as never)).rejects.toThrow();
    expect(await readFile(join(directory, "device-cert.json"), "utf8")).toBe(before);
    expect(await readdir(directory)).toEqual(["device-cert.json"]);
  });
});

describe("event numbers", () => {
  test("increase, one by one, whoever asks at the same time", async () => {
    const store = createMemoryCredentialStore();
    const numbers = createEventNumbers(store, new FakeClock(1));
    const taken = await Promise.all(Array.from({ length: 2500 }, () => numbers.next()));
    expect(taken).toEqual(Array.from({ length: 2500 }, (_, n) => n + 1));
  });

  test("never come back after a restart, at whatever moment it happens", async () => {
    const store = createMemoryCredentialStore();
    const clock = new FakeClock();
    let last = 0;
    for (const count of [1, 999, 1000, 1001, 3]) {
      const numbers = createEventNumbers(store, clock);
      for (let n = 0; n < count; n++) {
        const number = await numbers.next();
        expect(number).toBeGreaterThan(last);
        last = number;
      }
    }
  });

  test("grow over an old copy of the store, and over a clock that jumps back", async () => {
    const store = createMemoryCredentialStore();
    await store.save("Event Number", { next: 2000 });
    expect(await createEventNumbers(store, new FakeClock(9000)).next()).toBe(9000);
    expect(await createEventNumbers(store, new FakeClock(5)).next()).toBe(10_000);
  });

  test("a block is durable before its first number is used", async () => {
    const store = createMemoryCredentialStore();
    const numbers = createEventNumbers(store, new FakeClock(5000));
    expect(await numbers.next()).toBe(5000);
    expect(await store.load("Event Number")).toEqual({ next: 6000 });
  });

  test("a store that cannot write gives no number, and the next call tries again", async () => {
    const memory = createMemoryCredentialStore();
    let broken = true;
    const numbers = createEventNumbers(
      {
        load: memory.load,
        save: (label, record) => (broken ? Promise.reject(new Error("disk")) : memory.save(label, record)),
      },
      new FakeClock(10),
    );
    await expect(numbers.next()).rejects.toThrow("disk");
    broken = false;
    expect(await numbers.next()).toBe(10);
  });
});
