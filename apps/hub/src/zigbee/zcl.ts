import type { Json } from "@hearth/device-sdk";

/** The Zigbee Cluster Library's frames and values (ZCL revision 8, chapter 2): as much as a client needs. */

/** Data types by their number (ZCL 2.6.2). */
export const T = {
  boolean: 0x10,
  bitmap8: 0x18,
  bitmap16: 0x19,
  bitmap32: 0x1b,
  uint8: 0x20,
  uint16: 0x21,
  uint24: 0x22,
  uint32: 0x23,
  uint48: 0x25,
  int8: 0x28,
  int16: 0x29,
  int24: 0x2a,
  int32: 0x2b,
  enum8: 0x30,
  enum16: 0x31,
  octets: 0x41,
  text: 0x42,
  eui64: 0xf0,
} as const;

export const Status = {
  success: 0x00,
  failure: 0x01,
  unsupportedCommand: 0x81,
  unsupportedAttribute: 0x86,
  invalidValue: 0x87,
  readOnly: 0x88,
  timeout: 0x94,
} as const;

/** Commands of every cluster (ZCL 2.5). */
export const Global = { read: 0x00, readResponse: 0x01, write: 0x02, report: 0x0a, defaultResponse: 0x0b } as const;

/** An attribute's value as it is on air. */
export interface AttributeRecord {
  id: number;
  type: number;
  data: Buffer;
}

/** What one read brought: values, and the attributes that the device does not have. */
export interface ReadResult {
  records: AttributeRecord[];
  missing: number[];
}

export interface ZclFrame {
  /** Of every cluster, or of this one. */
  global: boolean;
  fromServer: boolean;
  manufacturer: number | undefined;
  sequence: number;
  command: number;
  payload: Buffer;
}

/** A device has refused: `status` is the ZCL's. */
export class ZclStatusError extends Error {
  override readonly name = "ZclStatusError";
  readonly status: number;

  constructor(status: number) {
    super(`the device answered with status 0x${status.toString(16).padStart(2, "0")}`);
    this.status = status;
  }
}

/** Undefined for what is no frame. */
export function parseFrame(data: Buffer): ZclFrame | undefined {
  const control = data[0];
  if (control === undefined) return undefined;
  const kind = control & 3;
  const start = control & 4 ? 3 : 1;
  const sequence = data[start];
  const command = data[start + 1];
  if (kind > 1 || sequence === undefined || command === undefined) return undefined;
  return {
    global: kind === 0,
    fromServer: (control & 8) !== 0,
    manufacturer: control & 4 ? data.readUInt16LE(1) : undefined,
    sequence,
    command,
    payload: data.subarray(start + 2),
  };
}

/** The records of a report (2.5.11). What cannot be read ends the list. */
export function parseReport(payload: Buffer): AttributeRecord[] {
  const records: AttributeRecord[] = [];
  let offset = 0;
  while (offset + 3 <= payload.length) {
    const record = recordAt(payload, offset, offset + 2);
    if (!record) break;
    records.push(record);
    offset += 3 + record.data.length;
  }
  return records;
}

/** The records of a read's response (2.5.2). */
export function parseReadResponse(payload: Buffer): ReadResult {
  const result: ReadResult = { records: [], missing: [] };
  let offset = 0;
  while (offset + 3 <= payload.length) {
    if (payload[offset + 2] !== Status.success) {
      if (payload[offset + 2] === Status.unsupportedAttribute) result.missing.push(payload.readUInt16LE(offset));
      offset += 3;
      continue;
    }
    const record = offset + 4 <= payload.length ? recordAt(payload, offset, offset + 3) : undefined;
    if (!record) break;
    result.records.push(record);
    offset += 4 + record.data.length;
  }
  return result;
}

function recordAt(payload: Buffer, idAt: number, typeAt: number): AttributeRecord | undefined {
  const type = payload[typeAt] as number;
  const size = sizeOf(type, payload, typeAt + 1);
  if (size === undefined || typeAt + 1 + size > payload.length) return undefined;
  return { id: payload.readUInt16LE(idAt), type, data: payload.subarray(typeAt + 1, typeAt + 1 + size) };
}

const FIXED = new Map([
  [0x00, 0],
  [T.boolean, 1],
  [T.enum8, 1],
  [T.enum16, 2],
  [0x38, 2],
  [0x39, 4],
  [0x3a, 8],
  [0xe0, 4],
  [0xe1, 4],
  [0xe2, 4],
  [0xe8, 2],
  [0xe9, 2],
  [0xea, 4],
  [T.eui64, 8],
  [0xf1, 16],
  [0xff, 0],
]);

/** Bytes of a type whose values are all as long; undefined for strings, lists and what is no type. */
export function fixedSize(type: number): number | undefined {
  const isNumber = (type >= 0x08 && type <= 0x0f) || (type >= 0x18 && type <= 0x2f);
  return isNumber ? (type & 7) + 1 : FIXED.get(type);
}

/** Bytes of the value of `type` at `offset`; undefined when it is none. `depth` bounds lists in lists. */
function sizeOf(type: number, data: Buffer, offset: number, depth = 0): number | undefined {
  const fixed = fixedSize(type);
  if (fixed !== undefined) return fixed;
  if (type === T.octets || type === T.text) {
    const length = data[offset];
    return length === undefined ? undefined : 1 + (length === 0xff ? 0 : length);
  }
  if (type === 0x43 || type === 0x44) {
    if (offset + 2 > data.length) return undefined;
    const length = data.readUInt16LE(offset);
    return 2 + (length === 0xffff ? 0 : length);
  }
  if (depth > 3) return undefined;
  if (type === 0x48 || type === 0x50 || type === 0x51) return listSize(data, offset, depth);
  if (type === 0x4c) return structSize(data, offset, depth);
  return undefined;
}

