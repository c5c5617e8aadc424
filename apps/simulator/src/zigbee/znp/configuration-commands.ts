import { hasRightCrc, linkKeyOf } from "../install-code.ts";
import { euiFromWire, octets, u32 } from "../octets.ts";
import { type MtCommands, MtStatus, type NetworkProcessor, Subsystem } from "./mt.ts";
import { NvItem, type NvMemory } from "./nv.ts";

/** Form of an install code: itself with its CRC, or the key that was derived from it. */
const Format = { CODE: 1, KEY: 2 } as const;
/** `bdb` commissioning modes, and its answer that one has ended well. */
const FORMATION = 0x04;
const BDB_SUCCESS = 0;
const NOTIFIED_FORMATION = 2;

/** Keys of the install codes that the trust centre knows, in its flash by address. */
const LINK_KEYS = "trust-centre.";

/** APP_CNF: base device behaviour (MT API 3.12). */
export function createConfigurationCommands(coordinator: NetworkProcessor): MtCommands {
  const { nv } = coordinator;
  return {
    // BDB_START_COMMISSIONING
    5: (data) => {
      const mode = data.readUInt8(0);
      if (mode & FORMATION) {
        coordinator.start(true);
        const notice = octets(BDB_SUCCESS, NOTIFIED_FORMATION, 0);
        setImmediate(() => coordinator.indicate(Subsystem.APP_CNF, 0x80, notice));
      }
      return octets(MtStatus.SUCCESS);
    },
    // BDB_ADD_INSTALLCODE: format, address, code or key
    4: (data) => {
      const code = data.subarray(9);
      const eui64 = euiFromWire(data.subarray(1, 9));
      const format = data.readUInt8(0);
      const key =
        format === Format.CODE && hasRightCrc(code)
          ? linkKeyOf(code)
          : format === Format.KEY && code.length === 16
            ? code
            : undefined;
      if (!key) return octets(MtStatus.INVALID_PARAMETER);
      nv.write(LINK_KEYS + eui64, key);
      coordinator.air.admissionChanged();
      return octets(MtStatus.SUCCESS);
    },
    // BDB_SET_TC_REQUIRE_KEY_EXCHANGE: every virtual device exchanges its key.
    9: () => octets(MtStatus.SUCCESS),
    // BDB_SET_JOINUSESINSTALLCODEKEY
    6: (data) => {
      coordinator.requiresInstallCode = data.readUInt8(0) === 1;
      return octets(MtStatus.SUCCESS);
    },
    // BDB_SET_CHANNEL: primary or secondary, mask. A host that wants a channel writes it as the primary.
    8: (data) => {
      if (data.readUInt8(0) === 1) nv.set(NvItem.CHANLIST, u32(data.readUInt32LE(1)));
      return octets(MtStatus.SUCCESS);
    },
  };
}

/** The key that stands for a device's install code, where one was given. */
export const linkKeyFor = (nv: NvMemory, eui64: string): Buffer | undefined => nv.read(LINK_KEYS + eui64);

export const installCodesOf = (nv: NvMemory): string[] =>
  nv.keys().flatMap((key) => (key.startsWith(LINK_KEYS) ? [key.slice(LINK_KEYS.length)] : []));
