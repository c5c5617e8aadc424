import type { Air, HostEndpoint } from "./coordinator.ts";
import { nodeDescriptor, type ZigbeeNode } from "./device/node.ts";
import type { ZdpSubject } from "./device/zdp.ts";
import { euiToWire, octets, u16 } from "./octets.ts";

/** Coordinator, mains power, always on, gives addresses; and the primary trust centre. */
const CAPABILITY = 0x8f;
const TRUST_CENTRE = 0x0001;

/** The device profile's view of a coordinator itself. */
export function coordinatorSubject(
  coordinator: {
    readonly air: Air;
    readonly eui64: string;
    readonly endpoints: ReadonlyMap<number, HostEndpoint>;
    readonly network: { readonly extendedPanId: string } | undefined;
  },
  manufacturer: () => number,
): ZdpSubject {
  return {
    address: 0,
    get eui64() {
      return coordinator.eui64;
    },
    nodeDescriptor: () => nodeDescriptor(0, CAPABILITY, manufacturer(), TRUST_CENTRE),
    endpoints: () =>
      [...coordinator.endpoints.values()].map((endpoint) => ({
        ...endpoint,
        simpleDescriptor: octets(
          endpoint.id,
          u16(endpoint.profile),
          u16(endpoint.device),
          endpoint.version,
          endpoint.inputs.length,
          ...endpoint.inputs.map(u16),
          endpoint.outputs.length,
          ...endpoint.outputs.map(u16),
        ),
      })),
    neighbours: () =>
      coordinator.air.members().map((node) => neighbour(node, coordinator.network?.extendedPanId ?? "")),
  };
}

/** An entry of the neighbour table (Zigbee specification 2.4.4.3.2). */
function neighbour(node: ZigbeeNode, extendedPanId: string): Buffer {
  const deviceType = node.router ? 1 : 2;
  const receiverOn = node.sleepy ? 0 : 1;
  const child = 1;
  const kind = deviceType | (receiverOn << 2) | (child << 4);
  const address = u16(node.membership?.address ?? 0xfffe);
  const noJoins = 0;
  const linkQuality = 160;
  return octets(euiToWire(extendedPanId), euiToWire(node.eui64), address, kind, noJoins, 1, linkQuality);
}
