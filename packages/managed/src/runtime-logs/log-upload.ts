import { LOG_LEVELS, type LogLevel } from "../event-logs/event-log-configuration-store.ts";

export const MOST_ENTRIES = 1_000;
const LONGEST_MESSAGE = 16 * 1024;
/** The broker's limit of a payload. */
const MOST_BYTES = 128 * 1024;

const DAY = 86_400_000;

/** What a device may be off by: AWS's log groups take nothing older or newer (PutLogEvents). */
const OLDEST_MS = 14 * DAY;
const NEWEST_MS = 2 * 3_600_000;

export interface UploadedEntry {
  /** Milliseconds. */
  at: number;
  message: string;
}

/**
 * The entries of an upload (docs/device-protocol.md, "Logs") in order of time, as log events; or why it is none.
 * An entry whose time a log group would not take gets the time of its arrival.
 */
export function parseUpload(payload: Uint8Array, now: number): { entries: UploadedEntry[] } | { refused: string } {
  if (payload.byteLength > MOST_BYTES) return { refused: `The payload must have at most ${MOST_BYTES} bytes.` };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    return { refused: "The payload must be JSON in UTF-8." };
  }
  const given = isObject(value) ? value["entries"] : undefined;
  if (!Array.isArray(given) || given.length < 1 || given.length > MOST_ENTRIES) {
    return { refused: `entries must be a list of 1 to ${MOST_ENTRIES} items.` };
  }
  const entries: UploadedEntry[] = [];
  for (const [index, entry] of given.entries()) {
    const parsed = isObject(entry) ? parseEntry(entry, now) : "must be an object";
    if (typeof parsed === "string") return { refused: `entries[${index}]: ${parsed}.` };
    entries.push(parsed);
  }
  return { entries: entries.sort((a, b) => a.at - b.at) };
}

function parseEntry(entry: Record<string, unknown>, now: number): UploadedEntry | string {
  const { timestamp, level, message } = entry;
  const at = typeof timestamp === "string" && timestamp.length <= 40 ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(at)) return "timestamp must be a time in ISO 8601";
  if (!LOG_LEVELS.includes(level as LogLevel)) return `level must be one of ${LOG_LEVELS.join(", ")}`;
  if (typeof message !== "string" || message === "" || message.length > LONGEST_MESSAGE) {
    return `message must have 1 to ${LONGEST_MESSAGE} characters`;
  }
  const taken = at > now - OLDEST_MS && at < now + NEWEST_MS;
  return { at: taken ? at : now, message: `${level} ${message}` };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
