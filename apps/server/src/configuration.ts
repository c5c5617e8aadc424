import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { isAbsolute, resolve } from "node:path";
import { type LogLevel, messageOf } from "@hearth/base";
import { type BrokerLimits, readLimits } from "@hearth/broker";
import { parse } from "yaml";
import { type NamedListener, readNamedListeners } from "./listeners/named-listener.ts";

/** Everything that can be set. One file (`hearth.yaml`), every key also an environment variable. */
export interface Configuration {
  dataDir: string;
  accountId: string;
  region: string;
  apiPort: number;
  httpsPort: number;
  mqttsPort: number;
  /** Undefined: 443 where it can be bound, else any free port. */
  tlsPort: number | undefined;
  /** Where end users come back to from vendors; never asks for a client certificate. */
  callbackPort: number;
  bind: string;
  /** MQTT on loopback without TLS and authentication. Undefined: there is none. */
  openMqttPort: number | undefined;
  /** IoT policy of the first account that connections to the open port carry. */
  openMqttPolicy: string | undefined;
  /** Undefined: `https://localhost:<https port>`. */
  publicUrl: string | undefined;
  /** What vendors are told of the callback port. Undefined: the public URL's host with that port. */
  callbackUrl: string | undefined;
  /** DNS names and IP addresses in the server's certificate, besides the public URL's host. */
  serverNames: readonly string[];
  /** Undefined: the embedded SQLite store. */
  databaseUrl: string | undefined;
  /** Base64 or hex, 32 bytes. Undefined: the file `master.key` in the data directory. */
  masterKey: string | undefined;
  logLevel: LogLevel;
  profile: "standard" | "aws";
  /** In place of the profile's. */
  limits: Partial<BrokerLimits>;
  commandTimeoutSeconds: number;
  /** Changes that are kept of each shadow; 0: none. */
  shadowHistoryEntries: number;
  shadowHistoryDays: number;
  /** HTTPS listeners for the API beside the ports above. */
  listeners: readonly NamedListener[];
  /** Where destinations of Kinesis streams lead: `hearth`, streams of this installation, or `aws`. */
  kinesis: "hearth" | "aws";
  /** Where services read and write objects: `hearth`, buckets of this installation, or `aws`. */
  objects: "hearth" | "aws";
  /** Where services read secrets: `hearth`, those of this installation, or `aws`. */
  secrets: "hearth" | "aws";
  /** Servers of NATS JetStream. Undefined: none. */
  natsUrl: string | undefined;
  /** Host names, addresses and CIDR blocks that customers' URLs may lead to although they are not public. */
  outboundAllow: readonly string[];
  /** Certificates (PEM) of authorities that customers' URLs may be certified by, besides Node's. */
  outboundCa: readonly string[];
  /** Who runs functions (Lambda), and whether without user ids of their own. */
  functions: "protected" | "unprotected" | "aws" | "off";
  /** Environments of functions at once, and invocations of an account. */
  functionEnvironments: number;
  /** User and group ids that belong to functions alone. */
  functionIds: { first: number; last: number };
  /** Under these, directories of this machine may be deployed as functions. */
  functionDirectories: readonly string[];
  unsafeNoFsync: boolean;
}

/** A setting that cannot be used; the message says which and what to do. */
export class ConfigurationError extends Error {}

interface Key {
  environment: string;
  about: string;
  fallback: unknown;
  read(value: unknown): unknown;
}

const text = (pattern: RegExp, form: string) => (value: unknown) => {
  if (typeof value !== "string" && typeof value !== "number") throw new Error(`must be ${form}`);
  if (!pattern.test(String(value))) throw new Error(`must be ${form}`);
  return String(value);
};

const whole = (min: number, max: number) => (value: unknown) => {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < min || number > max) {
    throw new Error(`must be a whole number from ${min} to ${max}`);
  }
  return number;
};

const oneOf = (choices: readonly string[]) => (value: unknown) => {
  if (typeof value !== "string" || !choices.includes(value)) throw new Error(`must be one of ${choices.join(", ")}`);
  return value;
};

const flag = (value: unknown) => {
  if (value === true || value === "true" || value === "1") return true;
  if (value === false || value === "false" || value === "0") return false;
  throw new Error("must be true or false");
};

const names = (value: unknown) => {
  const list = typeof value === "string" ? value.split(",").map((name) => name.trim()) : value;
  if (
    !Array.isArray(list) ||
    !list.every((name) => typeof name === "string" && /^[0-9A-Za-z.:_*-]{1,253}$/.test(name))
  ) {
    throw new Error("must be a list of DNS names or IP addresses");
  }
  return list;
};

