import { ALL_DEVICES, type Delivery, FIRST_BROADCAST, type HostEndpoint } from "../coordinator.ts";
import type { ApsFrame } from "../device/node.ts";
import { octets } from "../octets.ts";
import { type MtCommands, MtStatus, type NetworkProcessor, Subsystem } from "./mt.ts";

const AddressMode = { GROUP: 1, SHORT: 2, BROADCAST: 15 } as const;
const ALREADY_REGISTERED = 0xb8;

const statusOf: Readonly<Record<Delivery, number>> = {
  delivered: MtStatus.SUCCESS,
  "no-route": MtStatus.NWK_NO_ROUTE,
  unacknowledged: MtStatus.MAC_NO_ACK,
  expired: MtStatus.MAC_TRANSACTION_EXPIRED,
};

/** AF: endpoints of the host, and data frames from them (MT API 3.2). */
export function createAfCommands(coordinator: NetworkProcessor): MtCommands {
  const { air } = coordinator;

  const send = (address: number, frame: ApsFrame, transaction: number): void => {
    const confirm = (outcome: Delivery) =>
      coordinator.indicate(Subsystem.AF, 0x80, octets(statusOf[outcome], frame.sourceEndpoint, transaction));
    if (address >= FIRST_BROADCAST) {
      air.broadcast(address === ALL_DEVICES, (node) => node.receive(frame, false));
      setImmediate(() => confirm("delivered"));
    } else air.unicast(address, (node) => node.receive(frame, true), confirm);
  };

  const frameOf = (cluster: number, source: number, destination: number, data: Buffer): ApsFrame => ({
    cluster,
    profile: coordinator.endpoints.get(source)?.profile ?? 0x0104,
    sourceEndpoint: source,
    destinationEndpoint: destination,
    data,
  });

  return {
    // AF_REGISTER
    0: (data) => {
      const endpoint = decodeEndpoint(data);
      if (coordinator.endpoints.has(endpoint.id)) return octets(ALREADY_REGISTERED);
      coordinator.endpoints.set(endpoint.id, endpoint);
      return octets(MtStatus.SUCCESS);
    },
    // AF_DATA_REQUEST: address, endpoints, cluster, transaction, options, radius, length, data
    1: (data) => {
      const length = data.readUInt8(9);
      const content = data.subarray(10, 10 + length);
      if (content.length !== length || !coordinator.started) return octets(MtStatus.INVALID_PARAMETER);
      const frame = frameOf(data.readUInt16LE(4), data.readUInt8(3), data.readUInt8(2), content);
      send(data.readUInt16LE(0), frame, data.readUInt8(6));
      return octets(MtStatus.SUCCESS);
    },
    // AF_DATA_REQUEST_EXT: mode, address (8), endpoint, PAN, endpoint, cluster, transaction, options, radius, length, data
    2: (data) => {
      const mode = data.readUInt8(0);
      const length = data.readUInt16LE(18);
      const content = data.subarray(20, 20 + length);
      if (content.length !== length || !coordinator.started) return octets(MtStatus.INVALID_PARAMETER);
      const frame = frameOf(data.readUInt16LE(13), data.readUInt8(12), data.readUInt8(9), content);
      const transaction = data.readUInt8(15);
      const address = data.readUInt16LE(1);
      if (mode === AddressMode.GROUP) {
        // No virtual device is in a group.
        const done = octets(MtStatus.SUCCESS, frame.sourceEndpoint, transaction);
        setImmediate(() => coordinator.indicate(Subsystem.AF, 0x80, done));
      } else if (mode === AddressMode.SHORT || mode === AddressMode.BROADCAST) send(address, frame, transaction);
      else return octets(MtStatus.INVALID_PARAMETER);
      return octets(MtStatus.SUCCESS);
    },
  };
}

function decodeEndpoint(data: Buffer): HostEndpoint {
  const list = (at: number): number[] =>
    Array.from({ length: data.readUInt8(at) }, (_, index) => data.readUInt16LE(at + 1 + index * 2));
  const inputs = list(7);
  const outputs = list(8 + inputs.length * 2);
  return {
    id: data.readUInt8(0),
    profile: data.readUInt16LE(1),
    device: data.readUInt16LE(3),
    version: data.readUInt8(5),
    inputs,
    outputs,
  };
}
