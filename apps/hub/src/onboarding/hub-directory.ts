import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, type Logger, silentLogger, systemClock } from "@hearth/base";
import type { JsonObject, SimulatedPlatform } from "@hearth/device-sdk";
import type { Bus } from "../bus/bus.ts";
import { createMemoryBus } from "../bus/memory-bus.ts";
import type { PartContext, PartName } from "../part.ts";

/** The directories of a hub of its own, for tests: `config/iotmi_config.json`, `certs`, a state folder for each part. */
export interface HubDirectory {
  root: string;
  configPath: string;
  context(
    part: PartName,
    options?: { bus?: Bus; clock?: Clock; log?: Logger; certificateHandler?: string },
  ): PartContext;
  configure(ro: JsonObject, rw?: JsonObject): Promise<void>;
  configuration(): Promise<{ ro: JsonObject; rw: JsonObject }>;
  remove(): Promise<void>;
}

export const SERIAL = "HUB-0001";
export const PRODUCT = "829576019524";

/** With the claim of `cloud` in `certs`, and everything in `ro` that the hub needs for it. */
export async function hubDirectory(cloud?: SimulatedPlatform): Promise<HubDirectory> {
  const root = await mkdtemp(join(tmpdir(), "hearth-hub-"));
  const configPath = join(root, "config", "iotmi_config.json");
  const inCerts = (name: string) => join(root, "certs", name);
  const parts = ["HubOnboarding", "MQTTProxy", "HubControl"] as const;
  for (const name of ["config", "certs", "run", "logs", ...parts]) await mkdir(join(root, name));
  const bus = createMemoryBus();
  const directory: HubDirectory = {
    root,
    configPath,
    context: (part, options = {}) => ({
      bus: options.bus ?? bus,
      clock: options.clock ?? systemClock,
      log: options.log ?? silentLogger,
      directory: join(root, part),
      settings: {
        configPath,
        stateDirectory: root,
        runDirectory: join(root, "run"),
        logDirectory: join(root, "logs"),
        customPlugins: [],
        ...(options.certificateHandler ? { certificateHandler: options.certificateHandler } : {}),
      },
    }),
    async configure(ro, rw = { iot_provisioning_state: "NOT_PROVISIONED" }) {
      await writeFile(configPath, JSON.stringify({ ro, rw }));
    },
    configuration: async () => JSON.parse(await readFile(configPath, "utf8")),
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 10 }),
  };
  if (cloud) {
    // Spelled out, as a claim that was copied out of JSON is (reference 10.4, step 5).
    await writeFile(inCerts("claim_cert.pem"), cloud.claim.certificate.replaceAll("\n", "\\n"));
    await writeFile(inCerts("claim_pk.key"), cloud.claim.privateKey);
    await writeFile(inCerts("ca.pem"), cloud.ca);
    await directory.configure(settingsFor(cloud, inCerts));
  }
  return directory;
}

export function settingsFor(
  cloud: Pick<SimulatedPlatform, "host" | "port" | "templateName">,
  inCerts: (name: string) => string,
): JsonObject {
  return {
    iot_provisioning_method: "FLEET_PROVISIONING",
    iot_claim_cert_path: inCerts("claim_cert.pem"),
    iot_claim_pk_path: inCerts("claim_pk.key"),
    fp_template_name: cloud.templateName,
    endpoint_url: cloud.host,
    endpoint_port: cloud.port,
    root_ca_path: inCerts("ca.pem"),
    SN: SERIAL,
    UPC: PRODUCT,
  };
}
