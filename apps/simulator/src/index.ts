export { zigbeeTypes } from "./catalogue.ts";
export type { RadioOptions, VirtualDevice, VirtualDeviceOptions, ZigbeeMesh, ZWaveNetwork } from "./virtual-device.ts";
export { startZigbeeMesh } from "./zigbee/mesh.ts";
export { nodeTypes } from "./zwave/device-types.ts";
export { startZWaveNetwork } from "./zwave/start.ts";
