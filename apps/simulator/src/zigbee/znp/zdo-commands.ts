import { FIRST_BROADCAST } from "../coordinator.ts";
import { coordinatorSubject } from "../coordinator-subject.ts";
import type { ZigbeeNode } from "../device/node.ts";
import { answerZdp, Zdp, ZdpStatus } from "../device/zdp.ts";
import { euiFromWire, euiToWire, octets, u16 } from "../octets.ts";
import { type MtCommands, type MtHandler, MtStatus, type NetworkProcessor, Subsystem } from "./mt.ts";

/** Requests that are an address and the device profile's own request; its answer is source and answer (MT API 3.11). */
const PASSED_ON = [
  Zdp.NODE_DESC,
  Zdp.POWER_DESC,
  Zdp.SIMPLE_DESC,
  Zdp.ACTIVE_EP,
  Zdp.MATCH_DESC,
  Zdp.BIND,
  Zdp.UNBIND,
  Zdp.MGMT_LQI,
  Zdp.MGMT_RTG,
  Zdp.MGMT_BIND,
] as const;
const RESPONSE = 0x80;
/** `Remove children` and `rejoin` of a leave request. */
const REJOIN = 0x01;
/** Texas Instruments. */
const MANUFACTURER = 0x0007;

/** ZDO: the device profile of other devices, and the network's own state. */
export function createZdoCommands(coordinator: NetworkProcessor): MtCommands {
  const { air } = coordinator;
  const success = () => octets(MtStatus.SUCCESS);
  const tell = (id: number, data: Buffer) => coordinator.indicate(Subsystem.ZDO, id, data);

  const subject = coordinatorSubject(coordinator, () => MANUFACTURER);

  /** Answers of a device come over the air, or do not. */
  const ask = (address: number, request: number, payload: Buffer, answered: (answer: Buffer) => void): void => {
    if (address === 0) {
      setImmediate(() => answered(answerZdp(subject, request, payload)));
      return;
    }
    const arrive = (node: ZigbeeNode) => {
      const answer = node.answer(request, payload);
      air.reply(node, () => answered(answer));
    };
    if (address >= FIRST_BROADCAST) air.broadcast(address === 0xffff, arrive);
    else air.unicast(address, arrive, () => {});
  };

  const passedOn: Record<number, MtHandler> = {};
  for (const request of PASSED_ON) {
    passedOn[request] = (data) => {
      const address = data.readUInt16LE(0);
      // MT speaks of the address twice where the profile does: once to send to, once as the one of interest.
      ask(address, request, data.subarray(2), (answer) => tell(RESPONSE | request, octets(u16(address), answer)));
      return success();
    };
  }

  return {
    ...passedOn,
    // NWK_ADDR_REQ and IEEE_ADDR_REQ
    0: (data) => {
      const eui64 = euiFromWire(data.subarray(0, 8));
      if (eui64 === coordinator.eui64) setImmediate(() => tell(RESPONSE, found(eui64, 0)));
      const node = air.members().find((other) => other.eui64 === eui64);
      const address = node?.membership?.address;
      if (node && address !== undefined) {
        air.unicast(
          address,
          () => air.reply(node, () => tell(RESPONSE, found(eui64, address))),
          () => {},
        );
      }
      return success();
    },
    1: (data) => {
      const address = data.readUInt16LE(0);
      if (address === 0) setImmediate(() => tell(RESPONSE | 1, found(coordinator.eui64, 0)));
      else {
        const arrive = (node: ZigbeeNode) => air.reply(node, () => tell(RESPONSE | 1, found(node.eui64, address)));
        air.unicast(address, arrive, () => {});
      }
      return success();
    },
    // MGMT_LEAVE_REQ: address, device, flags
    52: (data) => {
      const address = data.readUInt16LE(0);
      const rejoin = (data.readUInt8(10) & REJOIN) !== 0;
      const arrive = (node: ZigbeeNode) => {
        const answer = node.answer(Zdp.MGMT_LEAVE, data.subarray(2));
        air.reply(node, () => {
          tell(0xb4, octets(u16(address), answer));
          node.dismissed(rejoin);
        });
      };
      air.unicast(address, arrive, () => {});
      return success();
    },
    // MGMT_PERMIT_JOIN_REQ: address mode, address, seconds, significance. A broadcast opens the coordinator as well.
    54: (data) => {
      const address = data.readUInt16LE(1);
      const seconds = data.readUInt8(3);
      if (address >= FIRST_BROADCAST || address === 0) {
        coordinator.permitJoin(seconds);
        setImmediate(() => tell(0xb6, octets(u16(0), ZdpStatus.SUCCESS)));
      } else {
        ask(address, Zdp.MGMT_PERMIT_JOINING, data.subarray(3), (answer) => {
          tell(0xb6, octets(u16(address), answer));
          // Who joins at a router is let in by the trust centre all the same.
          if (answer[0] === ZdpStatus.SUCCESS) coordinator.permitJoin(seconds);
        });
      }
      return success();
    },
    // MGMT_NWK_UPDATE_REQ: no energy is there to be scanned.
    55: success,
    // STARTUP_FROM_APP: 0 restored, 1 new
    64: () => octets(coordinator.start(false) ? 0 : 1),
    // EXT_ROUTE_DISC: everybody is one hop away.
    69: success,
    // EXT_FIND_GROUP and EXT_ADD_GROUP: endpoint, group
    74: (data) => {
      const group = data.subarray(0, 3);
      const there = coordinator.groups.has(group.toString("hex"));
      return octets(there ? MtStatus.SUCCESS : MtStatus.FAILURE, group.subarray(1, 3), 0);
    },
    75: (data) => {
      coordinator.groups.add(data.subarray(0, 3).toString("hex"));
      return success();
    },
    // EXT_NWK_INFO: address, state, PAN, parent, extended PAN, parent's address, channel
    80: () => {
      const { network, deviceState, eui64 } = coordinator;
      const extended = euiToWire(network?.extendedPanId ?? "0000000000000000");
      const pan = u16(network?.panId ?? 0xffff);
      return octets(u16(0), deviceState, pan, u16(0), extended, euiToWire(eui64), network?.channel ?? 0);
    },
  };
}

const found = (eui64: string, address: number): Buffer =>
  octets(ZdpStatus.SUCCESS, euiToWire(eui64), u16(address), 0, 0);
