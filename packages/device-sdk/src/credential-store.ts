import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { randomHex } from "@hearth/base";
import { CredentialStoreError } from "./errors.ts";
import { isObject } from "./json.ts";

/** A certificate and its key, both PEM. */
export interface KeyPair {
  certificate: string;
  privateKey: string;
}

/** The permanent certificate, and who the device is with it. */
export interface DeviceCredential extends KeyPair {
  certificateId: string;
  managedThingId: string;
  clientId: string;
  thingName: string;
}

/** A certificate that the platform has issued but not yet tied to a thing. */
export interface PendingCredential extends KeyPair {
  certificateId: string;
  certificateOwnershipToken: string;
  /** Milliseconds since the epoch; the token lives one hour (reference 6). */
  createdAt: number;
}

/**
 * What the store holds, by label. The first three labels are the reference's (11.2); the others are the SDK's own
 * bookkeeping.
 */
export interface StoredRecords {
  "Root Cert": { certificate: string };
  "Claim Cert": KeyPair;
  "Device Cert": DeviceCredential;
  "Pending Cert": PendingCredential;
  /** The first event number that no message has taken and no running process may take. */
  "Event Number": { next: number };
  /** Jobs that nobody has taken yet and updates that the platform has not heard, as JSON. */
  "Job Queue": { content: string };
}

export type CredentialLabel = keyof StoredRecords;

/**
 * Keeps credentials across restarts. `save` replaces the record as a whole and returns when it is durable: after a
 * power cut the store holds the old record or the new one, never a mixture. Put a secure element behind this
 * interface in production (reference 11.6).
 */
export interface CredentialStore {
  load<L extends CredentialLabel>(label: L): Promise<StoredRecords[L] | undefined>;
  save<L extends CredentialLabel>(label: L, record: StoredRecords[L]): Promise<void>;
  erase(label: CredentialLabel): Promise<void>;
}

const MEMBERS: { [L in CredentialLabel]: { [M in keyof StoredRecords[L]]: "string" | "number" } } = {
  "Root Cert": { certificate: "string" },
  "Claim Cert": { certificate: "string", privateKey: "string" },
  "Device Cert": {
    certificate: "string",
    privateKey: "string",
    certificateId: "string",
    managedThingId: "string",
    clientId: "string",
    thingName: "string",
  },
  "Pending Cert": {
    certificate: "string",
    privateKey: "string",
    certificateId: "string",
    certificateOwnershipToken: "string",
    createdAt: "number",
  },
  "Event Number": { next: "number" },
  "Job Queue": { content: "string" },
};

/**
 * A store in one directory (made with mode 0700), one file of mode 0600 for each label. One process at a time.
 * Throws CredentialStoreError for a file that it did not write.
 */
export async function openFileCredentialStore(directory: string): Promise<CredentialStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // What a crash in the middle of a save left behind; it may hold a key.
  for (const name of await readdir(directory)) {
    if (/^\.[a-z-]+\.json\.[0-9a-f]+$/.test(name)) await rm(join(directory, name), { force: true });
  }
  const pathOf = (label: CredentialLabel) => join(directory, fileName(label));

  return {
    async load(label) {
      const path = pathOf(label);
      let content: string;
      try {
        content = await readFile(path, "utf8");
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw new CredentialStoreError(`cannot read ${path}`, error);
      }
      return parseRecord(label, content, path);
    },

    async save(label, record) {
      const temporary = join(directory, `.${fileName(label)}.${randomHex(6)}`);
      try {
        const file = await open(temporary, "wx", 0o600);
        try {
          await file.writeFile(JSON.stringify(record));
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(temporary, pathOf(label));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      await syncDirectory(directory);
    },

    async erase(label) {
      await rm(pathOf(label), { force: true });
      await syncDirectory(directory);
    },
  };
}

/** A store that forgets everything with the process, for tests and simulations. */
export function createMemoryCredentialStore(): CredentialStore {
  const records = new Map<CredentialLabel, string>();
  return {
    async load(label) {
      const content = records.get(label);
      return content === undefined ? undefined : parseRecord(label, content, label);
    },
    async save(label, record) {
      records.set(label, JSON.stringify(record));
    },
    async erase(label) {
      records.delete(label);
    },
  };
}

const fileName = (label: CredentialLabel): string => `${label.toLowerCase().replaceAll(" ", "-")}.json`;

function parseRecord<L extends CredentialLabel>(label: L, content: string, where: string): StoredRecords[L] {
  let record: unknown;
  try {
    record = JSON.parse(content);
  } catch (error) {
    throw new CredentialStoreError(`${where} is damaged`, error);
  }
  const isRecord = (value: unknown): value is StoredRecords[L] =>
    isObject(value) && Object.entries(MEMBERS[label]).every(([name, type]) => typeof value[name] === type);
  if (!isRecord(record)) throw new CredentialStoreError(`${where} does not hold a ${label}`);
  return record;
}

/** A rename is durable once its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
