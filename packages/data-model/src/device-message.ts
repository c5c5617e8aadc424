import { isDeeperThan } from "./command.ts";
import type { DeviceMessage, DeviceMessageType } from "./messages.ts";
import { Findings, type Violation } from "./violation.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The broker's limit of a payload. */
export const MAX_MESSAGE_BYTES = 128 * 1024;
const MAX_DEPTH = 32;

const LIMITS = { endpoints: 40, capabilities: 40, items: 100, errors: 100 };

interface Rule {
  /** Whether a device sends it: such messages are numbered. */
  fromDevice: boolean;
  traceId: boolean;
  endpoints: boolean;
}

/** docs/device-protocol.md, the tables of topics and of the envelope. */
const RULES: Readonly<Record<DeviceMessageType, Rule>> = {
  DEVICE_COMMAND: { fromDevice: false, traceId: true, endpoints: true },
  DEVICE_COMMAND_RESPONSE: { fromDevice: true, traceId: true, endpoints: true },
  DEVICE_COMMAND_REQUEST: { fromDevice: true, traceId: false, endpoints: true },
  DEVICE_EVENT: { fromDevice: true, traceId: false, endpoints: true },
  DEVICE_REMOVAL: { fromDevice: false, traceId: false, endpoints: false },
  DEVICE_REMOVAL_RESPONSE: { fromDevice: true, traceId: false, endpoints: false },
};

const THING_ID = /^[a-zA-Z0-9:_-]{1,64}$/;
const TRACE_ID = /^[a-zA-Z0-9:=_-]{1,128}$/;
/** ISO 8601 with 0 to 9 fractional digits (reference U9). */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})$/;
const ENDPOINT_ID = /^[0-9a-zA-Z]{1,64}$/;
const CAPABILITY_ID = /^[a-zA-Z0-9.]{3,128}(@(\d{1,3}\.\d{1,3}(\.\d{1,4})?|\$latest))?$/;
const NAME = /^[/a-zA-Z0-9._ -]{1,128}$/;
const FREE_TEXT = /^[^\u0000]{0,128}$/;

/** Of an action that belongs to a command which the device has started (reference 6). */
const ACTION_TRACE_ID = /^[a-zA-Z0-9]{1,20}=(_[0-9]{1,20})?$/;
const hasTraceLength = (id: unknown): boolean => String(id).length >= 16 && String(id).length <= 20;

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const matches = (value: unknown, pattern: RegExp): boolean => typeof value === "string" && pattern.test(value);

/**
 * Reads the payload of a message of the device protocol, in either direction, and checks its form: whether the names
 * in it are known and the values of their types is for the functions that have the device's report. Bounded in size
 * and depth; a member named `__proto__` is refused. Returns the violations when it is not such a message.
 */
export function parseDeviceMessage(payload: Uint8Array): DeviceMessage | Violation[] {
  const findings = new Findings();
  const value = parseJson(payload, findings);
  if (value === undefined) return findings.violations;
  checkMessage(value, findings);
  return findings.violations.length > 0 ? findings.violations : (value as unknown as DeviceMessage);
}

/** The JSON object in a payload of a device; undefined and a finding when it is not one, too large or too deep. */
function parseJson(payload: Uint8Array, findings: Findings): Json | undefined {
  if (payload.byteLength > MAX_MESSAGE_BYTES) {
    findings.add("payload", "payload", `must have at most ${MAX_MESSAGE_BYTES} bytes`);
    return undefined;
  }
  let value: unknown;
  let hasPrototype = false;
  try {
    const text = utf8.decode(payload);
    value = JSON.parse(text);
    // An escape could hide the name, so a text with escapes is looked through member by member.
    hasPrototype = text.includes("__proto__") || (text.includes("\\u") && namesPrototype(value, MAX_DEPTH));
  } catch {
    findings.add("payload", "payload", "must be JSON in UTF-8");
    return undefined;
  }
  if (!isObject(value)) findings.add("payload", "payload", "must be a JSON object");
  else if (isDeeperThan(value, MAX_DEPTH))
    findings.add("payload", "payload", `must be nested at most ${MAX_DEPTH} deep`);
  else if (hasPrototype) findings.add("payload", "payload", "must not name __proto__");
  else return value;
  return undefined;
}

/** Looks no deeper than is allowed anyway. */
function namesPrototype(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null || depth < 0) return false;
  return Object.keys(value).includes("__proto__") || Object.values(value).some((one) => namesPrototype(one, depth - 1));
}

