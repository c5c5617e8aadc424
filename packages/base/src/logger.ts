import { type Logger as Pino, pino } from "pino";

/** Structured log: `log.info({ clientId }, "connected")`. Never pass a secret or a whole request. */
export type Logger = Pick<Pino, "debug" | "info" | "warn" | "error" | "fatal"> & {
  child(bindings: Record<string, unknown>): Logger;
};

export type LogLevel = "debug" | "info" | "warn" | "error" | "fatal" | "silent";

/** JSON lines on standard error, so that standard output stays for people; or to `destination`, a line at a time. */
export function createLogger(
  level: LogLevel,
  destination: { write(line: string): void } = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

export const silentLogger: Logger = pino({ level: "silent" });
