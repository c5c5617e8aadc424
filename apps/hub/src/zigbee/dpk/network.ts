import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { openJsonFile } from "../../state/json-file.ts";

/** The network that this hub makes: chosen once, kept (0600) before the coordinator hears of it. */
export interface ZigbeeNetwork {
  panId: number;
  extendedPanId: number[];
  channel: number;
  key: number[];
}

/** The files of a network, in the part's directory. */
export const networkFiles = (directory: string) => ({
  network: join(directory, "network.json"),
  database: join(directory, "devices.db"),
  databaseBackup: join(directory, "devices.db.backup"),
  backup: join(directory, "coordinator-backup.json"),
});

/** Reads the network's file, or makes one. Throws DamagedFileError. */
export async function openNetwork(directory: string): Promise<ZigbeeNetwork> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = await openJsonFile<ZigbeeNetwork | undefined>(networkFiles(directory).network, parse, undefined);
  if (file.value) return file.value;
  const fresh = makeNetwork();
  await file.replace(fresh);
  return fresh;
}

/** Afterwards `openNetwork` makes another. */
export async function eraseNetwork(directory: string): Promise<void> {
  const files = networkFiles(directory);
  // The key goes last: without it, what is left of the others could belong to nobody's network.
  for (const path of [files.backup, files.database, files.databaseBackup, files.network, `${files.network}.previous`]) {
    await rm(path, { force: true });
  }
}

/** Channels that Wi-Fi's usual ones leave free. */
const CHANNELS = [11, 15, 20, 25] as const;

function makeNetwork(): ZigbeeNetwork {
  const random = randomBytes(11);
  return {
    panId: 1 + (random.readUInt16LE(0) % 0xfffd),
    extendedPanId: [...random.subarray(2, 10)],
    channel: CHANNELS[(random[10] as number) % CHANNELS.length] as number,
    key: [...randomBytes(16)],
  };
}

function parse(json: unknown): ZigbeeNetwork {
  const { panId, extendedPanId, channel, key } = json as Partial<ZigbeeNetwork>;
  const isBytes = (value: unknown, length: number): value is number[] =>
    Array.isArray(value) &&
    value.length === length &&
    value.every((one) => Number.isInteger(one) && one >= 0 && one < 256);
  if (typeof panId !== "number" || typeof channel !== "number" || !isBytes(extendedPanId, 8) || !isBytes(key, 16)) {
    throw new Error("it is no Zigbee network");
  }
  return { panId, extendedPanId, channel, key };
}