const hosts = (value: unknown) => {
  const list = typeof value === "string" ? value.split(",").map((host) => host.trim()) : value;
  const isHost = (host: unknown) => {
    if (typeof host !== "string" || !/^[0-9A-Za-z.:_-]{1,253}(\/\d{1,3})?$/.test(host)) return false;
    const [address = "", prefix] = host.split("/");
    return prefix === undefined || (isIP(address) !== 0 && Number(prefix) <= (isIP(address) === 6 ? 128 : 32));
  };
  if (!Array.isArray(list) || !list.every(isHost)) throw new Error("must be a list of hosts, addresses or CIDR blocks");
  return list;
};

const ids = (value: unknown) => {
  const [, first = "", last = ""] = /^(\d{1,10})-(\d{1,10})$/.exec(String(value)) ?? [];
  if (first === "" || Number(first) < 1_000 || Number(last) > 4_294_000_000 || Number(last) - Number(first) < 1) {
    throw new Error("must be two ids from 1000 on, such as 3000000-3000999");
  }
  return { first: Number(first), last: Number(last) };
};

const directories = (value: unknown) => {
  const list = typeof value === "string" ? value.split(":") : value;
  if (!Array.isArray(list) || !list.every((path) => typeof path === "string" && isAbsolute(path))) {
    throw new Error("must be a list of absolute paths");
  }
  return list;
};

const url = (protocols: readonly string[]) => (value: unknown) => {
  let parsed: URL;
  try {
    parsed = new URL(String(value));
  } catch {
    throw new Error(`must be a URL starting with ${protocols.join(" or ")}//`);
  }
  if (!protocols.includes(parsed.protocol)) throw new Error(`must be a URL starting with ${protocols.join(" or ")}//`);
  return String(value).replace(/\/+$/, "");
};

/** Where a redirect comes back to: without a query, which it gets, and without a fragment, which never arrives. */
const redirectUrl = (value: unknown) => {
  const given = url(["https:"])(value);
  const { search, hash, username, password } = new URL(given);
  if (search !== "" || hash !== "" || username !== "" || password !== "") {
    throw new Error("must have no query, fragment or user name");
  }
  return given;
};

/** Files of certificates: what is in them. */
const certificates = (value: unknown) => {
  const files = typeof value === "string" ? value.split(",").map((file) => file.trim()) : value;
  if (!Array.isArray(files) || !files.every((file) => typeof file === "string" && file !== "")) {
    throw new Error("must be a list of files with certificates (PEM)");
  }
  return files.flatMap((file: string) => {
    let found: string[];
    try {
      found = readFileSync(file, "utf8").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
      for (const certificate of found) new X509Certificate(certificate);
    } catch (error) {
      throw new Error(`names a file that cannot be used: ${file}: ${messageOf(error)}`);
    }
    if (found.length === 0) throw new Error(`names a file without a certificate (PEM): ${file}`);
    return found;
  });
};

const port = whole(0, 65535);

