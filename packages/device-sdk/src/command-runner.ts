import { type Clock, type Logger, messageOf } from "@hearth/base";
import { type Capability, type Endpoints, readProperty } from "./endpoint.ts";
import { ActionError } from "./errors.ts";
import { isObject, type Json, type JsonObject, sameJson } from "./json.ts";
import { type ActionOutcome, type ActionRequest, type Command, quotedBy } from "./message.ts";
import type { Requests } from "./requests.ts";

/** What goes back for one capability. */
interface CapabilityResponse {
  id: string;
  actions: ActionOutcome[];
  properties: { name: string; value: Json }[];
}

export interface EndpointResponse {
  endpointId: string;
  capabilities: CapabilityResponse[];
}

export interface CommandRunner {
  endpoints: Endpoints;
  clock: Clock;
  /** Milliseconds that one action may take. */
  actionTimeout: number;
  /** Takes the answers to what the device has asked for. */
  requests?: Pick<Requests, "answered">;
  log: Logger;
}

/** Values by property name, by capability id. */
type Snapshot = Map<string, Map<string, Json>>;

/**
 * Carries out the actions of a command in order (reference 11.5) and says what became of each, and which properties
 * of the endpoints concerned have changed meanwhile or have been asked for. A failed action does not keep the next
 * one from being tried: each has its own response code.
 */
export async function runCommand(
  runner: CommandRunner,
  command: Command,
  /** Milliseconds after which nothing of it is begun: the platform has reported it as failed. */
  until = Number.POSITIVE_INFINITY,
): Promise<EndpointResponse[]> {
  const responses: EndpointResponse[] = [];
  for (const { endpointId, capabilities } of command.endpoints) {
    const before = await snapshot(runner, endpointId);
    const asked = new Map<string, Set<string>>();
    const response: EndpointResponse = { endpointId, capabilities: [] };
    for (const { id, actions } of capabilities) {
      const capability = runner.endpoints.get(endpointId)?.find(id);
      const outcomes: ActionOutcome[] = [];
      for (const action of actions) {
        const context = { traceId: command.traceId, endpointId, capabilityId: capability?.id ?? id, until };
        const names = asked.get(context.capabilityId) ?? new Set();
        asked.set(context.capabilityId, names);
        outcomes.push(await runAction(runner, capability, action, context, names));
      }
      response.capabilities.push({ id: capability?.id ?? id, actions: outcomes, properties: [] });
    }
    addProperties(response, before, await snapshot(runner, endpointId), asked);
    responses.push(response);
  }
  return responses;
}

/** The same response with the values of now: for a command that is delivered again long after it was carried out. */
export async function refreshed(runner: CommandRunner, responses: EndpointResponse[]): Promise<EndpointResponse[]> {
  const fresh: EndpointResponse[] = [];
  for (const { endpointId, capabilities } of responses) {
    const now = await snapshot(runner, endpointId);
    fresh.push({
      endpointId,
      capabilities: capabilities.map(({ id, actions, properties }) => ({
        id,
        actions,
        properties: properties.map(({ name, value }) => ({ name, value: now.get(id)?.get(name) ?? value })),
      })),
    });
  }
  return fresh;
}

/** A response as it travels: without the lists that are empty. */
export function toWire(responses: EndpointResponse[]): JsonObject[] {
  return responses.map(({ endpointId, capabilities }) => ({
    endpointId,
    capabilities: capabilities.map(({ id, actions, properties }) => ({
      id,
      ...(actions.length > 0 ? { actions: actions as unknown as Json } : {}),
      ...(properties.length > 0 ? { properties } : {}),
    })),
  }));
}

interface Context {
  until: number;
  traceId: string;
  endpointId: string;
  capabilityId: string;
}