function listSize(data: Buffer, offset: number, depth: number): number | undefined {
  if (offset + 3 > data.length) return undefined;
  const count = data.readUInt16LE(offset + 1);
  return elementsSize(data, offset + 3, count, depth, data[offset], 3);
}

function structSize(data: Buffer, offset: number, depth: number): number | undefined {
  if (offset + 2 > data.length) return undefined;
  return elementsSize(data, offset + 2, data.readUInt16LE(offset), depth, undefined, 2);
}

/** `type`: of all elements; without it each says its own. */
function elementsSize(
  data: Buffer,
  start: number,
  count: number,
  depth: number,
  type: number | undefined,
  head: number,
): number | undefined {
  if (count === 0xffff) return head;
  const each = type === undefined ? undefined : fixedSize(type);
  if (each !== undefined) return head + count * each;
  let at = start;
  for (let index = 0; index < count; index += 1) {
    if (at >= data.length) return undefined;
    const size = sizeOf(type ?? (data[at] as number), data, type === undefined ? at + 1 : at, depth + 1);
    if (size === undefined) return undefined;
    at += size + (type === undefined ? 1 : 0);
  }
  return head + at - start;
}

/**
 * The value for tables: numbers, booleans and texts as they are, bytes in hexadecimal. 64-bit numbers beyond what a
 * number can hold, and types that have no such form, are undefined.
 */
export function decodeValue(type: number, data: Buffer): Json | undefined {
  const size = fixedSize(type);
  if (size !== undefined && data.length < size) return undefined;
  if (type === T.boolean) return data[0] === 0xff ? undefined : data[0] !== 0;
  if (type === T.text) return data[0] === 0xff ? undefined : data.subarray(1).toString("utf8");
  if (type === T.octets) return data[0] === 0xff ? undefined : data.subarray(1).toString("hex");
  if (type === T.eui64) return Buffer.from(data.subarray(0, 8)).reverse().toString("hex");
  if (type === 0x39) return finite(data.readFloatLE(0));
  if (type === 0x3a) return finite(data.readDoubleLE(0));
  if (size === undefined || size === 0 || size > 8 || (type >= 0x38 && type <= 0x3a)) return undefined;
  if (type >= T.int8 && type <= 0x2f)
    return size <= 6 ? data.readIntLE(0, size) : safe(BigInt.asIntN(size * 8, big(data, size)));
  return size <= 6 ? data.readUIntLE(0, size) : safe(big(data, size));
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

function big(data: Buffer, size: number): bigint {
  let value = 0n;
  for (let index = size - 1; index >= 0; index -= 1) value = (value << 8n) | BigInt(data[index] as number);
  return value;
}

function safe(value: bigint): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** The inverse of {@link decodeValue}. Throws RangeError or TypeError for a value that the type cannot hold. */
export function encodeValue(type: number, value: Json): Buffer {
  if (type === T.boolean) return Buffer.from([value === true || value === 1 ? 1 : 0]);
  if (type === T.text || type === T.octets) {
    const bytes = Buffer.from(String(value), type === T.text ? "utf8" : "hex");
    if (bytes.length > 0xfe) throw new RangeError("longer than 254 bytes");
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  }
  if (type === T.eui64) {
    const bytes = Buffer.from(String(value), "hex");
    if (bytes.length !== 8) throw new RangeError("no EUI-64");
    return bytes.reverse();
  }
  const size = fixedSize(type);
  if (typeof value !== "number" || size === undefined || size === 0) throw new TypeError("no value of this type");
  const data = Buffer.alloc(size);
  if (type === 0x39) data.writeFloatLE(value);
  else if (type === 0x3a) data.writeDoubleLE(value);
  else if (size > 6) throw new TypeError("no value of this type");
  else if (type >= T.int8 && type <= 0x2f) data.writeIntLE(value, 0, size);
  else data.writeUIntLE(value, 0, size);
  return data;
}

/** What a report of this type's change is measured in: its own type, or nothing for those that have no order (2.5.7). */
export const isAnalog = (type: number): boolean =>
  (type >= 0x20 && type <= 0x2f) || (type >= 0x38 && type <= 0x3a) || (type >= 0xe0 && type <= 0xe2);

/** Fields one after the other; ends at the first that is null or absent (optional fields are the last ones). */
export function encodeFields(layout: Layout, fields: { readonly [name: string]: Json }): Buffer {
  const parts: Buffer[] = [];
  for (const [name, type] of layout) {
    const value = fields[name];
    if (value === null || value === undefined) break;
    parts.push(encodeValue(type, value));
  }
  return Buffer.concat(parts);
}

/** As many fields as are there. */
export function decodeFields(layout: Layout, payload: Buffer): { [name: string]: Json } {
  const fields: { [name: string]: Json } = {};
  let offset = 0;
  for (const [name, type] of layout) {
    const size = sizeOf(type, payload, offset);
    if (size === undefined || offset + size > payload.length) break;
    const value = decodeValue(type, payload.subarray(offset, offset + size));
    if (value !== undefined) fields[name] = value;
    offset += size;
  }
  return fields;
}

/** A command's fields: name and data type. */
export type Layout = readonly (readonly [string, number])[];