/** The settings, in the order in which the documentation lists them. */
export const configurationKeys: Readonly<Record<keyof Configuration, Key>> = {
  dataDir: {
    environment: "HEARTH_DATA_DIR",
    about: "where the database, keys and hearth.json live",
    fallback: "./.hearth",
    read: text(/^.{1,4096}$/s, "a path"),
  },
  accountId: {
    environment: "HEARTH_ACCOUNT_ID",
    about: "account made at the first start",
    fallback: "000000000000",
    read: text(/^\d{12}$/, "12 digits (quote it in YAML)"),
  },
  region: {
    environment: "HEARTH_REGION",
    about: "the region that this installation is",
    fallback: "us-east-1",
    read: text(/^[a-z]{2}(-[a-z]+)+-\d$/, "a region name such as us-east-1"),
  },
  apiPort: {
    environment: "HEARTH_API_PORT",
    about: "API over plain HTTP/1.1 and HTTP/2, loopback only; 0: any free port",
    fallback: 4566,
    read: port,
  },
  httpsPort: {
    environment: "HEARTH_HTTPS_PORT",
    about: "API, device data plane and WebSocket `/mqtt` over TLS; 0: any free port",
    fallback: 8443,
    read: port,
  },
  mqttsPort: {
    environment: "HEARTH_MQTTS_PORT",
    about: "MQTT over TLS with client certificates; 0: any free port",
    fallback: 8883,
    read: port,
  },
  tlsPort: {
    environment: "HEARTH_TLS_PORT",
    about: "MQTT and HTTPS told apart by ALPN; unset: 443 where it can be bound, else any free port",
    fallback: undefined,
    read: port,
  },
  callbackPort: {
    environment: "HEARTH_CALLBACK_PORT",
    about:
      "`/oauth2/callback` for end users who link their accounts, over TLS without client certificates; 0: any free port",
    fallback: 8444,
    read: port,
  },
  bind: {
    environment: "HEARTH_BIND",
    about: "address that the TLS ports listen on; the plain API port stays on loopback",
    fallback: "127.0.0.1",
    read: text(/^[0-9A-Za-z.:-]{1,253}$/, "an address such as 127.0.0.1 or 0.0.0.0"),
  },
  openMqttPort: {
    environment: "HEARTH_OPEN_MQTT_PORT",
    about: "MQTT without TLS and authentication, on 127.0.0.1 only; unset: closed; 0: any free port",
    fallback: undefined,
    read: port,
  },
  openMqttPolicy: {
    environment: "HEARTH_OPEN_MQTT_POLICY",
    about: "the IoT policy of this account that says what connections to the open MQTT port may do",
    fallback: undefined,
    read: text(/^[\w+=,.@-]{1,128}$/, "the name of an IoT policy"),
  },
  publicUrl: {
    environment: "HEARTH_PUBLIC_URL",
    about: "stands in every URL that is handed out; unset: https://localhost:<https port>",
    fallback: undefined,
    read: url(["https:"]),
  },
  callbackUrl: {
    environment: "HEARTH_CALLBACK_URL",
    about:
      "where vendors send end users back to; unset: the public URL's host with the callback port, `/oauth2/callback`",
    fallback: undefined,
    read: redirectUrl,
  },
  serverNames: {
    environment: "HEARTH_SERVER_NAMES",
    about: "names in the server certificate besides the public URL's host",
    fallback: ["localhost", "127.0.0.1"],
    read: names,
  },
  databaseUrl: {
    environment: "HEARTH_DATABASE_URL",
    about: "a PostgreSQL database; unset: SQLite in the data directory",
    fallback: undefined,
    read: url(["postgres:", "postgresql:"]),
  },
  masterKey: {
    environment: "HEARTH_MASTER_KEY",
    about: "32 bytes in base64 or hex that seal every secret; unset: master.key in the data directory",
    fallback: undefined,
    read: text(/^[0-9A-Za-z+/=]{43,64}$/, "32 bytes in base64 or hex"),
  },
  logLevel: {
    environment: "HEARTH_LOG_LEVEL",
    about: "debug, info, warn, error or silent",
    fallback: "warn",
    read: oneOf(["debug", "info", "warn", "error", "silent"]),
  },
  profile: {
    environment: "HEARTH_PROFILE",
    about: "standard: MQTT as OASIS writes it; aws: AWS's deviations and quotas",
    fallback: "standard",
    read: oneOf(["standard", "aws"]),
  },
  limits: {
    environment: "HEARTH_LIMITS",
    about: "limits of the MQTT broker in place of the profile's, by name (see below); in the environment as JSON",
    fallback: {},
    read: readLimits,
  },
  commandTimeoutSeconds: {
    environment: "HEARTH_COMMAND_TIMEOUT_SECONDS",
    about: "how long a device may take to answer a command",
    fallback: 60,
    read: whole(2, 86_400),
  },
  shadowHistoryEntries: {
    environment: "HEARTH_SHADOW_HISTORY_ENTRIES",
    about: "how many changes of each shadow are kept; 0: none",
    fallback: 100,
    read: whole(0, 1_000),
  },
  shadowHistoryDays: {
    environment: "HEARTH_SHADOW_HISTORY_DAYS",
    about: "for how many days a change of a shadow is kept",
    fallback: 30,
    read: whole(1, 3_650),
  },
  listeners: {
    environment: "HEARTH_LISTENERS",
    about: "further HTTPS ports for the API, each with a policy or under FIPS (see below); in the environment as JSON",
    fallback: [],
    read: readNamedListeners,
  },
  kinesis: {
    environment: "HEARTH_KINESIS",
    about: "where notifications for Kinesis go: hearth, its own streams; aws, by the environment's AWS credentials",
    fallback: "hearth",
    read: oneOf(["hearth", "aws"]),
  },
  secrets: {
    environment: "HEARTH_SECRETS",
    about: "where connectors' credentials are read: hearth, its own secrets; aws, by the environment's AWS credentials",
    fallback: "hearth",
    read: oneOf(["hearth", "aws"]),
  },
  objects: {
    environment: "HEARTH_OBJECTS",
    about: "buckets of services: hearth, its own; aws, any store that speaks S3, by the environment's AWS settings",
    fallback: "hearth",
    read: oneOf(["hearth", "aws"]),
  },
  natsUrl: {
    environment: "HEARTH_NATS_URL",
    about: "NATS servers whose JetStream takes notifications, with commas between",
    fallback: undefined,
    read: text(/^(nats|tls):\/\/[^\s,]+(,(nats|tls):\/\/[^\s,]+)*$/, "URLs starting with nats:// or tls://"),
  },
  outboundAllow: {
    environment: "HEARTH_OUTBOUND_ALLOW",
    about: "hosts, addresses and CIDR blocks that customers' URLs may lead to although they are not public",
    fallback: [],
    read: hosts,
  },
  outboundCa: {
    environment: "HEARTH_OUTBOUND_CA",
    about: "files of certificates (PEM) that customers' URLs may be certified by, besides the known authorities",
    fallback: [],
    read: certificates,
  },
  functions: {
    environment: "HEARTH_FUNCTIONS",
    about: "who runs functions: protected, this server as root; unprotected, under its own user; aws; or off",
    fallback: "protected",
    read: oneOf(["protected", "unprotected", "aws", "off"]),
  },
  functionEnvironments: {
    environment: "HEARTH_FUNCTION_ENVIRONMENTS",
    about: "processes of functions at once; invocations of one account may have three quarters of them",
    fallback: 100,
    read: whole(1, 10_000),
  },
  functionIds: {
    environment: "HEARTH_FUNCTION_IDS",
    about: "user and group ids that nobody but functions has, as `<first>-<last>`",
    fallback: { first: 3_000_000, last: 3_000_999 },
    read: ids,
  },
  functionDirectories: {
    environment: "HEARTH_FUNCTION_DIRECTORIES",
    about: "directories of this machine that may be deployed as functions, and those in them, with colons between",
    fallback: [],
    read: directories,
  },
  unsafeNoFsync: {
    environment: "HEARTH_UNSAFE_NO_FSYNC",
    about: "acknowledge before data is on disk; loses data in a power cut, for throw-away data only",
    fallback: false,
    read: flag,
  },
};

