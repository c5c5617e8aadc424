import { createHash } from "node:crypto";
import type { ZWaveSerialStream } from "@zwave-js/serial";
import { getDefaultSupportedFunctionTypes, MockController } from "@zwave-js/testing";
import { createDefaultMockControllerBehaviors } from "zwave-js/Testing";
import type { RadioOptions, VirtualDeviceOptions, ZWaveNetwork } from "../virtual-device.ts";
import { type NodeSecurity, type NodeType, nodeTypes } from "./device-types.ts";
import { managedFunctions, manageNetwork } from "./network-management.ts";
import { openSerialPort } from "./serial-port.ts";
import { openNetworkStore } from "./store.ts";
import { VirtualNode } from "./virtual-node.ts";

const OWN_NODE = 1;
const LAST_NODE = 232;

function typeOf({ type }: VirtualDeviceOptions): NodeType {
  const found = nodeTypes.find(({ name }) => name === type);
  if (found) return found;
  throw new Error(`there is no Z-Wave type ${type}; there are ${nodeTypes.map(({ name }) => name).join(", ")}`);
}

function securityOf({ secure }: VirtualDeviceOptions, type: NodeType): NodeSecurity {
  if (secure === undefined) return type.security;
  if (!secure) return "none";
  return type.security === "optional" ? "authenticated" : type.security;
}

/** Home ids of controllers are below 0xC0000000: those of SmartStart nodes are above. */
function homeIdOf(secret: Uint8Array): number {
  return (Buffer.from(secret).readUInt32BE(0) & 0x3fffffff) + 0x40000000;
}

/** See `startZWaveNetwork`. */
export async function createNetwork(options: RadioOptions): Promise<ZWaveNetwork> {
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
  const secret = (name: string) => Uint8Array.from(createHash("sha256").update(`${seed} ${name}`).digest());
  const store = openNetworkStore(options.store);
  const stored = store.read();
  let homeId = stored?.homeId ?? homeIdOf(secret("home id"));
  let nextNodeId = stored?.nextNodeId ?? OWN_NODE + 1;
  const ghosts = new Set(stored?.ghosts);

  let connected = () => {};
  const serialPort = await openSerialPort(options.host ?? "127.0.0.1", options.port ?? 0, () => connected());
  const controller = await MockController.create({
    mockPort: serialPort.mockPort,
    // Only the host's side of the port has a stream; here that is behind TCP.
    serial: undefined as unknown as ZWaveSerialStream,
    homeId,
    ownNodeId: OWN_NODE,
    capabilities: { supportedFunctionTypes: [...getDefaultSupportedFunctionTypes(), ...managedFunctions] },
    // Without keys of its own the mock gives its nodes no S2; theirs come from the host when they join.
    securityKeys: {
      S2_AccessControl: secret("access control").subarray(0, 16),
      S2_Authenticated: secret("authenticated").subarray(0, 16),
      S2_Unauthenticated: secret("unauthenticated").subarray(0, 16),
      S0_Legacy: secret("legacy").subarray(0, 16),
    },
  });
  neverThrow(controller);
  controller.defineBehavior(...createDefaultMockControllerBehaviors());

  const nodes: VirtualNode[] = [];
  let writing = false;
  const save = () => {
    // Changes of one moment are one write.
    if (writing || closed) return;
    writing = true;
    setImmediate(write);
  };
  const write = () => {
    writing = false;
    store.write({
      homeId,
      nextNodeId,
      nodes: Object.fromEntries(nodes.map((node) => [node.id, node.stored()])),
      ghosts: [...ghosts],
    });
  };
  let closed = false;

  const deviceOf = (nodeId: number) => nodes.find((node) => node.nodeId === nodeId);
  const has = (nodeId: number) => deviceOf(nodeId) !== undefined || ghosts.has(nodeId);
  const freeNodeId = () => {
    for (let step = 0; step < LAST_NODE; step++) {
      const candidate = nextNodeId;
      nextNodeId = nextNodeId === LAST_NODE ? OWN_NODE + 1 : nextNodeId + 1;
      if (!has(candidate)) return candidate;
    }
    throw new Error("the network is full: a controller knows 232 nodes");
  };

  const management = manageNetwork({
    controller,
    nodes: () => nodes,
    has,
    reachable: (nodeId) => deviceOf(nodeId)?.reachable === true,
    async add(node) {
      const nodeId = freeNodeId();
      controller.addNode(await node.join(nodeId));
      save();
      return nodeId;
    },
    remove(nodeId) {
      const known = controller.nodes.get(nodeId);
      if (known) controller.removeNode(known);
      ghosts.delete(nodeId);
      deviceOf(nodeId)?.leave();
      save();
    },
    clear() {
      // The devices are told nothing: each of them still believes in a network that is not there any more.
      for (const known of [...controller.nodes.values()]) controller.removeNode(known);
      for (const node of nodes) node.leave();
      ghosts.clear();
      nextNodeId = OWN_NODE + 1;
      homeId = homeIdOf(createHash("sha256").update(`after ${homeId}`).digest());
      controller.homeId = homeId;
      controller.encodingContext.homeId = homeId;
      controller.parsingContext.homeId = homeId;
      save();
    },
  });
  connected = () => {
    // What the last host was waiting for will not come.
    controller.state.clear();
    management.onConnect();
  };

  const counts = new Map<string, number>();
  for (const wanted of options.devices) {
    const type = typeOf(wanted);
    const count = (counts.get(type.name) ?? 0) + 1;
    counts.set(type.name, count);
    const id = `${type.name}-${count}`;
    const known = stored?.nodes[id]?.type === type.name ? stored.nodes[id] : undefined;
    const node = await VirtualNode.create(
      {
        id,
        type,
        security: securityOf(wanted, type),
        sleepy: wanted.sleepy ?? type.sleepy ?? false,
        privateKey: known ? Uint8Array.from(Buffer.from(known.privateKey, "hex")) : secret(`key of ${id}`),
      },
      {
        controller,
        onPress: management.onPress,
        onPowerOn: management.onPowerOn,
        onChange() {
          for (const nodeId of controller.nodes.keys()) if (!deviceOf(nodeId)) ghosts.add(nodeId);
          save();
        },
      },
    );
    nodes.push(node);
    const joined = known && (await node.restore(known));
    if (joined) controller.addNode(joined);
  }

  return {
    port: serialPort.port,
    devices: nodes,
    get homeId() {
      return homeId;
    },
    joinState: management.joinState,
    cut: serialPort.cut,
    restore: serialPort.restore,
    async close() {
      if (closed) return;
      if (writing) write();
      closed = true;
      management.stop();
      await serialPort.close();
      controller.destroy();
    },
  };
}

/**
 * A host that goes away in the middle of an exchange is what simulators are for: the mock throws then, from a promise
 * that nobody waits for.
 */
function neverThrow(controller: MockController): void {
  const acknowledged = controller.expectHostACK.bind(controller);
  controller.expectHostACK = (...options) => acknowledged(...options).catch(() => undefined);
  const onData = controller["serialOnData"].bind(controller);
  controller["serialOnData"] = (data: Parameters<typeof onData>[0]) =>
    onData(data).catch(() => controller.state.clear());
}
