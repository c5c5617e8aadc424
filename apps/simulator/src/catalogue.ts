import { zigbeeTypes } from "./zigbee/types/zigbee-types.ts";
import type { ZigbeeType } from "./zigbee/zcl/cluster.ts";

/** The types of virtual devices, by the names that `--device` takes. */
export { matterTypes } from "./matter/device-types.ts";
export { nodeTypes } from "./zwave/device-types.ts";
export { zigbeeTypes };

/** @throws RangeError naming the types that there are */
export function zigbeeType(name: string): ZigbeeType {
  const found = zigbeeTypes.find((type) => type.name === name);
  if (found) return found;
  throw new RangeError(
    `there is no Zigbee device ${name}; there are ${zigbeeTypes.map((type) => type.name).join(", ")}`,
  );
}
