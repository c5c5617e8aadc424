import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** What a node knows of the network that it is in. Keys in hexadecimal, by security class. */
export interface StoredNode {
  type: string;
  privateKey: string;
  nodeId?: number;
  granted: Record<string, string>;
  values: Record<string, unknown>;
}

export interface StoredNetwork {
  homeId: number;
  nextNodeId: number;
  nodes: Record<string, StoredNode>;
  /** Nodes that the controller still lists though their device has left them. */
  ghosts: number[];
}

export interface NetworkStore {
  read(): StoredNetwork | undefined;
  write(network: StoredNetwork): void;
}

/** `path` undefined: nothing outlives the process. */
export function openNetworkStore(path: string | undefined): NetworkStore {
  if (path === undefined) return { read: () => undefined, write: () => undefined };
  return {
    read() {
      let text: string;
      try {
        text = readFileSync(path, "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
      try {
        return JSON.parse(text);
      } catch {
        throw new Error(`${path} does not hold a network: remove it to begin a new one`);
      }
    },
    write(network) {
      writeFileSync(`${path}.new`, `${JSON.stringify(network, undefined, 2)}\n`, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}
