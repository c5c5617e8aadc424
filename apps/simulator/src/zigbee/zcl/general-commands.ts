import { octets, u16 } from "../octets.ts";
import type { AttributeSpec } from "./cluster.ts";
import { type ClusterServer, encodeRecord } from "./cluster-server.ts";
import { type ZclValue, zclTypeOf, zclTypes } from "./data-types.ts";
import { ZclStatus } from "./frame.ts";

/** An answer, a status for a default response, or nothing at all. */
export type GeneralOutcome = { command: number; payload: Buffer } | { status: number } | undefined;

type Handler = (server: ClusterServer, payload: Buffer) => GeneralOutcome;

/** Answers stay within one frame that the radio carries. */
const MAX_ANSWER = 200;

const malformed: GeneralOutcome = { status: ZclStatus.MALFORMED_COMMAND };

/** The commands that every cluster knows (ZCL 2.5), by id. */
export const generalCommands: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [0x00, read],
  [0x02, (server, payload) => write(server, payload, false)],
  [0x03, (server, payload) => write(server, payload, true)],
  [
    0x05,
    (server, payload) => {
      write(server, payload, false);
      return undefined;
    },
  ],
  [0x06, configureReporting],
  [0x08, readReporting],
  [0x0b, () => undefined],
  [0x0c, (server, payload) => discoverAttributes(server, payload, false)],
  [0x0e, readStructured],
  [0x0f, writeStructured],
  [0x11, (server, payload) => discoverCommands(server.spec.commands ?? [], payload, 0x12)],
  [0x13, (server, payload) => discoverCommands(server.spec.generated ?? [], payload, 0x14)],
  [0x15, (server, payload) => discoverAttributes(server, payload, true)],
]);

function read(server: ClusterServer, payload: Buffer): GeneralOutcome {
  if (payload.length % 2 !== 0) return malformed;
  const ids: number[] = [];
  for (let at = 0; at < payload.length; at += 2) ids.push(payload.readUInt16LE(at));
  return { command: 0x01, payload: fitting(ids.map((id) => readRecord(server, id))) };
}

/** Selectors reach into arrays and structures; the values of virtual devices have no elements to select (ZCL 2.5.15). */
function readStructured(server: ClusterServer, payload: Buffer): GeneralOutcome {
  const records: Buffer[] = [];
  for (let at = 0; at < payload.length; ) {
    if (at + 3 > payload.length) return malformed;
    const id = payload.readUInt16LE(at);
    const depth = (payload[at + 2] ?? 0) & 0x0f;
    at += 3 + depth * 2;
    if (at > payload.length) return malformed;
    const selects = depth > 0 && server.visible(id) !== undefined;
    records.push(selects ? octets(u16(id), ZclStatus.INVALID_SELECTOR) : readRecord(server, id));
  }
  return { command: 0x01, payload: fitting(records) };
}

function readRecord(server: ClusterServer, id: number): Buffer {
  const attribute = server.visible(id);
  if (!attribute) return octets(u16(id), ZclStatus.UNSUPPORTED_ATTRIBUTE);
  const record = encodeRecord(id, attribute.type, server.value(id));
  return octets(record.subarray(0, 2), ZclStatus.SUCCESS, record.subarray(2));
}

function write(server: ClusterServer, payload: Buffer, undivided: boolean): GeneralOutcome {
  const accepted: [AttributeSpec, ZclValue][] = [];
  const refused: Buffer[] = [];
  for (let at = 0; at < payload.length; ) {
    if (at + 3 > payload.length) return malformed;
    const id = payload.readUInt16LE(at);
    const type = zclTypeOf(payload[at + 2] ?? 0);
    const decoded = type?.decode(payload, at + 3);
    // Where a value of an unknown type ends nobody can say.
    if (!type || !decoded) return malformed;
    at += 3 + decoded.length;
    const attribute = server.visible(id);
    const status = mayWrite(attribute, type.id, decoded.value);
    if (attribute && status === ZclStatus.SUCCESS) accepted.push([attribute, decoded.value]);
    else refused.push(octets(status, u16(id)));
  }
  if (!undivided || refused.length === 0) applyWrites(server, accepted);
  return { command: 0x04, payload: refused.length === 0 ? octets(ZclStatus.SUCCESS) : octets(...refused) };
}

function writeStructured(server: ClusterServer, payload: Buffer): GeneralOutcome {
  const accepted: [AttributeSpec, ZclValue][] = [];
  const refused: Buffer[] = [];
  for (let at = 0; at < payload.length; ) {
    if (at + 3 > payload.length) return malformed;
    const id = payload.readUInt16LE(at);
    const depth = (payload[at + 2] ?? 0) & 0x0f;
    const valueAt = at + 3 + depth * 2;
    const type = zclTypeOf(payload[valueAt] ?? 0);
    const decoded = type?.decode(payload, valueAt + 1);
    if (!type || !decoded) return malformed;
    const selector = payload.subarray(at + 2, valueAt);
    at = valueAt + 1 + decoded.length;
    const attribute = server.visible(id);
    const status = attribute && depth > 0 ? ZclStatus.INVALID_SELECTOR : mayWrite(attribute, type.id, decoded.value);
    if (attribute && status === ZclStatus.SUCCESS) accepted.push([attribute, decoded.value]);
    else refused.push(octets(status, u16(id), selector));
  }
  applyWrites(server, accepted);
  return { command: 0x10, payload: refused.length === 0 ? octets(ZclStatus.SUCCESS) : octets(...refused) };
}

function applyWrites(server: ClusterServer, writes: readonly [AttributeSpec, ZclValue][]): void {
  for (const [attribute, value] of writes) {
    server.set(attribute, value);
    server.run(attribute.onWrite ?? [], new Map());
  }
}

