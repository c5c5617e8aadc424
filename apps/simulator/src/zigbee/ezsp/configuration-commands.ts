import { octets, u16 } from "../octets.ts";
import { EmberStatus, EzspStatus, FrameId } from "./codes.ts";
import type { EzspCommands, Ncp } from "./ncp.ts";

/** EZSP 13, that of EmberZNet 7.4. */
const VERSION = 13;
const MESH_STACK = 2;
const STACK_VERSION = 0x7450;
/** Build, 7.4.5, no special, generally available. */
const VERSION_STRUCT = octets(u16(0), 7, 4, 5, 0, 0xaa);
/** `EmberCounterType`. */
const COUNTERS = 42;

/** Configuration values that something here depends on (UG100, `EzspConfigId`). */
export const ConfigId = {
  MULTICAST_TABLE_SIZE: 0x06,
  INDIRECT_TRANSMISSION_TIMEOUT: 0x12,
  KEY_TABLE_SIZE: 0x1e,
  TRANSIENT_KEY_TIMEOUT: 0x36,
} as const;
/** Every id there is, with what a firmware for coordinators comes with; sizes of tables are the firmware's own. */
const CONFIGURATION: ReadonlyMap<number, number> = new Map([
  ...[0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x08, 0x17, 0x18, 0x1a, 0x1c, 0x1d, 0x1f].map((id) => [id, 16] as const),
  ...[0x20, 0x22, 0x24, 0x29, 0x2a, 0x2b, 0x2c, 0x2e, 0x2f, 0x30, 0x33, 0x34, 0x35].map((id) => [id, 0] as const),
  ...[0x37, 0x38, 0x39, 0x40, 0x41, 0x42, 0x43].map((id) => [id, 0] as const),
  [ConfigId.MULTICAST_TABLE_SIZE, 16],
  [0x0c, 2],
  [0x0d, 5],
  [0x10, 30],
  [0x11, 32],
  [ConfigId.INDIRECT_TRANSMISSION_TIMEOUT, 3000],
  [0x13, 8],
  [0x19, 2],
  [ConfigId.KEY_TABLE_SIZE, 12],
  [0x2d, 1],
  [ConfigId.TRANSIENT_KEY_TIMEOUT, 300],
]);
const FIXED: ReadonlySet<number> = new Set([ConfigId.MULTICAST_TABLE_SIZE, ConfigId.KEY_TABLE_SIZE]);

export const PolicyId = { TRUST_CENTER: 0x00 } as const;
const LAST_POLICY = 0x09;

export const ValueId = { VERSION_INFO: 0x11, NWK_FRAME_COUNTER: 0x23 } as const;
const LAST_VALUE = 0x50;
const ENDPOINT_FLAGS = 0x00;
/** A mask of one bit: the endpoint answers. */
const ENABLED = 0x0001;

export const configurationValue = (ncp: Ncp, id: number): number =>
  ncp.memory.configuration.get(id) ?? CONFIGURATION.get(id) ?? 0;

