import { randomUUID } from "node:crypto";
import { access, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FakeClock, type Logger, silentLogger } from "@hearth/base";
import { type SimulatedPlatform, startSimulatedPlatform } from "@hearth/device-sdk";
import { afterEach, describe, expect, test } from "vitest";
import { openCertificateHandler } from "../certificates/open-handler.ts";
import { openConfiguration } from "../configuration/configuration.ts";
import { failingFiles } from "../state/failing-files.ts";
import { type HubDirectory, hubDirectory, PRODUCT, SERIAL } from "./hub-directory.ts";
import { createHubOnboardingPart, type OnboardingOptions } from "./onboarding.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const run of cleanup.splice(0).reverse()) await run();
});

async function platform(serials = [SERIAL]): Promise<SimulatedPlatform> {
  const devices = serials.map((serialNumber) => ({ serialNumber, universalProductCode: PRODUCT }));
  const cloud = await startSimulatedPlatform({ devices });
  cleanup.push(() => cloud.close());
  return cloud;
}

async function hub(cloud: SimulatedPlatform): Promise<HubDirectory> {
  const directory = await hubDirectory(cloud);
  cleanup.push(() => directory.remove());
  return directory;
}

/** Words of the log's errors. */
function listening(): { log: Logger; errors: string[]; heard(words: string): Promise<void> } {
  const errors: string[] = [];
  const waiting: { words: string; resolve(): void }[] = [];
  const note = (members: { error?: string }, message: string) => {
    errors.push(`${message}: ${members.error}`);
    for (const { words, resolve } of waiting) if (errors.at(-1)?.includes(words)) resolve();
  };
  const log = Object.assign(Object.create(silentLogger), { error: note, warn: note });
  const heard = (words: string) =>
    new Promise<void>((resolve) => {
      if (errors.some((error) => error.includes(words))) resolve();
      waiting.push({ words, resolve });
    });
  return { log, errors, heard };
}

type Options = OnboardingOptions & Parameters<HubDirectory["context"]>[1];

async function start(directory: HubDirectory, { files, ...options }: Options = {}) {
  const context = directory.context("HubOnboarding", options);
  let told: () => void = () => {};
  const provisioned = new Promise<void>((resolve) => {
    told = resolve;
  });
  const end = context.bus.subscribe("config.changed", ({ provisioned: is }) => is && told());
  const part = createHubOnboardingPart({ backOff: { minimum: 1, maximum: 2 }, ...(files ? { files } : {}) });
  const running = await part.start(context);
  const stop = async () => {
    end();
    await running.stop();
  };
  return { bus: context.bus, provisioned, stop };
}

