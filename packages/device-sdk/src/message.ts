import { isObject, type Json, type JsonObject, member, parseObject, text } from "./json.ts";

/** Limits of docs/device-protocol.md and of the capability report (reference 4.4). */
export const MAX_ENDPOINTS = 40;
export const MAX_CAPABILITIES = 40;
const MAX_ACTIONS = 100;

export interface ActionRequest {
  name: string;
  parameters: JsonObject;
  /** The sender's own word for the action, which its outcome repeats. */
  ref?: string;
  /** Of an action that answers a command which the device has started. */
  actionTraceId?: string;
}

interface CapabilityRequest {
  /** With or without its version. */
  id: string;
  actions: ActionRequest[];
}

interface EndpointRequest {
  endpointId: string;
  capabilities: CapabilityRequest[];
}

/** A DEVICE_COMMAND. */
export interface Command {
  traceId: string;
  /** Milliseconds from its sending after which it must not be carried out any more. */
  lifetime?: number;
  endpoints: EndpointRequest[];
}

/** An outcome of an action, as it travels. */
export interface ActionOutcome {
  name: string;
  ref?: string;
  actionTraceId?: string;
  responseCode: number;
  parameters?: JsonObject;
  errors?: { code: string; message: string }[];
}

/** `messageType` and the rest of any message on `south/`; undefined when it is not one. */
export function parseSouthbound(payload: Uint8Array): { messageType: string; body: JsonObject } | undefined {
  const body = parseObject(payload);
  const messageType = body && text(body, "messageType");
  return body && messageType !== undefined ? { messageType, body } : undefined;
}

/** The trace id of a message, where it is well-formed (reference 6). */
export function traceIdOf(body: JsonObject): string | undefined {
  const traceId = text(body, "traceId");
  return traceId !== undefined && /^[a-zA-Z0-9:=_-]{1,128}$/.test(traceId) ? traceId : undefined;
}

/** The command in `body`; undefined when any part of it is not as the device protocol says. */
export function parseCommand(body: JsonObject): Command | undefined {
  const traceId = traceIdOf(body);
  const endpoints = list(member(body, "endpoints"), MAX_ENDPOINTS, parseEndpoint);
  return traceId !== undefined && endpoints?.length ? { traceId, endpoints, ...lifetimeOf(body) } : undefined;
}

/** The clocks of the device and the platform need not agree: what counts is how long the platform waits. */
function lifetimeOf(body: JsonObject): { lifetime?: number } {
  const lifetime = Date.parse(text(body, "expiresAt") ?? "") - Date.parse(text(body, "timestamp") ?? "");
  return Number.isNaN(lifetime) ? {} : { lifetime };
}

function parseEndpoint(value: JsonObject): EndpointRequest | undefined {
  const endpointId = text(value, "endpointId");
  const capabilities = list(member(value, "capabilities"), MAX_CAPABILITIES, parseCapability);
  return endpointId && capabilities ? { endpointId, capabilities } : undefined;
}

function parseCapability(value: JsonObject): CapabilityRequest | undefined {
  const id = text(value, "id");
  const actions = list(member(value, "actions") ?? [], MAX_ACTIONS, parseAction);
  return id && actions ? { id, actions } : undefined;
}

function parseAction(value: JsonObject): ActionRequest | undefined {
  const name = text(value, "name");
  const parameters = member(value, "parameters") ?? {};
  return name && isObject(parameters) ? { name, parameters, ...quotedBy(value) } : undefined;
}

/** What an action's outcome repeats of it. */
export function quotedBy(action: { ref?: Json; actionTraceId?: Json }): { ref?: string; actionTraceId?: string } {
  const { ref, actionTraceId } = action;
  return {
    ...(typeof ref === "string" ? { ref } : {}),
    ...(typeof actionTraceId === "string" ? { actionTraceId } : {}),
  };
}

function list<T>(value: Json | undefined, limit: number, parse: (item: JsonObject) => T | undefined): T[] | undefined {
  if (!Array.isArray(value) || value.length > limit) return undefined;
  const items = value.map((item) => (isObject(item) ? parse(item) : undefined));
  return items.every((item) => item !== undefined) ? items : undefined;
}
