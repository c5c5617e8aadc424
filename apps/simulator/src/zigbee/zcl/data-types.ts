import { euiFromWire, euiToWire } from "../octets.ts";

/** An attribute's value: octets and addresses are hexadecimal text, bitmaps and enumerations numbers. */
export type ZclValue = boolean | number | string;

export interface ZclType {
  readonly id: number;
  /** Analog values are reported when they moved by the reportable change, discrete ones when they changed (ZCL 2.6.2). */
  readonly analog: boolean;
  encode(value: ZclValue): Buffer;
  /** `undefined` where the octets end too early. */
  decode(octets: Buffer, at: number): { value: ZclValue; length: number } | undefined;
}

const integer = (id: number, size: number, signed: boolean, analog: boolean): ZclType => ({
  id,
  analog,
  encode(value) {
    const octets = Buffer.alloc(size);
    const number = Math.round(Number(value));
    const limit = 2 ** (size * 8);
    if (signed) octets.writeIntLE(Math.max(-limit / 2, Math.min(limit / 2 - 1, number)), 0, size);
    else octets.writeUIntLE(Math.max(0, Math.min(limit - 1, number)), 0, size);
    return octets;
  },
  decode(octets, at) {
    if (octets.length < at + size) return undefined;
    return { value: signed ? octets.readIntLE(at, size) : octets.readUIntLE(at, size), length: size };
  },
});

const text = (id: number, encoding: "utf8" | "hex"): ZclType => ({
  id,
  analog: false,
  encode(value) {
    const content = Buffer.from(String(value), encoding).subarray(0, 254);
    return Buffer.from([content.length, ...content]);
  },
  decode(octets, at) {
    const said = octets[at];
    if (said === undefined) return undefined;
    const length = said === 0xff ? 0 : said;
    if (octets.length < at + 1 + length) return undefined;
    return { value: octets.toString(encoding, at + 1, at + 1 + length), length: length + 1 };
  },
});

const boolean: ZclType = {
  id: 0x10,
  analog: false,
  encode: (value) => Buffer.from([value ? 1 : 0]),
  decode: (octets, at) => (octets.length > at ? { value: octets[at] === 1, length: 1 } : undefined),
};

const address: ZclType = {
  id: 0xf0,
  analog: false,
  encode: (value) => euiToWire(String(value)),
  decode: (octets, at) =>
    octets.length < at + 8 ? undefined : { value: euiFromWire(octets.subarray(at, at + 8)), length: 8 },
};

const single: ZclType = {
  id: 0x39,
  analog: true,
  encode(value) {
    const octets = Buffer.alloc(4);
    octets.writeFloatLE(Number(value));
    return octets;
  },
  decode: (octets, at) => (octets.length < at + 4 ? undefined : { value: octets.readFloatLE(at), length: 4 }),
};

/** By the names of ZCL 2.6.2. */
export const zclTypes = {
  data8: integer(0x08, 1, false, false),
  bool: boolean,
  map8: integer(0x18, 1, false, false),
  map16: integer(0x19, 2, false, false),
  map24: integer(0x1a, 3, false, false),
  map32: integer(0x1b, 4, false, false),
  uint8: integer(0x20, 1, false, true),
  uint16: integer(0x21, 2, false, true),
  uint24: integer(0x22, 3, false, true),
  uint32: integer(0x23, 4, false, true),
  uint40: integer(0x24, 5, false, true),
  uint48: integer(0x25, 6, false, true),
  int8: integer(0x28, 1, true, true),
  int16: integer(0x29, 2, true, true),
  int24: integer(0x2a, 3, true, true),
  int32: integer(0x2b, 4, true, true),
  enum8: integer(0x30, 1, false, false),
  enum16: integer(0x31, 2, false, false),
  single,
  octstr: text(0x41, "hex"),
  string: text(0x42, "utf8"),
  UTC: integer(0xe2, 4, false, true),
  EUI64: address,
} as const satisfies Record<string, ZclType>;

export type ZclTypeName = keyof typeof zclTypes;

const byId = new Map<number, ZclType>(Object.values(zclTypes).map((type) => [type.id, type]));
export const zclTypeOf = (id: number): ZclType | undefined => byId.get(id);
