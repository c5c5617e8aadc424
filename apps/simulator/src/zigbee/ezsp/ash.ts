/**
 * The frames of ASH, on which EZSP travels over a serial line (Silicon Labs UG101): a control octet, data, a CRC, each
 * octet stuffed where it would be taken for a sign of the line's, and a flag at the end.
 */

/** Octets that have a meaning of their own on the line (UG101, 2.2). */
export const Reserved = { FLAG: 0x7e, ESCAPE: 0x7d, XON: 0x11, XOFF: 0x13, SUBSTITUTE: 0x18, CANCEL: 0x1a } as const;

export type AshFrame =
  | { kind: "data"; frame: number; acknowledges: number; again: boolean; data: Buffer }
  /** `notReady`: its sender takes no more callbacks now. */
  | { kind: "ack" | "nak"; acknowledges: number; notReady: boolean }
  | { kind: "rst" }
  /** The version of ASH, and why it was reset or why it failed. */
  | { kind: "rstack" | "error"; version: number; code: number };

const FLIP = 0x20;
/** What a data frame carries (EZSP's longest frame, with the two octets of its extended format). */
const LEAST_DATA = 3;
const MOST_DATA = 220;
const MOST_FRAME = 1 + MOST_DATA + 2;
const Control = { ACK: 0x80, NAK: 0xa0, RST: 0xc0, RSTACK: 0xc1, ERROR: 0xc2 } as const;

const reserved = new Set<number>(Object.values(Reserved));

/** Data is mixed with a pseudo-random sequence, so that the octets which need stuffing are rare (UG101, 4.3). */
export function randomise(data: Uint8Array): Buffer {
  let mask = 0x42;
  return Buffer.from(data).map((octet) => {
    const mixed = octet ^ mask;
    mask = mask & 1 ? (mask >> 1) ^ 0xb8 : mask >> 1;
    return mixed;
  }) as Buffer;
}

/** CRC-CCITT: polynomial 0x1021, from 0xFFFF, most significant bit first. */
export function crc(octets: Uint8Array): number {
  let value = 0xffff;
  for (const octet of octets) {
    value ^= octet << 8;
    for (let bit = 0; bit < 8; bit += 1) value = ((value << 1) ^ (value & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return value;
}

/** @throws RangeError for data that no frame carries */
export function encodeAsh(frame: AshFrame): Buffer {
  const content = contentOf(frame);
  const sum = crc(content);
  const stuffed: number[] = [];
  for (const octet of [...content, sum >> 8, sum & 0xff]) {
    if (reserved.has(octet)) stuffed.push(Reserved.ESCAPE, octet ^ FLIP);
    else stuffed.push(octet);
  }
  return Buffer.from([...stuffed, Reserved.FLAG]);
}

function contentOf(frame: AshFrame): Buffer {
  switch (frame.kind) {
    case "data": {
      if (frame.data.length < LEAST_DATA || frame.data.length > MOST_DATA) {
        throw new RangeError(`an ASH frame carries ${LEAST_DATA} to ${MOST_DATA} octets`);
      }
      const control = (frame.frame << 4) | (frame.again ? 0x08 : 0) | frame.acknowledges;
      return Buffer.concat([Buffer.from([control]), randomise(frame.data)]);
    }
    case "ack":
      return Buffer.from([Control.ACK | (frame.notReady ? 0x08 : 0) | frame.acknowledges]);
    case "nak":
      return Buffer.from([Control.NAK | (frame.notReady ? 0x08 : 0) | frame.acknowledges]);
    case "rst":
      return Buffer.from([Control.RST]);
    case "rstack":
      return Buffer.from([Control.RSTACK, frame.version, frame.code]);
    case "error":
      return Buffer.from([Control.ERROR, frame.version, frame.code]);
  }
}

/** A frame without its CRC; `undefined` for what is none. */
function decode(content: Buffer): AshFrame | undefined {
  const control = content[0] ?? 0;
  const acknowledges = control & 0x07;
  if ((control & 0x80) === 0) {
    if (content.length < 1 + LEAST_DATA) return undefined;
    const data = randomise(content.subarray(1));
    return { kind: "data", frame: (control >> 4) & 0x07, acknowledges, again: (control & 0x08) !== 0, data };
  }
  const notReady = (control & 0x08) !== 0;
  if ((control & 0xe0) === Control.ACK && content.length === 1) return { kind: "ack", acknowledges, notReady };
  if ((control & 0xe0) === Control.NAK && content.length === 1) return { kind: "nak", acknowledges, notReady };
  if (control === Control.RST && content.length === 1) return { kind: "rst" };
  if ((control === Control.RSTACK || control === Control.ERROR) && content.length === 3) {
    const kind = control === Control.RSTACK ? "rstack" : "error";
    return { kind, version: content[1] ?? 0, code: content[2] ?? 0 };
  }
  return undefined;
}

/** Takes the octets as they come; `broken` for a frame that was damaged or is none. */
export class AshParser {
  readonly #deliver: (frame: AshFrame | "broken") => void;
  #octets: number[] = [];
  #escaped = false;
  /** The frame was marked as damaged by the line, or is too long: the rest of it counts for nothing. */
  #spoilt = false;

  constructor(deliver: (frame: AshFrame | "broken") => void) {
    this.#deliver = deliver;
  }

  push(chunk: Uint8Array): void {
    for (const octet of chunk) this.#take(octet);
  }

  #take(octet: number): void {
    switch (octet) {
      case Reserved.FLAG:
        this.#end();
        return;
      case Reserved.CANCEL:
        this.#begin();
        return;
      case Reserved.SUBSTITUTE:
        this.#spoilt = true;
        return;
      case Reserved.XON:
      case Reserved.XOFF:
        return;
      case Reserved.ESCAPE:
        this.#escaped = true;
        return;
      default:
        if (this.#octets.length >= MOST_FRAME) this.#spoilt = true;
        else this.#octets.push(this.#escaped ? octet ^ FLIP : octet);
        this.#escaped = false;
    }
  }

  #begin(): void {
    this.#octets = [];
    this.#escaped = false;
    this.#spoilt = false;
  }

  #end(): void {
    const octets = Buffer.from(this.#octets);
    const spoilt = this.#spoilt;
    this.#begin();
    // Flags may follow one another.
    if (octets.length === 0 && !spoilt) return;
    const content = octets.subarray(0, -2);
    const isWhole = !spoilt && content.length > 0 && crc(content) === octets.readUInt16BE(content.length);
    this.#deliver((isWhole ? decode(content) : undefined) ?? "broken");
  }
}
