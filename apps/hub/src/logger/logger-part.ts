import { join } from "node:path";
import { messageOf } from "@hearth/base";
import type { Json, JsonObject } from "@hearth/device-sdk";
import type { Part, PartContext } from "../part.ts";
import { openJsonFile } from "../state/json-file.ts";
import {
  DEFAULT_LOCATION,
  DEFAULT_LOG_CONFIGURATION,
  type LogConfiguration,
  parseLogConfiguration,
} from "./log-configuration.ts";
import { formatEntry, parseLine, readEntry, severity } from "./log-entry.ts";
import { MANY_WAITING, openLogStore } from "./log-store.ts";
import { uploads } from "./upload.ts";

/** Longest time that a line waits for its place on disk. */
const FLUSH_AFTER = 1_000;
const MINUTE = 60_000;

/**
 * Writes what the parts log (bus topic `log.entry`) to files and uploads them, as RUNTIME_LOG_CONFIGURATION says
 * (reference 10.10). Serves `log`: `level`, `flush`, and `reset` for off-boarding. Publishes `log.level`.
 */
export function createLoggerPart(): Part {
  return { name: "Logger", start: startLogger };
}

async function startLogger({ bus, clock, log, directory, settings }: PartContext): Promise<{ stop(): Promise<void> }> {
  const file = await openJsonFile<LogConfiguration>(
    join(directory, "runtime-log-configuration.json"),
    parseLogConfiguration,
    DEFAULT_LOG_CONFIGURATION,
    { recover: (error) => log.warn(error.message) },
  );
  const placeOf = ({ LocalStoreLocation: location }: LogConfiguration): string =>
    location === DEFAULT_LOCATION ? settings.logDirectory : location;
  const limitsOf = (configuration: LogConfiguration) => ({
    maxBytes: configuration.LocalStoreFileRotationMaxBytes,
    maxFiles: configuration.LocalStoreFileRotationMaxFiles,
  });
  let configuration = file.value;
  let place = placeOf(configuration);
  let store = await openLogStore(place, limitsOf(configuration), clock).catch((error) => {
    if (place === settings.logDirectory) throw error;
    log.error(`${place} takes no log: ${messageOf(error)}; logs go to ${settings.logDirectory}`);
    place = settings.logDirectory;
    return openLogStore(place, limitsOf(configuration), clock);
  });
  let stopFlush: (() => void) | undefined;
  let stopUpload = () => {};
  let stopped = false;
  let turn: Promise<unknown> = Promise.resolve();
  let diskFails = false;

  const flush = async (sync: boolean): Promise<void> => {
    stopFlush?.();
    stopFlush = undefined;
    try {
      await store.flush(sync);
      diskFails = false;
    } catch (error) {
      // Said once: its own line would wait too.
      if (!diskFails) log.error(`${place} takes no log: ${messageOf(error)}; the lines wait in memory`);
      diskFails = true;
      flushSoon();
    }
  };
  const flushSoon = (): void => {
    stopFlush ??= clock.after(FLUSH_AFTER, () => void flush(false));
  };

  const take = (body: JsonObject): void => {
    const entry = readEntry(body);
    if (!entry || severity(entry.level) < severity(configuration.LogLevel)) return;
    const waiting = store.append(formatEntry(entry));
    const { LogFlushLevel: flushLevel } = configuration;
    if (flushLevel && severity(entry.level) >= severity(flushLevel)) void flush(true);
    else if (waiting === MANY_WAITING) void flush(false);
    else flushSoon();
  };

  const upload = async (): Promise<void> => {
    const { connected } = await bus.request("mqtt", "status", {});
    if (connected !== true) return;
    for (const name of await store.rotated()) {
      const lines = await store.read(name);
      const entries = (lines ?? []).flatMap((line) => parseLine(line) ?? []);
      for (const message of uploads(entries)) {
        await bus.request("mqtt", "send", { channel: "logs", message: { entries: message }, durable: true });
      }
      if (lines) await store.settle(name, configuration.DeleteLocalStoreAfterUpload, clock.now());
    }
  };
  const armUpload = (): void => {
    stopUpload();
    if (!configuration.UploadLog || stopped) return;
    stopUpload = clock.after(configuration.UploadPeriodMinutes * MINUTE, () => {
      upload()
        .catch((error) => log.warn(`the log was not uploaded and will be tried again: ${messageOf(error)}`))
        .finally(armUpload);
    });
  };

  const apply = async (next: LogConfiguration): Promise<void> => {
    const nextPlace = placeOf(next);
    // Its own error when the directory cannot be made: everything stays as it is.
    const moved = nextPlace === place ? undefined : await openLogStore(nextPlace, limitsOf(next), clock);
    await file.replace(next);
    configuration = next;
    if (moved) {
      await flush(false);
      // A full disk may be why it is moved.
      for (const line of store.takeWaiting()) moved.append(line);
      store = moved;
      place = nextPlace;
      flushSoon();
    }
    store.limits = limitsOf(next);
    bus.publish("log.level", { level: next.LogLevel });
    armUpload();
  };
  const configure = (given: Json | undefined): Promise<void> => {
    const done = turn.then(() => apply(parseLogConfiguration(given ?? {})));
    turn = done.catch((error) => log.error(`the runtime log configuration is not taken: ${messageOf(error)}`));
    return done;
  };

  const stops = [
    bus.subscribe("log.entry", take),
    bus.subscribe("mqtt.south.setup", (message) => {
      if (message.messageType !== "RUNTIME_LOG_CONFIGURATION" || message.managedThingId !== undefined) return;
      configure(message.configuration).catch(() => {});
    }),
    bus.serve("log", {
      level: async () => ({ level: configuration.LogLevel }),
      async flush() {
        await store.flush(true);
        return {};
      },
      async reset() {
        await configure({});
        return {};
      },
    }),
  ];
  bus.publish("log.level", { level: configuration.LogLevel });
  armUpload();

  return {
    async stop() {
      stopped = true;
      for (const stop of stops) stop();
      stopUpload();
      await turn;
      await flush(true);
      stopFlush?.();
    },
  };
}