/** Version, configuration, policies, values and endpoints (UG100, 5.1 to 5.3). */
export function createConfigurationCommands(ncp: Ncp): EzspCommands {
  const ok = octets(EzspStatus.SUCCESS);
  const memory = () => ncp.memory;

  return {
    [FrameId.VERSION]: (parameters) => {
      // The host asks again with the version that it is told, or leaves it at that.
      memory().agreed = parameters.readUInt8(0) === VERSION;
      return octets(VERSION, MESH_STACK, u16(STACK_VERSION));
    },
    [FrameId.NOP]: () => Buffer.alloc(0),
    [FrameId.ECHO]: (parameters) => octets(parameters.subarray(0, 1 + parameters.readUInt8(0))),
    [FrameId.GET_CONFIGURATION_VALUE]: (parameters) => {
      const id = parameters.readUInt8(0);
      if (!CONFIGURATION.has(id)) return octets(EzspStatus.INVALID_ID, u16(0));
      return octets(EzspStatus.SUCCESS, u16(configurationValue(ncp, id)));
    },
    [FrameId.SET_CONFIGURATION_VALUE]: (parameters) => {
      const [id, value] = [parameters.readUInt8(0), parameters.readUInt16LE(1)];
      if (!CONFIGURATION.has(id)) return octets(EzspStatus.INVALID_ID);
      if (FIXED.has(id) || ncp.started) return octets(EzspStatus.INVALID_CALL);
      memory().configuration.set(id, value);
      return ok;
    },
    [FrameId.SET_POLICY]: (parameters) => {
      const id = parameters.readUInt8(0);
      if (id > LAST_POLICY) return octets(EzspStatus.INVALID_ID);
      memory().policies.set(id, parameters.readUInt8(1));
      if (id === PolicyId.TRUST_CENTER) ncp.air.admissionChanged();
      return ok;
    },
    [FrameId.GET_POLICY]: (parameters) => {
      const id = parameters.readUInt8(0);
      return octets(id > LAST_POLICY ? EzspStatus.INVALID_ID : EzspStatus.SUCCESS, memory().policies.get(id) ?? 0);
    },
    [FrameId.GET_VALUE]: (parameters) => {
      const id = parameters.readUInt8(0);
      const value = id === ValueId.VERSION_INFO ? VERSION_STRUCT : memory().values.get(id);
      return value ? octets(EzspStatus.SUCCESS, value.length, value) : octets(EzspStatus.INVALID_ID, 0);
    },
    [FrameId.SET_VALUE]: (parameters) => {
      const id = parameters.readUInt8(0);
      const length = parameters.readUInt8(1);
      const value = Buffer.from(parameters.subarray(2, 2 + length));
      if (id > LAST_VALUE || id === ValueId.VERSION_INFO) return octets(EzspStatus.INVALID_ID);
      if (value.length !== length) return octets(EzspStatus.INVALID_VALUE);
      if (id === ValueId.NWK_FRAME_COUNTER) {
        if (length !== 4) return octets(EzspStatus.INVALID_VALUE);
        if (ncp.started) return octets(EzspStatus.INVALID_CALL);
        ncp.tokens.frameCounter = value.readUInt32LE(0);
      }
      memory().values.set(id, value);
      return ok;
    },
    [FrameId.GET_EXTENDED_VALUE]: (parameters) => {
      const known = parameters.readUInt8(0) === ENDPOINT_FLAGS && memory().endpoints.has(parameters.readUInt32LE(1));
      return known ? octets(EzspStatus.SUCCESS, 2, u16(ENABLED)) : octets(EzspStatus.INVALID_VALUE, 2, u16(0));
    },
    [FrameId.ADD_ENDPOINT]: (parameters) => {
      const id = parameters.readUInt8(0);
      const counts = [parameters.readUInt8(6), parameters.readUInt8(7)] as const;
      const list = (start: number, count: number) =>
        Array.from({ length: count }, (_, index) => parameters.readUInt16LE(8 + 2 * (start + index)));
      const [inputs, outputs] = [list(0, counts[0]), list(counts[0], counts[1])];
      // While the network is up, others may have asked what endpoints there are.
      if (ncp.started || memory().endpoints.has(id)) return octets(EzspStatus.INVALID_CALL);
      const [profile, device] = [parameters.readUInt16LE(1), parameters.readUInt16LE(3)];
      memory().endpoints.set(id, { id, profile, device, version: parameters.readUInt8(5), inputs, outputs });
      return ok;
    },
    [FrameId.SET_MULTICAST_TABLE_ENTRY]: (parameters) => {
      const index = parameters.readUInt8(0);
      if (index >= configurationValue(ncp, ConfigId.MULTICAST_TABLE_SIZE)) {
        return octets(EmberStatus.INDEX_OUT_OF_RANGE);
      }
      parameters.readUInt32LE(1);
      memory().multicast.set(index, Buffer.from(parameters.subarray(1, 5)));
      return octets(EmberStatus.SUCCESS);
    },
    [FrameId.GET_MULTICAST_TABLE_ENTRY]: (parameters) => {
      const index = parameters.readUInt8(0);
      const isThere = index < configurationValue(ncp, ConfigId.MULTICAST_TABLE_SIZE);
      const status = isThere ? EmberStatus.SUCCESS : EmberStatus.INDEX_OUT_OF_RANGE;
      return octets(status, memory().multicast.get(index) ?? Buffer.alloc(4));
    },
    [FrameId.SET_MANUFACTURER_CODE]: (parameters) => {
      memory().manufacturer = parameters.readUInt16LE(0);
      return Buffer.alloc(0);
    },
    [FrameId.GET_MANUFACTURER_CODE]: () => u16(memory().manufacturer),
    // Nothing here is counted.
    [FrameId.READ_AND_CLEAR_COUNTERS]: () => Buffer.alloc(2 * COUNTERS),
  };
}
