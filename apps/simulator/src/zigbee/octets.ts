/** One after the other: a number is one octet. */
export const octets = (...parts: readonly (number | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "number" ? Uint8Array.of(part) : part)));

export function u16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value & 0xffff);
  return buffer;
}

export function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value >>> 0);
  return buffer;
}

/** An EUI-64 is text of 16 upper-case hexadecimal digits here, and little endian on air and on the wire. */
export const euiToWire = (eui64: string): Buffer => Buffer.from(eui64, "hex").reverse();
export const euiFromWire = (wire: Uint8Array): string => Buffer.from(wire).reverse().toString("hex").toUpperCase();
