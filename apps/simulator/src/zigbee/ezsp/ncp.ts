import type { Clock } from "@hearth/base";
import type { Air, HostEndpoint } from "../coordinator.ts";
import type { Tokens } from "./tokens.ts";

/** The security of a network that is to be formed. */
export interface InitialSecurity {
  networkKey: Buffer;
  networkKeySequence: number;
  trustCentreKey: Buffer;
  /** The frame counter goes on where it is. */
  keepsFrameCounter: boolean;
}

/** What a network processor forgets when it starts anew. */
export interface NcpMemory {
  /** Host and processor have agreed on the version of EZSP. */
  agreed: boolean;
  readonly configuration: Map<number, number>;
  readonly policies: Map<number, number>;
  readonly values: Map<number, Buffer>;
  readonly endpoints: Map<number, HostEndpoint>;
  readonly multicast: Map<number, Buffer>;
  /** By EUI-64, until when a joining device may use it. */
  readonly transientKeys: Map<string, { key: Buffer; until: number }>;
  initialSecurity: InitialSecurity | undefined;
  manufacturer: number;
  apsSequence: number;
  /** Frames sent since the frame counter was last written, and frames heard. */
  sent: number;
  heard: number;
}

export const createMemory = (): NcpMemory => ({
  agreed: false,
  configuration: new Map(),
  policies: new Map(),
  values: new Map(),
  endpoints: new Map(),
  multicast: new Map(),
  transientKeys: new Map(),
  initialSecurity: undefined,
  manufacturer: 0,
  apsSequence: 0,
  sent: 0,
  heard: 0,
});

/** What the commands of a host act on. */
export interface Ncp {
  readonly tokens: Tokens;
  readonly air: Air;
  readonly clock: Clock;
  readonly eui64: string;
  readonly memory: NcpMemory;
  /** The network is up. */
  readonly started: boolean;
  /** What the processor says of its own accord, if it has not started anew meanwhile. */
  callback(id: number, parameters: Buffer): void;
  /** Runs the network that the tokens hold. */
  bringUp(): void;
  takeDown(): void;
  /** `told`: the host hears that the network is open, and closed. */
  permitJoin(seconds: number, told: boolean): void;
}

/** A command's parameters in, its response's out. */
export type EzspHandler = (parameters: Buffer) => Buffer;
export type EzspCommands = Readonly<Record<number, EzspHandler>>;
