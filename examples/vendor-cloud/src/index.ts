export type { DeviceChange, DeviceType, DeviceView } from "./devices/devices.ts";
export type { Faults } from "./faults.ts";
export type { TokenRules, VendorClient, VendorCloudOptions, VendorUser } from "./options.ts";
export type { VendorEvent } from "./push/events.ts";
export { startVendorCloud, type VendorCloud } from "./vendor-cloud.ts";
