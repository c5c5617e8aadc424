import type { ManagedIntegrations } from "@hearth/contract";
import type { Message } from "@hearth/iot";
import { invalid } from "../errors.ts";

export type RuntimeLogConfiguration = ManagedIntegrations.RuntimeLogConfigurations;

/** Reference 10.10, reading U36. Without a LogFlushLevel nothing is flushed at once. */
const DEFAULTS: RuntimeLogConfiguration = {
  LogLevel: "WARN",
  LocalStoreLocation: "/var/log/awsiotmi",
  LocalStoreFileRotationMaxBytes: 125_000,
  LocalStoreFileRotationMaxFiles: 5,
  UploadLog: false,
  UploadPeriodMinutes: 5,
  DeleteLocalStoreAfterUpload: true,
};

/** What a device goes by: what was put for it, and the defaults for the rest. */
export const effective = (put: RuntimeLogConfiguration | undefined): RuntimeLogConfiguration => ({
  ...DEFAULTS,
  ...put,
});

/** Ranges of whole numbers that a device can follow; the model names none. */
const RANGES = {
  LocalStoreFileRotationMaxBytes: [1, 125_000],
  LocalStoreFileRotationMaxFiles: [1, 1_000],
  UploadPeriodMinutes: [1, 10_080],
} as const;

/** Throws `ValidationException`. */
export function checkConfiguration(configuration: RuntimeLogConfiguration): void {
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = configuration[name as keyof typeof RANGES];
    if (value !== undefined && (value < least || value > most)) {
      throw invalid(`${name} must be from ${least} to ${most}.`);
    }
  }
  const location = configuration.LocalStoreLocation;
  if (location !== undefined && (location === "" || location.length > 4_096 || location.includes("\u0000"))) {
    throw invalid("LocalStoreLocation must be a directory's path of 1 to 4096 characters.");
  }
}

/** Tells a device what to go by (docs/device-protocol.md, "Logs"). */
export const configurationMessage = (
  device: { accountId: string; id: string },
  configuration: RuntimeLogConfiguration | undefined,
  now: number,
): Message => ({
  accountId: device.accountId,
  topic: `south/${device.id}/setup`,
  payload: Buffer.from(
    JSON.stringify({
      messageType: "RUNTIME_LOG_CONFIGURATION",
      timestamp: new Date(now).toISOString(),
      configuration: effective(configuration),
    }),
  ),
  qos: 1,
  retain: false,
});
