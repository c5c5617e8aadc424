import { X509Certificate } from "node:crypto";
import { systemClock } from "@hearth/base";
import { type SimulatedPlatform, startSimulatedPlatform } from "@hearth/device-sdk";
import { describe, expect, test } from "vitest";
import { openConfiguration } from "../configuration/configuration.ts";
import { type HubDirectory, PRODUCT, SERIAL } from "../onboarding/hub-directory.ts";
import { createHubOnboardingPart } from "../onboarding/onboarding.ts";
import type { CertificateHandler } from "./certificate-handler.ts";
import { openCertificateHandler } from "./open-handler.ts";

export interface Store {
  directory: HubDirectory;
  /** `settings.certificateHandler`. */
  module?: string;
}

/** What every store of certificates does, whatever it is made of (reference 10.7; row 88's second store). */
export function handlerSuite(name: string, makeStore: (cloud: SimulatedPlatform) => Promise<Store>): void {
  async function withStore(run: (cloud: SimulatedPlatform, store: Store) => Promise<void>): Promise<void> {
    const cloud = await startSimulatedPlatform({ devices: [{ serialNumber: SERIAL, universalProductCode: PRODUCT }] });
    const store = await makeStore(cloud);
    try {
      await run(cloud, store);
    } finally {
      await store.directory.remove();
      await cloud.close();
    }
  }

  const open = async ({ directory, module }: Store): Promise<CertificateHandler> => {
    const configuration = await openConfiguration(directory.configPath, systemClock);
    return openCertificateHandler({ configuration, module, clock: systemClock });
  };

  async function onboard({ directory, module }: Store): Promise<{ stop(): Promise<void>; erase(): Promise<unknown> }> {
    const context = directory.context("HubOnboarding", module === undefined ? {} : { certificateHandler: module });
    let told: () => void = () => {};
    const provisioned = new Promise<void>((resolve) => {
      told = resolve;
    });
    const end = context.bus.subscribe("config.changed", (body) => body["provisioned"] && told());
    const part = await createHubOnboardingPart().start(context);
    await provisioned;
    end();
    return { stop: () => part.stop(), erase: () => context.bus.request("config", "erase", {}) };
  }

  const idOf = async (store: Store): Promise<string> => {
    const pair = await (await open(store)).read("PERMANENT");
    return new X509Certificate(pair?.certificate ?? "").fingerprint256;
  };

  describe(`a store of certificates: ${name}`, () => {
    test("holds the claim from the beginning, and nothing else", () =>
      withStore(async (cloud, store) => {
        const handler = await open(store);
        const claim = await handler.read("CLAIM");
        expect(claim?.certificate.trim()).toBe(cloud.claim.certificate.trim());
        expect(await handler.read("PERMANENT")).toBeUndefined();
        expect(await handler.read("DHA")).toBeUndefined();
      }));

    test("keeps the permanent pair over a restart, erases it when told, and takes another", () =>
      withStore(async (cloud, store) => {
        const first = await onboard(store);
        const before = await idOf(store);
        expect((await store.directory.configuration()).rw["managed_thing_id"]).toBe(cloud.things.get(SERIAL));
        await first.stop();

        const second = await onboard(store);
        expect(await idOf(store)).toBe(before);
        await second.erase();
        await second.erase();
        expect(await (await open(store)).read("PERMANENT")).toBeUndefined();
        expect(await (await open(store)).read("CLAIM")).toBeDefined();
        await second.stop();

        const third = await onboard(store);
        expect(await idOf(store)).not.toBe(before);
        await third.stop();
      }));
  });
}
