/**
 * The part of CBOR (RFC 8949) that JSON-like messages need: integers of up to 64 bits, floats, text, bytes, arrays,
 * maps with text keys, booleans, null and undefined. Of the tags 0 to 3 the content is given, without its meaning.
 */

/** The bytes are not CBOR, or hold what no message of ours does; the message says what, and at which byte. */
export class CborError extends Error {
  constructor(what: string) {
    super(what);
    this.name = "CborError";
  }
}

export interface CborBounds {
  /** The longest message, in bytes. */
  bytes: number;
  /** How deep arrays, maps and tags may lie in each other; a bare value has depth 0. */
  depth?: number;
}

const DEPTH = 16;

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const SIMPLE = 7;

const INDEFINITE = 31;
const BREAK = 0xff;
const TWO_64 = 1n << 64n;

/**
 * One value, which takes all bytes. Integers beyond 2^53 are bigints, bytes are copies, maps are objects without a
 * prototype. Throws `CborError`; takes time and memory in proportion to the bytes, whatever lengths they claim.
 */
export function decodeCbor(bytes: Uint8Array, { bytes: longest, depth: deepest = DEPTH }: CborBounds): unknown {
  if (bytes.length > longest) throw new CborError(`more than ${longest} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let at = 0;

  const refuse = (what: string): CborError => new CborError(`${what} at byte ${at}`);

  /** Where `length` bytes begin; goes past them. */
  function take(length: number): number {
    if (length > bytes.length - at) throw refuse("the message ends too early");
    const start = at;
    at += length;
    return start;
  }

  /** The argument of a head (RFC 8949 3): a number while it is exact. */
  function argument(info: number): number | bigint {
    if (info < 24) return info;
    if (info === 24) return view.getUint8(take(1));
    if (info === 25) return view.getUint16(take(2));
    if (info === 26) return view.getUint32(take(4));
    if (info === 27) return exact(view.getBigUint64(take(8)));
    throw refuse("a head that means nothing");
  }

  /** How many items or bytes follow; each needs at least one byte, so no claim is believed beyond what is there. */
  function lengthOf(info: number, each: number): number {
    const length = argument(info);
    if (typeof length === "bigint" || length * each > bytes.length - at) throw refuse("a length beyond the message");
    return length;
  }

  function more(left: number): boolean {
    if (left >= 0) return left > 0;
    if (at < bytes.length && bytes[at] === BREAK) {
      at++;
      return false;
    }
    return true;
  }

  /** Bytes or text: one piece, or pieces of the same type until the break. */
  function chunks(major: number, info: number): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    const piece = (of: number): void => {
      const length = lengthOf(of, 1);
      const start = take(length);
      pieces.push(bytes.subarray(start, start + length));
    };
    if (info !== INDEFINITE) piece(info);
    else {
      while (more(-1)) {
        const head = view.getUint8(take(1));
        if (head >> 5 !== major || (head & 31) === INDEFINITE) throw refuse("a piece of another type");
        piece(head & 31);
      }
    }
    return pieces;
  }

  function text(info: number): string {
    try {
      return chunks(TEXT, info)
        .map((piece) => utf8.decode(piece))
        .join("");
    } catch (error) {
      if (error instanceof CborError) throw error;
      throw refuse("text that is not UTF-8");
    }
  }

  function map(info: number, depth: number): Record<string, unknown> {
    // Without a prototype: a key is never more than a key.
    const found: Record<string, unknown> = Object.create(null);
    for (let left = info === INDEFINITE ? -1 : lengthOf(info, 2); more(left); left--) {
      const head = view.getUint8(take(1));
      if (head >> 5 !== TEXT) throw refuse("a key that is not text");
      const key = text(head & 31);
      if (key in found) throw refuse("a key that is there twice");
      found[key] = value(depth);
    }
    return found;
  }

  function array(info: number, depth: number): unknown[] {
    const found: unknown[] = [];
    for (let left = info === INDEFINITE ? -1 : lengthOf(info, 1); more(left); left--) found.push(value(depth));
    return found;
  }

  function simple(info: number): unknown {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    if (info === 23) return undefined;
    if (info === 25) return half(view.getUint16(take(2)));
    if (info === 26) return view.getFloat32(take(4));
    if (info === 27) return view.getFloat64(take(8));
    throw refuse("a simple value that means nothing");
  }

  function value(depth: number): unknown {
    const head = view.getUint8(take(1));
    const info = head & 31;
    switch (head >> 5) {
      case UNSIGNED:
        return argument(info);
      case NEGATIVE:
        return exact(-1n - BigInt(argument(info)));
      case BYTES:
        return concat(chunks(BYTES, info));
      case TEXT:
        return text(info);
      case SIMPLE:
        return simple(info);
    }
    if (depth >= deepest) throw refuse(`deeper than ${deepest} levels`);
    switch (head >> 5) {
      case ARRAY:
        return array(info, depth + 1);
      case MAP:
        return map(info, depth + 1);
      default:
        if (argument(info) > 3) throw refuse("a tag that is not known");
        return value(depth + 1);
    }
  }

  const found = value(0);
  if (at < bytes.length) throw refuse("something after the value");
  return found;
}

const exact = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** A float of 16 bits (RFC 8949, appendix D). */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  const size =
    exponent === 0
      ? mantissa * 2 ** -24
      : exponent < 31
        ? (1024 + mantissa) * 2 ** (exponent - 25)
        : mantissa === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN;
  return bits & 0x8000 ? -size : size;
}

/** A number that is written as a float, be it an integer or not. */
export class CborFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** What `encodeCbor` writes. Members that are undefined are left out, as in JSON. */
export type CborValue =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | CborFloat
  | readonly CborValue[]
  | { readonly [key: string]: CborValue };

/**
 * The value in the shortest heads, with definite lengths. Numbers without a fraction, up to 2^53, and bigints of up to
 * 64 bits are integers; other numbers floats of 64 bits. Throws RangeError for larger bigints.
 */
export function encodeCbor(value: CborValue): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return concat(parts);
}

function write(value: CborValue, parts: Uint8Array[]): void {
  if (value === null) parts.push(byte(SIMPLE, 22));
  else if (value === undefined) parts.push(byte(SIMPLE, 23));
  else if (typeof value === "boolean") parts.push(byte(SIMPLE, value ? 21 : 20));
  else if (typeof value === "bigint") writeInteger(value, parts);
  else if (typeof value === "number") {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      parts.push(value >= 0 ? head(UNSIGNED, value) : head(NEGATIVE, -1 - value));
    } else parts.push(float(value));
  } else if (typeof value === "string") writeText(value, parts);
  else if (value instanceof Uint8Array) parts.push(head(BYTES, value.length), value);
  else if (value instanceof CborFloat) parts.push(float(value.value));
  else if (isList(value)) {
    parts.push(head(ARRAY, value.length));
    for (const item of value) write(item, parts);
  } else {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    parts.push(head(MAP, members.length));
    for (const [key, member] of members) {
      writeText(key, parts);
      write(member, parts);
    }
  }
}

const isList = (value: CborValue): value is readonly CborValue[] => Array.isArray(value);

function writeInteger(value: bigint, parts: Uint8Array[]): void {
  const size = value >= 0n ? value : -1n - value;
  if (size >= TWO_64) throw new RangeError("an integer of more than 64 bits");
  parts.push(head(value >= 0n ? UNSIGNED : NEGATIVE, size));
}

function writeText(text: string, parts: Uint8Array[]): void {
  const bytes = Buffer.from(text, "utf8");
  parts.push(head(TEXT, bytes.length), bytes);
}

const byte = (major: number, info: number): Uint8Array => Uint8Array.of((major << 5) | info);

function head(major: number, argument: number | bigint): Uint8Array {
  if (argument < 24) return byte(major, Number(argument));
  const [info, size] =
    argument < 0x100 ? [24, 1] : argument < 0x10000 ? [25, 2] : argument < 0x100000000 ? [26, 4] : [27, 8];
  const bytes = new Uint8Array(1 + size);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, (major << 5) | info);
  if (size === 1) view.setUint8(1, Number(argument));
  else if (size === 2) view.setUint16(1, Number(argument));
  else if (size === 4) view.setUint32(1, Number(argument));
  else view.setBigUint64(1, BigInt(argument));
  return bytes;
}

function float(value: number): Uint8Array {
  const bytes = new Uint8Array(9);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, (SIMPLE << 5) | 27);
  view.setFloat64(1, value);
  return bytes;
}
