import { type Clock, type Logger, messageOf } from "@hearth/base";
import { type Bus, BusError } from "../bus/bus.ts";
import type { CommandEndpoint, RadioDevice, ResponseEndpoint, StateEndpoint } from "../plugins/protocol-plugin.ts";
import { createRadioClient } from "../plugins/radio-client.ts";
import type { Registry } from "../registry/registry.ts";
import { createStateCache } from "../registry/state-cache.ts";
import { asJson, type BoundDevice, type CdmbService, type ThingChanged } from "./cdmb-service.ts";
import { createGate, type Gate } from "./gate.ts";
import { createUnread } from "./unread.ts";

/** Devices of one radio that are read at the same time after a restart. */
const READ_TOGETHER = 4;
/** Milliseconds until a radio that is there and did not say how it is, or what it has, is asked again. */
const ASK_AGAIN = { first: 1_000, longest: 60_000 };

interface Radio {
  stop(): void;
  up: boolean;
  /** Whoever reads its devices. */
  gate: Gate;
  cancelRetry: () => void;
}

export interface Cdmb {
  service: CdmbService;
  /** Resolves when nothing that a radio's return has begun is under way. */
  settled(): Promise<void>;
  stop(): void;
}

/**
 * The core of the common data model bridge (reference 10.1): knows which managed thing is which device, hands commands
 * to the radio that has it, and what devices report to who is interested. The conversion itself sits beside the radios.
 */
