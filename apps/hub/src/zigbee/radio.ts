import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { runCommand } from "../cdmb/command.ts";
import { type NativeChange, refKey, sourcesOfEndpoint } from "../cdmb/conversion.ts";
import { ActionError } from "../plugins/action-error.ts";
import type { RadioDevice, RadioService } from "../plugins/protocol-plugin.ts";
import { attribute } from "./cdmb/clusters.ts";
import { configureDevice } from "./configure.ts";
import { createDeviceModel, type DeviceModel, deviceIdOf, type View } from "./device-model.ts";
import type { DeviceStore, StoredDevice } from "./device-store.ts";
import type { Admission, DpkDevice, DpkEvent } from "./dpk/dpk.ts";
import { changesOfFrame, rawClustersKey } from "./frames.ts";
import { createJoinWindow } from "./join-window.ts";
import { createPort } from "./port.ts";
import { createReports } from "./reports.ts";
import type { ZigbeeService } from "./service.ts";
import { parseFrame } from "./zcl.ts";

export interface RadioDependencies {
  service: ZigbeeService;
  store: DeviceStore;
  clock: Clock;
  log: Logger;
  publish(word: string, body: JsonObject): void;
  /** Milliseconds until an interview that does not end is given up. */
  interviewPatience?: number;
}

/** The adapter (reference 10.12): the service's devices as the other parts of the hub want them. */
export interface ZigbeeRadio extends RadioService {
  admits: Admission;
  /** The coordinator came up: what was left undone is done now. */
  resume(): void;
  stop(): void;
}

/** Milliseconds that one read of a device's state, or its leaving, may take: awake and asleep. */
const READ = { awake: 10_000, sleepy: 20_000 };
const LEAVE = { awake: 10_000, sleepy: 60_000 };
/** A device that is forgotten by force is told once, in passing. */
const FAREWELL = 2000;
/** Milliseconds between attempts to configure a device that speaks and does not answer to that. */
const CONFIGURE_AGAIN = 600_000;
/** Devices that are read at the same time when the coordinator is back. */
const REFRESH_AT_ONCE = 4;
/** Half per cents. */
const BATTERY = refKey(attribute("power", "percentage"));