function checkMessage(message: Json, findings: Findings): void {
  const { messageType } = message;
  const isKnown = typeof messageType === "string" && Object.hasOwn(RULES, messageType);
  if (!isKnown) {
    findings.add("messageType", "messageType", `must be one of ${Object.keys(RULES).join(", ")}`);
    return;
  }
  const rule = RULES[messageType as DeviceMessageType];
  checkTimestamp(message["timestamp"], findings);
  const { traceId, eventNumber, endpoints } = message;
  if (traceId === undefined ? rule.traceId : !matches(traceId, TRACE_ID)) {
    findings.add("traceId", "traceId", "must be 1 to 128 letters, digits or :=_-");
  }
  const isNumber = Number.isSafeInteger(eventNumber) && (eventNumber as number) >= 0;
  if (eventNumber === undefined ? rule.fromDevice : !isNumber) {
    findings.add("eventNumber", "eventNumber", "must be an integer, 0 or greater");
  }
  const { managedThingId, responseCode } = message;
  if (managedThingId !== undefined && !matches(managedThingId, THING_ID)) {
    findings.add("managedThingId", "managedThingId", "must be 1 to 64 letters, digits or :_-");
  }
  if (responseCode !== undefined && !Number.isInteger(responseCode)) {
    findings.add("responseCode", "responseCode", "must be an integer");
  }
  if (endpoints !== undefined || rule.endpoints) checkEndpoints(endpoints, findings);
}

function checkTimestamp(timestamp: unknown, findings: Findings): void {
  // Date.parse knows the calendar but takes three fractional digits at most in some engines.
  const text = matches(timestamp, TIMESTAMP) ? String(timestamp).replace(/\.\d+/, "") : "";
  if (Number.isNaN(Date.parse(text))) findings.add("timestamp", "timestamp", "must be a time in ISO 8601");
}

function list(value: unknown, path: string, limit: number, findings: Findings, least = 0): readonly unknown[] {
  if (Array.isArray(value) && value.length >= least && value.length <= limit) return value;
  findings.add(path, path.slice(path.lastIndexOf(".") + 1), `must be a list of ${least} to ${limit} items`);
  return [];
}

function checkEndpoints(endpoints: unknown, findings: Findings): void {
  const items = list(endpoints, "endpoints", LIMITS.endpoints, findings, 1);
  for (let i = 0; i < items.length && !findings.isFull; i++) {
    const endpoint = items[i];
    const path = `endpoints[${i}]`;
    if (!isObject(endpoint)) {
      findings.add(path, "endpoint", "must be an object");
      continue;
    }
    if (!matches(endpoint["endpointId"], ENDPOINT_ID)) {
      findings.add(`${path}.endpointId`, "endpointId", "must be 1 to 64 letters or digits");
    }
    const capabilities = list(endpoint["capabilities"], `${path}.capabilities`, LIMITS.capabilities, findings, 1);
    for (let j = 0; j < capabilities.length && !findings.isFull; j++) {
      checkCapability(capabilities[j], `${path}.capabilities[${j}]`, findings);
    }
  }
}

function checkCapability(capability: unknown, path: string, findings: Findings): void {
  if (!isObject(capability)) {
    findings.add(path, "capability", "must be an object");
    return;
  }
  if (!matches(capability["id"], CAPABILITY_ID)) {
    findings.add(`${path}.id`, "id", "must be namespace.Name, with or without @version");
  }
  for (const member of ["name", "version"]) {
    if (capability[member] !== undefined && !matches(capability[member], FREE_TEXT)) {
      findings.add(`${path}.${member}`, member, "must be a text of at most 128 characters");
    }
  }
  for (const kind of ["properties", "actions", "events"]) {
    if (capability[kind] === undefined) continue;
    const items = list(capability[kind], `${path}.${kind}`, LIMITS.items, findings);
    for (let i = 0; i < items.length && !findings.isFull; i++)
      checkItem(kind, items[i], `${path}.${kind}[${i}]`, findings);
  }
}

function checkItem(kind: string, item: unknown, path: string, findings: Findings): void {
  if (!isObject(item)) {
    findings.add(path, kind, "must be an object");
    return;
  }
  const { name, parameters } = item;
  if (!matches(name, NAME)) findings.add(`${path}.name`, "name", "must be 1 to 128 letters, digits, spaces or /._-");
  if (kind === "properties") {
    if (item["value"] === undefined) findings.add(`${path}.value`, String(name), "is required");
    return;
  }
  if (parameters !== undefined && !isObject(parameters)) {
    findings.add(`${path}.parameters`, String(name), "must be an object");
  }
  if (kind !== "actions") return;
  const { ref, actionTraceId } = item;
  if (ref !== undefined && !matches(ref, FREE_TEXT)) {
    findings.add(`${path}.ref`, "ref", "must be a text of at most 128 characters");
  }
  if (actionTraceId !== undefined && !(matches(actionTraceId, ACTION_TRACE_ID) && hasTraceLength(actionTraceId))) {
    const form = "must be letters and digits, then =, then perhaps _ and a number: 16 to 20 characters";
    findings.add(`${path}.actionTraceId`, "actionTraceId", form);
  }
  const { responseCode, errors } = item;
  if (responseCode !== undefined && typeof responseCode !== "number") {
    findings.add(`${path}.responseCode`, String(name), "must be a number");
  }
  if (errors === undefined) return;
  for (const [i, error] of list(errors, `${path}.errors`, LIMITS.errors, findings).entries()) {
    const isError = isObject(error) && typeof error["code"] === "string" && typeof error["message"] === "string";
    if (!isError) findings.add(`${path}.errors[${i}]`, String(name), "must have a code and a message");
  }
}
