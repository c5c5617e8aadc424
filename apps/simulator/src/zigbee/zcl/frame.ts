import { octets, u16 } from "../octets.ts";

/** A ZCL frame's header (ZCL 2.4.1). */
export interface ZclHeader {
  /** For one cluster, or one of the general commands. */
  specific: boolean;
  manufacturer?: number;
  fromServer: boolean;
  noDefaultResponse: boolean;
  sequence: number;
  command: number;
}

export interface ZclFrame extends ZclHeader {
  payload: Buffer;
}

export const ZclStatus = {
  SUCCESS: 0x00,
  MALFORMED_COMMAND: 0x80,
  UNSUP_COMMAND: 0x81,
  INVALID_FIELD: 0x85,
  UNSUPPORTED_ATTRIBUTE: 0x86,
  INVALID_VALUE: 0x87,
  READ_ONLY: 0x88,
  NOT_FOUND: 0x8b,
  UNREPORTABLE_ATTRIBUTE: 0x8c,
  INVALID_DATA_TYPE: 0x8d,
  INVALID_SELECTOR: 0x8e,
  UNSUPPORTED_CLUSTER: 0xc3,
} as const;

const SPECIFIC = 0x01;
const MANUFACTURER = 0x04;
const FROM_SERVER = 0x08;
const NO_DEFAULT_RESPONSE = 0x10;

export function decodeZcl(frame: Buffer): ZclFrame | undefined {
  const control = frame[0];
  if (control === undefined) return undefined;
  const withMaker = (control & MANUFACTURER) !== 0;
  const at = withMaker ? 3 : 1;
  if (frame.length < at + 2) return undefined;
  return {
    specific: (control & 0x03) === SPECIFIC,
    ...(withMaker ? { manufacturer: frame.readUInt16LE(1) } : {}),
    fromServer: (control & FROM_SERVER) !== 0,
    noDefaultResponse: (control & NO_DEFAULT_RESPONSE) !== 0,
    sequence: frame[at] ?? 0,
    command: frame[at + 1] ?? 0,
    payload: frame.subarray(at + 2),
  };
}

export function encodeZcl(frame: ZclFrame): Buffer {
  const control =
    (frame.specific ? SPECIFIC : 0) |
    (frame.manufacturer === undefined ? 0 : MANUFACTURER) |
    (frame.fromServer ? FROM_SERVER : 0) |
    (frame.noDefaultResponse ? NO_DEFAULT_RESPONSE : 0);
  const maker = frame.manufacturer === undefined ? Buffer.alloc(0) : u16(frame.manufacturer);
  return octets(control, maker, frame.sequence, frame.command, frame.payload);
}
