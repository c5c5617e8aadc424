import { crc32 } from "node:zlib";

/** Characters of a record's JSON. */
export const MAX_RECORD = 1_048_576;

const NEWLINE = 0x0a;

/** A line of a log: `<CRC-32 of the rest> <position> <JSON>`, so that a damaged one is told from a whole one. */
export function encodeRecord(position: number, json: string): string {
  const rest = `${position} ${json}`;
  return `${crc32(rest).toString(16).padStart(8, "0")} ${rest}\n`;
}

/** The whole lines in order of position; what lies between them is damaged and left out. */
export function* scanRecords(bytes: Buffer): Generator<{ position: number; text: string; end: number }> {
  let begin = 0;
  let previous = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, begin)) {
    const line = bytes.subarray(begin, end);
    begin = end + 1;
    const rest = line.subarray(9);
    if (line.length < 12 || Number.parseInt(line.toString("latin1", 0, 8), 16) !== crc32(rest)) continue;
    const gap = rest.indexOf(0x20);
    const position = Number(rest.toString("latin1", 0, gap));
    if (!Number.isSafeInteger(position) || position <= previous) continue;
    previous = position;
    yield { position, text: rest.toString("utf8", gap + 1), end: begin };
  }
}

/** Of the last whole line: its position and where it ends; 0 when there is none. */
export function lastPosition(bytes: Buffer): { position: number; end: number } {
  let last = { position: 0, end: 0 };
  for (const { position, end } of scanRecords(bytes)) last = { position, end };
  return last;
}
