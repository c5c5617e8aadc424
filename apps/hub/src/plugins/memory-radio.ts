import { type Clock, systemClock } from "@hearth/base";
import type { Json, JsonObject } from "@hearth/device-sdk";
import type { Bus } from "../bus/bus.ts";
import { type NativePort, runCommand } from "../cdmb/command.ts";
import {
  type CapabilityMapping,
  describe,
  type EndpointView,
  refKey,
  stateOf,
  toModel,
  viewEndpoint,
} from "../cdmb/conversion.ts";
import { integer } from "../cdmb/converters.ts";
import { readLabel, sameRadioId } from "../provisioner/label-text.ts";
import { ActionError } from "./action-error.ts";
import type { Label, RadioDevice, RadioHealth, RadioService } from "./protocol-plugin.ts";
import { serveRadio } from "./radio-client.ts";

/** What a device in memory has: the names of the values that it keeps. */
interface MemoryEndpoint {
  has: string[];
}

const ON_OFF = { value: "on" };
const LEVEL = { value: "level" };

const table: readonly CapabilityMapping<MemoryEndpoint>[] = [
  {
    capability: "matter.OnOff@1.4",
    name: "On/Off",
    version: "6",
    when: ({ has }) => has.includes("on"),
    properties: [{ name: "OnOff", native: ON_OFF, read: "boolean", write: "boolean" }],
    actions: [
      { name: "On", native: { set: "on" }, fixed: { value: true } },
      { name: "Off", native: { set: "on" }, fixed: { value: false } },
      { name: "Toggle", run: (_, { known }) => [{ write: ON_OFF, value: known(ON_OFF) !== true }] },
    ],
    reporting: [{ native: ON_OFF, min: 0, max: 300 }],
  },
  {
    capability: "matter.LevelControl@1.4",
    name: "Level Control",
    version: "6",
    when: ({ has }) => has.includes("level"),
    properties: [{ name: "CurrentLevel", native: LEVEL, ...integer({ minimum: 0, maximum: 254 }) }],
    reporting: [{ native: LEVEL, min: 0, max: 300 }],
  },
];

export interface MemoryDevice {
  deviceId: string;
  radioId?: string;
  /** `on`, `level`: the capabilities that it shows on endpoint 1. */
  values: { on?: boolean; level?: number };
  sleepy?: boolean;
}

/** A radio without air: for tests of the parts that ask a radio, and for who ports the hub. */
export interface MemoryRadio {
  readonly service: RadioService;
  /** Powered on: it joins when the radio is open for it or its label was provisioned; false when it could not. */
  powerOn(device: MemoryDevice): boolean;
  /** A hand on the device: it changes, and says so. */
  change(deviceId: string, values: MemoryDevice["values"]): void;
  value(deviceId: string, name: "on" | "level"): Json | undefined;
  leave(deviceId: string): void;
  setHealth(health: RadioHealth): void;
  /** How the next commands, removals or reads of devices go; undefined: as they should. */
  fail(what: "command" | "describe" | "devices" | "read" | "remove", how: (() => Promise<never>) | undefined): void;
  /** Every request, in order, by its method. */
  readonly asked: { method: keyof RadioService; request: JsonObject }[];
  readonly open: boolean;
  stop(): void;
}

function isOf({ materialType, material }: Label, radioId = ""): boolean {
  const read = readLabel(materialType, material);
  return "radioId" in read && sameRadioId(read.protocol, read.radioId, radioId);
}

interface Entry {
  device: RadioDevice;
  view: EndpointView<MemoryEndpoint>;
  values: Map<string, Json>;
}