function mayWrite(attribute: AttributeSpec | undefined, type: number, value: ZclValue): number {
  if (!attribute) return ZclStatus.UNSUPPORTED_ATTRIBUTE;
  if (attribute.writable !== true) return ZclStatus.READ_ONLY;
  if (zclTypes[attribute.type].id !== type) return ZclStatus.INVALID_DATA_TYPE;
  return isInRange(attribute, value) ? ZclStatus.SUCCESS : ZclStatus.INVALID_VALUE;
}

export const isInRange = ({ min, max }: AttributeSpec, value: ZclValue): boolean =>
  typeof value !== "number" || ((min === undefined || value >= min) && (max === undefined || value <= max));

function configureReporting(server: ClusterServer, payload: Buffer): GeneralOutcome {
  const failed: Buffer[] = [];
  for (let at = 0; at < payload.length; ) {
    if (at + 3 > payload.length) return malformed;
    const direction = payload[at] ?? 0;
    const id = payload.readUInt16LE(at + 1);
    if (direction === 0x01) {
      // The other way round it says how often reports are to be expected: nothing here waits for any.
      at += 5;
      failed.push(octets(ZclStatus.UNSUPPORTED_ATTRIBUTE, direction, u16(id)));
      continue;
    }
    if (at + 8 > payload.length) return malformed;
    const type = zclTypeOf(payload[at + 3] ?? 0);
    if (!type) return malformed;
    const minimum = payload.readUInt16LE(at + 4);
    const maximum = payload.readUInt16LE(at + 6);
    at += 8;
    const change = type.analog ? type.decode(payload, at) : { value: 0, length: 0 };
    if (!change) return malformed;
    at += change.length;
    const status = setReporting(server, id, type.id, minimum, maximum, Number(change.value));
    if (status !== ZclStatus.SUCCESS) failed.push(octets(status, direction, u16(id)));
  }
  return { command: 0x07, payload: failed.length === 0 ? octets(ZclStatus.SUCCESS) : octets(...failed) };
}

function setReporting(
  server: ClusterServer,
  id: number,
  type: number,
  minimum: number,
  maximum: number,
  change: number,
): number {
  const attribute = server.visible(id);
  if (!attribute) return ZclStatus.UNSUPPORTED_ATTRIBUTE;
  if (attribute.reportable !== true) return ZclStatus.UNREPORTABLE_ATTRIBUTE;
  const own = zclTypes[attribute.type];
  if (own.id !== type) return ZclStatus.INVALID_DATA_TYPE;
  // 0xffff as the maximum ends reports; with it as the minimum and 0 as the maximum the default returns: none (ZCL 2.5.7.1).
  if (maximum === 0xffff || (minimum === 0xffff && maximum === 0)) server.reporting.remove(id);
  else if (maximum !== 0 && maximum < minimum) return ZclStatus.INVALID_VALUE;
  else server.reporting.configure(id, own.analog, { minimum, maximum, change });
  return ZclStatus.SUCCESS;
}

function readReporting(server: ClusterServer, payload: Buffer): GeneralOutcome {
  if (payload.length % 3 !== 0) return malformed;
  const records: Buffer[] = [];
  for (let at = 0; at < payload.length; at += 3) {
    const direction = payload[at] ?? 0;
    const id = payload.readUInt16LE(at + 1);
    const attribute = server.visible(id);
    const configured = server.reporting.of(id);
    const status = !attribute
      ? ZclStatus.UNSUPPORTED_ATTRIBUTE
      : attribute.reportable !== true
        ? ZclStatus.UNREPORTABLE_ATTRIBUTE
        : direction !== 0 || !configured
          ? ZclStatus.NOT_FOUND
          : ZclStatus.SUCCESS;
    if (status !== ZclStatus.SUCCESS || !attribute || !configured) {
      records.push(octets(status, direction, u16(id)));
      continue;
    }
    const type = zclTypes[attribute.type];
    const change = type.analog ? type.encode(configured.change) : Buffer.alloc(0);
    const { minimum, maximum } = configured;
    records.push(octets(status, direction, u16(id), type.id, u16(minimum), u16(maximum), change));
  }
  return { command: 0x09, payload: fitting(records) };
}

function discoverAttributes(server: ClusterServer, payload: Buffer, extended: boolean): GeneralOutcome {
  if (payload.length < 3) return malformed;
  const start = payload.readUInt16LE(0);
  const there = server.attributes
    .filter((attribute) => attribute.hidden !== true && attribute.id >= start)
    .sort((a, b) => a.id - b.id);
  const told = there.slice(0, Math.min(payload[2] ?? 0, 40));
  const records = told.map((attribute) => {
    const access = 1 | (attribute.writable ? 2 : 0) | (attribute.reportable ? 4 : 0);
    const type = zclTypes[attribute.type].id;
    return extended ? octets(u16(attribute.id), type, access) : octets(u16(attribute.id), type);
  });
  const complete = told.length === there.length ? 1 : 0;
  return { command: extended ? 0x16 : 0x0d, payload: octets(complete, ...records) };
}

function discoverCommands(commands: readonly { id: number }[], payload: Buffer, answer: number): GeneralOutcome {
  if (payload.length < 2) return malformed;
  const start = payload[0] ?? 0;
  const there = commands
    .map(({ id }) => id)
    .filter((id) => id >= start)
    .sort((a, b) => a - b);
  const told = there.slice(0, payload[1] ?? 0);
  return { command: answer, payload: octets(told.length === there.length ? 1 : 0, ...told) };
}

/** As many of the records as one frame holds. */
function fitting(records: readonly Buffer[]): Buffer {
  let length = 0;
  return octets(
    ...records.filter((record) => {
      length += record.length;
      return length <= MAX_ANSWER;
    }),
  );
}
