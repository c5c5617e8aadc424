import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { BackupUnusableError, DirectoryLockedError, NewerDatabaseError, restoreBackup } from "@hearth/backplane";
import { ServiceException } from "@hearth/client";
import { CommandError } from "../command-error.ts";
import { loadConfiguration } from "../configuration.ts";
import { runningServer } from "../running-server.ts";
import { allMigrations, databaseFile } from "../store.ts";
import { backupDirectory } from "./backups.ts";

const told = (error: unknown): Error =>
  error instanceof ServiceException ? new CommandError(error.message) : (error as Error);

/** `hearth backup`: asks the running server for a copy of its database. */
export async function backup(given?: string): Promise<void> {
  const server = runningServer();
  if (!(await server.answers()))
    throw new CommandError(`${server.file.apiEndpoint} does not answer. Start the server.`);
  const name = given ?? `hearth-${new Date().toISOString().replaceAll(/[:.]/g, "-")}.db`;
  process.stdout.write("Copying the database ...\n");
  const made = await server
    .client("hearth")
    .createBackup({ Name: name })
    .catch((error) => Promise.reject(told(error)));
  process.stdout.write(`${made.Path} (${(made.SizeBytes / 1024).toFixed(0)} KiB)\n`);
  const objects = join(loadConfiguration().dataDir, "objects");
  process.stdout.write(`The bytes of objects in buckets are not in it: copy ${objects} as well.\n`);
  process.stdout.write(`It opens only with this installation's master key: keep ${masterKeyPlace()} somewhere else.\n`);
}

/** `hearth restore`: through the running server, or directly where none runs. */
export async function restore(nameOrPath: string): Promise<void> {
  const { dataDir } = loadConfiguration();
  const directory = backupDirectory(dataDir);
  const inside = join(directory, basename(nameOrPath));
  const from = existsSync(nameOrPath) && nameOrPath.includes("/") ? resolve(nameOrPath) : inside;
  if (!existsSync(from)) throw new CommandError(`There is no backup ${from}.`);

  const server = existsSync(join(dataDir, "hearth.json")) ? runningServer() : undefined;
  if (!server || !(await server.answers())) {
    try {
      await restoreBackup({ from, to: databaseFile(dataDir), migrations: allMigrations });
    } catch (error) {
      if (error instanceof DirectoryLockedError) {
        throw new CommandError("A server runs on this data directory but does not answer. Stop it first.");
      }
      if (error instanceof BackupUnusableError || error instanceof NewerDatabaseError) {
        throw new CommandError(error.message);
      }
      throw error;
    }
    process.stdout.write(`Restored ${from}. Start the server.\n`);
    return;
  }
  if (from !== inside) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    copyFileSync(from, inside);
  }
  process.stdout.write("The server takes the backup over ...\n");
  await server
    .client("hearth")
    .restoreBackup({ Name: basename(inside) })
    .catch((error) => Promise.reject(told(error)));
  // It answers the request, then starts anew on the restored data.
  await new Promise((done) => setTimeout(done, 500));
  for (const end = Date.now() + 60_000; !(await runningServer().answers()); ) {
    if (Date.now() > end) throw new CommandError("The server has not come back within a minute; see its log.");
    await new Promise((done) => setTimeout(done, 100));
  }
  process.stdout.write(`Restored ${from}; the server runs on it.\n`);
}

const masterKeyPlace = (): string => {
  const { masterKey, dataDir } = loadConfiguration();
  return masterKey ? "HEARTH_MASTER_KEY" : join(dataDir, "master.key");
};
