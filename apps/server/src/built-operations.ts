import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@hearth/base";
import { loadConfiguration } from "./configuration.ts";
import { startPlatform } from "./platform.ts";

/** By service, the operations that have a handler, as a freshly composed platform has them. For `npm run coverage`. */
export async function builtOperations(): Promise<Readonly<Record<string, readonly string[]>>> {
  const dataDir = mkdtempSync(join(tmpdir(), "hearth-operations-"));
  const ports = { apiPort: 0, httpsPort: 0, mqttsPort: 0, tlsPort: 0, callbackPort: 0 };
  const configuration = { ...loadConfiguration({}), dataDir, ...ports };
  const platform = await startPlatform(configuration, { log: silentLogger });
  try {
    return platform.builtOperations;
  } finally {
    await platform.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
