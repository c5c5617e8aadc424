import { restoreBackup, verifyBackup } from "@hearth/backplane";
import { createLogger, type Logger, messageOf } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Configuration } from "./configuration.ts";
import { type Platform, startPlatform } from "./platform.ts";
import { allMigrations, databaseFile } from "./store.ts";

/** A platform that can put a backup in place of its own data: it stops, swaps the file and starts again. */
export interface Server {
  /** The platform that runs now, or is being started on a restored backup. */
  platform(): Promise<Platform>;
  stop(): Promise<void>;
}

/** Time for the answer to RestoreBackup to leave before the doors close. */
const ANSWER_MS = 50;

/** `failed` is called when the platform could not be started again after a restore. */
export async function startServer(
  configuration: Configuration,
  given: { log?: Logger; failed?: (error: unknown) => void } = {},
): Promise<Server> {
  const log = given.log ?? createLogger(configuration.logLevel);
  let current: Promise<Platform>;

  const swap = async (path: string, before: Platform): Promise<Platform> => {
    await new Promise((done) => setTimeout(done, ANSWER_MS));
    await before.stop();
    await restoreBackup({ from: path, to: databaseFile(configuration.dataDir), migrations: allMigrations });
    log.warn({ path }, "restored from a backup");
    return start(portsOf(before, configuration.listeners));
  };

  const start = (ports: Partial<Configuration>): Promise<Platform> =>
    startPlatform(
      { ...configuration, ...ports },
      {
        log,
        async restore(path) {
          try {
            await verifyBackup(path, allMigrations);
          } catch (error) {
            throw new ServiceError("ConflictException", messageOf(error));
          }
          const before = await current;
          current = swap(path, before);
          current.catch((error) => {
            log.fatal({ error: messageOf(error) }, "not started again after a restore");
            given.failed?.(error);
          });
        },
      },
    );

  current = start({});
  await current;
  return {
    platform: () => current,
    async stop() {
      await (await current).stop();
    },
  };
}

/** Whoever is connected comes back to the same ports. */
const portsOf = ({ ports }: Platform, listeners: Configuration["listeners"]): Partial<Configuration> => ({
  listeners: listeners.map((listener) => ({ ...listener, port: ports.named[listener.name] ?? listener.port })),
  apiPort: ports.api,
  httpsPort: ports.https,
  mqttsPort: ports.mqtts,
  tlsPort: ports.tls,
  ...(ports.callback === undefined ? {} : { callbackPort: ports.callback }),
  openMqttPort: ports.openMqtt,
});
