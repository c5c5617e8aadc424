import { writeSync } from "node:fs";
import { type Clock, createLogger, type Logger, systemClock } from "@hearth/base";
import type { Bus } from "../bus/bus.ts";
import { isLogLevel, LONGEST_MESSAGE, type LogEntry, type LogLevel, severity } from "./log-entry.ts";
import { createLogThrottle } from "./log-throttle.ts";

/** Entries that wait for the logger, while it is not there. */
const WAITING = 500;

/** Pino's number of what ends a process: said always. */
const FATAL = 60;

const LEVELS: Readonly<Record<number, LogLevel>> = { 20: "DEBUG", 30: "INFO", 40: "WARN", 50: "ERROR", 60: "ERROR" };

/** The logs of one process's parts: to standard error as they are, and over the bus to the logger. */
export interface ProcessLog {
  logOf(part: string): Logger;
  /** From now on entries go to the logger, wherever it runs; those so far follow. */
  attach(bus: Bus): void;
}

/** `level` is of what standard error gets; the logger gets what its configuration asks for. */
export function createProcessLog(level: LogLevel, write = writeToStderr, clock: Clock = systemClock): ProcessLog {
  const throttle = createLogThrottle(clock);
  let waiting: LogEntry[] = [];
  let send: ((entry: LogEntry) => void) | undefined;
  // Until the logger has said what it wants.
  let wanted: LogLevel = "INFO";

  const take = (line: string): void => {
    const { level: number, time, part, msg, ...fields } = JSON.parse(line);
    const isWanted = severity(LEVELS[number] ?? "ERROR") >= Math.min(severity(level), severity(wanted));
    if (!isWanted) return;
    const leftOut = number >= FATAL ? 0 : throttle.admit(part ?? "hub", msg ?? "");
    if (leftOut === undefined) return;
    if (leftOut > 0) fields.leftOut = leftOut;
    const message = Object.keys(fields).length > 0 ? `${msg ?? ""} ${JSON.stringify(fields)}`.trim() : (msg ?? "");
    const entry: LogEntry = {
      at: Date.parse(time),
      level: LEVELS[number] ?? "ERROR",
      part: part ?? "hub",
      message: message.slice(0, LONGEST_MESSAGE),
    };
    if (severity(entry.level) >= severity(level)) {
      write(leftOut > 0 ? `${JSON.stringify({ level: number, time, part, ...fields, msg })}\n` : line);
    }
    if (severity(entry.level) < severity(wanted)) return;
    if (send) send(entry);
    else if (waiting.push(entry) > WAITING) waiting.shift();
  };
  const root = createLogger("debug", { write: take });

  return {
    logOf: (part) => root.child({ part }),
    attach(bus) {
      const setLevel = (value: unknown): void => {
        if (isLogLevel(value)) wanted = value;
      };
      bus.subscribe("log.level", ({ level: value }) => setLevel(value));
      bus.onPresence((service, there) => {
        if (service !== "log") return;
        if (!there) {
          send = undefined;
          return;
        }
        send = (entry) => bus.publish("log.entry", { ...entry });
        bus.request("log", "level", {}).then(
          ({ level: value }) => setLevel(value),
          () => {},
        );
        const entries = waiting;
        waiting = [];
        for (const entry of entries) send(entry);
      });
    },
  };
}

/** Who reads it may be gone: that is nobody's reason to end. */
function writeToStderr(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // Said to the logger all the same.
  }
}
