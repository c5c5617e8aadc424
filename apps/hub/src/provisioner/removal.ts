import { type Logger, messageOf } from "@hearth/base";
import type { DeviceSteps, Tell } from "./device-steps.ts";
import { type Radios, type RemovalOutcome, removeFrom } from "./radios.ts";
import type { DeviceRecord, Records } from "./records.ts";
import type { Turn } from "./request-queue.ts";

/** Seconds that a device has to leave: one that sleeps must wake up, a Z-Wave one must be put into pairing mode. */
const AWAKE = 10;
const ASLEEP = 60;
const BUTTON = 60;

export type Removal = ReturnType<typeof createRemoval>;

/** Devices that the cloud has deleted leave their radio; the cloud learns how that went. */
export function createRemoval(deps: { radios: Radios; records: Records; steps: DeviceSteps; tell: Tell; log: Logger }) {
  const { radios, records, steps, tell, log } = deps;

  const answer = (managedThingId: string, responseCode: number, reason?: string): Promise<void> =>
    tell({
      messageType: "DEVICE_REMOVAL_RESPONSE",
      managedThingId,
      responseCode,
      ...(reason === undefined ? {} : { errors: [{ code: "Fail", message: reason.slice(0, 256) }] }),
    });

  function leave({ deviceId, radio, sleepy }: DeviceRecord): Promise<RemovalOutcome> {
    const seconds = radio === "zwave" ? BUTTON : sleepy ? ASLEEP : AWAKE;
    return removeFrom(radios[radio], { deviceId, force: false, seconds });
  }

  /**
   * With network-wide exclusion a node may belong to whichever network: the device that a person puts into pairing
   * mode was the one meant, also when another hub has taken it meanwhile, and our entry of it is then a dead one.
   */
  async function exclude(device: DeviceRecord): Promise<RemovalOutcome> {
    const { outcome, deviceId, reason } = await radios.zwave.exclude({ seconds: BUTTON });
    if (outcome === "failed" || deviceId === device.deviceId) return { outcome, reason };
    if (deviceId !== undefined) return { outcome: "failed", reason: `another device has left: ${deviceId}` };
    return removeFrom(radios.zwave, { deviceId: device.deviceId, force: true, seconds: 5 });
  }

  async function removeDevice(deviceId: string, managedThingId: string, turn: Turn): Promise<void> {
    const device = records.device(deviceId);
    if (device?.managedThingId !== managedThingId) return answer(managedThingId, 200);
    await records.edit(deviceId, (one) => ({ ...one, phase: "leaving" }));
    const wide = device.radio === "zwave" && records.networkMode() === "NETWORK_WIDE_EXCLUSION";
    const { outcome, reason } = await (wide ? exclude(device) : leave(device)).catch(
      (error: unknown): RemovalOutcome => ({ outcome: "failed", reason: messageOf(error) }),
    );
    if (outcome === "failed") {
      log.warn({ deviceId, managedThingId, reason }, "the device was not removed");
      // First: a hub that is killed before it has answered is asked again.
      await records.edit(deviceId, (one) => ({ ...one, phase: "active" }));
      turn.answering();
      return answer(managedThingId, 500, reason ?? "the device did not leave");
    }
    await steps.unboundAtBridge(deviceId);
    await answer(managedThingId, 200);
    await records.forget(deviceId);
    log.info({ deviceId, managedThingId }, "the device was removed");
  }

  return {
    /** DEVICE_REMOVAL of a device behind the hub, in its turn of the queue. */
    async remove(managedThingId: string, turn: Turn): Promise<void> {
      const device = records.byThing(managedThingId);
      // What is not here is gone: a hub that was killed after the radio's part of it says so once more.
      if (!device) return answer(managedThingId, 200);
      await steps.alone(device.deviceId, () => removeDevice(device.deviceId, managedThingId, turn));
    },

    /** Forced: the cloud has forgotten it already and waits for no answer. */
    async force(managedThingId: string): Promise<void> {
      const device = records.byThing(managedThingId);
      if (!device) return;
      // Before the device goes: unbound and with its label waiting, it would be let in again.
      await records.dropLabel(managedThingId);
      await steps.unboundAtBridge(device.deviceId);
      await steps.turnAway(device.deviceId);
    },
  };
}
