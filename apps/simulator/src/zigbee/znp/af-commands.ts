import type { ApsFrame } from "../device/node.ts";
import { octets } from "../octets.ts";
import { type AfEndpoint, type MtCommands, MtStatus, type NetworkProcessor, Subsystem } from "./mt.ts";

const AddressMode = { GROUP: 1, SHORT: 2, BROADCAST: 15 } as const;
/** From here on addresses are broadcasts; the last reaches those that sleep too (Zigbee specification 3.6.5). */
const FIRST_BROADCAST = 0xfff8;
const ALL_DEVICES = 0xffff;
const ALREADY_REGISTERED = 0xb8;

/** AF: endpoints of the host, and data frames from them (MT API 3.2). */
export function createAfCommands(coordinator: NetworkProcessor): MtCommands {
  const { air } = coordinator;

  const send = (address: number, frame: ApsFrame, transaction: number): void => {
    const confirm = (status: number) =>
      coordinator.indicate(Subsystem.AF, 0x80, octets(status, frame.sourceEndpoint, transaction));
    if (address >= FIRST_BROADCAST) {
      air.broadcast(address === ALL_DEVICES, (node) => node.receive(frame, false));
      setImmediate(() => confirm(MtStatus.SUCCESS));
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

function decodeEndpoint(data: Buffer): AfEndpoint {
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
