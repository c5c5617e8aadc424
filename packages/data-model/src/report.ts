import { parseVersionedId, RESERVED_NAMESPACES } from "./identity.ts";
import type { CapabilityReport, CapabilityReportCapability } from "./messages.ts";
import { librarySchemas, type SchemaSet } from "./schema-set.ts";
import { Findings, type Violation } from "./violation.ts";

/** Actions that every capability has without declaring them (reference 5.6). */
export const BUILT_IN_ACTIONS: readonly string[] = ["ReadState", "UpdateState"];

const LIMITS = { endpoints: 40, capabilities: 40, deviceTypes: 50, names: 100 };

const ENDPOINT_ID = /^[0-9a-zA-Z]{1,64}$/;
const NODE_ID = /^[a-zA-Z0-9=_.,@+\-/]{1,64}$/;
const DEVICE_TYPE = /^[a-zA-Z0-9=_. ,@+\-/]{1,256}$/;
const NAME = /^[/a-zA-Z0-9._ -]{1,128}$/;
const REVISION = /^(0|[1-9][0-9]{0,63})$/;

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const matches = (value: unknown, pattern: RegExp): value is string => typeof value === "string" && pattern.test(value);

/**
 * Everything that is wrong with a capability report in the form that is stored (reference 4.4): its members and
 * limits, and, for the namespaces `matter` and `aws` and those of `schemas`, that the capability exists and has what
 * the report says. Empty when the value is a {@link CapabilityReport}.
 */
export function validateCapabilityReport(report: unknown, schemas: SchemaSet = librarySchemas): Violation[] {
  const findings = new Findings();
  if (!isObject(report)) {
    findings.add("report", "report", "must be an object");
    return findings.violations;
  }
  if (report["version"] !== "1.0.0") findings.add("version", "version", "must be 1.0.0");
  if (report["nodeId"] !== undefined && !matches(report["nodeId"], NODE_ID)) {
    findings.add("nodeId", "nodeId", "must be 1 to 64 letters, digits or =_.,@+-/");
  }
  const endpoints = listOf(report["endpoints"], "endpoints", "endpoints", LIMITS.endpoints, findings);
  const seen = new Set<unknown>();
  for (const [index, endpoint] of endpoints.entries()) {
    if (findings.isFull) break;
    checkEndpoint(endpoint, `endpoints[${index}]`, seen, findings, schemas);
  }
  return findings.violations;
}

function listOf(value: unknown, path: string, member: string, limit: number, findings: Findings): readonly unknown[] {
  if (!Array.isArray(value)) {
    findings.add(path, member, value === undefined ? "is required" : "must be a list");
    return [];
  }
  if (value.length > limit) {
    findings.add(path, member, `must have at most ${limit} items`);
    return [];
  }
  return value;
}

function checkEndpoint(
  endpoint: unknown,
  path: string,
  seen: Set<unknown>,
  findings: Findings,
  schemas: SchemaSet,
): void {
  if (!isObject(endpoint)) {
    findings.add(path, "endpoint", "must be an object");
    return;
  }
  const { id } = endpoint;
  const endpointId = matches(id, ENDPOINT_ID) ? id : undefined;
  if (endpointId === undefined) findings.add(`${path}.id`, "id", "must be 1 to 64 letters or digits");
  else if (seen.has(endpointId)) findings.add(`${path}.id`, "id", "is used by two endpoints", { endpointId });
  seen.add(id);
  const deviceTypes = listOf(
    endpoint["deviceTypes"],
    `${path}.deviceTypes`,
    "deviceTypes",
    LIMITS.deviceTypes,
    findings,
  );
  for (const [index, deviceType] of deviceTypes.entries()) {
    if (matches(deviceType, DEVICE_TYPE)) continue;
    findings.add(
      `${path}.deviceTypes[${index}]`,
      "deviceTypes",
      "must be 1 to 256 letters, digits, spaces or =_.,@+-/",
    );
  }
  const listPath = `${path}.capabilities`;
  const capabilities = listOf(endpoint["capabilities"], listPath, "capabilities", LIMITS.capabilities, findings);
  const identities = new Set<string>();
  for (const [index, capability] of capabilities.entries()) {
    if (findings.isFull) return;
    checkCapability(capability, `${listPath}[${index}]`, endpointId, identities, findings, schemas);
  }
}

