import type { Json } from "@hearth/device-sdk";
import { type DpkEvents, type DpkNode, NotReachedError, type ZWaveDpk } from "./dpk.ts";

/** A Z-Wave network without air: for tests of what is above the porting kit, and for who writes one. */
export interface MemoryZWave {
  readonly dpk: ZWaveDpk;
  /** Nodes of the network, by node id. */
  readonly nodes: Map<number, DpkNode>;
  /** Nodes that do not answer. */
  readonly silent: Set<number>;
  /** The porting kit's methods that were called about a node, in order, as `method nodeId`. */
  readonly asked: string[];
  /** What the stack tells of, once it was started. */
  events(): DpkEvents;
  /** It joins: `refused` as in `added`. */
  join(node: DpkNode, refused?: string): void;
}

export const memoryNode = (nodeId: number, more: Partial<DpkNode> = {}): DpkNode => ({
  nodeId,
  interviewed: true,
  sleepy: false,
  reachable: true,
  endpoints: [
    {
      index: 0,
      deviceClass: { generic: 0x10, specific: 0x01 },
      commandClasses: [0x25],
      values: [{ commandClass: 0x25, name: "currentValue", value: false }],
    },
  ],
  ...more,
});

export function createMemoryZWave(homeId: number, ...there: DpkNode[]): MemoryZWave {
  const nodes = new Map(there.map((node) => [node.nodeId, node]));
  const silent = new Set<number>();
  const asked: string[] = [];
  let listener: DpkEvents | undefined;

  const events = (): DpkEvents => {
    if (!listener) throw new Error("the stack was not started");
    return listener;
  };

  /** As a stack does it: what is asked takes a moment, and a node that is not there is an error. */
  async function ask(method: string, nodeId: number): Promise<DpkNode> {
    asked.push(`${method} ${nodeId}`);
    await Promise.resolve();
    const node = nodes.get(nodeId);
    if (!node) throw new NotReachedError(`node ${nodeId} is not in the network`);
    return node;
  }

  async function heard(method: string, nodeId: number): Promise<DpkNode> {
    const node = await ask(method, nodeId);
    if (silent.has(nodeId)) throw new NotReachedError("it does not answer");
    return node;
  }

  type Target = { nodeId: number; endpoint: number; commandClass: number; name: string };
  const slotOf = (node: DpkNode, { endpoint, commandClass, name }: Target) =>
    node.endpoints
      .find(({ index }) => index === endpoint)
      ?.values.find((value) => value.commandClass === commandClass && value.name === name);

  function set(target: Target, value: Json): void {
    const slot = slotOf(nodes.get(target.nodeId) as DpkNode, target);
    if (slot) slot.value = value;
    events().value(target.nodeId, target.endpoint, target.commandClass, target.name, value);
  }

  const dpk: ZWaveDpk = {
    async start(told) {
      listener = told;
      return { homeId };
    },
    async stop() {},
    async ping() {},
    nodes: () => [...nodes.values()],
    async include() {},
    async provision() {},
    async exclude() {},
    async stopJoining() {},
    async isFailed(nodeId) {
      await ask("isFailed", nodeId);
      return silent.has(nodeId);
    },
    async removeFailed(nodeId) {
      await ask("removeFailed", nodeId);
      nodes.delete(nodeId);
      events().removed(nodeId);
    },
    async interview(nodeId) {
      await heard("interview", nodeId);
    },
    read: async (target) => slotOf(await heard("read", target.nodeId), target)?.value,
    async write(target, value) {
      await heard("write", target.nodeId);
      set({ ...target, name: target.name === "targetValue" ? "currentValue" : target.name }, value);
    },
    async command({ nodeId }) {
      await heard("command", nodeId);
    },
    async send({ nodeId }) {
      await heard("send", nodeId);
    },
    async reset() {
      nodes.clear();
    },
  };

  return {
    ...{ dpk, nodes, silent, asked, events },
    join(node, refused) {
      nodes.set(node.nodeId, node);
      events().added(node.nodeId, refused);
      if (refused === undefined && node.interviewed) events().interviewed(node.nodeId);
    },
  };
}
