import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { Json, JsonObject } from "@hearth/device-sdk";
import type { Bus } from "../bus/bus.ts";
import { runCommand } from "../cdmb/command.ts";
import type { NativeChange } from "../cdmb/conversion.ts";
import { sourcesOfEndpoint } from "../cdmb/conversion.ts";
import { ActionError } from "../plugins/action-error.ts";
import type { RadioService } from "../plugins/protocol-plugin.ts";
import { notification, unknownClasses, value as valueRef, valueText } from "./cdmb/endpoint.ts";
import { rawReceived } from "./cdmb/radio-cluster.ts";
import { createDeviceModel, type DeviceModel, deviceIdOf, type View } from "./device-model.ts";
import type { NodeStore } from "./device-store.ts";
import { type DpkEvents, type DpkNode, NetworkLostError, type ProvisioningEntry, type ZWaveDpk } from "./dpk/dpk.ts";
import { createJoinWindow } from "./join-window.ts";
import { credentialsOf, entryOf } from "./label.ts";
import { createPort } from "./port.ts";
import { createReportMerger } from "./report-merger.ts";
import { createZWaveService } from "./service.ts";

interface Dependencies {
  bus: Bus;
  clock: Clock;
  log: Logger;
  dpk: ZWaveDpk;
  store: NodeStore;
  retry?: { first: number; longest: number };
}

/** A whole state is asked for value by value. */
const REFRESH = 20_000;

