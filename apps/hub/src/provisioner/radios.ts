import type { Bus } from "../bus/bus.ts";
import type { RadioService } from "../plugins/protocol-plugin.ts";
import { createRadioClient } from "../plugins/radio-client.ts";

/** The words of `radio.<word>`, in the order in which radios are asked. */
export const RADIOS = ["zigbee", "zwave", "custom"] as const;
export type Radio = (typeof RADIOS)[number];

/** For people. */
export const NAMES: Readonly<Record<Radio, string>> = { zigbee: "Zigbee", zwave: "Z-Wave", custom: "custom" };

export type Radios = Readonly<Record<Radio, RadioService>>;

export const createRadios = (bus: Bus): Radios => ({
  zigbee: createRadioClient(bus, "zigbee"),
  zwave: createRadioClient(bus, "zwave"),
  custom: createRadioClient(bus, "custom"),
});

export interface RemovalOutcome {
  outcome: "gone" | "failed";
  reason?: string;
}

/** Removes a device from its radio; one that the radio does not have any more is gone. @throws BusError */
export async function removeFrom(
  radio: RadioService,
  request: Parameters<RadioService["remove"]>[0],
): Promise<RemovalOutcome> {
  const isGone = async () => (await radio.devices({})).devices.every(({ deviceId }) => deviceId !== request.deviceId);
  try {
    const { outcome, reason } = await radio.remove(request);
    return outcome === "gone" || (await isGone()) ? { outcome: "gone" } : { outcome, reason };
  } catch (error) {
    if (await isGone().catch(() => false)) return { outcome: "gone" };
    throw error;
  }
}