export function createCdmb(deps: { bus: Bus; registry: Registry; clock: Clock; log: Logger }): Cdmb {
  const { bus, registry, clock, log } = deps;
  const cache = createStateCache();
  const names = new Map<string, { name: string; version: string }>();
  const radios = new Map<string, Radio>();
  const sleepers = new Set<string>();
  const unread = createUnread({ clock, read: readOnceMore });
  const work = new Set<Promise<void>>();
  /** Counts what has been bound and unbound. */
  let bindings = 0;

  function begin(what: string, run: () => Promise<void>): void {
    const done = run().catch((error: unknown) => log.warn({ error: messageOf(error) }, what));
    work.add(done);
    void done.finally(() => work.delete(done));
  }

  const named = <Capability extends { id: string }>(
    endpoints: readonly { endpointId: string; capabilities: Capability[] }[],
  ) =>
    endpoints.map(({ endpointId, capabilities }) => ({
      endpointId,
      capabilities: capabilities.map((capability) => ({ ...capability, ...names.get(capability.id) })),
    }));

  /** A capability has one name wherever it is, so one device's description serves for all. */
  async function learnNames({ deviceId, protocol }: BoundDevice): Promise<void> {
    const known = cache.read(deviceId).every(({ capabilities }) => capabilities.every(({ id }) => names.has(id)));
    if (known) return;
    const { capabilityReport } = await createRadioClient(bus, protocol).describe({ deviceId, refresh: false });
    for (const { capabilities } of capabilityReport.endpoints) {
      for (const { id, name, version } of capabilities) names.set(id, { name, version });
    }
  }

  function tell(device: BoundDevice, at: number, endpoints: readonly StateEndpoint[], whole: boolean): void {
    const { deviceId, managedThingId } = device;
    const body: ThingChanged = {
      managedThingId,
      deviceId,
      at,
      ...(whole ? { whole } : {}),
      endpoints: named(endpoints),
    };
    bus.publish("cdmb.changed", asJson(body));
  }

  async function readAgain(device: BoundDevice, refresh: boolean): Promise<void> {
    const { deviceId, protocol } = device;
    const radio = createRadioClient(bus, protocol);
    const asked = refresh ? radio.state({ deviceId, refresh }) : undefined;
    const read = asked?.catch((error: unknown) => {
      log.info({ deviceId, error: messageOf(error) }, "a device cannot be read; its last values stand until it can");
      // A radio that comes back has all its devices read.
      if (radios.get(protocol)?.up && !isUnknown(error)) unread.failed(device, sleepers.has(deviceId));
      else unread.done(deviceId);
      return undefined;
    });
    const answer = await read;
    if (answer) unread.done(deviceId);
    const { endpoints } = answer ?? (await radio.state({ deviceId, refresh: false }));
    cache.apply(deviceId, endpoints);
    await learnNames(device);
    tell(device, clock.now(), endpoints, true);
  }

  /** By itself, after it could not be read or slept. */
  function readOnceMore(device: BoundDevice): void {
    const radio = radios.get(device.protocol);
    if (!radio || registry.byDevice(device.deviceId)?.managedThingId !== device.managedThingId) {
      unread.done(device.deviceId);
      return;
    }
    begin("the state of a device is not known", () => radio.gate(() => readAgain(device, true)));
  }

  /** The radio's devices, from after the last binding: an older list would undo that. */
  async function listed(protocol: string): Promise<{ devices: RadioDevice[] }> {
    for (;;) {
      const before = bindings;
      const list = await createRadioClient(bus, protocol).devices({});
      if (before === bindings) return list;
    }
  }

  /** The radio's process was away, or this one was: what devices have reported meanwhile is not known here. */
  async function returned(protocol: string, gate: Gate): Promise<void> {
    const { devices } = await listed(protocol);
    const bound = devices.flatMap(({ deviceId, managedThingId }) =>
      managedThingId === undefined ? [] : [{ deviceId, managedThingId, protocol }],
    );
    await registry.reconcile(protocol, bound).catch((error: unknown) => {
      log.error({ protocol, error: messageOf(error) }, "which devices a radio has cannot be written down");
    });
    for (const { deviceId, sleepy } of devices) {
      if (sleepy) sleepers.add(deviceId);
      else sleepers.delete(deviceId);
    }
    const read = bound.map(async (device) => {
      const { deviceId } = device;
      if (sleepers.has(deviceId)) unread.asleep(device);
      await gate(() => readAgain(device, !sleepers.has(deviceId))).catch((error: unknown) => {
        log.warn({ deviceId, error: messageOf(error) }, "the state of a device is not known");
      });
    });
    await Promise.all(read);
  }

  async function refreshed(protocol: string, radio: Radio): Promise<void> {
    const { state } = await createRadioClient(bus, protocol).health({});
    if (radios.get(protocol) !== radio || state !== "up" || radio.up) return;
    radio.up = true;
    try {
      await returned(protocol, radio.gate);
    } catch (error) {
      radio.up = false;
      throw error;
    }
  }

  function refresh(protocol: string, radio: Radio, pause = ASK_AGAIN.first): void {
    radio.cancelRetry();
    begin(`the ${protocol} devices cannot be read`, () =>
      refreshed(protocol, radio).catch((error) => {
        if (radios.get(protocol) === radio) {
          const next = () => refresh(protocol, radio, Math.min(pause * 2, ASK_AGAIN.longest));
          radio.cancelRetry = clock.after(pause, next);
        }
        throw error;
      }),
    );
  }

  function appeared(protocol: string): void {
    const offChanged = bus.subscribe(`radio.${protocol}.changed`, (body) => {
      const { deviceId, at, endpoints } = body as unknown as {
        deviceId: string;
        at: number;
        endpoints: StateEndpoint[];
      };
      const device = registry.byDevice(deviceId);
      // Until the cloud has a name for it, the radio alone remembers what it says.
      if (!device) return;
      cache.apply(deviceId, endpoints);
      tell(device, at, endpoints, false);
      unread.heard(deviceId, false);
    });
    const offReachable = bus.subscribe(`radio.${protocol}.reachable`, ({ deviceId, reachable }) => {
      if (reachable === true) unread.heard(String(deviceId), true);
    });
    const offHealth = bus.subscribe(`radio.${protocol}.health`, ({ state }) => {
      if (state === "up") refresh(protocol, radio);
      else down();
    });
    const down = () => {
      radio.up = false;
      unread.clear(protocol);
    };
    const radio: Radio = {
      up: false,
      gate: createGate(READ_TOGETHER),
      cancelRetry: () => {},
      stop() {
        offChanged();
        offReachable();
        offHealth();
        radio.cancelRetry();
        down();
      },
    };
    radios.set(protocol, radio);
    refresh(protocol, radio);
  }

  const offPresence = bus.onPresence((service, there) => {
    if (!service.startsWith("radio.")) return;
    const protocol = service.slice("radio.".length);
    radios.get(protocol)?.stop();
    radios.delete(protocol);
    if (there) appeared(protocol);
  });

  function deviceOf(managedThingId: string): BoundDevice {
    const device = registry.byThing(managedThingId);
    if (!device) throw Object.assign(new Error(`this hub has no device ${managedThingId}`), { code: "404" });
    return device;
  }

  /** The radio that has the device; its word, when the registry does not know yet. */
  async function protocolOf(deviceId: string): Promise<string> {
    const known = registry.byDevice(deviceId);
    if (known) return known.protocol;
    for (const protocol of radios.keys()) {
      const { devices } = await createRadioClient(bus, protocol).devices({});
      if (devices.some((device) => device.deviceId === deviceId)) return protocol;
    }
    throw Object.assign(new Error(`no radio has a device ${deviceId}`), { code: "404" });
  }

  const service: CdmbService = {
    devices: async () => ({ devices: registry.devices() }),
    async bound({ deviceId, managedThingId }) {
      const device = { deviceId, managedThingId, protocol: await protocolOf(deviceId) };
      bindings++;
      await registry.bind(device);
      if (cache.has(deviceId)) return {};
      const { endpoints } = await createRadioClient(bus, device.protocol).state({ deviceId, refresh: false });
      cache.apply(deviceId, endpoints);
      begin("the names of a device's capabilities are not known", () => learnNames(device));
      return {};
    },
    async unbound({ deviceId }) {
      bindings++;
      await registry.unbind(deviceId);
      cache.forget(deviceId);
      unread.done(deviceId);
      return {};
    },
    async state({ managedThingId }) {
      const { deviceId } = deviceOf(managedThingId);
      return { deviceId, endpoints: named(cache.read(deviceId)) };
    },
    async command({ managedThingId, traceId, within, endpoints, named: withNames = false }) {
      const device = registry.byThing(managedThingId);
      if (!device) return { endpoints: failed(endpoints, 404, `this hub has no device ${managedThingId}`) };
      const { deviceId, protocol } = device;
      try {
        const radio = createRadioClient(bus, protocol);
        const answer = await radio.command({ deviceId, traceId, within, endpoints });
        cache.apply(deviceId, answer.endpoints as StateEndpoint[]);
        return { deviceId, endpoints: withNames ? named(answer.endpoints) : answer.endpoints };
      } catch (error) {
        return { deviceId, endpoints: failed(endpoints, codeOf(error), reasonOf(error, protocol)) };
      }
    },
    async refresh({ managedThingId }) {
      await readAgain(deviceOf(managedThingId), true);
      return {};
    },
  };

  return {
    service,
    async settled() {
      while (work.size > 0) await Promise.all(work);
    },
    stop() {
      offPresence();
      for (const { stop } of radios.values()) stop();
      radios.clear();
      unread.clear();
    },
  };
}

