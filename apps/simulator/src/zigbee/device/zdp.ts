import { euiFromWire, euiToWire, octets, u16 } from "../octets.ts";

/** Cluster ids of the device profile's requests (Zigbee specification 2.4.3); an answer has 0x8000 more. */
export const Zdp = {
  NWK_ADDR: 0x0000,
  IEEE_ADDR: 0x0001,
  NODE_DESC: 0x0002,
  POWER_DESC: 0x0003,
  SIMPLE_DESC: 0x0004,
  ACTIVE_EP: 0x0005,
  MATCH_DESC: 0x0006,
  BIND: 0x0021,
  UNBIND: 0x0022,
  MGMT_LQI: 0x0031,
  MGMT_RTG: 0x0032,
  MGMT_BIND: 0x0033,
  MGMT_LEAVE: 0x0034,
  MGMT_PERMIT_JOINING: 0x0036,
  MGMT_NWK_UPDATE: 0x0038,
} as const;

export const ZdpStatus = {
  SUCCESS: 0x00,
  INVALID_REQUEST_TYPE: 0x80,
  DEVICE_NOT_FOUND: 0x81,
  INVALID_EP: 0x82,
  NOT_ACTIVE: 0x83,
  NOT_SUPPORTED: 0x84,
  NO_ENTRY: 0x88,
} as const;

/** How a binding names where it leads. */
const AddressMode = { GROUP: 0x01, EXTENDED: 0x03 } as const;

export interface Binding {
  endpoint: number;
  cluster: number;
  /** An address with its endpoint, or a group. */
  to: { address: string; endpoint: number } | { group: number };
}

/** Who answers: a device, or the coordinator itself. */
export interface ZdpSubject {
  readonly address: number;
  readonly eui64: string;
  nodeDescriptor(): Buffer;
  endpoints(): readonly {
    id: number;
    simpleDescriptor: Buffer;
    profile: number;
    inputs: number[];
    outputs: number[];
  }[];
  readonly bindings?: Binding[];
  neighbours(): readonly Buffer[];
}

/** The answer's payload, status first; empty where nothing is said. Leaving and joining are not decided here. */
export function answerZdp(subject: ZdpSubject, request: number, payload: Buffer): Buffer {
  const own = u16(subject.address);
  switch (request) {
    case Zdp.NWK_ADDR:
      // Broadcast to all: those that are not looked for say nothing.
      return euiFromWire(payload.subarray(0, 8)) === subject.eui64
        ? octets(ZdpStatus.SUCCESS, euiToWire(subject.eui64), own)
        : Buffer.alloc(0);
    case Zdp.IEEE_ADDR:
      return octets(ZdpStatus.SUCCESS, euiToWire(subject.eui64), own);
    case Zdp.NODE_DESC:
      return octets(ZdpStatus.SUCCESS, own, subject.nodeDescriptor());
    case Zdp.POWER_DESC:
      return octets(ZdpStatus.SUCCESS, own, 0x10, 0xc1);
    case Zdp.ACTIVE_EP: {
      const ids = subject.endpoints().map(({ id }) => id);
      return octets(ZdpStatus.SUCCESS, own, ids.length, ...ids);
    }
    case Zdp.SIMPLE_DESC: {
      const wanted = payload[2] ?? 0;
      if (wanted === 0 || wanted > 254) return octets(ZdpStatus.INVALID_EP, own, 0);
      const found = subject.endpoints().find(({ id }) => id === wanted)?.simpleDescriptor;
      return found ? octets(ZdpStatus.SUCCESS, own, found.length, found) : octets(ZdpStatus.NOT_ACTIVE, own, 0);
    }
    case Zdp.MATCH_DESC:
      return octets(ZdpStatus.SUCCESS, own, ...counted(matching(subject, payload)));
    case Zdp.BIND:
    case Zdp.UNBIND:
      return octets(bind(subject.bindings, payload, request === Zdp.BIND));
    case Zdp.MGMT_LQI:
      return page(subject.neighbours(), payload[0] ?? 0, 3);
    case Zdp.MGMT_RTG:
      return page([], payload[0] ?? 0, 10);
    case Zdp.MGMT_BIND: {
      const entries = subject.bindings?.map((binding) => bindingEntry(subject.eui64, binding));
      return entries ? page(entries, payload[0] ?? 0, 4) : octets(ZdpStatus.NOT_SUPPORTED);
    }
    default:
      return octets(ZdpStatus.NOT_SUPPORTED);
  }
}

const counted = (ids: readonly number[]): number[] => [ids.length, ...ids];

function matching(subject: ZdpSubject, payload: Buffer): number[] {
  if (payload.length < 5) return [];
  const profile = payload.readUInt16LE(2);
  const lists: number[][] = [];
  let at = 4;
  for (let list = 0; list < 2; list += 1) {
    const count = payload[at++] ?? 0;
    const ids: number[] = [];
    for (let index = 0; index < count && at + 2 <= payload.length; index += 1, at += 2)
      ids.push(payload.readUInt16LE(at));
    lists.push(ids);
  }
  const [inputs = [], outputs = []] = lists;
  return subject
    .endpoints()
    .filter((endpoint) => profile === 0xffff || endpoint.profile === profile)
    .filter(
      (endpoint) =>
        inputs.some((id) => endpoint.inputs.includes(id)) || outputs.some((id) => endpoint.outputs.includes(id)),
    )
    .map(({ id }) => id);
}

function bind(bindings: Binding[] | undefined, payload: Buffer, add: boolean): number {
  if (!bindings || payload.length < 14) return ZdpStatus.NOT_SUPPORTED;
  const mode = payload[11];
  const endpoint = payload[8] ?? 0;
  const cluster = payload.readUInt16LE(9);
  let to: Binding["to"];
  if (mode === AddressMode.EXTENDED && payload.length >= 21) {
    to = { address: euiFromWire(payload.subarray(12, 20)), endpoint: payload[20] ?? 0 };
  } else if (mode === AddressMode.GROUP) to = { group: payload.readUInt16LE(12) };
  else return ZdpStatus.INVALID_REQUEST_TYPE;
  const same = JSON.stringify({ endpoint, cluster, to });
  const index = bindings.findIndex((binding) => JSON.stringify(binding) === same);
  if (add) {
    if (index < 0) bindings.push({ endpoint, cluster, to });
    return ZdpStatus.SUCCESS;
  }
  if (index < 0) return ZdpStatus.NO_ENTRY;
  bindings.splice(index, 1);
  return ZdpStatus.SUCCESS;
}

/** An entry of the binding table (Zigbee specification 2.4.4.3.4). */
function bindingEntry(source: string, { endpoint, cluster, to }: Binding): Buffer {
  const head = octets(euiToWire(source), endpoint, u16(cluster));
  if ("group" in to) return octets(head, AddressMode.GROUP, u16(to.group));
  return octets(head, AddressMode.EXTENDED, euiToWire(to.address), to.endpoint);
}

/** A part of a table, as the management answers carry it: size, start, count, entries. */
function page(entries: readonly Buffer[], start: number, most: number): Buffer {
  const part = entries.slice(start, start + most);
  return octets(ZdpStatus.SUCCESS, Math.min(entries.length, 255), start, part.length, ...part);
}
