/** Timestamps are epoch seconds, possibly with a fraction, everywhere behind the door. */
export type TimestampFormat = "epoch-seconds" | "iso8601" | "http-date";

const ISO8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})? GMT$/;
const DECIMAL = /^-?\d{1,15}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?$/;

/** Epoch seconds, or undefined where the text is no timestamp of that format. */
export function parseTimestamp(text: string, format: TimestampFormat): number | undefined {
  if (format === "epoch-seconds") return DECIMAL.test(text) ? Number(text) : undefined;
  if (!(format === "iso8601" ? ISO8601 : HTTP_DATE).test(text)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/** Text of `seconds`; whole seconds without a fraction. */
export function formatTimestamp(seconds: number, format: TimestampFormat): string {
  if (format === "epoch-seconds") return String(seconds);
  const date = new Date(Math.round(seconds * 1000));
  return format === "http-date" ? date.toUTCString() : date.toISOString().replace(".000Z", "Z");
}
