import type { ZigbeeType } from "../zcl/cluster.ts";
import { basic, color, identify, level, onOff } from "./clusters.ts";

/** The virtual Zigbee devices; each has the clusters of its row of the supported types, and those that every device has. */
export const zigbeeTypes: readonly ZigbeeType[] = [
  {
    name: "color-light",
    title: "RGB light",
    model: "HRT-color-light",
    router: true,
    endpoints: [{ id: 1, device: 0x010d, server: [basic("HRT-color-light", true), identify, onOff, level, color] }],
  },
  {
    name: "plug",
    title: "Smart plug",
    model: "HRT-plug",
    router: true,
    endpoints: [{ id: 1, device: 0x0051, server: [basic("HRT-plug", true), identify, onOff] }],
  },
];
