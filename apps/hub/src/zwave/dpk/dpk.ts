import type { Json, JsonObject } from "@hearth/device-sdk";

/**
 * The porting kit of Z-Wave (reference 10.12): what the bridge needs of a radio's stack. All times are milliseconds.
 * Requests reject with RadioGoneError when the stick is away, NotReachedError when the node did not take them in time,
 * RefusedError when it answered that it will not.
 */
export interface ZWaveDpk {
  /**
   * Opens the stick and its network; rejects with RadioGoneError or NetworkLostError when it cannot. Can be called again
   * after `lost` or a rejection.
   */
  start(events: DpkEvents): Promise<{ homeId: number }>;
  stop(): Promise<void>;
  /** Resolves when the controller itself answers. */
  ping(): Promise<void>;
  nodes(): DpkNode[];
  /**
   * Admits one node. `pin`: the first five digits of its key; without them it gets no key that asks for them. Rejects
   * with BusyError while the controller is at something that cannot be cut short, say another node's keys.
   */
  include(credentials: { pin?: string; dsk?: string }): Promise<void>;
  /** The keys that may come by themselves (SmartStart), the whole list. */
  provision(entries: readonly ProvisioningEntry[]): Promise<void>;
  /** Takes one node, whose button is pressed, out of whichever network it is in. Rejects as `include` does. */
  exclude(): Promise<void>;
  /** Ends inclusion and exclusion. */
  stopJoining(): Promise<void>;
  /** Whether the node does not answer now. */
  isFailed(nodeId: number): Promise<boolean>;
  removeFailed(nodeId: number): Promise<void>;
  interview(nodeId: number): Promise<void>;
  read(target: ValueTarget, within: number): Promise<Json | undefined>;
  write(target: ValueTarget, value: Json, within: number): Promise<void>;
  command(target: CommandTarget, fields: JsonObject, within: number): Promise<void>;
  /** Bytes as they are, in the security that the node has. */
  send(target: RawTarget, payload: Uint8Array, within: number): Promise<void>;
  /** The stick, if it is there, as it left the factory; new keys at the next `start`, which has to follow. */
  reset(): Promise<void>;
}

export interface DpkEvents {
  /** It is in the network, its interview has not begun. `refused`: it did not get keys that it needs, and why. */
  added(nodeId: number, refused?: string): void;
  interviewed(nodeId: number): void;
  interviewFailed(nodeId: number, reason: string): void;
  /** `nodeId` undefined: a node of another network was reset. */
  removed(nodeId: number | undefined): void;
  /** The controller ended an inclusion or exclusion that nobody has stopped, and no node was added or taken out. */
  joiningEnded(): void;
  /** True, too, each time a sleeping node wakes up. */
  reachable(nodeId: number, reachable: boolean): void;
  value(nodeId: number, endpoint: number, commandClass: number, name: string, value: Json): void;
  /** Something that has happened and is no state (Notification command class). `user`: whose code was used. */
  notification(nodeId: number, endpoint: number, happened: { type: number; event: number; user?: number }): void;
  /** A command of a class that the stack does not know. */
  received(nodeId: number, endpoint: number, commandClass: number, command: number, payload: Uint8Array): void;
  /** The stick is gone. `start` brings it back. */
  lost(reason: string): void;
}

export interface DpkNode {
  nodeId: number;
  /** Eight groups of five digits. */
  dsk?: string;
  interviewed: boolean;
  /** It was being added when the process ended: what keys it has, nobody knows. */
  unfinished?: boolean;
  sleepy: boolean;
  reachable: boolean;
  manufacturer?: string;
  model?: string;
  endpoints: DpkEndpoint[];
}

export interface DpkEndpoint {
  index: number;
  deviceClass: { generic: number; specific: number };
  commandClasses: number[];
  values: { commandClass: number; name: string; value?: Json }[];
}

export interface ProvisioningEntry {
  dsk: string;
  /** Keys that its label asks for, a bit each: 1 S2 unauthenticated, 2 authenticated, 4 access control. */
  requestedKeys: number;
}

export interface ValueTarget {
  nodeId: number;
  endpoint: number;
  commandClass: number;
  name: string;
}
export interface CommandTarget {
  nodeId: number;
  endpoint: number;
  commandClass: number;
  command: string;
}
export interface RawTarget {
  nodeId: number;
  endpoint: number;
  commandClass: number;
  command: number;
}

export class RadioGoneError extends Error {
  override readonly name = "RadioGoneError";
}
/** The network cannot be had back by trying again: somebody has to do what the message says. */
export class NetworkLostError extends Error {
  override readonly name = "NetworkLostError";
}
export class BusyError extends Error {
  override readonly name = "BusyError";
}
export class NotReachedError extends Error {
  override readonly name = "NotReachedError";
}
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}
