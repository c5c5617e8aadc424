export { matterTypes, nodeTypes, zigbeeTypes } from "./catalogue.ts";
export { SimulateError, type SimulateOptions, simulate } from "./cli.ts";
export { startMatterHome } from "./matter/start.ts";
export type {
  CoordinatorKind,
  MatterHome,
  RadioOptions,
  VirtualDevice,
  VirtualDeviceOptions,
  ZigbeeMesh,
  ZWaveNetwork,
} from "./virtual-device.ts";
export { startZigbeeMesh } from "./zigbee/mesh.ts";
export { startZWaveNetwork } from "./zwave/start.ts";