function checkCapability(
  capability: unknown,
  path: string,
  endpointId: string | undefined,
  identities: Set<string>,
  findings: Findings,
  schemas: SchemaSet,
): void {
  if (!isObject(capability)) {
    findings.add(path, "capability", "must be an object", { endpointId });
    return;
  }
  const parsed = parseVersionedId(capability["id"]);
  const where = { endpointId, ...(parsed ? { capabilityId: String(capability["id"]) } : {}) };
  if (!parsed) {
    findings.add(`${path}.id`, "id", "must be namespace.Name@version", where);
  } else {
    if (identities.has(parsed.identity)) findings.add(`${path}.id`, "id", "is used twice at this endpoint", where);
    identities.add(parsed.identity);
  }
  if (!matches(capability["name"], NAME)) {
    findings.add(`${path}.name`, "name", "must be 1 to 128 letters, digits, spaces or /._-", where);
  }
  if (!matches(capability["version"], REVISION)) {
    findings.add(`${path}.version`, "version", "must be the revision, a whole number as text", where);
  }
  const versionedId = parsed && schemas.resolve(String(capability["id"]), "capability");
  const known = versionedId === undefined ? undefined : schemas.capability(versionedId);
  if (parsed && !known && RESERVED_NAMESPACES.includes(parsed.namespace)) {
    findings.add(`${path}.id`, "id", "is not a known capability", where);
  }
  const has: [string, (name: string) => boolean][] = [
    ["properties", (name) => known?.property(name) !== undefined],
    ["actions", (name) => BUILT_IN_ACTIONS.includes(name) || known?.action(name) !== undefined],
    ["events", (name) => known?.event(name) !== undefined],
  ];
  for (const [kind, exists] of has) {
    for (const [index, name] of listOf(capability[kind], `${path}.${kind}`, kind, LIMITS.names, findings).entries()) {
      if (findings.isFull) return;
      const namePath = `${path}.${kind}[${index}]`;
      if (!matches(name, NAME)) findings.add(namePath, kind, "must be 1 to 128 letters, digits, spaces or /._-", where);
      else if (known && !exists(name)) findings.add(namePath, name, "is not part of the capability", where);
    }
  }
}

/**
 * The strict form of a report that a device or a hub has sent in a looser one (reference U10): ids without a version
 * or as `$id` paths, revisions such as `1.0` or numbers, names and lists left out. What it does not understand it
 * leaves as it is, for {@link validateCapabilityReport} to name.
 */
export function normalizeCapabilityReport(report: unknown, schemas: SchemaSet = librarySchemas): unknown {
  if (!isObject(report)) return report;
  const endpoints = report["endpoints"];
  return {
    version: report["version"],
    ...(report["nodeId"] === undefined ? {} : { nodeId: report["nodeId"] }),
    endpoints: Array.isArray(endpoints)
      ? bounded(endpoints, LIMITS.endpoints, (one) => looseEndpoint(one, schemas))
      : endpoints,
  };
}

/** More than the limit is refused anyway: it is not worth any work. */
const bounded = (list: readonly unknown[], limit: number, map: (item: unknown) => unknown): readonly unknown[] =>
  list.length > limit ? list : list.map(map);

function looseEndpoint(endpoint: unknown, schemas: SchemaSet): unknown {
  if (!isObject(endpoint)) return endpoint;
  const { capabilities } = endpoint;
  return {
    id: endpoint["id"] ?? endpoint["endpointId"],
    deviceTypes: endpoint["deviceTypes"] ?? [],
    capabilities: Array.isArray(capabilities)
      ? bounded(capabilities, LIMITS.capabilities, (one) => looseCapability(one, schemas))
      : capabilities,
  };
}

function looseCapability(capability: unknown, schemas: SchemaSet): unknown {
  if (!isObject(capability)) return capability;
  const id = looseId(capability["id"] ?? capability["$id"], schemas);
  const document = typeof id === "string" ? schemas.source.capability(id) : undefined;
  return {
    id,
    name: capability["name"] ?? document?.name,
    version: looseRevision(capability["version"], document?.extrinsicVersion),
    properties: looseNames(capability["properties"]),
    actions: looseNames(capability["actions"]),
    events: looseNames(capability["events"]),
  } satisfies Record<keyof CapabilityReportCapability, unknown>;
}

function looseId(id: unknown, schemas: SchemaSet): unknown {
  if (typeof id !== "string") return id;
  const bare = id.replace(/^\/schema-versions?\/capability\//, "");
  return schemas.resolve(bare, "capability") ?? bare;
}

function looseRevision(version: unknown, known: string | undefined): unknown {
  if (matches(version, REVISION)) return version;
  if (Number.isSafeInteger(version)) return String(version);
  if (known !== undefined && (version === undefined || typeof version === "string")) return known;
  return typeof version === "string" ? (/^\d+(?=\.)/.exec(version)?.[0] ?? version) : version;
}

/** Names, or the elements that carry them. */
function looseNames(names: unknown): unknown {
  if (names === undefined) return [];
  if (!Array.isArray(names) || names.length > LIMITS.names) return names;
  return names.map((name) => (isObject(name) ? name["name"] : name));
}

/** Normalises and checks in one: a report that may be stored, or what is wrong. */
export function parseCapabilityReport(
  report: unknown,
  schemas: SchemaSet = librarySchemas,
): { report: CapabilityReport } | { violations: Violation[] } {
  const normalized = normalizeCapabilityReport(report, schemas);
  const violations = validateCapabilityReport(normalized, schemas);
  return violations.length > 0 ? { violations } : { report: normalized as CapabilityReport };
}
