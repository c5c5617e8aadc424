export type { RadioOptions, VirtualDevice, VirtualDeviceOptions, ZigbeeMesh, ZWaveNetwork } from "./virtual-device.ts";
