import { access } from "node:fs/promises";
import { isIP } from "node:net";
import type { Clock } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { type Files, openJsonFile } from "../state/json-file.ts";
import { DamagedFileError } from "../state/state.ts";

/** `iotmi_config.json` cannot be gone by. The message names the key, or what is wrong with the file, and what to do. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** What a claim path says when a certificate handler keeps the pair (reference 10.7). */
export const SECURE_STORAGE = "SECURE_STORAGE";

/** Section `ro`, by what it means. */
export interface CloudSettings {
  /** A path, or SECURE_STORAGE; both are, or neither. */
  claimCertificatePath: string;
  claimKeyPath: string;
  templateName: string;
  host: string;
  port: number;
  /** Of a cloud with a certificate authority of its own; the system's roots otherwise. */
  rootCaPath: string | undefined;
  serialNumber: string;
  productCode: string;
}

/** Who the hub is, once it is provisioned. */
export interface HubIdentity {
  managedThingId: string;
  clientId: string;
}

/** `iotmi_config.json` (reference 10.4). `ro` is the maker's and never changed; HubOnboarding alone rewrites `rw`. */
export interface Configuration {
  readonly path: string;
  readonly cloud: CloudSettings;
  /** Undefined until PROVISIONED. */
  readonly identity: HubIdentity | undefined;
  /** The whole file, for a certificate handler's own keys. */
  readonly json: { ro: JsonObject; rw: JsonObject };
  /** The keys that reference 10.4 and docs/hub.md name. */
  documented(): { ro: JsonObject; rw: JsonObject };
  /** Resolves when the file says PROVISIONED. */
  provisioned(identity: HubIdentity, permanent: { certificatePath: string; keyPath: string }): Promise<void>;
  /** Resolves when `rw` is as reference 10.13 wants it after off-boarding. */
  erased(): Promise<void>;
}

/** What is missing when a key is. */
const REQUIRED: Readonly<Record<string, string>> = {
  iot_provisioning_method: "set it to FLEET_PROVISIONING",
  iot_claim_cert_path: `set it to the path of the claim certificate, or to ${SECURE_STORAGE}`,
  iot_claim_pk_path: `set it to the path of the claim key, or to ${SECURE_STORAGE}`,
  fp_template_name: "set it to the name of the provisioning profile",
  endpoint_url: "set it to the address that RegisterCustomEndpoint gave",
  SN: "set it to the serial number that CreateManagedThing was given",
  UPC: "set it to the product code that CreateManagedThing was given",
};
const OPTIONAL_RO = ["endpoint_port", "root_ca_path"];
const RW = [
  "iot_provisioning_state",
  "managed_thing_id",
  "iot_permanent_cert_path",
  "iot_permanent_pk_path",
  "client_id",
  "event_manager_upper_bound",
  "metadata",
];
/** Other names of `endpoint_url` that the reference's samples use (U33), by section. */
const ENDPOINT_ALIASES = [
  ["ro", "endpoint_url"],
  ["ro", "iot_endpoint_url"],
  ["ro", "sh_endpoint_url"],
  ["rw", "aws_iot_endpoint"],
] as const;
const EVENT_MANAGER_UPPER_BOUND = 500;
const DEFAULT_PORT = 8883;
/** A value that is longer is none of these keys'. */
const MAX_VALUE = 4096;

/** Throws ConfigurationError for a file that is missing, damaged or lacks a key of `ro`. */
export async function openConfiguration(path: string, clock: Clock, files?: Files): Promise<Configuration> {
  await access(path).catch((error) => {
    throw new ConfigurationError(`${path} cannot be read (${error.code}): write it as docs/hub.md says, "Onboarding"`);
  });
  const options = { mode: 0o600, ...(files ? { files } : {}) };
  const file = await openJsonFile(path, sectionsOf, { ro: {}, rw: {} }, options).catch((error) => {
    if (error instanceof DamagedFileError) throw new ConfigurationError(error.message);
    throw error;
  });
  const cloud = cloudSettings(path, file.value);
  let identity = identityOf(path, file.value.rw);

  const rewrite = async (rw: JsonObject) => {
    const metadata = { last_updated_epoch_time: Math.floor(clock.now() / 1000) };
    await file.replace({ ...file.value, rw: { ...rw, metadata } });
    identity = identityOf(path, file.value.rw);
  };

  return {
    path,
    cloud,
    get identity() {
      return identity;
    },
    get json() {
      return file.value;
    },
    documented: () => ({
      ro: pick(file.value.ro, [...Object.keys(REQUIRED), ...OPTIONAL_RO]),
      rw: pick(file.value.rw, RW),
    }),
    provisioned: ({ managedThingId, clientId }, { certificatePath, keyPath }) =>
      rewrite({
        iot_provisioning_state: "PROVISIONED",
        managed_thing_id: managedThingId,
        iot_permanent_cert_path: certificatePath,
        iot_permanent_pk_path: keyPath,
        client_id: clientId,
        event_manager_upper_bound: EVENT_MANAGER_UPPER_BOUND,
      }),
    erased: () => rewrite({ iot_provisioning_state: "NOT_PROVISIONED" }),
  };
}

