import { malformed, protocolError } from "./reason.ts";

// fatal refuses overlong forms and surrogates [MQTT-1.5.4-1]; ignoreBOM keeps U+FEFF as a character [MQTT-1.5.4-3].
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Below this many bytes a plain loop over ASCII, and a copy, beat a call into the decoder. */
const SHORT = 64;

// Adding up characters would leave a chain of strings behind, which lives as long as the text.
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
};

/** Walks over one packet's bytes. Every read checks the packet's end; reading past it is a malformed packet. */
export class Reader {
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  end = 0;

  over(bytes: Uint8Array, offset: number, end: number): void {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get left(): number {
    return this.end - this.offset;
  }

  u8(): number {
    if (this.offset >= this.end) throw malformed("the packet ends too early");
    return this.bytes[this.offset++]!;
  }

  u16(): number {
    if (this.offset + 2 > this.end) throw malformed("the packet ends too early");
    const value = this.bytes[this.offset]! * 256 + this.bytes[this.offset + 1]!;
    this.offset += 2;
    return value;
  }

  u32(): number {
    return this.u16() * 65536 + this.u16();
  }

  /** A variable byte integer: at most four bytes [MQTT-1.5.5-1]; a longer form than needed is refused. */
  varint(): number {
    let value = 0;
    for (let i = 0, factor = 1; i < 4; i++, factor *= 128) {
      const byte = this.u8();
      value += (byte & 127) * factor;
      if (byte < 128) {
        if (i > 0 && byte === 0) throw malformed("a variable byte integer is longer than needed");
        return value;
      }
    }
    throw malformed("a variable byte integer has more than four bytes");
  }

  /** A view of the next `length` bytes, which lives as long as the chunk that was pushed. */
  view(length: number): Uint8Array {
    if (length > this.end - this.offset) throw malformed("the packet ends too early");
    const { bytes, offset } = this;
    this.offset += length;
    // As `subarray` does it, without asking what kind of array it is.
    return new Uint8Array(bytes.buffer, bytes.byteOffset + offset, length);
  }

  /** A copy: what holds binary data besides a payload is kept for long. */
  binary(): Uint8Array {
    return this.view(this.u16()).slice();
  }

  string(): string {
    const length = this.u16();
    if (length > this.end - this.offset) throw malformed("a string is longer than its packet");
    const text = decodeText(this.bytes, this.offset, length);
    this.offset += length;
    return text;
  }

  packetId(): number {
    const id = this.u16();
    if (id === 0) throw protocolError("packet identifier 0 [MQTT-2.2.1-3]");
    return id;
  }
}

/** UTF-8 without NUL [MQTT-1.5.4-2] and without surrogates. */
export function decodeText(bytes: Uint8Array, offset: number, length: number): string {
  if (length <= SHORT) {
    const end = offset + length;
    for (let i = offset; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === 0) throw malformed("a string holds U+0000");
      if (byte > 127) return decodeLong(bytes, offset, length);
    }
    return latin1Slice.call(bytes, offset, end);
  }
  return decodeLong(bytes, offset, length);
}

function decodeLong(bytes: Uint8Array, offset: number, length: number): string {
  let text: string;
  try {
    text = utf8.decode(bytes.subarray(offset, offset + length));
  } catch {
    throw malformed("a string is not UTF-8");
  }
  if (text.includes("\u0000")) throw malformed("a string holds U+0000");
  return text;
}