/** The same answer for every action of a command. */
export function failed(
  endpoints: readonly CommandEndpoint[],
  responseCode: number,
  message: string,
): ResponseEndpoint[] {
  const errors = [{ code: String(responseCode), message }];
  return endpoints.map(({ endpointId, capabilities }) => ({
    endpointId,
    capabilities: capabilities.map(({ id, actions }) => ({
      id,
      actions: actions.map(({ name, ref, actionTraceId }) => ({
        name,
        ...(ref === undefined ? {} : { ref }),
        ...(actionTraceId === undefined ? {} : { actionTraceId }),
        responseCode,
        errors,
      })),
    })),
  }));
}

/** The radio does not have the device any more. */
const isUnknown = (error: unknown): boolean => error instanceof BusError && error.code === "404";

function codeOf(error: unknown): number {
  if (!(error instanceof BusError)) return 500;
  if (error.reason === "timeout") return 504;
  if (error.reason !== "refused") return 503;
  const code = Number(error.code);
  return Number.isInteger(code) && code >= 400 && code <= 599 ? code : 500;
}

function reasonOf(error: unknown, protocol: string): string {
  if (error instanceof BusError && (error.reason === "no-such-service" || error.reason === "part-gone")) {
    return `the ${protocol} radio is not there; it is started again by itself`;
  }
  return messageOf(error);
}
