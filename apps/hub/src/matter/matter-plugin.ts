import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { type ClientNode, NetworkClient } from "@matter/main/node";
import { ActionError } from "../plugins/action-error.ts";
import type { PluginContext, ProtocolPlugin } from "../plugins/custom-plugin.ts";
import { openJsonFile } from "../state/json-file.ts";
import { runCommand } from "./command.ts";
import { type MatterController, startController } from "./controller.ts";
import { createJoining } from "./joining.ts";
import { describeNode, deviceOf, isSleepy, readNode, stateOfNode } from "./node-device.ts";
import { createReports } from "./reports.ts";
import { readSetupCode } from "./setup-code.ts";

/** By node id: the label that the device came with. */
type Nodes = Readonly<Record<string, { label?: string }>>;

/** @throws TypeError for what this program did not write */
function parseNodes(json: unknown): Nodes {
  const isWhole =
    typeof json === "object" && json !== null && Object.values(json).every((one) => typeof one === "object" && one);
  if (!isWhole) throw new TypeError("it does not hold node ids and labels");
  return json as Nodes;
}

interface Entry {
  node: ClientNode;
  reachable: boolean;
  /** When it last said anything. */
  heard: number;
  /** It is being taken out of the fabric. */
  leaving?: boolean;
}

const STOP = 4_000;
/** Devices that do not sleep say something every 20 s: who was silent for so long is looked upon as gone. */
const SILENT = 45_000;
const WATCH = 5_000;

const keyOf = (nodeId: bigint): string => nodeId.toString(16).toUpperCase().padStart(16, "0");
const deviceIdOf = (nodeId: bigint): string => `matter.${keyOf(nodeId)}`;

/** Operational node ids are 1 to 0xFFFF_FFEF_FFFF_FFFF (Matter 1.4, 2.5.5); random, so that none ever comes back. */
const randomNodeId = (): bigint => BigInt(`0x${randomBytes(7).toString("hex")}`) + 1n;

