import { InternalError } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { isObject } from "../agent/command-endpoints.ts";
import type { Label, RadioDevice } from "../plugins/protocol-plugin.ts";
import type { JsonFile } from "../state/state.ts";
import { RADIOS, type Radio } from "./radios.ts";

/**
 * How far a device has come. Each is durable before what follows from it is done, and what follows may be done again.
 *
 * interviewed: the radio knows it, the cloud does not or has only found it · joined: the cloud was told that the device
 * of this label is there · bound: it has its managed thing · reported: its capabilities are on their way · active: so is
 * its state · leaving: it is being removed, and the cloud waits for the answer.
 */
export type Phase = "interviewed" | "joined" | "bound" | "reported" | "active" | "leaving";

const PHASES: readonly string[] = ["interviewed", "joined", "bound", "reported", "active", "leaving"];

export interface DeviceRecord {
  deviceId: string;
  /** The word in `radio.<word>`. */
  radio: Radio;
  phase: Phase;
  radioId?: string;
  /** From `joined` on. */
  managedThingId?: string;
  brand?: string;
  model?: string;
  name?: string;
  deviceTypes: string[];
  sleepy: boolean;
  /** Why the cloud did not take the capability report: it is sent again when the hub starts. */
  refused?: string;
}

/** A label that the cloud has told of, with what it says. */
export interface KnownLabel extends Label {
  radioId: string;
}

export interface ProvisionerState {
  devices: Readonly<Record<string, DeviceRecord>>;
  labels: readonly KnownLabel[];
  networkMode: "STANDARD" | "NETWORK_WIDE_EXCLUSION";
  /** The discovery that is running. */
  discoveryId?: string;
}

export const noState: ProvisionerState = { devices: {}, labels: [], networkMode: "STANDARD" };

/** @throws TypeError for what this program did not write */
export function parseState(json: unknown): ProvisionerState {
  const { devices, labels, networkMode } = json as JsonObject;
  const whole =
    isObject(devices) &&
    Object.entries(devices).every(
      ([id, one]) =>
        isObject(one) &&
        one["deviceId"] === id &&
        PHASES.includes(String(one["phase"])) &&
        RADIOS.some((radio) => radio === one["radio"]),
    ) &&
    Array.isArray(labels) &&
    labels.every((one) => isObject(one) && typeof one["managedThingId"] === "string") &&
    (networkMode === "STANDARD" || networkMode === "NETWORK_WIDE_EXCLUSION");
  if (!whole) throw new TypeError("it does not hold devices, labels and networkMode");
  return json as unknown as ProvisionerState;
}

export type Records = ReturnType<typeof createRecords>;

/** What the provisioner must not forget. Every change resolves when it is durable; one at a time, in their order. */
export function createRecords(file: JsonFile<ProvisionerState>) {
  let turn: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  function change(edit: (state: ProvisionerState) => ProvisionerState | undefined): Promise<void> {
    const done = turn.then(() => {
      if (isClosed) throw new InternalError("the records of devices are closed");
      const next = edit(file.value);
      return next === undefined ? undefined : file.replace(next);
    });
    turn = done.catch(() => {});
    return done;
  }

  const records = {
    device: (deviceId: string): DeviceRecord | undefined =>
      Object.hasOwn(file.value.devices, deviceId) ? file.value.devices[deviceId] : undefined,
    devices: (): DeviceRecord[] => Object.values(file.value.devices),
    byThing: (managedThingId: string): DeviceRecord | undefined =>
      records.devices().find((one) => one.managedThingId === managedThingId),
    labels: () => file.value.labels,
    networkMode: () => file.value.networkMode,

    /** A device that is new, or known by that name. */
    put: (device: DeviceRecord): Promise<void> =>
      change((state) => ({ ...state, devices: { ...state.devices, [device.deviceId]: device } })),
    /** Nothing happens when the device has gone meanwhile. */
    edit: (deviceId: string, edited: (device: DeviceRecord) => DeviceRecord): Promise<void> =>
      change((state) => {
        const device = Object.hasOwn(state.devices, deviceId) ? state.devices[deviceId] : undefined;
        return device && { ...state, devices: { ...state.devices, [deviceId]: edited(device) } };
      }),
    forget: (deviceId: string): Promise<void> =>
      change((state) => {
        if (!Object.hasOwn(state.devices, deviceId)) return undefined;
        const { [deviceId]: _gone, ...devices } = state.devices;
        return { ...state, devices };
      }),
    /** What comes in meanwhile has its turn afterwards: `edited` sees all that came before. */
    editLabels: (edited: (labels: readonly KnownLabel[]) => readonly KnownLabel[]): Promise<void> =>
      change((state) => ({ ...state, labels: edited(state.labels) })),
    /** The thing is gone, or is not for this hub: its label would let the device in again. */
    dropLabel: (managedThingId: string): Promise<void> =>
      change((state) => {
        const labels = state.labels.filter((label) => label.managedThingId !== managedThingId);
        return labels.length === state.labels.length ? undefined : { ...state, labels };
      }),
    setNetworkMode: (networkMode: ProvisionerState["networkMode"]): Promise<void> =>
      change((state) => (state.networkMode === networkMode ? undefined : { ...state, networkMode })),
    discovery: () => file.value.discoveryId,
    setDiscovery: (discoveryId: string | undefined): Promise<void> =>
      change(({ discoveryId: _before, ...state }) => (discoveryId === undefined ? state : { ...state, discoveryId })),
    /** Nothing is written any more, whatever is still under way. */
    close(): void {
      isClosed = true;
    },
  };
  return records;
}

/** The record of a device as the radio describes it; what was known of its way stays. */
export function recordOf(radio: Radio, device: RadioDevice, known?: DeviceRecord): DeviceRecord {
  const { deviceId, radioId, brand, model, name, deviceTypes, sleepy } = device;
  const described = { radioId: known?.radioId ?? radioId, brand, model, name, deviceTypes, sleepy };
  return { phase: "interviewed", ...known, ...described, deviceId, radio };
}
