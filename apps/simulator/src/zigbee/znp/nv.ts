import { Flash } from "../flash.ts";

/** Ids of the non-volatile items that this coordinator gives a meaning (MT API, Z-Stack's ZComDef.h); it keeps any. */
export const NvItem = {
  EXTADDR: 0x0001,
  STARTUP_OPTION: 0x0003,
  NIB: 0x0021,
  EXTENDED_PAN_ID: 0x002d,
  NWK_ACTIVE_KEY_INFO: 0x003a,
  NWK_ALTERN_KEY_INFO: 0x003b,
  APS_LINK_KEY_TABLE: 0x004c,
  PRECFGKEY: 0x0062,
  PRECFGKEYS_ENABLE: 0x0063,
  NWKKEY: 0x0082,
  PANID: 0x0083,
  CHANLIST: 0x0084,
  TCLK_SEED: 0x0101,
} as const;

/** Items of the extended tables, in the system ZSTACK. */
export const NvTable = { ADDRMGR: 1, TCLK: 4, APS_KEY_DATA: 6, NWK_SEC_MATERIAL: 7 } as const;
const ZSTACK = 1;

/** The flash as Z-Stack names what is in it: by item id, or by system, item and sub-id. */
export class NvMemory extends Flash {
  get(id: number): Buffer | undefined {
    return this.read(String(id));
  }

  set(id: number, value: Buffer): void {
    this.write(String(id), value);
  }

  entry(table: number, index: number): Buffer | undefined {
    return this.read(extendedKey(ZSTACK, table, index));
  }

  setEntry(table: number, index: number, value: Buffer): void {
    this.write(extendedKey(ZSTACK, table, index), value);
  }

  /** Everything goes but the address that is burned in. */
  erase(): void {
    this.clear(String(NvItem.EXTADDR));
  }
}

export const extendedKey = (system: number, item: number, subId: number): string => `${system}.${item}.${subId}`;
