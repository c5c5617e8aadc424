import type { CapabilityReport, CommandAction, CommandEndpoint } from "./messages.ts";
import { indexOfReport, type ReportedCapability } from "./report-index.ts";
import { librarySchemas, type ParameterChecks, type SchemaSet } from "./schema-set.ts";
import { Findings, type Violation } from "./violation.ts";

/** Each list of a command holds 1 to 5 items (reference 6). */
const MAX_ITEMS = 5;
/** Deep enough for every type of the library; a document that recurs cannot exhaust the stack. */
const MAX_DEPTH = 32;
const NO_ANSWERS: ReadonlySet<CommandAction> = new Set();

interface Place {
  /** Actions that bring the response to a command which the device has started. */
  answers: ReadonlySet<CommandAction>;
  path: string;
  where: { endpointId: string; capabilityId: string };
  findings: Findings;
}

/**
 * Why a command cannot be sent to a device (reference 6): an endpoint, capability or action that its report lacks,
 * parameters that are not of the request's schema. Whether a property is mutable or retrievable is not looked at:
 * the device decides (reference 5.2). Empty when the command may go. Paths begin at the list: `[0].capabilities[0].id`.
 * The parameters of `answers`, actions that answer what the device has asked for, are of the response's schema.
 */
export function validateCommand(
  report: CapabilityReport,
  endpoints: readonly CommandEndpoint[],
  schemas: SchemaSet = librarySchemas,
  answers: ReadonlySet<CommandAction> = NO_ANSWERS,
): Violation[] {
  const findings = new Findings();
  const index = indexOfReport(report, schemas);
  if (!hasValidLength(endpoints, "", "endpoints", findings)) return findings.violations;
  for (const [i, endpoint] of endpoints.entries()) {
    const { endpointId } = endpoint;
    const path = `[${i}]`;
    const reported = index.get(endpointId);
    if (!reported) {
      findings.add(`${path}.endpointId`, "endpointId", "is not an endpoint of the device", { endpointId });
      continue;
    }
    const listPath = `${path}.capabilities`;
    if (!hasValidLength(endpoint.capabilities, listPath, "capabilities", findings)) continue;
    for (const [j, capability] of endpoint.capabilities.entries()) {
      const place: Place = {
        path: `${listPath}[${j}]`,
        where: { endpointId, capabilityId: capability.id },
        findings,
        answers,
      };
      const known = reported.get(capability.id);
      if (!known) findings.add(`${place.path}.id`, "id", "is not a capability of the endpoint", place.where);
      else checkActions(known, capability.actions, place);
    }
  }
  return findings.violations;
}

/**
 * A valid command in the device's own words: it knows its capabilities by the ids that it reported, and none by
 * `@$latest`.
 */
export function withReportedIds(
  report: CapabilityReport,
  endpoints: readonly CommandEndpoint[],
  schemas: SchemaSet = librarySchemas,
): readonly CommandEndpoint[] {
  const isReported = ({ capabilities }: CommandEndpoint) => capabilities.every(({ id }) => !id.endsWith("@$latest"));
  if (endpoints.every(isReported)) return endpoints;
  const index = indexOfReport(report, schemas);
  return endpoints.map((endpoint) => ({
    ...endpoint,
    capabilities: endpoint.capabilities.map((capability) => ({
      ...capability,
      id: index.get(endpoint.endpointId)?.get(capability.id)?.id ?? capability.id,
    })),
  }));
}

function hasValidLength(list: readonly unknown[], path: string, member: string, findings: Findings): boolean {
  const isValid = Array.isArray(list) && list.length >= 1 && list.length <= MAX_ITEMS;
  if (!isValid) findings.add(path, member, `must have 1 to ${MAX_ITEMS} items`);
  return isValid;
}

