import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { migrations as authMigrations } from "@hearth/auth";
import {
  migrations as backplaneMigrations,
  checkMasterKey,
  compactSqlite,
  createNextMasterKey,
  createSealer,
  type Database,
  DirectoryLockedError,
  dropNextMasterKey,
  type Keyring,
  loadMasterKey,
  lockDirectory,
  MasterKeyError,
  MasterKeyMismatchError,
  type Migration,
  MigrationChangedError,
  NewerDatabaseError,
  openKeyring,
  openPostgres,
  openSqlite,
  promoteNextMasterKey,
  readNextMasterKey,
  type Sealer,
  sealPlainRows,
} from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { migrations as brokerMigrations, plainMessages } from "@hearth/broker";
import { migrations as functionMigrations } from "@hearth/functions";
import { migrations as iotMigrations, plainShadows } from "@hearth/iot";
import { migrations as managedMigrations, plainManagedRows } from "@hearth/managed";
import { plainRecords, migrations as standInMigrations } from "@hearth/stand-ins";
import type { Configuration } from "./configuration.ts";
import { serverCertificateMigrations } from "./server-certificate.ts";

/** The server cannot start on this data; the message says why and what to do. */
export class StoreError extends Error {}

export interface Store {
  database: Database;
  sealer: Sealer;
  /** Undefined when the master key comes from the environment. */
  rotateMasterKey?: () => Promise<void>;
  /** Undefined on PostgreSQL, which has tools of its own for this. */
  backup?: (path: string) => Promise<void>;
  close(): Promise<void>;
}

/** The tables of every room. */
export const allMigrations: readonly Migration[] = [
  ...backplaneMigrations,
  ...serverCertificateMigrations,
  ...authMigrations,
  ...iotMigrations,
  ...brokerMigrations,
  ...standInMigrations,
  ...functionMigrations,
  ...managedMigrations,
];

/** What earlier versions have stored as plain text, of every room. */
const plainRows = [...plainMessages, ...plainShadows, ...plainRecords, ...plainManagedRows];

export const databaseFile = (dataDir: string): string => join(dataDir, "hearth.db");

/** Opens the data directory: its lock, the master key, the database. */
export async function openStore(configuration: Configuration, clock: Clock, log: Logger): Promise<Store> {
  const { dataDir, databaseUrl, unsafeNoFsync } = configuration;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreError(`The data directory ${dataDir} cannot be made: ${messageOf(error)}. Set HEARTH_DATA_DIR.`);
  }
  const lock = locked(dataDir);
  try {
    const keyFile = join(dataDir, "master.key");
    const fromFile = configuration.masterKey === undefined || configuration.masterKey === "";
    let masterKey = loadMasterKey({ value: configuration.masterKey, file: keyFile });
    const migrations = [...allMigrations];
    // SQLite opens what it may only read, and fails with the first write.
    if (databaseUrl === undefined && existsSync(databaseFile(dataDir)))
      accessSync(databaseFile(dataDir), constants.W_OK);
    const openEmbedded = () => openSqlite({ file: databaseFile(dataDir), migrations, log, clock, unsafeNoFsync });
    let sqlite = databaseUrl === undefined ? await openEmbedded() : undefined;
    let database = sqlite ?? (await openPostgres({ url: databaseUrl ?? "", migrations, log, clock }));
    try {
      if (fromFile) masterKey = await afterRotation(database, masterKey, keyFile, clock);
      await checkMasterKey(database, createSealer(masterKey), clock);
      const { sealer } = await openKeyring({ database, masterKey, clock });
      const hadPlainRows = await sealPlainRows({ database, sealer, clock, log }, plainRows);
      if (hadPlainRows && sqlite) {
        await sqlite.close();
        compactSqlite(databaseFile(dataDir));
        sqlite = await openEmbedded();
        database = sqlite;
      }
    } catch (error) {
      await database.close();
      throw error;
    }
    const backup = sqlite?.backup.bind(sqlite);
    const keyring = await openKeyring({ database, masterKey, clock });
    let rotating: Promise<void> | undefined;
    const rotateMasterKey = () => {
      rotating ??= rotate(keyring, keyFile).finally(() => {
        rotating = undefined;
      });
      return rotating;
    };
    return {
      database,
      sealer: keyring.sealer,
      ...(fromFile ? { rotateMasterKey } : {}),
      ...(backup ? { backup } : {}),
      async close() {
        await database.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw explained(error, dataDir, databaseUrl);
  }
}

/** First the key, then the database, then the key's place: whatever a crash leaves, the next start has the right one. */
async function rotate(keyring: Keyring, keyFile: string): Promise<void> {
  await keyring.rotate(createNextMasterKey(keyFile));
  promoteNextMasterKey(keyFile);
}

/** The key that the database is under, where a rotation was cut off. */
async function afterRotation(
  database: Database,
  masterKey: Uint8Array,
  keyFile: string,
  clock: Clock,
): Promise<Uint8Array> {
  const next = readNextMasterKey(keyFile);
  if (!next) return masterKey;
  try {
    await checkMasterKey(database, createSealer(masterKey), clock);
  } catch (error) {
    if (!(error instanceof MasterKeyMismatchError)) throw error;
    await checkMasterKey(database, createSealer(next), clock);
    promoteNextMasterKey(keyFile);
    return next;
  }
  dropNextMasterKey(keyFile);
  return masterKey;
}

function locked(dataDir: string) {
  try {
    return lockDirectory(dataDir);
  } catch (error) {
    throw explained(error, dataDir);
  }
}

/** One clear line for what an operator can put right; anything else stays as it is. */
function explained(error: unknown, dataDir: string, databaseUrl?: string): unknown {
  if (error instanceof DirectoryLockedError) {
    return new StoreError(`Another Hearth runs on ${dataDir}. Stop it, or set HEARTH_DATA_DIR to another directory.`);
  }
  if (error instanceof NewerDatabaseError) {
    return new StoreError(
      `The database in ${dataDir} was written by a newer Hearth: ${error.message}. Upgrade this one.`,
    );
  }
  if (error instanceof MigrationChangedError)
    return new StoreError(`The database in ${dataDir} does not fit: ${error.message}.`);
  if (error instanceof MasterKeyMismatchError) {
    return new StoreError(`HEARTH_MASTER_KEY (or ${dataDir}/master.key) is not the key of this database.`);
  }
  if (error instanceof MasterKeyError) return new StoreError(`The master key cannot be used: ${error.message}.`);
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code !== "string") return error;
  if (databaseUrl !== undefined) {
    // The URL itself holds a password.
    const { host, pathname } = new URL(databaseUrl);
    // Two addresses of one name fail with no message of their own.
    const why = messageOf(error).split("\n")[0] || code;
    return new StoreError(`PostgreSQL at ${host}${pathname} cannot be used: ${why}. See HEARTH_DATABASE_URL.`);
  }
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT")) {
    const file = databaseFile(dataDir);
    return new StoreError(
      `The database ${file} is damaged (${messageOf(error)}). Put a backup in its place: hearth restore <name>.`,
    );
  }
  if (code === "SQLITE_FULL" || code === "ENOSPC") {
    return new StoreError(
      `There is no room left for the data directory ${dataDir}. Make some, or set HEARTH_DATA_DIR.`,
    );
  }
  const unwritable =
    ["EACCES", "EROFS", "EPERM", "SQLITE_CANTOPEN"].includes(code) || code.startsWith("SQLITE_READONLY");
  if (unwritable) {
    return new StoreError(
      `The data directory ${dataDir} cannot be written by this user. Set HEARTH_DATA_DIR to one that can.`,
    );
  }
  return error;
}