/** The Z-Wave radio: the provisioner's half and the bridge's half of `radio.zwave`. */
export interface ZWaveRadio {
  readonly service: RadioService;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createZWaveRadio({ bus, clock, log, dpk, store, retry }: Dependencies): ZWaveRadio {
  const models = new Map<number, DeviceModel>();
  /** Nodes that were told: a second interview is no second arrival. */
  const joined = new Set<number>();
  const turns = new Map<number, Promise<unknown>>();
  /** Undefined until they were told: the stack's own list stands meanwhile. */
  let labels: ProvisioningEntry[] | undefined;
  let sweeping: Promise<void> | undefined;
  let sweepAgain = false;

  const tell = (word: string, body: object) => bus.publish(`radio.zwave.${word}`, body as JsonObject);
  const window = createJoinWindow({ dpk, clock, log });
  const merger = createReportMerger(clock, (deviceId, endpoints) =>
    tell("changed", { deviceId, at: clock.now(), endpoints }),
  );

  const idOf = (nodeId: number) => deviceIdOf(store.homeId ?? 0, nodeId);
  const mine = (nodeId: number) => store.get(nodeId)?.ghost !== true;

  /** Without values: they are the stack's to remember. */
  const bare = (node: DpkNode): DpkNode => ({
    ...node,
    endpoints: node.endpoints.map((endpoint) => ({
      ...endpoint,
      values: endpoint.values.map(({ commandClass, name }) => ({ commandClass, name })),
    })),
  });

  /** A node that has not been heard since the stack began: as it was interviewed, with what the stack remembers of it. */
  const withValues = (info: DpkNode, { endpoints }: DpkNode): DpkNode => ({
    ...info,
    endpoints: info.endpoints.map((endpoint) => {
      const remembered = endpoints.find(({ index }) => index === endpoint.index)?.values ?? [];
      const values = new Map(
        [...endpoint.values, ...remembered].map((one) => [valueText(one.commandClass, one.name), one]),
      );
      return { ...endpoint, values: [...values.values()] };
    }),
  });

  function learn(node: DpkNode): DeviceModel {
    const model = createDeviceModel(store.homeId ?? 0, node);
    models.set(node.nodeId, model);
    return model;
  }

  // They are known while the stick is away.
  for (const { info, ghost } of store.all()) {
    if (ghost) continue;
    learn(info);
    if (info.interviewed) joined.add(info.nodeId);
  }

  const nodeOf = (nodeId: number) => dpk.nodes().find((node) => node.nodeId === nodeId);

  async function keep(nodeId: number, change: object): Promise<void> {
    const stored = store.get(nodeId);
    const node = nodeOf(nodeId);
    // What is known of a node is not given up for a node that has not been interviewed again yet.
    const info = node && (node.interviewed || !stored?.info.interviewed) ? node : stored?.info;
    if (info) await store.put(nodeId, { ...stored, info: bare(info), ...change });
  }

  async function interviewed(nodeId: number): Promise<void> {
    const node = nodeOf(nodeId);
    if (!node || !mine(nodeId)) return;
    const model = learn(node);
    await keep(nodeId, {});
    if (joined.has(nodeId)) return;
    joined.add(nodeId);
    tell("joined", { device: model.device(store.get(nodeId)?.managedThingId) });
    background(sweep());
  }

  /**
   * Nodes that are nobody's are taken off the controller's list when they are not there any more. One sweep at a time: asking
   * a node that is silent is what tells that it is, and asks for the next sweep.
   */
  async function sweep(): Promise<void> {
    sweepAgain = true;
    sweeping ??= (async () => {
      while (sweepAgain) {
        sweepAgain = false;
        for (const { info, ghost } of store.all()) if (ghost) await removeIfFailed(info.nodeId).catch(() => false);
      }
    })().finally(() => {
      sweeping = undefined;
    });
    await sweeping;
  }

  async function refused(nodeId: number, reason: string): Promise<void> {
    await keep(nodeId, { ghost: true });
    tell("failed", { deviceId: idOf(nodeId), reason: `${reason}; press its button to take it out again` });
    window.added(true);
  }

  async function gone(nodeId: number): Promise<void> {
    const known = store.get(nodeId);
    const told = joined.delete(nodeId) || (known !== undefined && !known.ghost);
    models.delete(nodeId);
    await store.put(nodeId, undefined);
    if (told) tell("left", { deviceId: idOf(nodeId) });
  }

  const background = (work: Promise<unknown>) =>
    void work.catch((error) => log.error({ error: messageOf(error) }, "the Z-Wave devices' state was not written"));

  const events: Omit<DpkEvents, "lost"> = {
    added(nodeId, why) {
      if (why !== undefined) return background(refused(nodeId, why));
      tell("interviewing", { deviceId: idOf(nodeId) });
      window.added(false);
      background(keep(nodeId, { ghost: false }));
    },
    interviewed: (nodeId) => background(interviewed(nodeId)),
    interviewFailed(nodeId, reason) {
      if (!mine(nodeId) || joined.has(nodeId)) return;
      tell("failed", {
        deviceId: idOf(nodeId),
        reason: `it stopped to answer while it was asked what it is: ${reason}`,
      });
    },
    removed(nodeId) {
      if (nodeId === undefined) return window.removed(undefined);
      background(gone(nodeId).finally(() => window.removed(nodeId)));
    },
    joiningEnded: () => window.ended(),
    reachable(nodeId, reachable) {
      if (joined.has(nodeId)) tell("reachable", { deviceId: idOf(nodeId), reachable });
      else if (!reachable && !mine(nodeId)) background(sweep());
    },
    value(nodeId, endpoint, commandClass, name, value) {
      arrive(nodeId, endpoint, [{ ref: valueRef(commandClass, name), value }]);
    },
    notification(nodeId, endpoint, { type, ...happened }) {
      arrive(nodeId, endpoint, [{ ref: notification(type), value: happened }]);
    },
    received(nodeId, endpoint, commandClass, command, payload) {
      const view = models.get(nodeId)?.viewOf(endpoint);
      if (!view || !unknownClasses(view.native).includes(commandClass)) return;
      const value: Json = { cluster: commandClass, command, payload: Buffer.from(payload).toString("hex") };
      arrive(nodeId, endpoint, [{ ref: rawReceived, value }]);
    },
  };

  function arrive(nodeId: number, endpoint: number, changes: readonly NativeChange[]): void {
    const model = models.get(nodeId);
    const view = model?.viewOf(endpoint);
    if (!model || !view || !joined.has(nodeId)) return;
    merger.add(model.deviceId, view.id, model.arrive(view, changes));
  }

  const service = createZWaveService({
    dpk,
    clock,
    log,
    ...(retry ? { retry } : {}),
    events,
    isForgotten: (homeId) => store.forgotten === homeId,
    async onUp(homeId) {
      if (store.homeId !== undefined && store.homeId !== homeId && store.all().length > 0) {
        throw new NetworkLostError(
          `this controller has the network ${homeId.toString(16)}, and the hub's devices are in ${store.homeId.toString(16)}: ` +
            "plug in the controller that it had, or restore that one's memory, or off-board the hub",
        );
      }
      const isNew = store.homeId !== homeId;
      if (isNew) await store.begin(homeId);
      const present = dpk.nodes();
      for (const { info } of store.all()) {
        if (!present.some(({ nodeId }) => nodeId === info.nodeId)) await gone(info.nodeId);
      }
      for (const node of present) {
        const known = store.get(node.nodeId);
        if (known?.ghost) continue;
        if (node.unfinished && !isNew && !known?.info.interviewed) {
          log.warn({ nodeId: node.nodeId }, "a Z-Wave device was being let in when the hub ended: it has to come anew");
          await keep(node.nodeId, { ghost: true });
          continue;
        }
        learn(node.interviewed || !known ? node : withValues(known.info, node));
        if (node.interviewed && !joined.has(node.nodeId)) await interviewed(node.nodeId);
      }
      await provisionAll();
    },
    onHealth(health) {
      if (health.state !== "up") window.lost(health.reason ?? health.state);
      tell("health", health);
    },
  });

  async function provisionAll(): Promise<void> {
    if (!labels) return;
    const present = new Set(dpk.nodes().map(({ dsk }) => dsk));
    const wanted = new Map(labels.map((entry) => [entry.dsk, entry]));
    await dpk.provision([...wanted.values()].filter(({ dsk }) => !present.has(dsk)));
  }

  function needUp(): void {
    const { state, reason } = service.health;
    if (state === "up") return;
    throw new ActionError("NoRadio", `the Z-Wave controller is not reachable${reason ? `: ${reason}` : ""}`, 503);
  }

  /** Also of a node whose interview has not ended. */
  const nodeIdOf = (deviceId: string): number | undefined =>
    [...store.all().map(({ info }) => info), ...dpk.nodes()]
      .map(({ nodeId }) => nodeId)
      .find((nodeId) => idOf(nodeId) === deviceId && mine(nodeId));

  function modelOf(deviceId: string): DeviceModel {
    for (const model of models.values()) if (model.deviceId === deviceId && mine(model.nodeId)) return model;
    throw Object.assign(new Error(`there is no device ${deviceId}`), { code: "404" });
  }

  /** One command of a node at a time. */
  function inTurn<T>(nodeId: number, run: () => Promise<T>): Promise<T> {
    const done = (turns.get(nodeId) ?? Promise.resolve()).then(run);
    const settled = done.catch(() => {});
    turns.set(nodeId, settled);
    void settled.then(() => turns.get(nodeId) === settled && turns.delete(nodeId));
    return done;
  }

  function portFor(model: DeviceModel, within: number) {
    const until = clock.monotonic() + within;
    return createPort({
      dpk,
      model,
      left: () => until - clock.monotonic(),
      onValues: (view, changes) => arrive(model.nodeId, view.native.index, changes),
    });
  }

  /** Of a node that does not answer, nothing is to be waited for. */
  async function removeIfFailed(nodeId: number): Promise<boolean> {
    const node = nodeOf(nodeId);
    if (!node) return true;
    if (node.sleepy || !(await dpk.isFailed(nodeId))) return false;
    // Somebody else may have had it removed while the controller was at something else.
    await window.aside(async () => nodeOf(nodeId) && (await dpk.removeFailed(nodeId)));
    return true;
  }

  /** `run`, or false when it fails or the time is over. */
  function timely(seconds: number, run: () => Promise<boolean>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = clock.after(seconds * 1000, () => resolve(false));
      run()
        .then(resolve, () => resolve(false))
        .finally(cancel);
    });
  }

  const radio: RadioService = {
    async open({ seconds, material }) {
      needUp();
      await window.open(seconds, credentialsOf(material));
      return {};
    },
    async close() {
      needUp();
      await window.close();
      return {};
    },
    async provision(request) {
      const read = request.labels.map((label) => ({ label, entry: entryOf(label) }));
      labels = read.flatMap(({ entry }) => ("dsk" in entry ? [entry] : []));
      if (service.health.state === "up") await provisionAll();
      const refusals = read.flatMap(({ label: { managedThingId }, entry }) =>
        "problem" in entry ? [{ managedThingId, reason: `the label ${entry.problem}` }] : [],
      );
      return { refused: refusals };
    },
    devices: async () => ({
      devices: [...models.values()]
        .filter(({ nodeId }) => joined.has(nodeId) && mine(nodeId))
        .map((model) => {
          const stored = store.get(model.nodeId);
          const reachable = service.health.state === "up" && nodeOf(model.nodeId)?.reachable === true;
          return { ...model.device(stored?.managedThingId), reachable };
        }),
    }),
    async bind({ deviceId, managedThingId }) {
      const { nodeId } = modelOf(deviceId);
      await keep(nodeId, { managedThingId: managedThingId ?? undefined });
      return {};
    },
    async describe({ deviceId, refresh }) {
      const { nodeId } = modelOf(deviceId);
      if (refresh) {
        needUp();
        await dpk.interview(nodeId);
        await interviewed(nodeId);
      }
      return { capabilityReport: modelOf(deviceId).report() };
    },
    async command({ deviceId, within, endpoints }) {
      const model = modelOf(deviceId);
      const until = clock.monotonic() + within;
      return await inTurn(model.nodeId, async () => {
        const left = Math.max(0, until - clock.monotonic());
        const port = gated(portFor(model, left));
        return { endpoints: await runCommand({ views: model.views, port, clock, within: left }, endpoints) };
      });
    },
    async state({ deviceId, refresh }) {
      const model = modelOf(deviceId);
      if (refresh) {
        needUp();
        const port = portFor(model, REFRESH);
        for (const view of model.views.values()) await port.read(view, sourcesOfEndpoint(view));
      }
      return { endpoints: model.state() };
    },
    async remove({ deviceId, force, seconds }) {
      const nodeId = nodeIdOf(deviceId);
      if (nodeId === undefined) return { outcome: "gone" };
      const began = clock.monotonic();
      if (service.health.state === "up" && (await timely(seconds, () => removeIfFailed(nodeId)))) {
        await gone(nodeId);
        return { outcome: "gone" };
      }
      if (force) {
        await keep(nodeId, { ghost: true, managedThingId: undefined });
        models.delete(nodeId);
        if (joined.delete(nodeId)) tell("left", { deviceId });
        return { outcome: "gone" };
      }
      needUp();
      const waited = (clock.monotonic() - began) / 1000;
      const { outcome, reason } = await window.exclude(seconds, (left) => left === nodeId, waited);
      return { outcome, ...(reason === undefined ? {} : { reason }) };
    },
    async exclude({ seconds }) {
      needUp();
      const { outcome, nodeId, reason } = await window.exclude(seconds, () => true);
      return {
        outcome,
        ...(nodeId === undefined ? {} : { deviceId: idOf(nodeId) }),
        ...(reason === undefined ? {} : { reason }),
      };
    },
    async reset() {
      labels = undefined;
      window.lost("the radio is reset");
      models.clear();
      joined.clear();
      await store.forget();
      await dpk.reset();
      await service.restarted();
      return {};
    },
    health: async () => ({ ...service.health }),
  };

  /** Nothing is asked of a stick that is away. */
  function gated(port: ReturnType<typeof portFor>): ReturnType<typeof portFor> {
    return {
      values: port.values,
      read: async (view: View, refs) => {
        needUp();
        return await port.read(view, refs);
      },
      write: async (view, writes) => {
        needUp();
        await port.write(view, writes);
      },
      invoke: async (view, command, parameters) => {
        needUp();
        return await port.invoke(view, command, parameters);
      },
    };
  }

  return {
    service: radio,
    start: service.start,
    async stop() {
      merger.stop();
      await service.stop();
    },
  };
}
