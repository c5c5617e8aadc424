import { matterTypes, nodeTypes, zigbeeTypes } from "./catalogue.ts";
import { startMatterHome } from "./matter/start.ts";
import type { CoordinatorKind, MatterHome, RadioOptions, ZigbeeMesh, ZWaveNetwork } from "./virtual-device.ts";
import { startZigbeeMesh } from "./zigbee/mesh.ts";
import { startZWaveNetwork } from "./zwave/start.ts";

export type SimulatedRadio = ZigbeeMesh | ZWaveNetwork | MatterHome;

interface Offer {
  title(coordinator?: CoordinatorKind): string;
  types: readonly string[];
  start(options: RadioOptions): Promise<SimulatedRadio>;
}

const FIRMWARES: Readonly<Record<CoordinatorKind, string>> = { zstack: "Z-Stack 3", ember: "EmberZNet, EZSP 13" };

/** The radios, by the names that `hearth simulate` takes. */
export const radios: Readonly<Partial<Record<string, Offer>>> = {
  zigbee: {
    title: (coordinator = "zstack") =>
      `A Zigbee coordinator (${FIRMWARES[coordinator]}: start the hub with --zigbee-adapter ${coordinator})`,
    types: zigbeeTypes.map(({ name }) => name),
    start: startZigbeeMesh,
  },
  zwave: {
    title: () => "A Z-Wave controller (serial API)",
    types: nodeTypes.map(({ name }) => name),
    start: startZWaveNetwork,
  },
  matter: {
    title: () => "Matter devices on this network",
    types: matterTypes.map(({ name }) => name),
    start: startMatterHome,
  },
};
