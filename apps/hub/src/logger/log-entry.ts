import type { JsonObject } from "@hearth/device-sdk";

/** Severities of runtime logs, from the least (reference 10.10). */
export const LOG_LEVELS = ["DEBUG", "INFO", "WARN", "ERROR"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a part has to say, on its way to the logger: body of the bus topic `log.entry`. */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  at: number;
  level: LogLevel;
  part: string;
  message: string;
}

/** Longest message that the platform takes in an upload. */
export const LONGEST_MESSAGE = 16_384;

export const severity = (level: LogLevel): number => LOG_LEVELS.indexOf(level);

export const isLogLevel = (value: unknown): value is LogLevel => LOG_LEVELS.includes(value as LogLevel);

/** One line of a log file, without its end: `2026-01-01T12:00:00.000Z WARN [CDMB] weak signal`. */
export function formatEntry({ at, level, part, message }: LogEntry): string {
  return `${new Date(at).toISOString()} ${level} [${part}] ${message}`;
}

/** As an upload has it; undefined for what is no line of a log file. */
export function parseLine(line: string): { timestamp: string; level: LogLevel; message: string } | undefined {
  const [timestamp = "", level = ""] = line.split(" ", 2);
  if (!isLogLevel(level) || Number.isNaN(Date.parse(timestamp))) return undefined;
  const message = line.slice(timestamp.length + level.length + 2);
  return message === "" ? undefined : { timestamp, level, message };
}

/** The entry that a body of `log.entry` is, on one line and no longer than what is taken; undefined when it is none. */
export function readEntry(body: JsonObject): LogEntry | undefined {
  const { at, level, part, message } = body;
  if (typeof at !== "number" || !(Math.abs(at) < 8.64e15) || !isLogLevel(level)) return undefined;
  if (typeof part !== "string" || typeof message !== "string" || !/^[\w.-]{1,64}$/.test(part)) return undefined;
  return { at, level, part, message: oneLine(message).slice(0, LONGEST_MESSAGE - part.length - 3) };
}

/** What could forge a line is replaced. */
const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, " ");