export function createMemoryRadio(bus: Bus, protocol: string, clock: Clock = systemClock): MemoryRadio {
  const entries = new Map<string, Entry>();
  const asked: MemoryRadio["asked"] = [];
  const failures = new Map<string, (() => Promise<never>) | undefined>();
  const topic = (word: string) => `radio.${protocol}.${word}`;
  let health: RadioHealth = { state: "up", network: "memory" };
  let openUntil = 0;
  let labels: Label[] = [];

  function entryOf(deviceId: string): Entry {
    const entry = entries.get(deviceId);
    if (!entry) throw Object.assign(new Error(`no device ${deviceId}`), { code: "404" });
    return entry;
  }

  function tell({ device, view, values }: Entry, changes: MemoryDevice["values"]): void {
    const before = new Map(values);
    const arrived = Object.entries(changes).map(([name, value]) => ({ ref: { value: name }, value: value as Json }));
    for (const { ref, value } of arrived) values.set(refKey(ref), value);
    const capabilities = toModel(view, arrived, before);
    const endpoints = [{ endpointId: view.id, capabilities }];
    const body = { deviceId: device.deviceId, at: clock.now(), endpoints };
    if (capabilities.length > 0) bus.publish(topic("changed"), body as unknown as JsonObject);
  }

  const portOf = (entry: Entry): NativePort<MemoryEndpoint> => ({
    read: async (_view, refs) =>
      refs.flatMap((ref) => {
        const value = entry.values.get(refKey(ref));
        return value === undefined ? [] : [{ ref, value }];
      }),
    async write(_view, writes) {
      tell(entry, Object.fromEntries(writes.map(({ ref, value }) => [ref["value"], value])));
    },
    async invoke(_view, command, { value }) {
      tell(entry, { [String(command["set"])]: value });
      return {};
    },
    values: () => entry.values,
  });

  const service: RadioService = {
    async open({ seconds }) {
      if (health.state !== "up") throw new ActionError("NoRadio", `the ${protocol} radio is not there`, 503);
      openUntil = clock.now() + seconds * 1000;
      return {};
    },
    async close() {
      openUntil = 0;
      return {};
    },
    async provision(request) {
      const malformed = request.labels.filter((label) => "problem" in readLabel(label.materialType, label.material));
      labels = request.labels.filter((label) => !malformed.includes(label));
      return { refused: malformed.map(({ managedThingId }) => ({ managedThingId, reason: "the label is malformed" })) };
    },
    async devices() {
      await failures.get("devices")?.();
      return { devices: [...entries.values()].map(({ device }) => ({ ...device })) };
    },
    async bind({ deviceId, managedThingId }) {
      const { device } = entryOf(deviceId);
      if (managedThingId === null) delete device.managedThingId;
      else device.managedThingId = managedThingId;
      return {};
    },
    async describe({ deviceId }) {
      await failures.get("describe")?.();
      const { device, view } = entryOf(deviceId);
      return { capabilityReport: describe(deviceId, [{ view, deviceTypes: device.deviceTypes }]) };
    },
    async command({ deviceId, within, endpoints }) {
      await failures.get("command")?.();
      const entry = entryOf(deviceId);
      const views = new Map([[entry.view.id, entry.view]]);
      return { endpoints: await runCommand({ views, port: portOf(entry), clock, within }, endpoints) };
    },
    async state({ deviceId, refresh }) {
      if (refresh) await failures.get("read")?.();
      const { view, values } = entryOf(deviceId);
      return { endpoints: [{ endpointId: view.id, capabilities: stateOf(view, values) }] };
    },
    async remove({ deviceId, force }) {
      if (!force) await failures.get("remove")?.();
      entries.delete(deviceId);
      return { outcome: "gone" };
    },
    exclude: async () => ({ outcome: "failed", reason: "nobody pressed a button" }),
    async reset() {
      entries.clear();
      labels = [];
      openUntil = 0;
      return {};
    },
    health: async () => ({ ...health }),
  };
  const watched = Object.fromEntries(
    Object.entries(service).map(([method, run]) => [
      method,
      (request: never) => {
        asked.push({ method: method as keyof RadioService, request });
        return run(request);
      },
    ]),
  ) as unknown as RadioService;
  const stop = serveRadio(bus, protocol, watched);

  return {
    service,
    asked,
    powerOn({ deviceId, radioId, values, sleepy = false }) {
      if (openUntil <= clock.now() && !labels.some((label) => isOf(label, radioId))) return false;
      const view = viewEndpoint(table, "1", { has: Object.keys(values) });
      const native = new Map(Object.entries(values).map(([name, value]) => [refKey({ value: name }), value as Json]));
      const types = ["level" in values ? "Dimmable Light" : "On/Off Light"];
      const device: RadioDevice = {
        ...{ deviceId, protocol, deviceTypes: types, sleepy, interviewed: true, reachable: true },
        ...(radioId === undefined ? {} : { radioId }),
      };
      entries.set(deviceId, { device, view, values: native });
      bus.publish(topic("interviewing"), { deviceId });
      bus.publish(topic("joined"), { device: device as unknown as JsonObject });
      return true;
    },
    change: (deviceId, values) => tell(entryOf(deviceId), values),
    value: (deviceId, name) => entries.get(deviceId)?.values.get(refKey({ value: name })),
    leave(deviceId) {
      entries.delete(deviceId);
      bus.publish(topic("left"), { deviceId });
    },
    setHealth(next) {
      health = next;
      bus.publish(topic("health"), { ...next });
    },
    fail: (what, how) => void failures.set(what, how),
    get open() {
      return openUntil > clock.now();
    },
    stop,
  };
}