async function runAction(
  runner: CommandRunner,
  capability: Capability | undefined,
  action: ActionRequest,
  { until, ...context }: Context,
  asked: Set<string>,
): Promise<ActionOutcome> {
  const { name, parameters, actionTraceId } = action;
  const quoted = quotedBy(action);
  const controller = new AbortController();
  try {
    if (runner.clock.now() >= until) throw new ActionError("Expired", "the time of the command is over", 504);
    const result = await withTimeout<unknown>(runner, controller, () => {
      if (actionTraceId !== undefined && runner.requests?.answered(actionTraceId, { name, parameters }))
        return undefined;
      if (!capability) throw notImplemented(`the device has no ${context.capabilityId} there`);
      if (name === "ReadState") return readState(capability, parameters, asked);
      if (name === "UpdateState") return updateState(capability, parameters);
      const handler = capability.actions.get(name);
      if (!handler) throw notImplemented(`${capability.id} has no handler for ${name}`);
      return handler(parameters, { ...context, signal: controller.signal });
    });
    const returned = isObject(result) ? (JSON.parse(JSON.stringify(result)) as JsonObject) : {};
    return { name, ...quoted, responseCode: 200, parameters: returned };
  } catch (error) {
    if (!(error instanceof ActionError)) runner.log.error({ ...context, action: name, error }, "an action failed");
    const { responseCode, code } = error instanceof ActionError ? error : { responseCode: 500, code: "Fail" };
    return { name, ...quoted, responseCode, errors: [{ code, message: messageOf(error) }] };
  }
}

/** The reference's `iotmiDev_DMStatusNotImplement` (11.4). */
const notImplemented = (message: string): ActionError => new ActionError("NotImplement", message, 501);

function withTimeout<T>(
  { clock, actionTimeout }: CommandRunner,
  controller: AbortController,
  run: () => T | Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(actionTimeout, () => {
      const error = new ActionError("Timeout", `not done after ${actionTimeout} ms`, 504);
      controller.abort(error);
      reject(error);
    });
    new Promise<T>((settle) => settle(run())).then(resolve, reject).finally(cancel);
  });
}

/** `propertiesToRead`: names, or `*` for all (reference 5.6). */
async function readState(capability: Capability, parameters: JsonObject, asked: Set<string>): Promise<undefined> {
  const names = Object.hasOwn(parameters, "propertiesToRead") ? parameters["propertiesToRead"] : undefined;
  if (!Array.isArray(names)) throw new ActionError("InvalidParameters", "propertiesToRead is not a list", 400);
  for (const name of names) {
    if (name === "*") for (const each of capability.properties.keys()) asked.add(each);
    else if (typeof name === "string" && capability.properties.has(name)) asked.add(name);
    else throw new ActionError("UnknownProperty", `${capability.id} has no property ${JSON.stringify(name)}`, 400);
  }
  // The values are taken when all actions are done; here it is found out whether they can be read.
  for (const name of asked) await readProperty(capability, name);
  return undefined;
}

/** Nothing is written unless everything can be. */
async function updateState(capability: Capability, parameters: JsonObject): Promise<undefined> {
  for (const name of Object.keys(parameters)) {
    const property = capability.properties.get(name);
    if (!property) throw new ActionError("UnknownProperty", `${capability.id} has no property ${name}`, 400);
    if (!property.set) throw new ActionError("ReadOnlyProperty", `${name} cannot be written`, 400);
  }
  for (const [name, value] of Object.entries(parameters)) await capability.properties.get(name)?.set?.(value);
  return undefined;
}

async function snapshot(
  { endpoints, clock, actionTimeout, log }: CommandRunner,
  endpointId: string,
): Promise<Snapshot> {
  const values: Snapshot = new Map();
  for (const capability of endpoints.get(endpointId)?.capabilities.values() ?? []) {
    const read = new Map<string, Json>();
    values.set(capability.id, read);
    for (const name of capability.properties.keys()) {
      try {
        const controller = new AbortController();
        const bounded = { endpoints, clock, actionTimeout, log };
        read.set(name, await withTimeout(bounded, controller, () => readProperty(capability, name)));
      } catch (error) {
        log.error({ capabilityId: capability.id, name, error: messageOf(error) }, "a property cannot be read");
      }
    }
  }
  return values;
}

/** Adds to `response` what has changed between the two snapshots and what has been asked for. */
function addProperties(
  response: EndpointResponse,
  before: Snapshot,
  after: Snapshot,
  asked: Map<string, Set<string>>,
): void {
  for (const [capabilityId, values] of after) {
    const properties = [...values]
      .filter(([name, value]) => {
        const old = before.get(capabilityId)?.get(name);
        return asked.get(capabilityId)?.has(name) || !sameJson(old, value);
      })
      .map(([name, value]) => ({ name, value }));
    if (properties.length === 0) continue;
    const capability = response.capabilities.find(({ id }) => id === capabilityId);
    if (capability) capability.properties = properties;
    else response.capabilities.push({ id: capabilityId, actions: [], properties });
  }
}
