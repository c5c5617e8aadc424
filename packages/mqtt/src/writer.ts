const encoder = new TextEncoder();

const SLAB = 65_536;
/** Longer tails are not written into a slab. */
const LONG = 4_096;
/** Room in front of a packet for the longest fixed header. */
const HEADER = 5;

/**
 * Writes packets one behind the other into slabs, so that most packets cost no allocation but a view. A finished
 * packet must therefore not be kept for long: it keeps its slab alive.
 */
export class Writer {
  /** Buffers, because that is what sockets take as they are, and not cleared: what is handed out has been written. */
  #bytes = Buffer.allocUnsafeSlow(SLAB);
  /** Where the fixed header of the current packet ends. */
  #start = HEADER;
  #offset = HEADER;

  start(): void {
    this.#start = this.#offset + HEADER;
    if (this.#bytes.length - this.#start < 128) {
      this.#bytes = Buffer.allocUnsafeSlow(SLAB);
      this.#start = HEADER;
    }
    this.#offset = this.#start;
  }

  /** Bytes written after the fixed header. */
  get length(): number {
    return this.#offset - this.#start;
  }

  #reserve(size: number): void {
    const needed = this.#offset + size;
    if (needed <= this.#bytes.length) return;
    const written = this.#bytes.subarray(this.#start, this.#offset);
    const grown = Buffer.allocUnsafeSlow(Math.max(SLAB, HEADER + (written.length + size) * 2));
    grown.set(written, HEADER);
    this.#bytes = grown;
    this.#start = HEADER;
    this.#offset = HEADER + written.length;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#offset++] = value;
  }

  u16(value: number): void {
    if (!(value >= 0 && value <= 0xffff)) throw new RangeError(`${value} does not fit two bytes`);
    this.#reserve(2);
    this.#bytes[this.#offset++] = value >>> 8;
    this.#bytes[this.#offset++] = value;
  }

  u32(value: number): void {
    if (!(value >= 0 && value <= 0xffffffff)) throw new RangeError(`${value} does not fit four bytes`);
    this.u16(Math.floor(value / 65536));
    this.u16(value % 65536);
  }

  varint(value: number): void {
    const length = this.varintLength(value);
    this.#reserve(length);
    let rest = value;
    for (let i = 1; i < length; i++, rest = Math.floor(rest / 128)) this.#bytes[this.#offset++] = (rest % 128) + 128;
    this.#bytes[this.#offset++] = rest;
  }

  varintLength(value: number): number {
    if (value < 0 || value > 268_435_455) throw new RangeError(`${value} does not fit a variable byte integer`);
    return value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#offset);
    this.#offset += bytes.length;
  }

  binary(bytes: Uint8Array): void {
    this.u16(bytes.length);
    this.raw(bytes);
  }

  string(text: string): void {
    const { length } = text;
    this.#reserve(2 + length * 3);
    const bytes = this.#bytes;
    const start = this.#offset + 2;
    let offset = start;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        offset = start + encoder.encodeInto(text, bytes.subarray(start)).written;
        break;
      }
      bytes[offset++] = code;
    }
    this.u16(offset - start);
    this.#offset = offset;
  }

  /** Bytes of `text` in UTF-8. */
  textLength(text: string): number {
    let size = text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) size += 1;
      // A pair of surrogates makes four bytes of two units; a lone one becomes U+FFFD, which has three.
      if (code > 2047) {
        size += 1;
        if (code >= 0xd800 && code <= 0xdbff && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
          i += 1;
        }
      }
    }
    return size;
  }

  /** A copy of a packet. */
  copy(packet: Uint8Array): Uint8Array {
    if (packet.length > LONG) return Buffer.from(packet);
    this.start();
    this.raw(packet);
    return this.#bytes.subarray(this.#start, this.#offset);
  }

  /** The finished packet: fixed header, what was written, and `tail` behind it. */
  finish(firstByte: number, tail?: Uint8Array): Uint8Array {
    if (tail !== undefined && tail.length <= LONG) {
      this.raw(tail);
      return this.finish(firstByte);
    }
    const written = this.#offset - this.#start;
    const remaining = written + (tail?.length ?? 0);
    const header = 1 + this.varintLength(remaining);
    const end = this.#offset;
    const start = this.#start - header;
    this.#offset = start;
    this.u8(firstByte);
    this.varint(remaining);
    this.#offset = end;
    if (tail === undefined) return this.#bytes.subarray(start, end);
    const packet = Buffer.allocUnsafeSlow(header + remaining);
    packet.set(this.#bytes.subarray(start, end));
    packet.set(tail, header + written);
    return packet;
  }
}
