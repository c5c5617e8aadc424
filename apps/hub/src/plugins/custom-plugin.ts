import type { Clock, Logger } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import type { RadioService } from "./protocol-plugin.ts";

/** What a plug-in may say unasked: `radio.custom.<word>`, bodies as in protocol-plugin.ts. */
export type PluginWord = "interviewing" | "joined" | "failed" | "left" | "changed" | "reachable";

export interface PluginContext {
  clock: Clock;
  log: Logger;
  /** The plug-in's own state, 0700. */
  directory: string;
  /** To the other parts. Ids that do not begin with the plug-in's protocol are not passed on. */
  tell(word: PluginWord, body: JsonObject): void;
}

/**
 * A protocol that the hub does not know itself. What a radio has to do, but for what the hub does for all plug-ins: which
 * managed thing a device is (`bind`), exclusion, and the end of all that at off-boarding (`reset` is `stop` with an empty
 * directory afterwards).
 */
export interface ProtocolPlugin
  extends Pick<
    RadioService,
    "open" | "close" | "provision" | "devices" | "describe" | "command" | "state" | "remove" | "health"
  > {
  /** The first word of its devices' ids, and the Name that StartDeviceDiscovery gives: lower-case letters and digits. */
  readonly protocol: string;
  stop(): Promise<void>;
}

/** The named export of a plug-in module. */
export type CreateProtocolPlugin = (context: PluginContext) => Promise<ProtocolPlugin>;
