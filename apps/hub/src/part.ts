import type { Clock, Logger } from "@hearth/base";
import type { Bus } from "./bus/bus.ts";

/** The hub's parts, by the reference's names (10.1, 10.3). */
export type PartName =
  | "AceCustom"
  | "AceZigbee"
  | "AceZwave"
  | "Agent"
  | "CDMB"
  | "HubControl"
  | "HubOnboarding"
  | "LPW-Provisioner"
  | "Logger"
  | "MQTTProxy";

/** Where the hub keeps what, and what it is connected to. Absolute paths; `hearth-hub run --help` says each default. */
export interface HubSettings {
  /** `iotmi_config.json`. */
  configPath: string;
  /** Each part keeps its state in a folder of its own below. */
  stateDirectory: string;
  /** Sockets: `aipc.sock` (IPC) and `bus.sock`. */
  runDirectory: string;
  /** Runtime logs, unless their configuration names another. */
  logDirectory: string;
  zigbee?: { /** `tcp://host:port` or a serial device. */ port: string; adapter: string };
  zwave?: { port: string };
  /** Modules of custom protocols: each exports `createProtocolPlugin`. */
  customPlugins: readonly string[];
  /** A module that exports `createCertificateHandler`; files without it. */
  certificateHandler?: string;
}

export interface PartContext {
  bus: Bus;
  clock: Clock;
  log: Logger;
  /** The part's own state, 0700. */
  directory: string;
  settings: HubSettings;
}

/** A module of the hub that can run in a process of its own. */
export interface Part {
  readonly name: PartName;
  /** Resolves when the part serves; throws when it never will with these settings. */
  start(context: PartContext): Promise<{ stop(): Promise<void> }>;
}
