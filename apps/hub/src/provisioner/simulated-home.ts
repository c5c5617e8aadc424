import { FakeClock, type Logger, silentLogger } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import type { Bus } from "../bus/bus.ts";
import { createMemoryBus } from "../bus/memory-bus.ts";
import { createMemoryRadio } from "../plugins/memory-radio.ts";
import type { RadioService } from "../plugins/protocol-plugin.ts";
import { serveRadio } from "../plugins/radio-client.ts";
import type { JsonFile } from "../state/state.ts";
import { createProvisioner, type Provisioner } from "./provisioner.ts";
import { RADIOS, type Radio } from "./radios.ts";
import { createRecords, noState, type ProvisionerState } from "./records.ts";

/** A label of the platform's, as DEVICE_PROVISIONING brings it. */
export interface PlatformLabel {
  managedThingId: string;
  authenticationMaterialType: string;
  authenticationMaterial: string;
}

/** What the tests of the provisioner run in: three radios, a platform that answers, files that last. */
export function createHome(options: { log?: Logger } = {}) {
  const clock = new FakeClock();
  const bus = createMemoryBus();
  const radios = {
    zigbee: createMemoryRadio(bus, "zigbee", clock),
    zwave: createMemoryRadio(bus, "zwave", clock),
    custom: createMemoryRadio(bus, "custom", clock),
  };
  const unserve = new Map(RADIOS.map((radio) => [radio, () => radios[radio].stop()]));
  const sent: JsonObject[] = [];
  const labels = new Map<string, PlatformLabel>();
  /** The platform's record: thing → the hub's name of its device. */
  const things = new Map<string, string>();
  let refuse: { code: number; message: string } | undefined;
  let silent = false;
  let hear: (message: JsonObject) => void = () => {};

  const south = (message: JsonObject) => bus.publish("mqtt.south.setup", message);
  const page = () =>
    south({
      ...{ messageType: "DEVICE_PROVISIONING", first: true, complete: true, removed: [] },
      devices: [...labels.values()].map((label) => ({ ...label })),
    });

  function take(message: JsonObject): void {
    const { messageType, managedThingId, deviceId } = message;
    hear(message);
    if (messageType === "DEVICE_PROVISIONING_REQUEST") page();
    if (messageType !== "DEVICE_JOINED" || silent) return;
    const thing = String(managedThingId);
    const no = refuse ?? (labels.has(thing) ? undefined : { code: 404, message: "No managed thing has this label." });
    if (no) {
      bus.publish("mqtt.south.rejected", { ...no, managedThingId: thing });
      return;
    }
    things.set(thing, String(deviceId));
    south({ messageType: "DEVICE_ADDED", deviceId: String(deviceId), managedThingId: thing });
  }
  bus.serve("mqtt", {
    send: async ({ message }) => {
      sent.push(message as JsonObject);
      queueMicrotask(() => take(message as JsonObject));
      return {};
    },
    status: async () => ({ connected: true, since: 0, queued: 0 }),
  });
  /** What the bridge was asked. */
  const bridge: JsonObject[] = [];
  const noted = (method: string) => async (body: JsonObject) => {
    bridge.push({ method, ...body });
    return {};
  };
  bus.serve("cdmb", { bound: noted("bound"), unbound: noted("unbound"), refresh: noted("refresh") });

  const disk = { state: noState as ProvisionerState };
  const file: JsonFile<ProvisionerState> = {
    get value() {
      return disk.state;
    },
    async replace(next) {
      // A disk takes its time.
      await new Promise((resolve) => setImmediate(resolve));
      disk.state = JSON.parse(JSON.stringify(next));
    },
  };

  const home = {
    ...{ clock, bus, radios, sent, labels, things, bridge, disk, south, page },
    start(on: { bus?: Bus; file?: JsonFile<ProvisionerState> } = {}): Provisioner {
      const log = options.log ?? silentLogger;
      return createProvisioner({ bus: on.bus ?? bus, clock, log, records: createRecords(on.file ?? file) });
    },
    /** What was sent of a type. */
    told: (type: string): JsonObject[] => sent.filter(({ messageType }) => messageType === type),
    refuse(why: { code: number; message: string } | undefined): void {
      refuse = why;
    },
    setSilent(to: boolean): void {
      silent = to;
    },
    /** The platform has got a message; the hub does not know yet that it is under way. */
    onHeard(listener: (message: JsonObject) => void): void {
      hear = listener;
    },
    /** Serves the radio otherwise than it is. */
    replaceRadio(radio: Radio, service: RadioService): void {
      unserve.get(radio)?.();
      unserve.set(radio, serveRadio(bus, radio, service));
    },
    /** Lets everything happen that needs no time to pass. */
    async rest(provisioner?: Provisioner): Promise<void> {
      for (let turn = 0; turn < 60; turn++) await new Promise((resolve) => setImmediate(resolve));
      await provisioner?.settled();
    },
    file,
  };
  return home;
}

const EUI = "00124B00146FC7";

/** A Zigbee device that can come by its label. */
export function zigbeeLamp(number: number) {
  const radioId = `${EUI}${number.toString(16).padStart(2, "0").toUpperCase()}`;
  const device = { deviceId: `zb.${radioId}`, radioId, values: { on: false } };
  const label: PlatformLabel = {
    managedThingId: `thing-${number}`,
    authenticationMaterialType: "ZIGBEE_QR_BAR_CODE",
    authenticationMaterial: `Z:${radioId}$I:83FED3407A93`,
  };
  return { device, label };
}
