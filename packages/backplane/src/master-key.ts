import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { type Clock, randomHex, systemClock } from "@hearth/base";
import { type Database, UniqueViolation, type Write } from "./database.ts";
import { syncDirectory } from "./durable-files.ts";
import type { Sealer } from "./sealing.ts";

/** The master key is missing, malformed, or its file can be read by others. One line for a person. */
export class MasterKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MasterKeyError";
  }
}

/** The secrets in the database were sealed under another master key. */
export class MasterKeyMismatchError extends Error {
  constructor() {
    super("the secrets in the database are sealed under another master key than the one given");
    this.name = "MasterKeyMismatchError";
  }
}

const KEY_BYTES = 32;

function parseMasterKey(text: string, source: string): Uint8Array {
  const trimmed = text.trim();
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, "hex");
  // 32 bytes are 43 characters of base64 or base64url and perhaps one of padding.
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return Buffer.from(trimmed, "base64");
  throw new MasterKeyError(`${source} must hold 32 bytes as base64 or hex`);
}

/**
 * The 32 bytes of the master key: `value` (the setting HEARTH_MASTER_KEY) when given, else the content of `file`,
 * which is made with a random key when it is missing. Throws `MasterKeyError` for a malformed key and for a file that
 * its group or the world may read.
 */
export function loadMasterKey({ value, file }: { value?: string | undefined; file: string }): Uint8Array {
  if (value !== undefined && value !== "") return parseMasterKey(value, "HEARTH_MASTER_KEY");
  return readKeyFile(file) ?? createKeyFile(file);
}

function readKeyFile(file: string): Uint8Array | undefined {
  try {
    const { mode } = statSync(file);
    if ((mode & 0o077) !== 0) {
      throw new MasterKeyError(`${file} can be read by others; make it private (chmod 600 ${file})`);
    }
    return parseMasterKey(readFileSync(file, "utf8"), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Written beside and linked into place, so that a crash leaves the whole key or none and nobody's key is replaced. */
function createKeyFile(file: string): Uint8Array {
  const key = randomBytes(KEY_BYTES);
  const temporary = `${file}.${randomHex(6)}.new`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const handle = openSync(temporary, "wx", 0o600);
  try {
    writeSync(handle, `${key.toString("base64")}\n`);
    fsyncSync(handle);
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const other = readKeyFile(file);
    if (!other) throw error;
    return other;
  } finally {
    closeSync(handle);
    rmSync(temporary, { force: true });
    syncDirectory(dirname(file));
  }
  return key;
}

/** Where the key that follows lies until the database is under it. */
const nextOf = (file: string): string => `${file}.next`;

/** A key to rotate to, durable beside the one in `file`; one that a crash has left there is replaced. */
export function createNextMasterKey(file: string): Uint8Array {
  rmSync(nextOf(file), { force: true });
  return createKeyFile(nextOf(file));
}

/** The key that a crash has left beside `file`; undefined when there is none. */
export const readNextMasterKey = (file: string): Uint8Array | undefined => readKeyFile(nextOf(file));

/** The database is under the next key: it takes the place of the one in `file`. */
export function promoteNextMasterKey(file: string): void {
  renameSync(nextOf(file), file);
  syncDirectory(dirname(file));
}

/** The database is not under the next key, and will not be. */
export const dropNextMasterKey = (file: string): void => rmSync(nextOf(file), { force: true });

const PURPOSE = "master key check";

/** The database is used with another key from now on. */
export const replaceCanary = (sealer: Sealer): Write => ({
  sql: "UPDATE hearth_master_key SET canary = ? WHERE id = 1",
  params: [sealer.seal("hearth", PURPOSE)],
  rows: 1,
});

/**
 * Compares the sealer's key with the one that the database was first used with. Throws `MasterKeyMismatchError`.
 * Call it at start, before anything is sealed.
 */
export async function checkMasterKey(database: Database, sealer: Sealer, clock: Clock = systemClock): Promise<void> {
  const select = "SELECT canary FROM hearth_master_key WHERE id = 1";
  let [row] = await database.query<{ canary: Uint8Array }>(select);
  if (!row) {
    const insert = "INSERT INTO hearth_master_key (id, canary, created_at) VALUES (1, ?, ?)";
    try {
      return await database.commit([{ sql: insert, params: [sealer.seal("hearth", PURPOSE), clock.now()] }]);
    } catch (error) {
      if (!(error instanceof UniqueViolation)) throw error;
      // Another server on the same database was first.
      [row] = await database.query<{ canary: Uint8Array }>(select);
    }
  }
  try {
    if (row && sealer.openText(row.canary, PURPOSE) === "hearth") return;
  } catch {
    // Whatever does not open was sealed under another key.
  }
  throw new MasterKeyMismatchError();
}
