import { euiFromWire, euiToWire, octets, u16, u32 } from "../octets.ts";
import { EmberStatus, FrameId, SlStatus } from "./codes.ts";
import { ConfigId, configurationValue } from "./configuration-commands.ts";
import type { EzspCommands, Ncp } from "./ncp.ts";

/** `sl_zb_sec_man_key_type_t`: what can be exported here. */
const KeyType = { NETWORK: 1, TC_LINK: 2 } as const;
/** `EmberInitialSecurityBitmask`. */
const NO_FRAME_COUNTER_RESET = 0x1000;
const KEY_LENGTH = 16;
const NO_KEY = Buffer.alloc(KEY_LENGTH);

/** Keys: of the network, of the trust centre, of devices that may come (UG100, 5.8). */
export function createSecurityCommands(ncp: Ncp): EzspCommands {
  const { tokens } = ncp;
  const keyAt = (parameters: Buffer, at: number): Buffer => {
    parameters.readUInt8(at + KEY_LENGTH - 1);
    return Buffer.from(parameters.subarray(at, at + KEY_LENGTH));
  };
  const euiAt = (parameters: Buffer, at: number): string => {
    parameters.readBigUInt64LE(at);
    return euiFromWire(parameters.subarray(at, at + 8));
  };
  const isIndex = (index: number) => index < configurationValue(ncp, ConfigId.KEY_TABLE_SIZE);

  return {
    // Bitmask, trust centre's link key, network key, its sequence number, the trust centre's address
    [FrameId.SET_INITIAL_SECURITY_STATE]: (parameters) => {
      if (ncp.started) return octets(EmberStatus.INVALID_CALL);
      ncp.memory.initialSecurity = {
        keepsFrameCounter: (parameters.readUInt16LE(0) & NO_FRAME_COUNTER_RESET) !== 0,
        trustCentreKey: keyAt(parameters, 2),
        networkKey: keyAt(parameters, 18),
        networkKeySequence: parameters.readUInt8(34),
      };
      return octets(EmberStatus.SUCCESS);
    },
    // Key type, and more that tells one key from another of its type
    [FrameId.EXPORT_KEY]: (parameters) => {
      const type = parameters.readUInt8(0);
      const key =
        type === KeyType.NETWORK ? tokens.networkKey : type === KeyType.TC_LINK ? tokens.trustCentreKey : undefined;
      return octets(key ?? NO_KEY, u32(key ? SlStatus.OK : SlStatus.NOT_FOUND));
    },
    [FrameId.GET_NETWORK_KEY_INFO]: () => {
      const isSet = tokens.networkKey ? 1 : 0;
      const noAlternate = 0;
      return octets(
        u32(SlStatus.OK),
        isSet,
        noAlternate,
        tokens.keySequence,
        0,
        u32(tokens.frameCounter + ncp.memory.sent),
      );
    },
    [FrameId.IMPORT_LINK_KEY]: (parameters) => {
      const index = parameters.readUInt8(0);
      if (!isIndex(index)) return u32(SlStatus.INVALID_INDEX);
      tokens.setLinkKey(index, euiAt(parameters, 1), keyAt(parameters, 9));
      return u32(SlStatus.OK);
    },
    // Address, key, and its metadata: mask, both counters, time to live
    [FrameId.EXPORT_LINK_KEY_BY_INDEX]: (parameters) => {
      const index = parameters.readUInt8(0);
      const entry = tokens.linkKey(index);
      const metadata = octets(u16(0), u32(0), u32(0), u16(0));
      if (entry) return octets(euiToWire(entry.eui64), entry.key, metadata, u32(SlStatus.OK));
      const status = isIndex(index) ? SlStatus.NOT_FOUND : SlStatus.INVALID_INDEX;
      return octets(Buffer.alloc(8), NO_KEY, metadata, u32(status));
    },
    [FrameId.ERASE_KEY_TABLE_ENTRY]: (parameters) => {
      const index = parameters.readUInt8(0);
      if (!isIndex(index)) return octets(EmberStatus.INDEX_OUT_OF_RANGE);
      tokens.eraseLinkKey(index);
      return octets(EmberStatus.SUCCESS);
    },
    [FrameId.CLEAR_KEY_TABLE]: () => {
      tokens.clearLinkKeys();
      return octets(EmberStatus.SUCCESS);
    },
    [FrameId.IMPORT_TRANSIENT_KEY]: (parameters) => {
      const seconds = configurationValue(ncp, ConfigId.TRANSIENT_KEY_TIMEOUT);
      const until = ncp.clock.now() + seconds * 1000;
      ncp.memory.transientKeys.set(euiAt(parameters, 0), { key: keyAt(parameters, 8), until });
      ncp.air.admissionChanged();
      return u32(SlStatus.OK);
    },
    [FrameId.CLEAR_TRANSIENT_LINK_KEYS]: () => {
      ncp.memory.transientKeys.clear();
      return Buffer.alloc(0);
    },
  };
}
