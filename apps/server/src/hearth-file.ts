import { chmod, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** What `<data dir>/hearth.json` tells scripts. */
export interface HearthFile {
  accountId: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** `http://127.0.0.1:<port>` */
  apiEndpoint: string;
  /** `https://<public host>:<port>` */
  httpsEndpoint: string;
  mqttHost: string;
  mqttsPort: number;
  tlsPort: number;
  /** Where vendors send end users back to: to be registered at each of them as the redirect URI. */
  callbackUrl: string;
  /** On 127.0.0.1; absent while there is no open MQTT port. */
  openMqttPort?: number;
  /** `https://<public host>:<port>`, by the names of the further listeners; absent without any. */
  listeners?: Readonly<Record<string, string>>;
  /** PEM of the root that signed the server's certificate. */
  caFile: string;
}

/** Replaces a file as a whole: readers see the old content or the new, never a part; it survives a power cut. */
export async function writeFileAtomically(path: string, content: string, mode: number): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, "w", mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(temporary, mode);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

export const hearthFilePath = (dataDir: string): string => join(dataDir, "hearth.json");

export function writeHearthFile(dataDir: string, content: HearthFile): Promise<void> {
  return writeFileAtomically(hearthFilePath(dataDir), `${JSON.stringify(content, null, 2)}\n`, 0o600);
}
