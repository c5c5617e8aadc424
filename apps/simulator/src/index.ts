export { nodeTypes, zigbeeTypes } from "./catalogue.ts";
export { SimulateError, type SimulateOptions, simulate } from "./cli.ts";
export type { RadioOptions, VirtualDevice, VirtualDeviceOptions, ZigbeeMesh, ZWaveNetwork } from "./virtual-device.ts";
export { startZigbeeMesh } from "./zigbee/mesh.ts";
export { startZWaveNetwork } from "./zwave/start.ts";