/** Devices that speak Matter over IP: the hub is their controller. */
export async function createProtocolPlugin(context: PluginContext): Promise<ProtocolPlugin> {
  const { clock, directory, log, tell } = context;
  const recover = (error: Error) => log.error({ error: error.message }, "the state before the last is taken");
  const nodes = await openJsonFile<Nodes>(join(directory, "nodes.json"), parseNodes, {}, { recover });
  const controller: MatterController = await startController(directory, log);
  const devices = new Map<string, Entry>();
  let stopped = false;

  const reports = createReports({
    clock,
    deviceIdOf: (node) => [...devices].find(([, entry]) => entry.node === node)?.[0],
    changed: (deviceId, endpoints) =>
      tell("changed", { deviceId, at: clock.now(), endpoints } as unknown as JsonObject),
  });
  controller.onChange(reports.onChange);

  function setReachable(deviceId: string, reachable: boolean): void {
    const entry = devices.get(deviceId);
    if (!entry || stopped) return;
    if (reachable) entry.heard = clock.now();
    if (entry.reachable === reachable) return;
    entry.reachable = reachable;
    tell("reachable", { deviceId, reachable });
  }

  function add(nodeId: bigint, node: ClientNode, reachable: boolean): string {
    const deviceId = deviceIdOf(nodeId);
    devices.set(deviceId, { node, reachable, heard: clock.now() });
    const { subscriptionStatusChanged, subscriptionAlive } = node.eventsOf(NetworkClient);
    subscriptionStatusChanged.on((isActive) => setReachable(deviceId, isActive));
    subscriptionAlive.on(() => setReachable(deviceId, true));
    return deviceId;
  }

  let endWatch = () => {};
  function watch(): void {
    endWatch = clock.after(WATCH, watch);
    for (const [deviceId, { node, heard }] of devices) {
      if (!isSleepy(node) && clock.now() - heard > SILENT) setReachable(deviceId, false);
    }
  }
  watch();

  async function forget(deviceId: string): Promise<void> {
    reports.forget(deviceId);
    devices.delete(deviceId);
    const { [deviceId.slice("matter.".length)]: _gone, ...others } = nodes.value;
    await nodes.replace(others);
  }

  controller.onGone((node) => {
    for (const [deviceId, entry] of devices) {
      if (entry.node !== node || entry.leaving || stopped) continue;
      tell("left", { deviceId });
      forget(deviceId).catch((error: unknown) => log.warn({ deviceId, error: messageOf(error) }, "not forgotten yet"));
    }
  });

  const infoOf = (deviceId: string, { node, reachable }: Entry) => {
    const label = nodes.value[deviceId.slice("matter.".length)]?.label;
    return deviceOf(deviceId, node, { ...(label === undefined ? {} : { radioId: label }), reachable });
  };

  const joining = createJoining({
    ...{ controller, clock, log },
    async begin(label) {
      const nodeId = randomNodeId();
      await nodes.replace({ ...nodes.value, [keyOf(nodeId)]: label === undefined ? {} : { label } });
      tell("interviewing", { deviceId: deviceIdOf(nodeId) });
      return nodeId;
    },
    async joined(nodeId, node) {
      const deviceId = add(nodeId, node, true);
      tell("joined", { device: infoOf(deviceId, devices.get(deviceId) as Entry) as unknown as JsonObject });
    },
    async failed(nodeId, reason) {
      tell("failed", { deviceId: deviceIdOf(nodeId), reason });
      await forget(deviceIdOf(nodeId));
    },
    stray: (node) => void leave(node).catch(() => node.delete()),
  });

  for (const [nodeId, node] of controller.nodes()) add(nodeId, node, false);
  // Devices that were being taken in when the hub was killed: they give up by themselves, and come again.
  await nodes.replace(Object.fromEntries(Object.entries(nodes.value).filter(([key]) => devices.has(`matter.${key}`))));

  /** By its consent. */
  async function leave(node: ClientNode): Promise<void> {
    await node.act((agent) => agent.commissioning.decommission());
    await node.delete();
  }

  function within<T>(milliseconds: number, what: string, work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(milliseconds, () => reject(new Error(`${what} within ${milliseconds / 1000} s`)));
      work.then(resolve, reject).finally(cancel);
    });
  }

  /** @throws Error with code 404 */
  function entryOf(deviceId: string): Entry {
    const entry = devices.get(deviceId);
    if (!entry) throw Object.assign(new Error(`there is no device ${deviceId}`), { code: "404" });
    return entry;
  }

  return {
    protocol: "matter",
    async open({ seconds, custom = {} }) {
      const { SetupCode } = custom;
      if (typeof SetupCode !== "string") {
        throw new ActionError(
          "InvalidParameters",
          "CustomProtocolDetail needs SetupCode: the text of the device's QR code, or its 11 or 21 digits",
          400,
        );
      }
      const code = readSetupCode(SetupCode);
      if ("problem" in code) throw new ActionError("InvalidParameters", `SetupCode ${code.problem}`, 400);
      joining.search(code, seconds);
      return {};
    },
    async close() {
      joining.endSearch();
      return {};
    },
    async provision({ labels }) {
      const problems = joining.await(labels.map(({ material }) => material));
      const refused = labels.flatMap(({ managedThingId, material }) => {
        const problem = problems.get(material);
        return problem === undefined ? [] : [{ managedThingId, reason: `the label ${problem}` }];
      });
      return { refused };
    },
    devices: async () => ({ devices: [...devices].map(([deviceId, entry]) => infoOf(deviceId, entry)) }),
    async describe({ deviceId, refresh }) {
      const { node } = entryOf(deviceId);
      if (refresh) await readNode(node);
      return { capabilityReport: describeNode(deviceId, node) };
    },
    async command({ deviceId, within: time, endpoints }) {
      return { endpoints: await runCommand(entryOf(deviceId).node, clock, time, endpoints) };
    },
    async state({ deviceId, refresh }) {
      const { node } = entryOf(deviceId);
      if (refresh) await readNode(node);
      return { endpoints: stateOfNode(node) };
    },
    async remove({ deviceId, force, seconds }) {
      const entry = devices.get(deviceId);
      if (!entry) return { outcome: "gone" };
      entry.leaving = true;
      const leaving = leave(entry.node);
      try {
        await within(seconds * 1000, "the device did not leave", leaving);
      } catch (error) {
        if (!force) {
          entry.leaving = false;
          return { outcome: "failed", reason: messageOf(error) };
        }
        leaving.catch(() => {});
        await entry.node.delete();
      }
      await forget(deviceId);
      return { outcome: "gone" };
    },
    health: async () => ({ state: "up" }),
    async stop() {
      stopped = true;
      endWatch();
      await joining.stop();
      reports.stop();
      await within(STOP, "the controller did not stop", controller.stop());
    },
  };
}
