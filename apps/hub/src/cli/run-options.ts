import { isAbsolute, join, resolve } from "node:path";
import { PKCS11 } from "../certificates/built-in.ts";
import { MATTER } from "../custom/built-in.ts";
import { LOG_LEVELS, type LogLevel } from "../logger/log-entry.ts";
import type { HubSettings, PartName } from "../part.ts";
import { START_ORDER } from "../processes/layout.ts";

/** The flags of `hearth-hub run`, as they are given. */
export interface RunFlags {
  config: string;
  state: string;
  run: string;
  logs: string;
  zigbee?: string;
  zigbeeAdapter: string;
  zwave?: string;
  custom?: string[];
  certificateHandler?: string;
  layout?: string;
  part?: string[];
  children: boolean;
  logLevel: string;
}

export interface RunOptions {
  settings: HubSettings;
  layout: readonly string[] | undefined;
  /** Only these, in this process, on the bus of another. */
  parts: readonly PartName[] | undefined;
  children: boolean;
  logLevel: LogLevel;
}

/** The reference's places (10.3, 10.4, 10.10), below `root` where that is set. */
export function defaultPlaces(root = ""): { config: string; state: string; run: string; logs: string } {
  const below = (path: string): string => (root === "" ? path : join(resolve(root), path));
  return {
    config: below("/data/aws/iotmi/config/iotmi_config.json"),
    state: below("/data/ace/kvstorage"),
    run: below("/dev/aipc"),
    logs: below("/var/log/awsiotmi"),
  };
}

const ADAPTERS = ["deconz", "ember", "zboss", "zigate", "zoh", "zstack"];
/** Longest name of a UNIX socket on Linux, less its end. */
const LONGEST_SOCKET = 107;

/** Throws, with what to do, for what makes no sense. */
export function readRunFlags(flags: RunFlags): RunOptions {
  // An environment file leaves what is not set empty.
  const zigbee = flags.zigbee || undefined;
  const zwave = flags.zwave || undefined;
  const certificateHandler = flags.certificateHandler || undefined;
  const { zigbeeAdapter } = flags;
  if (!ADAPTERS.includes(zigbeeAdapter)) {
    throw new Error(`--zigbee-adapter: there is no ${zigbeeAdapter}; there are ${ADAPTERS.join(", ")}`);
  }
  for (const [name, port] of Object.entries({ zigbee, zwave })) {
    if (port !== undefined && !/^tcp:\/\/[^\s/:]+:\d{1,5}$/.test(port) && !isAbsolute(port)) {
      throw new Error(`--${name}: ${port} is neither tcp://host:port nor the path of a serial device`);
    }
  }
  const logLevel = flags.logLevel.toUpperCase();
  const level = LOG_LEVELS.find((one) => one === logLevel);
  if (!level) throw new Error(`--log-level: there is no ${flags.logLevel}; there are ${LOG_LEVELS.join(", ")}`);
  const parts = flags.part?.map((name) => {
    const part = START_ORDER.find((one) => one === name);
    if (!part) throw new Error(`--part: there is no ${name}; there are ${START_ORDER.join(", ")}`);
    return part;
  });
  const runDirectory = resolve(flags.run);
  if (Buffer.byteLength(join(runDirectory, "aipc.sock")) > LONGEST_SOCKET) {
    throw new Error(`--run: ${runDirectory} is too long for the sockets in it (${LONGEST_SOCKET} bytes in all)`);
  }
  return {
    settings: {
      configPath: resolve(flags.config),
      stateDirectory: resolve(flags.state),
      runDirectory,
      logDirectory: resolve(flags.logs),
      ...(zigbee !== undefined && { zigbee: { port: zigbee, adapter: zigbeeAdapter } }),
      ...(zwave !== undefined && { zwave: { port: zwave } }),
      customPlugins: (flags.custom ?? []).filter(Boolean).map((path) => moduleOf(path, MATTER)),
      ...(certificateHandler !== undefined && { certificateHandler: moduleOf(certificateHandler, PKCS11) }),
    },
    layout: flags.layout ? flags.layout.split(",").map((name) => name.trim()) : undefined,
    parts,
    children: flags.children,
    logLevel: level,
  };
}

/** A file's path, or the name of what comes with the hub. */
const moduleOf = (given: string, builtIn: string): string => (given === builtIn ? given : resolve(given));

/** The flags of a process that runs one part of the same hub. */
export function childFlags(part: PartName, { settings, logLevel }: RunOptions): string[] {
  const { zigbee, zwave, certificateHandler } = settings;
  return [
    "run",
    ...["--part", part],
    ...["--config", settings.configPath, "--state", settings.stateDirectory],
    ...["--run", settings.runDirectory, "--logs", settings.logDirectory],
    ...["--log-level", logLevel],
    ...(zigbee ? ["--zigbee", zigbee.port, "--zigbee-adapter", zigbee.adapter] : []),
    ...(zwave ? ["--zwave", zwave.port] : []),
    ...settings.customPlugins.flatMap((path) => ["--custom", path]),
    ...(certificateHandler === undefined ? [] : ["--certificate-handler", certificateHandler]),
  ];
}