function checkActions(known: ReportedCapability, actions: readonly CommandAction[], place: Place): void {
  const { findings, where } = place;
  const listPath = `${place.path}.actions`;
  if (!hasValidLength(actions, listPath, "actions", findings)) return;
  for (const [k, action] of actions.entries()) {
    const path = `${listPath}[${k}]`;
    if (!known.actions.has(action.name)) {
      findings.add(`${path}.name`, action.name, "is not an action of the capability", where);
      continue;
    }
    const parameters = action.parameters ?? {};
    const parametersPath = `${path}.parameters`;
    if (typeof parameters !== "object" || Array.isArray(parameters)) {
      findings.add(parametersPath, action.name, "must be an object", where);
    } else if (isDeeperThan(parameters, MAX_DEPTH)) {
      findings.add(parametersPath, action.name, `must be nested at most ${MAX_DEPTH} deep`, where);
    } else {
      const isAnswer = place.answers.has(action);
      checkAction(known, action.name, isAnswer, parameters, { ...place, path: parametersPath });
    }
  }
}

function checkAction(
  known: ReportedCapability,
  name: string,
  isAnswer: boolean,
  parameters: Record<string, unknown>,
  place: Place,
): void {
  if (name === "ReadState") checkReadState(known, parameters, place);
  else if (name === "UpdateState") checkUpdateState(known, parameters, place);
  else if (known.schema) {
    const action = known.schema.action(name);
    const schema = isAnswer ? action?.response : action?.request;
    if (schema) checkParameters(schema, parameters, place.path, place.findings, place.where);
  }
}

/** `propertiesToRead`: names of properties, or `*` alone for all (reference 5.6). */
function checkReadState(known: ReportedCapability, parameters: Record<string, unknown>, place: Place): void {
  const { findings, where } = place;
  for (const key of Object.keys(parameters)) {
    if (key !== "propertiesToRead") findings.add(`${place.path}.${key}`, key, "is not a parameter of ReadState", where);
  }
  const names = parameters["propertiesToRead"];
  const path = `${place.path}.propertiesToRead`;
  if (!Array.isArray(names) || names.length === 0) {
    findings.add(path, "propertiesToRead", "must be a list of names, or of * alone", where);
    return;
  }
  if (names.length === 1 && names[0] === "*") return;
  for (const [i, name] of names.entries()) {
    if (findings.isFull) return;
    if (typeof name === "string" && known.properties.has(name)) continue;
    findings.add(
      `${path}[${i}]`,
      typeof name === "string" ? name : "propertiesToRead",
      "is not a property of the capability",
      where,
    );
  }
}

function checkUpdateState(known: ReportedCapability, parameters: Record<string, unknown>, place: Place): void {
  const { findings, where, path } = place;
  const names = Object.keys(parameters);
  if (names.length === 0) findings.add(path, "UpdateState", "must name a property", where);
  for (const name of names) {
    if (findings.isFull) return;
    checkProperty(known, name, parameters[name], `${path}.${name}`, findings, where);
  }
}

/** A property's name against the report, and its value against the schema. */
export function checkProperty(
  known: ReportedCapability,
  name: string,
  value: unknown,
  path: string,
  findings: Findings,
  where: Pick<Violation, "endpointId" | "capabilityId">,
): void {
  if (!known.properties.has(name)) {
    findings.add(path, name, "is not a property of the capability", where);
    return;
  }
  const problem = known.schema?.property(name)?.(value);
  if (problem) findings.add(path + problem.path, name, problem.message, where);
}

/** Parameters against their schema. None is obligatory: the language has no word for that (reference 5.3). */
export function checkParameters(
  checks: ParameterChecks,
  parameters: Record<string, unknown>,
  path: string,
  findings: Findings,
  where: Pick<Violation, "endpointId" | "capabilityId">,
): void {
  for (const name of Object.keys(parameters)) {
    if (findings.isFull) return;
    const check = checks.get(name);
    if (!check) {
      findings.add(`${path}.${name}`, name, "is not a parameter", where);
      continue;
    }
    const problem = check(parameters[name]);
    if (problem) findings.add(`${path}.${name}${problem.path}`, name, problem.message, where);
  }
}

/** Whether a JSON value nests more than `depth` lists or objects. */
export function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) return true;
  return Object.values(value).some((member) => isDeeperThan(member, depth - 1));
}
