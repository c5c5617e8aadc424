import type { JsonObject } from "./json.ts";

/** Bytes that say how long a frame's JSON is: an unsigned 32-bit integer, big-endian. */
const HEADER = 4;

/** Longest JSON of a frame on the IPC socket, in bytes. */
export const MAX_FRAME = 262_144;

/** What arrived is not a frame: the connection it came on is of no further use. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** A frame: the length of the JSON text in bytes, then the text in UTF-8. */
export function encodeFrame(message: JsonObject, limit = MAX_FRAME): Buffer {
  const text = JSON.stringify(message);
  const length = Buffer.byteLength(text);
  if (length > limit) throw new FrameError(`a message of ${length} bytes is longer than a frame may be (${limit})`);
  const frame = Buffer.allocUnsafe(HEADER + length);
  frame.writeUInt32BE(length, 0);
  frame.write(text, HEADER);
  return frame;
}

/** Takes a socket's chunks and gives the frames in them; holds at most one unfinished frame. */
export class FrameReader {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #held = 0;

  constructor(limit = MAX_FRAME) {
    this.#limit = limit;
  }

  /** Whether a frame has begun and not ended. */
  get unfinished(): boolean {
    return this.#held > 0;
  }

  /** The messages that `chunk` completes. Throws FrameError for a frame that is too long or no JSON object. */
  push(chunk: Buffer): JsonObject[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const messages: JsonObject[] = [];
    while (this.#held >= HEADER) {
      const length = this.#peek(HEADER).readUInt32BE(0);
      if (length > this.#limit) throw new FrameError(`a frame of ${length} bytes is longer than ${this.#limit}`);
      if (this.#held < HEADER + length) break;
      messages.push(parse(this.#take(HEADER + length).subarray(HEADER)));
    }
    return messages;
  }

  #peek(length: number): Buffer {
    const first = this.#chunks[0];
    if (first && first.length >= length) return first;
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }

  #take(length: number): Buffer {
    const whole = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#held -= length;
    this.#chunks = this.#held > 0 ? [whole.subarray(length)] : [];
    return whole.subarray(0, length);
  }
}

function parse(text: Buffer): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text.toString("utf8"));
  } catch {
    throw new FrameError("a frame does not hold JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FrameError("a frame does not hold a JSON object");
  }
  return value as JsonObject;
}
