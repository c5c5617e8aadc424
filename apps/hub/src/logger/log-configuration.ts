import { isAbsolute } from "node:path";
import { isLogLevel, type LogLevel } from "./log-entry.ts";

/** Runtime logs as PutRuntimeLogConfiguration sets them (reference 10.10), complete. */
export interface LogConfiguration {
  LogLevel: LogLevel;
  /** What is at least as severe is on disk at once; without it within a second. */
  LogFlushLevel?: LogLevel;
  LocalStoreLocation: string;
  LocalStoreFileRotationMaxBytes: number;
  LocalStoreFileRotationMaxFiles: number;
  UploadLog: boolean;
  UploadPeriodMinutes: number;
  DeleteLocalStoreAfterUpload: boolean;
}

/** The reference's directory stands for the hub's own, which `--logs` names. */
export const DEFAULT_LOCATION = "/var/log/awsiotmi";
const MOST_BYTES = 125_000;
const MOST_FILES = 100;
const LONGEST_PERIOD = 7 * 24 * 60;

export const DEFAULT_LOG_CONFIGURATION: Readonly<LogConfiguration> = {
  LogLevel: "WARN",
  LocalStoreLocation: DEFAULT_LOCATION,
  LocalStoreFileRotationMaxBytes: MOST_BYTES,
  LocalStoreFileRotationMaxFiles: 5,
  UploadLog: false,
  UploadPeriodMinutes: 5,
  DeleteLocalStoreAfterUpload: true,
};

/** What is missing gets its default; numbers are kept within what the hub can do. Throws, by name, for what is wrong. */
export function parseLogConfiguration(value: unknown): LogConfiguration {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is no object");
  const given = value as Record<string, unknown>;
  const or = <T>(name: keyof LogConfiguration, fallback: T, take: (value: unknown) => T | undefined): T => {
    const raw = given[name];
    if (raw === undefined || raw === null) return fallback;
    const taken = take(raw);
    if (taken === undefined) throw new Error(`${name} cannot be ${JSON.stringify(raw).slice(0, 80)}`);
    return taken;
  };
  const level = (raw: unknown): LogLevel | undefined => (isLogLevel(raw) ? raw : undefined);
  const flag = (raw: unknown): boolean | undefined => (typeof raw === "boolean" ? raw : undefined);
  const count = (least: number, most: number) => (raw: unknown) =>
    Number.isSafeInteger(raw) && (raw as number) >= least ? Math.min(raw as number, most) : undefined;
  const defaults = DEFAULT_LOG_CONFIGURATION;
  const flush = or<LogLevel | "DISABLED">("LogFlushLevel", "DISABLED", (raw) =>
    raw === "DISABLED" ? raw : level(raw),
  );
  return {
    LogLevel: or("LogLevel", defaults.LogLevel, level),
    ...(flush !== "DISABLED" && { LogFlushLevel: flush }),
    LocalStoreLocation: or("LocalStoreLocation", defaults.LocalStoreLocation, (raw) =>
      typeof raw === "string" && isAbsolute(raw) && raw.length <= 1_024 && !raw.includes("\0") ? raw : undefined,
    ),
    LocalStoreFileRotationMaxBytes: or(
      "LocalStoreFileRotationMaxBytes",
      defaults.LocalStoreFileRotationMaxBytes,
      count(1, MOST_BYTES),
    ),
    LocalStoreFileRotationMaxFiles: or(
      "LocalStoreFileRotationMaxFiles",
      defaults.LocalStoreFileRotationMaxFiles,
      count(1, MOST_FILES),
    ),
    UploadLog: or("UploadLog", defaults.UploadLog, flag),
    UploadPeriodMinutes: or("UploadPeriodMinutes", defaults.UploadPeriodMinutes, count(1, LONGEST_PERIOD)),
    DeleteLocalStoreAfterUpload: or("DeleteLocalStoreAfterUpload", defaults.DeleteLocalStoreAfterUpload, flag),
  };
}
