import { euiFromWire, euiToWire, octets, u16 } from "../octets.ts";
import { type MtCommands, MtStatus, type NetworkProcessor } from "./mt.ts";

/** Coordinator, router and end device: what the firmware can be. */
const DEVICE_TYPES = 0x07;
/** A child whose receiver rests, one whose does not, a neighbouring router, and nobody (AssocList.h). */
const Relation = { CHILD_RFD: 1, CHILD_RFD_RX_ON: 2, CHILD_FFD: 4, NONE: 0xff } as const;

/** UTIL and SAPI: what a host asks of the stick beside the network (MT API 3.10, 3.9). */
export function createUtilCommands(coordinator: NetworkProcessor): { util: MtCommands; sapi: MtCommands } {
  const { nv, air } = coordinator;
  const success = () => octets(MtStatus.SUCCESS);
  return {
    util: {
      0: () => {
        const children = air.members().filter((node) => !node.router);
        const told = children.slice(0, 100).map((node) => u16(node.membership?.address ?? 0xfffe));
        const { eui64, deviceState } = coordinator;
        const head = octets(MtStatus.SUCCESS, euiToWire(eui64), u16(0), DEVICE_TYPES, deviceState);
        return octets(head, told.length, ...told);
      },
      10: success,
      // ASSOC_GET_WITH_ADDRESS: `associated_devices_t`
      74: (data) => {
        const wanted = euiFromWire(data.subarray(0, 8));
        const address = data.readUInt16LE(8);
        const node = air.members().find((other) => other.eui64 === wanted || other.membership?.address === address);
        const index = node ? air.members().indexOf(node) : 0xffff;
        const relation = !node
          ? Relation.NONE
          : node.router
            ? Relation.CHILD_FFD
            : node.sleepy
              ? Relation.CHILD_RFD
              : Relation.CHILD_RFD_RX_ON;
        return octets(u16(node?.membership?.address ?? 0xfffe), u16(index), relation, Buffer.alloc(13));
      },
      // ASSOC_REMOVE and ASSOC_ADD: who is whose child follows from the devices themselves.
      99: success,
      100: success,
    },
    sapi: {
      4: (data) => {
        const id = data.readUInt8(0);
        const value = nv.get(id);
        return octets(value ? MtStatus.SUCCESS : MtStatus.FAILURE, id, value?.length ?? 0, value ?? Buffer.alloc(0));
      },
    },
  };
}
