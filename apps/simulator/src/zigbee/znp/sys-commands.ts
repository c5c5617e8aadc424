import { euiToWire, octets, u16, u32 } from "../octets.ts";
import { type MtCommands, MtStatus, type NetworkProcessor, Subsystem } from "./mt.ts";
import { extendedKey, NvItem } from "./nv.ts";

/** Transport revision 2, a Z-Stack 3.x.0 (product 1), release 2.7.1, and the date of its build. */
const VERSION = octets(2, 1, 2, 7, 1);
const BUILD = 20240710;
/** SYS, AF, ZDO, SAPI, UTIL and APP_CNF (MT API, SYS_PING). */
const CAPABILITIES = 0x0679;
const MOST_AT_ONCE = 240;
/** STARTUP_OPTION: configuration and network state are cleared at the next reset. */
const CLEAR = 0x03;

const EXTERNAL = 1;
/** What a stick says when it has started anew. */
export const resetIndication = (reason: number): Buffer => octets(reason, VERSION);

/** SYS: the stick itself and its flash (MT API 3.8). */
export function createSysCommands(coordinator: NetworkProcessor): MtCommands {
  const { nv } = coordinator;
  const length = (key: string) => u16(nv.read(key)?.length ?? 0);

  const read = (key: string, offset: number): Buffer => {
    const value = nv.read(key);
    if (!value || offset > value.length) return octets(MtStatus.NV_OPER_FAILED, 0);
    const part = value.subarray(offset, offset + MOST_AT_ONCE);
    return octets(MtStatus.SUCCESS, part.length, part);
  };

  const write = (key: string, offset: number, part: Buffer): Buffer => {
    const value = nv.read(key);
    if (!value || offset + part.length > value.length) return octets(MtStatus.NV_OPER_FAILED);
    const next = Buffer.from(value);
    part.copy(next, offset);
    nv.write(key, next);
    return octets(MtStatus.SUCCESS);
  };

  const create = (key: string, size: number, initial: Buffer): Buffer => {
    if (nv.read(key)) return octets(MtStatus.SUCCESS);
    const value = Buffer.alloc(size);
    initial.copy(value);
    nv.write(key, value);
    return octets(MtStatus.NV_ITEM_UNINIT);
  };

  const remove = (key: string, size: number): Buffer => {
    const value = nv.read(key);
    if (!value) return octets(MtStatus.NV_ITEM_UNINIT);
    if (value.length !== size) return octets(MtStatus.NV_BAD_ITEM_LEN);
    nv.delete(key);
    return octets(MtStatus.SUCCESS);
  };

  const item = (data: Buffer) => String(data.readUInt16LE(0));
  const entry = (data: Buffer) => extendedKey(data.readUInt8(0), data.readUInt16LE(1), data.readUInt16LE(3));

  return {
    // SYS_RESET_REQ, answered by SYS_RESET_IND: an external reset.
    0: () => {
      coordinator.reset(((nv.get(NvItem.STARTUP_OPTION)?.[0] ?? 0) & CLEAR) !== 0);
      setImmediate(() => coordinator.indicate(Subsystem.SYS, 0x80, resetIndication(EXTERNAL)));
      return undefined;
    },
    1: () => u16(CAPABILITIES),
    2: () => octets(VERSION, u32(BUILD)),
    4: () => euiToWire(coordinator.eui64),
    // OSAL_NV_ITEM_INIT
    7: (data) => create(item(data), data.readUInt16LE(2), data.subarray(5)),
    8: (data) => read(item(data), data.readUInt8(2)),
    9: (data) => write(item(data), data.readUInt8(2), data.subarray(4)),
    15: (data) => octets(data.readUInt8(1)),
    18: (data) => remove(item(data), data.readUInt16LE(2)),
    19: (data) => length(item(data)),
    28: (data) => read(item(data), data.readUInt16LE(2)),
    29: (data) => write(item(data), data.readUInt16LE(2), data.subarray(6)),
    // Extended tables: NV_CREATE, DELETE, LENGTH, READ, WRITE
    48: (data) => {
      create(entry(data), data.readUInt16LE(5), Buffer.alloc(0));
      return octets(MtStatus.SUCCESS);
    },
    49: (data) => octets(nv.delete(entry(data)) ? MtStatus.SUCCESS : MtStatus.NV_OPER_FAILED),
    50: (data) => u32(nv.read(entry(data))?.length ?? 0),
    51: (data) => {
      const value = nv.read(entry(data));
      const offset = data.readUInt16LE(5);
      const part = value?.subarray(offset, offset + data.readUInt8(7));
      return part ? octets(MtStatus.SUCCESS, part.length, part) : octets(MtStatus.NV_OPER_FAILED, 0);
    },
    52: (data) => write(entry(data), data.readUInt16LE(5), data.subarray(8)),
  };
}
