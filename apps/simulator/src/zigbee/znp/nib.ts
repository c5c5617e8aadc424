import { euiFromWire, euiToWire } from "../octets.ts";

/** What this coordinator keeps in the network information base; the rest stands at the stack's own defaults. */
export interface Nib {
  panId: number;
  channel: number;
  channels: number;
  extendedPanId: string;
  coordinator: string;
}

/** `nwkIB_t` as a 32-bit Arm lays it out (a CC2652): two- and four-octet members on their own boundaries. */
const LENGTH = 116;
const AT = { capability: 14, channel: 24, coordinator: 28, panId: 36, state: 38, channels: 40, extendedPanId: 57 };
/** NWK_ROUTER of `nwk_states_t`: a coordinator that has started. */
const STARTED = 8;
/** Member → value of the defaults of a Z-Stack 3 coordinator, by offset. */
const DEFAULTS: readonly (readonly [offset: number, value: number])[] = [
  [1, 5], // passive acknowledgement time-out
  [2, 2], // broadcast retries
  [3, 50], // children
  [4, 20], // depth
  [5, 50], // routers
  [7, 30], // broadcast delivery time
  [11, 1], // all frames secured
  [12, 5], // security level
  [18, 2], // protocol version: Zigbee PRO
  [19, 13], // route discovery time
  [20, 30], // route expiry time
  [44, 15], // beacon order
  [45, 15], // superframe order
  [65, 1], // the network key is there
  [102, 15], // link status period
  [103, 3], // router age limit
  [105, 1], // concentrator
];

export function encodeNib(nib: Nib): Buffer {
  const octets = Buffer.alloc(LENGTH);
  for (const [offset, value] of DEFAULTS) octets[offset] = value;
  octets[AT.capability] = 0x8f;
  octets[AT.channel] = nib.channel;
  euiToWire(nib.coordinator).copy(octets, AT.coordinator);
  octets.writeUInt16LE(nib.panId, AT.panId);
  octets[AT.state] = STARTED;
  octets.writeUInt32LE(nib.channels, AT.channels);
  euiToWire(nib.extendedPanId).copy(octets, AT.extendedPanId);
  return octets;
}

export function decodeNib(octets: Buffer): Nib | undefined {
  if (octets.length !== LENGTH) return undefined;
  return {
    panId: octets.readUInt16LE(AT.panId),
    channel: octets[AT.channel] ?? 0,
    channels: octets.readUInt32LE(AT.channels),
    extendedPanId: euiFromWire(octets.subarray(AT.extendedPanId, AT.extendedPanId + 8)),
    coordinator: euiFromWire(octets.subarray(AT.coordinator, AT.coordinator + 8)),
  };
}
