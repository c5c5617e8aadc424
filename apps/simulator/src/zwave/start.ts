import type { RadioOptions, ZWaveNetwork } from "../virtual-device.ts";

/**
 * A Z-Wave controller's serial API over TCP with virtual nodes around it, which speak the real protocol: inclusion with
 * S2 and S0, SmartStart, exclusion, Supervision. A node's id is its type and a number: `plug-1`. Rejects for a type that
 * does not exist (see `docs` of this package for the list) and for a store that holds something else.
 */
export async function startZWaveNetwork(options: RadioOptions): Promise<ZWaveNetwork> {
  // The Z-Wave stack takes 100 MB: who simulates Zigbee alone does not load it.
  const { createNetwork } = await import("./network.ts");
  return await createNetwork(options);
}
