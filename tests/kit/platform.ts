import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IAMClient } from "@aws-sdk/client-iam";
import { IoTClient } from "@aws-sdk/client-iot";
import { IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { STSClient } from "@aws-sdk/client-sts";
import { silentLogger } from "@hearth/base";
import { createClient } from "@hearth/client";
import { type Configuration, loadConfiguration, type Platform, startPlatform } from "@hearth/server";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface TestPlatform extends Platform {
  /** PEM of the root that signed the server's certificate. */
  ca: string;
  /** Official SDK clients and our own, signed with the root key or with `credentials`. */
  clients(credentials?: Credentials): ReturnType<typeof clientsFor>;
  /** Stops the platform; its data directory goes too unless `keep` is set. */
  stop(keep?: boolean): Promise<void>;
}

/** A whole platform in this process: embedded store in a directory of its own, every port any free one. */
export async function startTestPlatform(
  given: Partial<Configuration> & Parameters<typeof startPlatform>[1] = {},
): Promise<TestPlatform> {
  const { clock, log: givenLog, restore, ...settings } = given;
  const dataDir = settings.dataDir ?? mkdtempSync(join(tmpdir(), "hearth-test-"));
  const configuration: Configuration = {
    ...loadConfiguration({ HEARTH_CONFIG: undefined }),
    apiPort: 0,
    httpsPort: 0,
    mqttsPort: 0,
    tlsPort: 0,
    callbackPort: 0,
    ...settings,
    dataDir,
  };
  const log = givenLog ?? (process.env["HEARTH_LOG_LEVEL"] ? undefined : silentLogger);
  const platform = await startPlatform(configuration, {
    ...(log ? { log } : {}),
    ...(clock ? { clock } : {}),
    ...(restore ? { restore } : {}),
  });
  return {
    ...platform,
    ca: readFileSync(platform.file.caFile, "utf8"),
    clients: (credentials = platform.file) => clientsFor(platform.file, credentials),
    async stop(keep = false) {
      await platform.stop();
      if (!keep) rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

function clientsFor(file: Platform["file"], { accessKeyId, secretAccessKey, sessionToken }: Credentials) {
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  const options = { endpoint: file.apiEndpoint, region: file.region, credentials, maxAttempts: 1 };
  return {
    managed: createClient("iot-managed-integrations", options),
    hearth: createClient("hearth", options),
    cloudtrail: createClient("cloudtrail", options),
    kms: createClient("kms", options),
    lambda: createClient("lambda", options),
    secretsmanager: createClient("secretsmanager", options),
    iot: new IoTClient(options),
    iotData: new IoTDataPlaneClient(options),
    kinesis: new KinesisClient(options),
    sts: new STSClient(options),
    iam: new IAMClient(options),
  };
}
