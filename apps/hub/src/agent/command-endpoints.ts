import type { Json, JsonObject } from "@hearth/device-sdk";
import type { CommandEndpoint } from "../plugins/protocol-plugin.ts";

/** Limits of docs/device-protocol.md. */
const MAX_ENDPOINTS = 40;
const MAX_CAPABILITIES = 40;
const MAX_ACTIONS = 100;
const MAX_DEPTH = 32;

type Capability = CommandEndpoint["capabilities"][number];
type Action = Capability["actions"][number];

/**
 * The endpoints of a command, from the cloud or the IPC socket, where they are called `id` (reference 10.8). Undefined
 * when any part is not as it should be.
 */
export function parseCommandEndpoints(value: Json | undefined): CommandEndpoint[] | undefined {
  const endpoints = list(value, MAX_ENDPOINTS, parseEndpoint);
  return endpoints && endpoints.length > 0 ? endpoints : undefined;
}

/** The trace id where it is well-formed (reference 6). */
export function traceIdOf(message: JsonObject): string | undefined {
  const traceId = text(message, "traceId");
  return traceId !== undefined && /^[a-zA-Z0-9:=_-]{1,128}$/.test(traceId) ? traceId : undefined;
}

/** Member `name` where it is a string of at most 512 characters, and not inherited. */
export function text(object: JsonObject, name: string): string | undefined {
  const value = own(object, name);
  return typeof value === "string" && value.length > 0 && value.length <= 512 ? value : undefined;
}

export const own = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseEndpoint(value: JsonObject): CommandEndpoint | undefined {
  const endpointId = text(value, "endpointId") ?? text(value, "id");
  const capabilities = list(own(value, "capabilities"), MAX_CAPABILITIES, parseCapability);
  return endpointId && capabilities ? { endpointId, capabilities } : undefined;
}

function parseCapability(value: JsonObject): Capability | undefined {
  const id = text(value, "id");
  const actions = list(own(value, "actions") ?? [], MAX_ACTIONS, parseAction);
  return id && actions ? { id, actions } : undefined;
}

function parseAction(value: JsonObject): Action | undefined {
  const name = text(value, "name");
  const parameters = own(value, "parameters") ?? {};
  const ref = text(value, "ref");
  const actionTraceId = text(value, "actionTraceId");
  if (!name || !isObject(parameters) || isDeeperThan(parameters, MAX_DEPTH)) return undefined;
  return { name, parameters, ...(ref ? { ref } : {}), ...(actionTraceId ? { actionTraceId } : {}) };
}

/** What is nested without end could be read, and not be written again: JSON.stringify and the bus are recursive. */
export function isDeeperThan(value: Json | undefined, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isDeeperThan(member, depth - 1));
}

function list<T>(value: Json | undefined, limit: number, parse: (item: JsonObject) => T | undefined): T[] | undefined {
  if (!Array.isArray(value) || value.length > limit) return undefined;
  const items = value.map((item) => (isObject(item) ? parse(item) : undefined));
  return items.every((item) => item !== undefined) ? items : undefined;
}