export function createZigbeeRadio(deps: RadioDependencies): ZigbeeRadio {
  const { service, store, clock, log, publish, interviewPatience = 120_000 } = deps;
  const { dpk } = service;
  const models = new Map<string, DeviceModel>();
  const unreachable = new Set<string>();
  /** Devices that are being interviewed or configured. */
  const busy = new Map<string, () => void>();
  /** When a device that was silent at its configuration was last asked again. */
  const configuredAgain = new Map<string, number>();
  const turns = new Map<string, Promise<unknown>>();
  /** Devices that are asked to leave: that they do is no news. */
  const leaving = new Set<string>();

  const addressOf = (deviceId: string): string => /^zb\.([0-9A-F]{16})$/.exec(deviceId)?.[1]?.toLowerCase() ?? "";
  const reports = createReports(clock, (deviceId, endpoints) => {
    publish("changed", { deviceId, at: clock.now(), endpoints } as unknown as JsonObject);
  });
  const window = createJoinWindow({
    ...{ dpk, clock, log },
    isUp: () => service.health.state === "up",
    isKnown: (address) => present(address) !== undefined,
  });

  function modelOf(deviceId: string): DeviceModel {
    const model = models.get(addressOf(deviceId));
    if (!model) throw new ActionError("404", `no device ${deviceId}`, 404);
    return model;
  }

  function remember(stored: StoredDevice): DeviceModel {
    const model = createDeviceModel(stored);
    models.set(stored.info.address, model);
    return model;
  }

  /** What is known of a device that nobody has taken away. */
  function present(address: string): StoredDevice | undefined {
    const found = store.get(address);
    return found?.forgotten ? undefined : found;
  }

  function arrive(model: DeviceModel, view: View, changes: readonly NativeChange[]): void {
    for (const { ref, value } of changes) {
      if (refKey(ref) === BATTERY && typeof value === "number") reach(model.address, true, value / 2);
    }
    reports.add(model.deviceId, view.id, model.arrive(view, changes));
  }

  function reach(address: string, reachable: boolean, battery?: number): void {
    const changed = reachable ? unreachable.delete(address) : !unreachable.has(address);
    if (!reachable) unreachable.add(address);
    if (!changed && battery === undefined) return;
    publish("reachable", {
      ...{ deviceId: deviceIdOf(address), reachable },
      ...(battery === undefined ? {} : { battery }),
    });
  }

  const portOf = (model: DeviceModel, left: () => number, isCommand: boolean) =>
    createPort({ service, model, left, isCommand, onValues: (view, changes) => arrive(model, view, changes) });

  /** What one device is asked for is done in its order. */
  function inTurn<T>(address: string, run: () => Promise<T>): Promise<T> {
    const mine = (turns.get(address) ?? Promise.resolve()).then(run);
    const settled = mine.catch(() => {});
    turns.set(address, settled);
    void settled.then(() => {
      if (turns.get(address) === settled) turns.delete(address);
    });
    return mine;
  }

  function describeDevice(stored: StoredDevice): RadioDevice {
    const { info, managedThingId } = stored;
    const { address, brand, model, sleepy } = info;
    const deviceTypes = (models.get(address) ?? createDeviceModel(stored)).deviceTypes;
    return {
      deviceId: deviceIdOf(address),
      protocol: "zigbee",
      radioId: address.toUpperCase(),
      ...(brand === undefined ? {} : { brand }),
      ...(model === undefined ? {} : { model }),
      deviceTypes,
      interviewed: true,
      sleepy,
      reachable: service.health.state === "up" && !unreachable.has(address),
      ...(managedThingId === undefined ? {} : { managedThingId }),
    };
  }

  /** A device that the stack knows and has not interviewed yet. */
  const pendingDevice = ({ address, sleepy }: DpkDevice): RadioDevice => ({
    ...{ deviceId: deviceIdOf(address), protocol: "zigbee", radioId: address.toUpperCase() },
    ...{ deviceTypes: [], interviewed: false, sleepy, reachable: !unreachable.has(address) },
  });

  function failed(address: string, reason: string): void {
    busy.get(address)?.();
    busy.delete(address);
    publish("failed", { deviceId: deviceIdOf(address), reason });
  }

  function interviewing(address: string): void {
    if (busy.has(address)) return;
    busy.set(
      address,
      clock.after(interviewPatience, () => failed(address, "the interview did not end in time")),
    );
    publish("interviewing", { deviceId: deviceIdOf(address) });
  }

  /** Configures a device that was interviewed and tells the others. */
  async function admit(address: string): Promise<void> {
    const info = dpk.devices().find((device) => device.address === address);
    if (!info) return;
    try {
      const isNew = present(address) === undefined;
      const { stored: learnt, heard: values } = await configureDevice(service, info, present(address), log);
      // It may have left while it was asked.
      if (!dpk.devices().some((device) => device.address === address) && service.health.state === "up") return;
      // Asked last: a binding may have been made or ended meanwhile.
      const managedThingId = present(address)?.managedThingId;
      const stored = { ...learnt, ...(managedThingId === undefined ? {} : { managedThingId }) };
      await store.put(address, stored);
      const model = remember(stored);
      busy.get(address)?.();
      busy.delete(address);
      if (isNew) publish("joined", { device: describeDevice(stored) as unknown as JsonObject });
      for (const { endpointId, changes } of values) {
        const view = model.views.get(endpointId);
        if (view) arrive(model, view, changes);
      }
      await window.apply();
    } catch (error) {
      failed(address, messageOf(error));
    }
  }

  async function interviewAgain(address: string): Promise<void> {
    if (busy.has(address)) return;
    interviewing(address);
    try {
      await dpk.interview(address);
      await admit(address);
    } catch {
      failed(address, "the device stopped answering");
    }
  }

  async function refresh(model: DeviceModel): Promise<void> {
    const sleepy = store.get(model.address)?.info.sleepy === true;
    const until = clock.monotonic() + (sleepy ? READ.sleepy : READ.awake);
    const port = portOf(model, () => until - clock.monotonic(), false);
    for (const view of model.views.values()) await port.read(view, sourcesOfEndpoint(view));
    reach(model.address, true);
  }

  /** A sleeping device is heard when it has something to say; asking it would wait for nothing. */
  async function refreshQuietly(model: DeviceModel): Promise<void> {
    if (store.get(model.address)?.info.sleepy) return;
    try {
      await refresh(model);
    } catch (error) {
      if (error instanceof ActionError && error.responseCode === 504) reach(model.address, false);
    }
  }

  /** A few at a time, so that no device's time is over before it is asked. */
  async function refreshAll(list: readonly DeviceModel[]): Promise<void> {
    const rest = list.values();
    await Promise.all(
      Array.from({ length: REFRESH_AT_ONCE }, async () => {
        for (const model of rest) await refreshQuietly(model);
      }),
    );
  }

  function onFrame({ address, endpoint, cluster, data }: Extract<DpkEvent, { kind: "frame" }>): void {
    const frame = parseFrame(data);
    const model = models.get(address);
    const view = model?.views.get(`${endpoint}`);
    if (!frame || !model || !view) return;
    const changes = changesOfFrame(cluster, frame, model.values(view).get(rawClustersKey));
    model.told(view, changes);
    arrive(model, view, changes);
    heard(address);
  }

  function heard(address: string): void {
    reach(address, true);
    const stored = present(address);
    const tried = configuredAgain.get(address) ?? Number.NEGATIVE_INFINITY;
    if (stored && !stored.configured && !busy.has(address) && clock.monotonic() - tried >= CONFIGURE_AGAIN) {
      configuredAgain.set(address, clock.monotonic());
      busy.set(address, () => {});
      void admit(address);
    }
  }

  async function forget(address: string, left?: StoredDevice): Promise<void> {
    busy.get(address)?.();
    busy.delete(address);
    models.delete(address);
    unreachable.delete(address);
    configuredAgain.delete(address);
    reports.forget(deviceIdOf(address));
    await store.put(address, left);
    await window.apply();
  }

  dpk.on((event) => {
    switch (event.kind) {
      case "joined":
        if (!models.has(event.address)) interviewing(event.address);
        return;
      case "interviewed":
        interviewing(event.address);
        void admit(event.address);
        return;
      case "interview-failed":
        failed(event.address, event.reason);
        return;
      case "frame":
        onFrame(event);
        return;
      case "seen":
        if (models.has(event.address)) {
          heard(event.address);
          // It was without power: what it is now may not be what it was.
          void refreshQuietly(models.get(event.address) as DeviceModel);
        } else if (dpk.devices().some(({ address, interviewed }) => address === event.address && !interviewed)) {
          void interviewAgain(event.address);
        }
        return;
      case "left": {
        const { address } = event;
        if (leaving.has(address) || (!models.has(address) && !busy.has(address))) return;
        publish("left", { deviceId: deviceIdOf(address) });
        forget(address).catch((error) => log.error({ address, reason: messageOf(error) }, "a device is not forgotten"));
        return;
      }
      case "gone":
        service.lost(event.reason);
    }
  });
  for (const stored of store.all()) if (!stored.forgotten) remember(stored);

  /** A device that was taken away while the coordinator was gone. */
  async function farewell(address: string): Promise<void> {
    await service.ask(address, FAREWELL, (within) => dpk.leave(address, within)).catch(() => dpk.forget(address));
    await store.put(address, undefined);
  }

  return {
    admits: window.admits,
    resume() {
      void window.renew();
      const known: DeviceModel[] = [];
      for (const { address, interviewed } of dpk.devices()) {
        const model = models.get(address);
        const stored = store.get(address);
        if (stored?.forgotten) {
          farewell(address).catch((error) => log.error({ address, reason: messageOf(error) }, "not forgotten"));
        } else if (model && stored?.configured) known.push(model);
        else if (interviewed) void admit(address);
        else void interviewAgain(address);
      }
      void refreshAll(known);
    },
    stop() {
      window.stop();
      reports.stop();
      for (const cancel of busy.values()) cancel();
    },
    async open({ seconds }) {
      if (service.health.state === "starting") await service.settled();
      if (service.health.state !== "up") throw notUp(service);
      await window.open(seconds);
      return {};
    },
    async close() {
      await window.close();
      return {};
    },
    provision: async ({ labels }) => ({ refused: await window.provision(labels) }),
    devices: async () => ({
      devices: [
        ...store
          .all()
          .filter(({ forgotten }) => !forgotten)
          .map(describeDevice),
        ...dpk
          .devices()
          .filter(({ address }) => !store.get(address))
          .map(pendingDevice),
      ],
    }),
    async bind({ deviceId, managedThingId }) {
      const { address } = modelOf(deviceId);
      const { managedThingId: _, ...stored } = store.get(address) as StoredDevice;
      await store.put(address, { ...stored, ...(managedThingId === null ? {} : { managedThingId }) });
      return {};
    },
    async describe({ deviceId, refresh: again }) {
      const { address } = modelOf(deviceId);
      if (again) {
        if (service.health.state !== "up") throw notUp(service);
        await dpk.interview(address).catch(() => {
          throw new ActionError("Timeout", "the device did not answer to its interview", 504);
        });
        await admit(address);
      }
      return { capabilityReport: modelOf(deviceId).report() };
    },
    async command({ deviceId, within, endpoints }) {
      const model = modelOf(deviceId);
      const until = clock.monotonic() + within;
      return await inTurn(model.address, async () => {
        const left = until - clock.monotonic();
        const port = portOf(model, () => until - clock.monotonic(), true);
        const answered = await runCommand({ views: model.views, port, clock, within: left }, endpoints);
        const codes = answered.flatMap(({ capabilities }) =>
          capabilities.flatMap(({ actions }) => actions.map(({ responseCode }) => responseCode)),
        );
        if (codes.includes(504)) reach(model.address, false);
        else if (codes.includes(200)) reach(model.address, true);
        reports.answered(deviceId, answered);
        return { endpoints: answered };
      });
    },
    async state({ deviceId, refresh: again }) {
      const model = modelOf(deviceId);
      if (again) await refresh(model);
      const endpoints = model.state();
      reports.answered(deviceId, endpoints);
      return { endpoints };
    },
    async remove({ deviceId, force, seconds }) {
      const address = addressOf(deviceId);
      const known = present(address) ?? dpk.devices().some((device) => device.address === address);
      if (!known) return force ? { outcome: "gone" } : { outcome: "failed", reason: "no such device" };
      const before = store.get(address);
      const patience = Math.min(seconds * 1000, before?.info.sleepy === true ? LEAVE.sleepy : LEAVE.awake);
      leaving.add(address);
      try {
        if (before && !force && service.health.state === "up") await store.put(address, { ...before, leaving: true });
        await service.ask(address, force ? FAREWELL : patience, (within) => dpk.leave(address, within));
      } catch (error) {
        const code = error instanceof ActionError ? error.responseCode : 500;
        // Asked before a kill and silent ever since, it has left; where it has not, it is asked again when it is heard.
        if (!force && !(before?.leaving && code === 504)) {
          const { leaving: _, ...stays } = store.get(address) ?? {};
          // The coordinator's going says nothing of the device.
          if ("info" in stays && code !== 503) await store.put(address, stays);
          return { outcome: "failed", reason: messageOf(error) };
        }
        dpk.forget(address);
      } finally {
        leaving.delete(address);
      }
      const stored = store.get(address);
      await forget(address, stored && service.health.state !== "up" ? { ...stored, forgotten: true } : undefined);
      return { outcome: "gone" };
    },
    exclude: async () => ({
      outcome: "failed",
      reason: "Zigbee has no exclusion of other networks' devices: reset the device by hand",
    }),
    async reset() {
      reports.stop();
      for (const { info } of store.all()) await forget(info.address);
      await store.clear();
      await window.close();
      await window.provision([]);
      await service.reset();
      return {};
    },
    health: async () => ({ ...service.health }),
  };
}

const notUp = ({ health }: ZigbeeService): ActionError =>
  new ActionError("NoRadio", `the Zigbee coordinator is not reachable: ${health.reason ?? health.state}`, 503);
