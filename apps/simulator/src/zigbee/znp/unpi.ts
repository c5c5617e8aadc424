/** The frames of TI's Unified NPI: SOF, length, two command octets, data, and an XOR of all after the SOF (MT API 2.1). */

export interface UnpiFrame {
  type: number;
  subsystem: number;
  id: number;
  data: Buffer;
}

export const FrameType = { SREQ: 1, AREQ: 2, SRSP: 3 } as const;

const SOF = 0xfe;
const MAX_DATA = 250;

export function encodeUnpi({ type, subsystem, id, data }: UnpiFrame): Buffer {
  if (data.length > MAX_DATA) throw new RangeError(`an MT frame carries at most ${MAX_DATA} octets`);
  const frame = Buffer.alloc(data.length + 5);
  frame[0] = SOF;
  frame[1] = data.length;
  frame[2] = (type << 5) | subsystem;
  frame[3] = id;
  data.copy(frame, 4);
  frame[frame.length - 1] = checksum(frame.subarray(1, -1));
  return frame;
}

/** Takes the octets as they come; what is no frame is skipped up to the next SOF, as the firmware does. */
export class UnpiParser {
  readonly #deliver: (frame: UnpiFrame) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(deliver: (frame: UnpiFrame) => void) {
    this.#deliver = deliver;
  }

  push(chunk: Buffer): void {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const start = rest.indexOf(SOF);
      if (start < 0) {
        rest = Buffer.alloc(0);
        break;
      }
      rest = rest.subarray(start);
      const length = rest[1];
      if (length !== undefined && length > MAX_DATA) {
        rest = rest.subarray(1);
        continue;
      }
      if (length === undefined || rest.length < length + 5) break;
      const frame = rest.subarray(0, length + 5);
      if (checksum(frame.subarray(1, -1)) !== frame[length + 4]) {
        rest = rest.subarray(1);
        continue;
      }
      rest = rest.subarray(length + 5);
      const command = frame[2] ?? 0;
      // A copy: what is kept of a frame must not keep the whole chunk.
      const data = Buffer.from(frame.subarray(4, -1));
      this.#deliver({ type: command >> 5, subsystem: command & 0x1f, id: frame[3] ?? 0, data });
    }
    this.#rest = rest;
  }
}

const checksum = (octets: Uint8Array): number => octets.reduce((sum, octet) => sum ^ octet, 0);
