import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { FakeClock } from "@hearth/base";
import { afterEach, describe, expect, test } from "vitest";
import { type HubDirectory, hubDirectory, settingsFor } from "../onboarding/hub-directory.ts";
import { failingFiles } from "../state/failing-files.ts";
import { ConfigurationError, openConfiguration } from "./configuration.ts";

const made: HubDirectory[] = [];
afterEach(async () => {
  for (const directory of made.splice(0)) await directory.remove();
});

const complete = settingsFor({ host: "hub.example.com", port: 8884, templateName: "hubs" }, (name) => `/certs/${name}`);
const clock = new FakeClock();

async function configured(ro: object, rw?: object): Promise<HubDirectory> {
  const directory = await hubDirectory();
  made.push(directory);
  await writeFile(directory.configPath, JSON.stringify({ ro, ...(rw ? { rw } : {}) }));
  return directory;
}

const without = (key: string) => Object.fromEntries(Object.entries(complete).filter(([name]) => name !== key));

describe("row 75: iotmi_config.json", () => {
  test("row 75: a file with every key is read; without a state it is not provisioned", async () => {
    const { configPath } = await configured(complete);
    const { cloud, identity } = await openConfiguration(configPath, clock);
    expect(cloud).toEqual({
      claimCertificatePath: "/certs/claim_cert.pem",
      claimKeyPath: "/certs/claim_pk.key",
      templateName: "hubs",
      host: "hub.example.com",
      port: 8884,
      rootCaPath: "/certs/ca.pem",
      serialNumber: "HUB-0001",
      productCode: "829576019524",
    });
    expect(identity).toBeUndefined();
  });

  test.each([
    "iot_provisioning_method",
    "iot_claim_cert_path",
    "iot_claim_pk_path",
    "fp_template_name",
    "endpoint_url",
    "SN",
    "UPC",
  ])("row 75: without ro.%s there is an error that names it", async (key) => {
    const { configPath } = await configured(without(key));
    const refused = openConfiguration(configPath, clock);
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(`ro.${key} is missing`);
  });

  test.each([
    [{ iot_provisioning_method: "JITR" }, "ro.iot_provisioning_method"],
    [{ iot_claim_pk_path: "SECURE_STORAGE" }, "both be SECURE_STORAGE"],
    [{ fp_template_name: "a/b" }, "ro.fp_template_name"],
    [{ endpoint_url: "https://host/with/path" }, "ro.endpoint_url"],
    [{ endpoint_url: 7 }, "ro.endpoint_url"],
    [{ endpoint_port: 70_000 }, "ro.endpoint_port"],
    [{ endpoint_port: "8883" }, "ro.endpoint_port"],
    [{ root_ca_path: true }, "ro.root_ca_path"],
    [{ SN: "x".repeat(5000) }, "ro.SN"],
  ])("%o is an error that names the key", async (change, named) => {
    const { configPath } = await configured({ ...complete, ...change });
    await expect(openConfiguration(configPath, clock)).rejects.toThrow(named);
  });

  test.each([
    [{ endpoint_url: "a.example.com" }, {}, "a.example.com"],
    [{ iot_endpoint_url: "b.example.com" }, {}, "b.example.com"],
    [{ sh_endpoint_url: "https://c.example.com/" }, {}, "c.example.com"],
    [{}, { aws_iot_endpoint: "d.example.com" }, "d.example.com"],
    [{ sh_endpoint_url: "c.example.com", endpoint_url: "a.example.com" }, {}, "a.example.com"],
  ])("the endpoint's names: %o %o", async (ro, rw, host) => {
    const { configPath } = await configured({ ...without("endpoint_url"), ...ro }, rw);
    expect((await openConfiguration(configPath, clock)).cloud.host).toBe(host);
  });

  test("a port may stand in the address; endpoint_port goes before it; 8883 without either", async () => {
    const portOf = async (ro: object) =>
      (await openConfiguration((await configured({ ...without("endpoint_port"), ...ro })).configPath, clock)).cloud
        .port;
    expect(await portOf({})).toBe(8883);
    expect(await portOf({ endpoint_url: "mqtts://[::1]:1443" })).toBe(1443);
    expect(await portOf({ endpoint_url: "host:1443", endpoint_port: 443 })).toBe(443);
  });

  test("half a configuration, cut at any byte, is a named error", async () => {
    const { configPath } = await configured(complete, { iot_provisioning_state: "NOT_PROVISIONED" });
    const whole = await readFile(configPath, "utf8");
    for (let length = 0; length < whole.length; length += 37) {
      await writeFile(configPath, whole.slice(0, length));
      const refused = openConfiguration(configPath, clock);
      await expect(refused).rejects.toThrow(ConfigurationError);
      await expect(refused).rejects.toThrow("is damaged");
      // What is left of it is for a person to look at.
      expect(await readFile(configPath, "utf8")).toBe(whole.slice(0, length));
    }
  });

  test("a missing file, and a state without its identity, are named errors", async () => {
    const { configPath } = await configured(complete, { iot_provisioning_state: "PROVISIONED" });
    await expect(openConfiguration(configPath, clock)).rejects.toThrow("managed_thing_id");
    await expect(openConfiguration(`${configPath}.x`, clock)).rejects.toThrow("ENOENT");
  });

  test("row 75: rw is rewritten as a whole: failing or killed at any step, the file is the old one or the new one", async () => {
    const identity = { managedThingId: "thing-1", clientId: "client-1" };
    const permanent = { certificatePath: "/c.pem", keyPath: "/k.pem" };
    for (const killed of [false, true]) {
      let failures = 0;
      for (let failAt = 1; ; failAt++) {
        const directory = await configured(
          { ...complete, ours: { kept: 1 } },
          { iot_provisioning_state: "NOT_PROVISIONED" },
        );
        const before = await directory.configuration();
        const failing = failingFiles({ failAt, killed });
        const configuration = await openConfiguration(directory.configPath, clock, failing.files);
        const outcome = await configuration.provisioned(identity, permanent).catch(() => "failed");
        const after = await directory.configuration();
        const provisioned = after.rw["iot_provisioning_state"] === "PROVISIONED";
        if (outcome !== "failed") expect(provisioned).toBe(true);
        if (!provisioned) expect(after).toEqual(before);
        else {
          expect(after).toEqual({
            ro: before.ro,
            rw: {
              iot_provisioning_state: "PROVISIONED",
              managed_thing_id: "thing-1",
              iot_permanent_cert_path: "/c.pem",
              iot_permanent_pk_path: "/k.pem",
              client_id: "client-1",
              event_manager_upper_bound: 500,
              metadata: { last_updated_epoch_time: clock.now() / 1000 },
            },
          });
        }
        if (!failing.failed()) break;
        failures++;
        expect(await readdir(dirname(directory.configPath))).toContain("iotmi_config.json");
      }
      expect(failures).toBeGreaterThan(3);
    }
  });

  test("only documented keys are told to others", async () => {
    const { configPath } = await configured({ ...complete, wifi_password: "needle" }, { other: "needle" });
    const { documented } = await openConfiguration(configPath, clock);
    expect(documented()).toEqual({ ro: complete, rw: {} });
  });
});
