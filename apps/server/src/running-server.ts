import { readFileSync } from "node:fs";
import { type ClientOptions, createClient, type ServiceClient, type ServiceOperations } from "@hearth/client";
import { CommandError } from "./command-error.ts";
import { type Configuration, loadConfiguration } from "./configuration.ts";
import { type HearthFile, hearthFilePath } from "./hearth-file.ts";

/** The server that runs on the configured data directory, as its hearth.json tells. */
export interface RunningServer {
  file: HearthFile;
  configuration: Configuration;
  client<Service extends keyof ServiceOperations>(service: Service): ServiceClient<ServiceOperations[Service]>;
  /** Whether it answers now, and knows the root key of hearth.json. */
  answers(): Promise<boolean>;
}

/** @throws CommandError when no server was ever started on the data directory */
export function runningServer(): RunningServer {
  const configuration = loadConfiguration();
  const path = hearthFilePath(configuration.dataDir);
  let file: HearthFile;
  try {
    file = JSON.parse(readFileSync(path, "utf8")) as HearthFile;
  } catch {
    throw new CommandError(`${path} cannot be read. Start the server first (npm start), or set HEARTH_DATA_DIR.`);
  }
  const options: ClientOptions = {
    endpoint: file.apiEndpoint,
    region: file.region,
    credentials: file,
    timeout: 300_000,
  };
  return {
    file,
    configuration,
    client: (service) => createClient(service, options),
    async answers() {
      try {
        if (!(await fetch(`${file.apiEndpoint}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok) return false;
        // Signed: another program may have taken the port since.
        const caller = await createClient("sts", { ...options, timeout: 5_000, maxAttempts: 1 }).getCallerIdentity();
        return caller.Account === file.accountId;
      } catch {
        return false;
      }
    },
  };
}
