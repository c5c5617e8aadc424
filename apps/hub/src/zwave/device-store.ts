import { join } from "node:path";
import type { Logger } from "@hearth/base";
import { openJsonFile } from "../state/json-file.ts";
import type { DpkNode } from "./dpk/dpk.ts";

/** What the bridge itself keeps of a node; keys and routes are the stack's. */
export interface StoredNode {
  /** As it was when it was last interviewed: what it is stays known while the stick is away. Without values. */
  info: DpkNode;
  managedThingId?: string;
  /** Deleted by force, or refused: it is in the network still, and nobody's until it leaves. */
  ghost?: boolean;
}

export interface NodeStore {
  /** Of which network the nodes are; another stick has another. */
  readonly homeId: number | undefined;
  get(nodeId: number): StoredNode | undefined;
  all(): readonly StoredNode[];
  /** Resolve when it is durable. */
  put(nodeId: number, node: StoredNode | undefined): Promise<void>;
  begin(homeId: number): Promise<void>;
  /** Everything; the network itself is forgotten by its stick when that is there. */
  forget(): Promise<void>;
  /** The network that its stick has still to forget. */
  readonly forgotten: number | undefined;
}

interface Stored {
  homeId?: number;
  forgotten?: number;
  nodes: { readonly [nodeId: string]: StoredNode };
}

/** Damaged: the state before the last change is taken, and the log says so. */
export async function openNodeStore(directory: string, log: Logger): Promise<NodeStore> {
  const path = join(directory, "zwave-nodes.json");
  const recover = ({ message }: Error) => log.error({ message }, "the state before the last change is taken");
  const file = await openJsonFile<Stored>(path, parse, { nodes: {} }, { recover });
  let state = file.value;
  async function replace(next: Stored): Promise<void> {
    const before = state;
    state = next;
    try {
      await file.replace(next);
    } catch (error) {
      if (state === next) state = before;
      throw error;
    }
  }
  return {
    get homeId() {
      return state.homeId;
    },
    get forgotten() {
      return state.forgotten;
    },
    get: (nodeId) => (Object.hasOwn(state.nodes, nodeId) ? state.nodes[nodeId] : undefined),
    all: () => Object.values(state.nodes),
    put(nodeId, node) {
      const { [nodeId]: _, ...others } = state.nodes;
      return replace({ ...state, nodes: node ? { ...others, [nodeId]: node } : others });
    },
    begin: (homeId) => replace({ homeId, nodes: {} }),
    forget() {
      const forgotten = state.homeId ?? state.forgotten;
      return replace({ ...(forgotten === undefined ? {} : { forgotten }), nodes: {} });
    },
  };
}

function parse(json: unknown): Stored {
  const { homeId, forgotten, nodes } = (json ?? {}) as Partial<Stored>;
  if (typeof nodes !== "object" || nodes === null) throw new Error("it holds no nodes");
  for (const [nodeId, { info }] of Object.entries(nodes)) {
    if (!Array.isArray(info?.endpoints)) throw new Error(`node ${nodeId} has no endpoints`);
  }
  return {
    ...(typeof homeId === "number" ? { homeId } : {}),
    ...(typeof forgotten === "number" ? { forgotten } : {}),
    nodes,
  };
}
