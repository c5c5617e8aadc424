import { euiFromWire, euiToWire, octets, u16, u32 } from "../octets.ts";
import { type Random, randomOctets } from "../random.ts";
import { decodeNib, encodeNib, type Nib } from "./nib.ts";
import { NvItem, type NvMemory, NvTable } from "./nv.ts";

/** The network that a coordinator runs, as its flash says. */
export interface Network extends Nib {
  key: string;
}

/** The key of a stick that nobody configured. */
const FACTORY_KEY = Buffer.from("01030507090b0d0f00020406080a0c0d", "hex");
const ALL_CHANNELS = 0x07fff800;
/** Entries of the address table grow by so many. */
const ADDRESS_PAGE = 16;
const FREE_ENTRY = Buffer.alloc(12);

/** What stands in the flash of a new stick: `coordinator` is its EUI-64. */
export function initialise(nv: NvMemory, coordinator: string, random: Random): void {
  const missing = (item: number, value: () => Buffer) => {
    if (!nv.get(item)) nv.set(item, value());
  };
  missing(NvItem.EXTADDR, () => euiToWire(coordinator));
  missing(NvItem.PRECFGKEY, () => FACTORY_KEY);
  missing(NvItem.PRECFGKEYS_ENABLE, () => octets(1));
  missing(NvItem.PANID, () => u16(0xffff));
  missing(NvItem.CHANLIST, () => u32(ALL_CHANNELS));
  missing(NvItem.TCLK_SEED, () => randomOctets(random, 16));
  // Its length tells a host how the firmware aligns structures: 24 octets with padding, 21 without.
  missing(NvItem.NWKKEY, () => Buffer.alloc(24));
  missing(NvItem.APS_LINK_KEY_TABLE, () => Buffer.alloc(2 + 6 * 8));
  for (let index = 0; index < 4; index += 1) {
    if (!nv.entry(NvTable.TCLK, index)) nv.setEntry(NvTable.TCLK, index, Buffer.alloc(20));
    if (!nv.entry(NvTable.APS_KEY_DATA, index)) nv.setEntry(NvTable.APS_KEY_DATA, index, Buffer.alloc(24));
  }
  for (let index = 0; index < 2; index += 1) {
    if (!nv.entry(NvTable.NWK_SEC_MATERIAL, index)) nv.setEntry(NvTable.NWK_SEC_MATERIAL, index, Buffer.alloc(12));
  }
  for (let index = 0; index < ADDRESS_PAGE; index += 1) {
    if (!nv.entry(NvTable.ADDRMGR, index)) nv.setEntry(NvTable.ADDRMGR, index, FREE_ENTRY);
  }
}

export const coordinatorAddress = (nv: NvMemory): string => euiFromWire(nv.get(NvItem.EXTADDR) ?? Buffer.alloc(8));

export function networkOf(nv: NvMemory): Network | undefined {
  const nib = nv.get(NvItem.NIB);
  const decoded = nib ? decodeNib(nib) : undefined;
  const key = nv.get(NvItem.NWK_ACTIVE_KEY_INFO);
  return decoded && key ? { ...decoded, key: key.subarray(1, 17).toString("hex") } : undefined;
}

/** A new network, from the items that a host has written (MT API, APP_CNF_BDB_START_COMMISSIONING: formation). */
export function formNetwork(nv: NvMemory, random: Random): void {
  const coordinator = coordinatorAddress(nv);
  const wantedPan = nv.get(NvItem.PANID)?.readUInt16LE(0) ?? 0xffff;
  const channels = nv.get(NvItem.CHANLIST)?.readUInt32LE(0) ?? ALL_CHANNELS;
  const wantedExtended = euiFromWire(nv.get(NvItem.EXTENDED_PAN_ID) ?? Buffer.alloc(8));
  const isUnset = /^(0{16}|F{16})$/.test(wantedExtended);
  const key = nv.get(NvItem.PRECFGKEY) ?? FACTORY_KEY;
  const nib = {
    panId: wantedPan === 0xffff ? 1 + Math.floor(random() * 0xfffd) : wantedPan,
    channel: lowestChannel(channels),
    channels,
    extendedPanId: isUnset ? coordinator : wantedExtended,
    coordinator,
  };
  nv.set(NvItem.NIB, encodeNib(nib));
  nv.set(NvItem.NWK_ACTIVE_KEY_INFO, octets(0, key));
  nv.set(NvItem.NWK_ALTERN_KEY_INFO, octets(0, key));
  nv.set(NvItem.NWKKEY, octets(0, key, Buffer.alloc(3), u32(0)));
  nv.setEntry(NvTable.NWK_SEC_MATERIAL, 0, octets(u32(0), euiToWire(nib.extendedPanId)));
}

function lowestChannel(mask: number): number {
  for (let channel = 11; channel <= 26; channel += 1) if (mask & (1 << channel)) return channel;
  return 11;
}

/** Devices that the coordinator knows, in its address table: `AddrMgrEntry_t`, an associated device. */
export function rememberDevice(nv: NvMemory, eui64: string, address: number): void {
  const entry = octets(1, 0, u16(address), euiToWire(eui64));
  let free: number | undefined;
  let index = 0;
  for (let there = nv.entry(NvTable.ADDRMGR, 0); there; there = nv.entry(NvTable.ADDRMGR, ++index)) {
    if (euiFromWire(there.subarray(4, 12)) === eui64) {
      nv.setEntry(NvTable.ADDRMGR, index, entry);
      return;
    }
    if (there[0] === 0) free ??= index;
  }
  if (free === undefined) {
    for (let more = 1; more < ADDRESS_PAGE; more += 1) nv.setEntry(NvTable.ADDRMGR, index + more, FREE_ENTRY);
  }
  nv.setEntry(NvTable.ADDRMGR, free ?? index, entry);
}

export function forgetDevice(nv: NvMemory, eui64: string): void {
  let index = 0;
  for (let there = nv.entry(NvTable.ADDRMGR, 0); there; there = nv.entry(NvTable.ADDRMGR, ++index)) {
    if (euiFromWire(there.subarray(4, 12)) === eui64) nv.setEntry(NvTable.ADDRMGR, index, FREE_ENTRY);
  }
}