/** Other members of the file are kept when it is rewritten. */
function sectionsOf(json: unknown): { ro: JsonObject; rw: JsonObject } {
  const file = objectOf(json, "the file");
  return { ...file, ro: objectOf(memberOf(file, "ro"), "ro"), rw: objectOf(memberOf(file, "rw") ?? {}, "rw") };
}

function cloudSettings(path: string, { ro, rw }: { ro: JsonObject; rw: JsonObject }): CloudSettings {
  const sections = { ro, rw };
  const refuse = (key: string, why: string): never => {
    throw new ConfigurationError(`${path}: ${key} ${why}`);
  };
  const required = (key: string, value = memberOf(ro, key)): string => {
    if (value === undefined || value === "") return refuse(`ro.${key}`, `is missing: ${REQUIRED[key]}`);
    if (typeof value !== "string" || value.length > MAX_VALUE)
      return refuse(`ro.${key}`, `is no text: ${REQUIRED[key]}`);
    return value;
  };
  if (required("iot_provisioning_method") !== "FLEET_PROVISIONING") {
    refuse("ro.iot_provisioning_method", `is not known: ${REQUIRED["iot_provisioning_method"]}`);
  }
  const claimCertificatePath = required("iot_claim_cert_path");
  const claimKeyPath = required("iot_claim_pk_path");
  if ((claimCertificatePath === SECURE_STORAGE) !== (claimKeyPath === SECURE_STORAGE)) {
    refuse("ro.iot_claim_cert_path and ro.iot_claim_pk_path", `must both be ${SECURE_STORAGE}, or both be paths`);
  }
  const templateName = required("fp_template_name");
  if (!/^[0-9A-Za-z_-]{1,128}$/.test(templateName)) refuse("ro.fp_template_name", "is not a profile's name");
  const alias = ENDPOINT_ALIASES.find(([section, key]) => memberOf(sections[section], key));
  const endpoint = alias && memberOf(sections[alias[0]], alias[1]);
  const { host, port } = endpointOf(required("endpoint_url", endpoint)) ?? refuse("ro.endpoint_url", "is no address");
  const ownPort = memberOf(ro, "endpoint_port") ?? port ?? DEFAULT_PORT;
  if (typeof ownPort !== "number" || !Number.isInteger(ownPort) || ownPort < 1 || ownPort > 65_535) {
    return refuse("ro.endpoint_port", "is no port: leave it out, or set it to a number from 1 to 65535");
  }
  const rootCaPath = memberOf(ro, "root_ca_path");
  if (rootCaPath !== undefined && typeof rootCaPath !== "string") refuse("ro.root_ca_path", "is no path");
  return {
    claimCertificatePath,
    claimKeyPath,
    templateName,
    host,
    port: ownPort,
    rootCaPath: rootCaPath as string | undefined,
    serialNumber: required("SN"),
    productCode: required("UPC"),
  };
}

/** `host`, `host:port`, or a URL of them. */
function endpointOf(text: string): { host: string; port?: number } | undefined {
  const match = /^(?:[a-z]{3,8}:\/\/)?([0-9A-Za-z.-]{1,253}|\[[0-9A-Fa-f:]{2,45}\])(?::(\d{1,5}))?\/?$/.exec(text);
  const host = match?.[1]?.replace(/^\[|\]$/g, "");
  if (!host || (host.includes(":") && isIP(host) !== 6)) return undefined;
  return { host, ...(match?.[2] ? { port: Number(match[2]) } : {}) };
}

function identityOf(path: string, rw: JsonObject): HubIdentity | undefined {
  const state = memberOf(rw, "iot_provisioning_state") ?? "NOT_PROVISIONED";
  if (state === "NOT_PROVISIONED") return undefined;
  const managedThingId = memberOf(rw, "managed_thing_id");
  const clientId = memberOf(rw, "client_id");
  const named = [managedThingId, clientId].every((id) => typeof id === "string" && /^[0-9A-Za-z:_-]{1,128}$/.test(id));
  if (state !== "PROVISIONED" || !named) {
    throw new ConfigurationError(
      `${path}: rw must be NOT_PROVISIONED, or PROVISIONED with managed_thing_id and client_id: restore it from ` +
        `${path}.previous, or delete the managed thing and set rw.iot_provisioning_state to NOT_PROVISIONED`,
    );
  }
  return { managedThingId: managedThingId as string, clientId: clientId as string };
}

const memberOf = (object: JsonObject, key: string) => (Object.hasOwn(object, key) ? object[key] : undefined);

function objectOf(json: unknown, what: string): JsonObject {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as JsonObject;
  throw new Error(`${what} is not a JSON object`);
}

function pick(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.flatMap((key) => (Object.hasOwn(object, key) ? [[key, object[key] ?? null]] : [])));
}