describe("HubOnboarding", () => {
  test("row 69: started unprovisioned it ends PROVISIONED, with rw filled, and with a pair that the cloud takes", async () => {
    const cloud = await platform();
    const directory = await hub(cloud);
    const { bus, provisioned, stop } = await start(directory);
    cleanup.push(stop);
    await provisioned;
    const id = cloud.things.get(SERIAL);
    const { ro, rw } = await directory.configuration();
    expect(rw).toEqual({
      iot_provisioning_state: "PROVISIONED",
      managed_thing_id: id,
      iot_permanent_cert_path: join(directory.root, "iot_cert.pem"),
      iot_permanent_pk_path: join(directory.root, "iot_pk.pem"),
      client_id: id,
      event_manager_upper_bound: 500,
      metadata: { last_updated_epoch_time: expect.any(Number) },
    });
    expect((await stat(join(directory.root, "iot_pk.pem"))).mode & 0o777).toBe(0o600);
    expect(await bus.request("config", "read", {})).toEqual({ ro, rw });
  });

  test("killed after any of its writes, the next start ends PROVISIONED with one thing", async () => {
    const cloud = await platform();
    let kills = 0;
    for (let failAt = 1; ; failAt++) {
      const directory = await hub(cloud);
      const failing = failingFiles({ failAt, killed: true });
      const { log, heard } = listening();
      const first = await start(directory, { files: failing.files, log, clock: new FakeClock(Date.now()) });
      await Promise.race([first.provisioned, heard("step failed")]);
      await first.stop();
      if (!failing.failed()) break;
      kills++;
      const second = await start(directory);
      await second.provisioned;
      await second.stop();
      expect((await directory.configuration()).rw).toMatchObject({
        iot_provisioning_state: "PROVISIONED",
        managed_thing_id: cloud.things.get(SERIAL),
      });
      const configuration = await openConfiguration(directory.configPath, new FakeClock());
      const handler = await openCertificateHandler({ configuration, module: undefined, clock: new FakeClock() });
      expect(await handler.read("PERMANENT")).toBeDefined();
    }
    expect(kills).toBeGreaterThanOrEqual(11);
    expect(cloud.things.size).toBe(1);
  });

  test("a second hub with the serial is refused: it says so, keeps NOT_PROVISIONED, and does not ask again", async () => {
    let asked = 0;
    const cloud = await startSimulatedPlatform({
      devices: [],
      fate: (_client, { topic }) => {
        if (topic.endsWith("/provision/json")) asked++;
        return "acknowledge";
      },
    });
    cleanup.push(() => cloud.close());
    const directory = await hub(cloud);
    const clock = new FakeClock(Date.now());
    const { log, heard, errors } = listening();
    const { stop } = await start(directory, { log, clock });
    cleanup.push(stop);
    await heard("no other hub has been onboarded with it");
    expect(errors.at(-1)).toContain(SERIAL);
    clock.advance(3_600_000);
    expect((await directory.configuration()).rw["iot_provisioning_state"]).toBe("NOT_PROVISIONED");
    expect(asked).toBe(1);
  });

  test("another configuration file is taken up without a restart", async () => {
    const cloud = await platform(["HUB-0002"]);
    const directory = await hub(cloud);
    const clock = new FakeClock(Date.now());
    const { log, heard } = listening();
    const { provisioned, stop } = await start(directory, { log, clock });
    cleanup.push(stop);
    await heard("the cloud refuses this hub");
    const { ro } = await directory.configuration();
    await directory.configure({ ...ro, SN: "HUB-0002" });
    clock.advance(5000);
    await provisioned;
    expect((await directory.configuration()).rw["managed_thing_id"]).toBe(cloud.things.get("HUB-0002"));
  });

  test("erase leaves NOT_PROVISIONED and metadata, no pair, and lets the proxy go first; the same file onboards at the next start", async () => {
    const cloud = await platform();
    const directory = await hub(cloud);
    const first = await start(directory);
    await first.provisioned;
    const steps: string[] = [];
    const end = first.bus.serve("mqtt", {
      release: async () => {
        const { rw } = await directory.configuration();
        steps.push(`release ${rw["iot_provisioning_state"]}`);
        return {};
      },
    });
    await first.bus.request("config", "erase", {});
    await first.bus.request("config", "erase", {});
    end();
    expect(steps[0]).toBe("release PROVISIONED");
    expect((await directory.configuration()).rw).toEqual({
      iot_provisioning_state: "NOT_PROVISIONED",
      metadata: { last_updated_epoch_time: expect.any(Number) },
    });
    for (const name of ["iot_cert.pem", "iot_pk.pem"]) {
      await expect(access(join(directory.root, name))).rejects.toThrow("ENOENT");
    }
    await first.stop();
    const second = await start(directory);
    cleanup.push(second.stop);
    await second.provisioned;
  });

  test("an erasure that is killed at any step is finished by repeating it", async () => {
    const cloud = await platform();
    for (let failAt = 1; ; failAt++) {
      const directory = await hub(cloud);
      const first = await start(directory);
      await first.provisioned;
      await first.stop();
      const failing = failingFiles({ failAt, killed: true });
      const dying = await start(directory, { files: failing.files });
      await dying.bus.request("config", "erase", {}).catch(() => {});
      await dying.stop();
      const clock = new FakeClock(Date.now());
      const again = await start(directory, { clock });
      await again.bus.request("config", "erase", {});
      await again.stop();
      expect(Object.keys((await directory.configuration()).rw)).toEqual(["iot_provisioning_state", "metadata"]);
      await expect(access(join(directory.root, "iot_pk.pem"))).rejects.toThrow("ENOENT");
      if (!failing.failed()) break;
    }
  });

  test("PROVISIONED without its pair, or without a claim, is a named error", async () => {
    const cloud = await platform();
    const directory = await hub(cloud);
    const { ro } = await directory.configuration();
    const id = randomUUID();
    await directory.configure(ro, { iot_provisioning_state: "PROVISIONED", managed_thing_id: id, client_id: id });
    await expect(start(directory)).rejects.toThrow("the permanent certificate or key is missing");
    await directory.configure({ ...ro, iot_claim_pk_path: "/nowhere.pem" });
    const { log, heard } = listening();
    cleanup.push((await start(directory, { log })).stop);
    await heard("the claim certificate or key is missing");
    await writeFile(directory.configPath, (await readFile(directory.configPath, "utf8")).slice(0, 50));
    await expect(start(directory)).rejects.toThrow("is damaged");
  });
});