/**
 * Reads `hearth.yaml` (or the file named by HEARTH_CONFIG) and the environment, which wins.
 * @throws ConfigurationError naming the setting and what it must be
 */
export function loadConfiguration(environment: NodeJS.ProcessEnv = process.env): Configuration {
  const named = environment["HEARTH_CONFIG"];
  const path = resolve(named ?? "hearth.yaml");
  let file: Record<string, unknown> = {};
  if (named !== undefined || existsSync(path)) {
    let parsed: unknown;
    try {
      parsed = parse(readFileSync(path, "utf8"), { maxAliasCount: 10 });
    } catch (error) {
      // The parser shows the place on further lines.
      throw new ConfigurationError(`cannot read ${path}: ${messageOf(error).split("\n")[0]?.replace(/:$/, "")}`);
    }
    if (parsed !== null && (typeof parsed !== "object" || Array.isArray(parsed))) {
      throw new ConfigurationError(`${path} must hold keys and values`);
    }
    file = (parsed ?? {}) as Record<string, unknown>;
    for (const key of Object.keys(file)) {
      if (!Object.hasOwn(configurationKeys, key)) {
        throw new ConfigurationError(
          `${path}: unknown key "${key}"; the keys are ${Object.keys(configurationKeys).join(", ")}`,
        );
      }
    }
  }
  const configuration: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(configurationKeys)) {
    const fromEnvironment = environment[key.environment];
    const [value, where] =
      fromEnvironment !== undefined && fromEnvironment !== ""
        ? [fromEnvironment, key.environment]
        : [file[name], `${path}: ${name}`];
    try {
      configuration[name] = value === undefined || value === null ? key.fallback : key.read(value);
    } catch (error) {
      throw new ConfigurationError(`${where} ${(error as Error).message}`);
    }
  }
  return { ...(configuration as unknown as Configuration), dataDir: resolve(String(configuration["dataDir"])) };
}
