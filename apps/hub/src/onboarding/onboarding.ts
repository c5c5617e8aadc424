import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "@hearth/base";
import { ProvisioningError, type ProvisionOptions, provision } from "@hearth/device-sdk";
import { openCertificateHandler, permanentPaths } from "../certificates/open-handler.ts";
import type { ConfigService } from "../configuration/config-service.ts";
import { type Configuration, ConfigurationError, openConfiguration } from "../configuration/configuration.ts";
import type { Part, PartContext } from "../part.ts";
import { type Files, openJsonFile } from "../state/json-file.ts";
import { createOnboardingStore, type Pending, parsePending } from "./onboarding-store.ts";

/** Milliseconds between two looks at whether there is another configuration file, while onboarding waits for one. */
const LOOK = 5000;
/** Milliseconds until the next attempt after a fault of the hub's own, such as a full disk. */
const RETRY = 30_000;
/** How long `erase` waits for the proxy to let go: longer than the proxy waits for the cloud. */
const RELEASE_TIME = 15_000;

export interface OnboardingOptions {
  files?: Files;
  backOff?: ProvisionOptions["backOff"];
}

/**
 * HubOnboarding (reference 10.4): gives the hub its certificate, keeps `iotmi_config.json`, serves `config`. Throws
 * ConfigurationError where a person has to put the configuration right first.
 */
export function createHubOnboardingPart(options: OnboardingOptions = {}): Part {
  return { name: "HubOnboarding", start: (context) => startOnboarding(context, options) };
}

async function startOnboarding(context: PartContext, { files, backOff }: OnboardingOptions) {
  const { bus, clock, log, settings, directory } = context;
  const path = settings.configPath;
  let ended = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let current = await open();
  let cancelLook = () => {};

  async function open() {
    const configuration = await openConfiguration(path, clock, files);
    const handler = await openCertificateHandler({
      configuration,
      module: settings.certificateHandler,
      clock,
      ...(files ? { files } : {}),
    });
    const recover = () => log.warn("the record of a pending certificate was damaged; another is asked for");
    const pendingOptions = { recover, ...(files ? { files } : {}) };
    const pending = await openJsonFile<Pending | null>(
      join(directory, "pending.json"),
      parsePending,
      null,
      pendingOptions,
    );
    const paths = permanentPaths(configuration);
    const store = createOnboardingStore({ configuration, handler, pending, paths });
    // A pair that is missing is told now, not when the hub is to connect.
    await store.load("Device Cert");
    return { configuration, handler, store };
  }

  function announce(): void {
    bus.publish("config.changed", { provisioned: current.configuration.identity !== undefined });
  }

  function begin(): void {
    const { signal } = ended;
    running = onboard(signal);
  }

  /** Ends the attempt that is under way, and the waiting for the next. */
  async function end(): Promise<void> {
    ended.abort(new Error("onboarding is stopped"));
    cancelLook();
    await running;
  }

  async function onboard(signal: AbortSignal): Promise<void> {
    const { configuration, handler, store } = current;
    const { cloud } = configuration;
    const known = configuration.identity !== undefined;
    try {
      const { managedThingId } = await provision({
        host: cloud.host,
        port: cloud.port,
        ...(await rootCa(configuration)),
        ...(known ? { claimCertificate: "", claimPrivateKey: "" } : await claim()),
        templateName: cloud.templateName,
        parameters: { SerialNumber: cloud.serialNumber, UniversalProductCode: cloud.productCode },
        store,
        csr: handler.csr ? handler.csr.bind(handler) : false,
        attempts: Number.POSITIVE_INFINITY,
        ...(backOff ? { backOff } : {}),
        signal,
        clock,
        log,
      });
      log.info({ managedThingId, state: "PROVISIONED" }, known ? "the hub is onboarded" : "the hub has been onboarded");
      announce();
    } catch (error) {
      if (signal.aborted) return;
      const forGood = error instanceof ProvisioningError || error instanceof ConfigurationError;
      // Before it is said: whoever reads that and mends the file is not missed.
      const known = await fileState(path);
      if (signal.aborted) return;
      log.error({ error: messageOf(error) }, forGood ? whatToDo(error, cloud.serialNumber) : "onboarding will go on");
      if (forGood) waitForAnother(signal, known);
      else cancelLook = clock.after(RETRY, begin);
    }
  }

  async function claim() {
    const pair = await current.handler.read("CLAIM");
    const { claimCertificatePath, claimKeyPath } = current.configuration.cloud;
    if (!pair) {
      throw new ConfigurationError(`the claim certificate or key is missing: ${claimCertificatePath}, ${claimKeyPath}`);
    }
    if (!("pem" in pair.key)) throw new ConfigurationError("a claim key that stays in its token cannot be used");
    return { claimCertificate: pair.certificate, claimPrivateKey: pair.key.pem };
  }

  /** A refusal is for good: the same file is tried again at the next start only. */
  function waitForAnother(signal: AbortSignal, known: string): void {
    const look = async (): Promise<void> => {
      if ((await fileState(path)) === known) wait();
      else if (!signal.aborted) await takeUp(signal);
    };
    const wait = () => {
      if (!signal.aborted) cancelLook = clock.after(LOOK, () => void look());
    };
    wait();
  }

  async function takeUp(signal: AbortSignal): Promise<void> {
    const known = await fileState(path);
    try {
      current = await open();
    } catch (error) {
      log.error({ error: messageOf(error) }, "the new configuration cannot be used");
      return waitForAnother(signal, known);
    }
    begin();
  }

  const service: ConfigService = {
    read: async () => current.configuration.documented(),
    async erase() {
      const { handler, store } = current;
      await bus.request("mqtt", "release", {}, { timeout: RELEASE_TIME }).catch((error) => {
        log.warn({ error: messageOf(error) }, "the MQTT proxy did not let go of the connection");
      });
      await end();
      // The file may be another than the one that was read at the start. Its state first: a pair that is left over by a
      // kill counts for nothing, a state without its pair would keep the hub from starting.
      const configuration = await openConfiguration(path, clock, files);
      if (configuration.identity) await configuration.erased();
      await handler.erasePermanent();
      await store.erase("Pending Cert");
      const known = await fileState(path);
      current = await open();
      log.info({ state: "NOT_PROVISIONED" }, "the hub's identity is erased");
      announce();
      ended = new AbortController();
      waitForAnother(ended.signal, known);
      return {};
    },
  };
  const endService = bus.serve("config", {
    read: async () => ({ ...(await service.read({})) }),
    erase: () => service.erase({}),
  });
  begin();

  return {
    async stop() {
      endService();
      await end();
    },
  };
}

async function rootCa({ cloud, path }: Configuration): Promise<{ ca?: string }> {
  if (cloud.rootCaPath === undefined) return {};
  try {
    return { ca: await readFile(cloud.rootCaPath, "utf8") };
  } catch (error) {
    throw new ConfigurationError(`${path}: ro.root_ca_path cannot be read: ${messageOf(error)}`);
  }
}

/** Changes whenever somebody puts another file there. */
async function fileState(path: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(path);
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    return "missing";
  }
}

function whatToDo(error: unknown, serialNumber: string): string {
  if (error instanceof ConfigurationError) return "put the configuration right";
  return (
    `the cloud refuses this hub with serial number ${serialNumber}: check that a managed thing with this SN and UPC ` +
    "exists, that no other hub has been onboarded with it, and that the claim certificate belongs to the profile; " +
    "then restart the hub"
  );
}
