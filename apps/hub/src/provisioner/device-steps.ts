import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import type { Bus } from "../bus/bus.ts";
import type { RadioDevice } from "../plugins/protocol-plugin.ts";
import { sameRadioId } from "./label-text.ts";
import { type Radio, type Radios, removeFrom } from "./radios.ts";
import { type DeviceRecord, type KnownLabel, type Records, recordOf } from "./records.ts";

/** A label's device whose DEVICE_JOINED stays without an answer is told of again. */
const TOLD_AGAIN = 60_000;
/** So often a join that the cloud cannot take yet (409) is told again before the device has to go. */
const MOST_CONFLICTS = 5;
const JOINED = "DEVICE_JOINED";
/** A device is asked all that it can tell. */
const READ = 65_000;
const FIRST_RETRY = 5_000;
const LAST_RETRY = 300_000;

/** Durably, on the hub's setup topic. */
export type Tell = (message: JsonObject) => Promise<void>;

export type DeviceSteps = ReturnType<typeof createDeviceSteps>;

/**
 * Brings each device on by its phases. Every step may be done again, so a hub that was killed in between goes on where
 * the record says.
 */
export function createDeviceSteps(deps: {
  bus: Bus;
  radios: Radios;
  records: Records;
  tell: Tell;
  clock: Clock;
  log: Logger;
  /** Whether a device without a label may stay: a discovery is looking for it. */
  admits: (radio: Radio) => boolean;
  /** A device that may be claimed has joined. */
  found: (device: DeviceRecord) => Promise<void>;
  /** Labels wait that did not, or do not any more. */
  labelsChanged: () => void;
}) {
  const { bus, radios, records, tell, clock, log, admits, found, labelsChanged } = deps;
  const chains = new Map<string, Promise<void>>();
  const retries = new Map<string, { count: number; cancel: () => void }>();
  const conflicts = new Map<string, number>();
  let stopped = false;

  /** One step of a device at a time. */
  function alone(deviceId: string, step: () => Promise<void>): Promise<void> {
    const done = (chains.get(deviceId) ?? Promise.resolve()).then(step);
    const over = done.catch(() => {});
    chains.set(deviceId, over);
    void over.then(() => {
      if (chains.get(deviceId) === over) chains.delete(deviceId);
    });
    return done;
  }

  /** The same for what is tried again until it works. */
  const inTurn = (deviceId: string, step: () => Promise<void>): Promise<void> =>
    alone(deviceId, async () => {
      if (stopped) return;
      try {
        await step();
      } catch (error) {
        if (stopped) return;
        log.warn({ deviceId, error: messageOf(error) }, "a step of a device's setup failed; it is tried again");
        again(deviceId);
      }
    });

  function again(deviceId: string, delay?: number): void {
    const before = retries.get(deviceId);
    before?.cancel();
    const count = (before?.count ?? 0) + 1;
    const wait = delay ?? Math.min(FIRST_RETRY * 2 ** (count - 1), LAST_RETRY);
    const cancel = clock.after(wait, () => void inTurn(deviceId, () => advance(deviceId)));
    retries.set(deviceId, { count, cancel });
  }

  function settle(deviceId: string): void {
    retries.get(deviceId)?.cancel();
    retries.delete(deviceId);
    conflicts.delete(deviceId);
  }

  async function advance(deviceId: string): Promise<void> {
    for (;;) {
      const device = records.device(deviceId);
      if (!device) return settle(deviceId);
      const { managedThingId } = device;
      switch (device.phase) {
        case "joined":
          await tell(joinedMessage(device));
          again(deviceId, TOLD_AGAIN);
          return;
        case "bound":
          if (managedThingId === undefined) return;
          await radios[device.radio].bind({ deviceId, managedThingId });
          await bus.request("cdmb", "bound", { deviceId, managedThingId });
          await reportCapabilities(device, false);
          break;
        case "reported":
          // The bridge reads the device and the agent tells the cloud, behind the capabilities.
          await bus.request("cdmb", "refresh", { managedThingId: managedThingId ?? "" }, { timeout: READ });
          await records.edit(deviceId, (one) => (one.phase === "reported" ? { ...one, phase: "active" } : one));
          log.info({ deviceId, managedThingId }, "the device is set up");
          return settle(deviceId);
        case "leaving":
          // What the cloud has ordered goes through the queue; what nobody wants goes at once.
          if (managedThingId === undefined) await turnAway(device);
          return settle(deviceId);
        default:
          return settle(deviceId);
      }
    }
  }

  async function reportCapabilities(device: DeviceRecord, refresh: boolean): Promise<void> {
    const { deviceId, managedThingId = "" } = device;
    const { capabilityReport } = await radios[device.radio].describe({ deviceId, refresh });
    await tell({
      messageType: "DEVICE_CAPABILITIES",
      managedThingId,
      capabilityReport: capabilityReport as unknown as JsonObject,
    });
    await records.edit(deviceId, ({ refused: _before, ...one }) =>
      one.managedThingId === managedThingId && one.phase !== "leaving" ? { ...one, phase: "reported" } : one,
    );
  }

  /** A bridge that is away asks the radios whose their devices are when it is back. */
  async function unboundAtBridge(deviceId: string): Promise<void> {
    await bus.request("cdmb", "unbound", { deviceId }).catch((error: unknown) => {
      log.debug({ deviceId, error: messageOf(error) }, "the bridge was not told");
    });
  }

  /** Out of the mesh: by its consent if it gives it within seconds, otherwise without. */
  async function turnAway({ deviceId, radio }: DeviceRecord): Promise<void> {
    const asked = await removeFrom(radios[radio], { deviceId, force: false, seconds: 5 }).catch((error: unknown) => {
      log.debug({ deviceId, error: messageOf(error) }, "the device did not leave when asked");
      return { outcome: "failed" as const };
    });
    if (asked.outcome !== "gone") await removeFrom(radios[radio], { deviceId, force: true, seconds: 5 });
    await records.forget(deviceId);
    labelsChanged();
  }

  const labelOf = (device: RadioDevice): KnownLabel | undefined =>
    device.radioId === undefined
      ? undefined
      : records
          .labels()
          .find(
            ({ protocol, radioId }) =>
              protocol === device.protocol.toUpperCase() && sameRadioId(protocol, radioId, device.radioId ?? ""),
          );

  /** Whether the label's device is here already under another name. */
  async function isTaken(label: KnownLabel, deviceId: string): Promise<boolean> {
    const other = records.byThing(label.managedThingId);
    if (!other || other.deviceId === deviceId) return false;
    if (other.phase !== "joined") return true;
    // It joined, went, and has come back under another name before the cloud has answered.
    await records.edit(other.deviceId, ({ managedThingId: _was, ...one }) => ({ ...one, phase: "leaving" }));
    void inTurn(other.deviceId, () => advance(other.deviceId));
    return false;
  }

  async function arrived(radio: Radio, device: RadioDevice, isNew: boolean): Promise<void> {
    const { deviceId } = device;
    const known = records.device(deviceId);
    // It was there when we looked; it may have been removed since.
    if (!known && !isNew && !(await isHere(radio, deviceId))) return;
    const record = recordOf(radio, device, known);
    if (known && known.phase !== "interviewed") {
      if (JSON.stringify(known) !== JSON.stringify(record)) await records.put(record);
      // The radio has forgotten whose device it is: it joined anew, or the radio's state is older than ours.
      if (known.managedThingId !== undefined && isBound(known) && device.managedThingId !== known.managedThingId) {
        await radios[radio].bind({ deviceId, managedThingId: known.managedThingId });
        await bus.request("cdmb", "bound", { deviceId, managedThingId: known.managedThingId });
      }
      return advance(deviceId);
    }
    const label = labelOf(device);
    if (label && !(await isTaken(label, deviceId))) {
      log.info({ deviceId, managedThingId: label.managedThingId }, "the device of a label has joined");
      // The label writes the id as the cloud knows it.
      const { managedThingId, radioId } = label;
      await records.put({ ...record, phase: "joined", managedThingId, radioId });
      labelsChanged();
      return advance(deviceId);
    }
    if (!known && !label && device.managedThingId !== undefined && !records.byThing(device.managedThingId)) {
      // The radio's own state says whose it is, and ours was lost.
      await records.put({ ...record, phase: "bound", managedThingId: device.managedThingId });
      return advance(deviceId);
    }
    if (known || !isNew || admits(radio)) {
      await records.put(record);
      await found(record);
      return;
    }
    log.warn({ deviceId, radio }, "a device without a label of this hub has joined and is turned away");
    await records.put({ ...record, phase: "leaving" });
    return advance(deviceId);
  }

  const isHere = async (radio: Radio, deviceId: string): Promise<boolean> =>
    (await radios[radio].devices({})).devices.some((one) => one.deviceId === deviceId);

  async function unbind(device: DeviceRecord): Promise<void> {
    const { deviceId } = device;
    await records.edit(deviceId, ({ managedThingId: _was, refused: _why, ...one }) => ({
      ...one,
      phase: "interviewed",
    }));
    await unboundAtBridge(deviceId);
    await radios[device.radio].bind({ deviceId, managedThingId: null });
  }

  return {
    advance: (deviceId: string): Promise<void> => inTurn(deviceId, () => advance(deviceId)),

    /** A radio says that the device has joined and was interviewed; `isNew` false: it was there when we looked. */
    arrived: (radio: Radio, device: RadioDevice, isNew: boolean): Promise<void> =>
      inTurn(device.deviceId, () => arrived(radio, device, isNew)),

    /** DEVICE_ADDED: under which id both talk about the device from now on. The cloud's word stands. */
    added(deviceId: string, managedThingId: string): Promise<void> {
      return inTurn(deviceId, async () => {
        const device = records.device(deviceId);
        if (!device) {
          log.warn({ deviceId, managedThingId }, "the cloud has added a device that is not here; delete its thing");
          return;
        }
        if (device.phase === "leaving") return;
        if (isBound(device) && device.managedThingId === managedThingId) return advance(deviceId);
        const other = records.byThing(managedThingId);
        if (other && other.deviceId !== deviceId) await unbind(other);
        settle(deviceId);
        await records.edit(deviceId, ({ refused: _why, ...one }) => ({ ...one, phase: "bound", managedThingId }));
        labelsChanged();
        return advance(deviceId);
      });
    },

    /** The cloud has not taken what was `said` about a device: the type of the message, where the proxy knows it yet. */
    async rejected(managedThingId: string, code: number, message: string, said?: string): Promise<void> {
      const device = records.byThing(managedThingId);
      if (!device) return;
      const { deviceId } = device;
      await inTurn(deviceId, async () => {
        const now = records.device(deviceId);
        if (now?.managedThingId !== managedThingId) return;
        if (now.phase === "joined" && (said ?? JOINED) === JOINED && [403, 404, 409].includes(code)) {
          const conflict = (conflicts.get(deviceId) ?? 0) + 1;
          // 409: the hub itself is not ACTIVATED yet, or the thing is just changing.
          if (code === 409 && conflict <= MOST_CONFLICTS) {
            conflicts.set(deviceId, conflict);
            return again(deviceId, FIRST_RETRY * 2 ** conflict);
          }
          log.warn({ deviceId, managedThingId, code, message }, "the cloud has refused the device: it is turned away");
          await records.dropLabel(managedThingId);
          await records.edit(deviceId, ({ managedThingId: _was, ...one }) => ({ ...one, phase: "leaving" }));
          return advance(deviceId);
        }
        if (!isBound(now)) return;
        if (code === 404) {
          log.warn(
            { deviceId, managedThingId },
            "the cloud knows this managed thing no more: its device may be claimed",
          );
          await records.dropLabel(managedThingId);
          return unbind(now);
        }
        if (code === 400 && said === "DEVICE_CAPABILITIES") {
          log.error({ deviceId, managedThingId, message }, "the cloud has refused what the device reports");
          await records.edit(deviceId, (one) => ({ ...one, refused: message }));
        }
      });
    },

    /** The device has left by itself. What the cloud knows stays bound: it may come back, or be deleted. */
    left(deviceId: string): Promise<void> {
      return inTurn(deviceId, async () => {
        const device = records.device(deviceId);
        if (!device || device.phase === "leaving") return;
        if (isBound(device)) {
          const { managedThingId } = device;
          log.warn(
            { deviceId, managedThingId },
            "the device has left the network; delete its thing or let it join again",
          );
          return;
        }
        await records.forget(deviceId);
        labelsChanged();
      });
    },

    /** Nobody wants it here. */
    turnAway(deviceId: string): Promise<void> {
      return inTurn(deviceId, async () => {
        await records.edit(deviceId, ({ managedThingId: _was, ...one }) => ({ ...one, phase: "leaving" }));
        return advance(deviceId);
      });
    },

    /** Asks the device again what it can do. @throws what `describe` and the uplink throw */
    async describeAgain(device: DeviceRecord): Promise<void> {
      await alone(device.deviceId, () => reportCapabilities(device, true));
      await inTurn(device.deviceId, () => advance(device.deviceId));
    },

    alone,
    unboundAtBridge,

    /** Resolves when no step is under way. */
    async settled(): Promise<void> {
      while (chains.size > 0) await Promise.all(chains.values());
    },

    stop(): void {
      stopped = true;
      for (const { cancel } of retries.values()) cancel();
      retries.clear();
    },
  };
}

const isBound = ({ phase }: DeviceRecord): boolean => phase === "bound" || phase === "reported" || phase === "active";

/** The thing that the label is of, and what a label cannot be mistaken about. */
function joinedMessage({ deviceId, radio, radioId, managedThingId = "" }: DeviceRecord): JsonObject {
  const message = { messageType: JOINED, deviceId, managedThingId };
  if (radio === "zigbee" && radioId !== undefined) return { ...message, macAddress: radioId };
  if (radio === "zwave" && radioId !== undefined) return { ...message, deviceSpecificKey: radioId };
  return message;
}
