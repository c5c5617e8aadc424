import { nodeTypes, zigbeeTypes } from "./catalogue.ts";
import type { RadioOptions, ZigbeeMesh, ZWaveNetwork } from "./virtual-device.ts";
import { startZigbeeMesh } from "./zigbee/mesh.ts";
import { startZWaveNetwork } from "./zwave/start.ts";

export type SimulatedRadio = ZigbeeMesh | ZWaveNetwork;

interface Offer {
  title: string;
  types: readonly string[];
  start(options: RadioOptions): Promise<SimulatedRadio>;
}

/** The radios, by the names that `hearth simulate` takes. */
export const radios: Readonly<Partial<Record<string, Offer>>> = {
  zigbee: {
    title: "A Zigbee coordinator (Z-Stack, adapter zstack)",
    types: zigbeeTypes.map(({ name }) => name),
    start: startZigbeeMesh,
  },
  zwave: {
    title: "A Z-Wave controller (serial API)",
    types: nodeTypes.map(({ name }) => name),
    start: startZWaveNetwork,
  },
};
