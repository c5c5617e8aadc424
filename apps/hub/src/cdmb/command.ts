import { type Clock, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { ActionError } from "../plugins/action-error.ts";
import type { CommandEndpoint, ResponseEndpoint, StateProperty } from "../plugins/protocol-plugin.ts";
import {
  actionSteps,
  type CapabilityMapping,
  capabilityOf,
  contextOf,
  type EndpointView,
  type NativeChange,
  type NativeRef,
  type NativeStep,
  type NativeValues,
  type PropertyMapping,
  propertiesOf,
  propertiesToRead,
  refKey,
  responseOf,
  sourcesOfProperties,
  updateSteps,
} from "./conversion.ts";

/** What a protocol does for a command. Each rejects with ActionError: 503 no radio, 504 no answer in time, 500 refused. */
export interface NativePort<Native> {
  /** Asks the device. A value that it does not have is left out. */
  read(view: EndpointView<Native>, refs: readonly NativeRef[]): Promise<NativeChange[]>;
  write(view: EndpointView<Native>, writes: readonly NativeChange[]): Promise<void>;
  /** Resolves, with the fields of the answer, when the device has taken it. */
  invoke(view: EndpointView<Native>, command: NativeRef, parameters: JsonObject): Promise<JsonObject>;
  /** What is remembered of the endpoint now. */
  values(view: EndpointView<Native>): NativeValues;
}

export interface CommandContext<Native> {
  views: ReadonlyMap<string, EndpointView<Native>>;
  port: NativePort<Native>;
  clock: Clock;
  /** Milliseconds that are left for the whole command. */
  within: number;
}

type ActionRequest = CommandEndpoint["capabilities"][number]["actions"][number];
type ActionOutcome = ResponseEndpoint["capabilities"][number]["actions"][number];

/**
 * Runs the actions of a command in order and says what became of each (docs/device-protocol.md). A failed action does
 * not keep the next one from being tried. What an action has read, written or affects is in `properties`, as the device
 * has said it when all are done.
 */
export async function runCommand<Native>(
  context: CommandContext<Native>,
  endpoints: readonly CommandEndpoint[],
): Promise<ResponseEndpoint[]> {
  const until = context.clock.monotonic() + context.within;
  const responses: ResponseEndpoint[] = [];
  for (const { endpointId, capabilities } of endpoints) {
    const response: ResponseEndpoint = { endpointId, capabilities: [] };
    for (const { id, actions } of capabilities) {
      const outcomes: ActionOutcome[] = [];
      const properties = new Map<string, StateProperty>();
      for (const action of actions) {
        const { outcome, read } = await attempt(context, until, endpointId, id, action);
        outcomes.push(outcome);
        for (const property of read) properties.set(property.name, property);
      }
      response.capabilities.push({
        id,
        actions: outcomes,
        ...(properties.size > 0 ? { properties: [...properties.values()] } : {}),
      });
    }
    responses.push(response);
  }
  for (const response of responses) renew(context, response);
  return responses;
}

/**
 * An answer tells what is known when it is given: what the device has told while a later action ran has gone out before it,
 * and must not be taken back by an older value.
 */
function renew<Native>({ views, port }: CommandContext<Native>, { endpointId, capabilities }: ResponseEndpoint): void {
  const view = views.get(endpointId);
  if (!view) return;
  const now = contextOf(view, new Map(), port.values(view));
  for (const { id, properties } of capabilities) {
    if (!properties) continue;
    const names = new Set(properties.map(({ name }) => name));
    const known = propertiesOf(
      capabilityOf(view, id).properties.filter(({ name }) => names.has(name)),
      now,
    );
    for (const property of properties) {
      const newest = known.find(({ name }) => name === property.name);
      if (newest) property.value = newest.value;
    }
  }
}

interface Attempt {
  outcome: ActionOutcome;
  read: StateProperty[];
}

async function attempt<Native>(
  context: CommandContext<Native>,
  until: number,
  endpointId: string,
  capabilityId: string,
  request: ActionRequest,
): Promise<Attempt> {
  const { name, ref, actionTraceId } = request;
  const quoted = {
    name,
    ...(ref === undefined ? {} : { ref }),
    ...(actionTraceId === undefined ? {} : { actionTraceId }),
  };
  try {
    const view = context.views.get(endpointId);
    if (!view) throw new ActionError("NotImplement", `the device has no endpoint ${endpointId}`, 501);
    const mapping = capabilityOf(view, capabilityId);
    const run = () => runAction(context.port, view, mapping, name, request.parameters ?? {});
    const { parameters, read } = await before(context.clock, until, run);
    return { outcome: { ...quoted, responseCode: 200, parameters }, read };
  } catch (error) {
    const { responseCode, code } = error instanceof ActionError ? error : { responseCode: 500, code: "Fail" };
    return { outcome: { ...quoted, responseCode, errors: [{ code, message: messageOf(error) }] }, read: [] };
  }
}

async function runAction<Native>(
  port: NativePort<Native>,
  view: EndpointView<Native>,
  mapping: CapabilityMapping<Native>,
  name: string,
  parameters: JsonObject,
): Promise<{ parameters: JsonObject; read: StateProperty[] }> {
  const now = () => contextOf(view, new Map(), port.values(view));
  if (name === "ReadState") {
    return { parameters: {}, read: await readBack(port, view, propertiesToRead(mapping, parameters)) };
  }
  if (name === "UpdateState") {
    const { steps, properties } = updateSteps(mapping, parameters, now());
    await carryOut(port, view, steps);
    return { parameters: {}, read: await readBack(port, view, properties) };
  }
  const { steps, action } = actionSteps(mapping, name, parameters, now());
  const fields = await carryOut(port, view, steps);
  const affected = affectedBy(mapping, action.affects);
  return {
    parameters: responseOf(action, fields, now()),
    read: await readBack(port, view, affected).catch((error: unknown) => {
      // The device has done it; that its values did not come back in time does not undo that.
      if (error instanceof ActionError) return [];
      throw error;
    }),
  };
}

function affectedBy<Native>(
  mapping: CapabilityMapping<Native>,
  names: readonly string[] | undefined,
): readonly PropertyMapping<Native>[] {
  if (names) return mapping.properties.filter(({ name }) => names.includes(name));
  const reported = new Set((mapping.reporting ?? []).map(({ native }) => refKey(native)));
  return mapping.properties.filter((property) =>
    sourcesOfProperties([property]).some((source) => reported.has(refKey(source))),
  );
}

/** Runs the steps in order, neighbouring writes together. The fields of the last command's answer. */
async function carryOut<Native>(
  port: NativePort<Native>,
  view: EndpointView<Native>,
  steps: readonly NativeStep[],
): Promise<JsonObject> {
  let fields: JsonObject = {};
  let writes: NativeChange[] = [];
  const flush = async () => {
    const batch = writes;
    writes = [];
    if (batch.length > 0) await port.write(view, batch);
  };
  for (const step of steps) {
    if ("write" in step) writes.push({ ref: step.write, value: step.value });
    else {
      await flush();
      fields = await port.invoke(view, step.invoke, step.parameters);
    }
  }
  await flush();
  return fields;
}

async function readBack<Native>(
  port: NativePort<Native>,
  view: EndpointView<Native>,
  properties: readonly PropertyMapping<Native>[],
): Promise<StateProperty[]> {
  if (properties.length === 0) return [];
  const changes = await port.read(view, sourcesOfProperties(properties));
  const arrived = new Map(changes.map(({ ref, value }) => [refKey(ref), value]));
  return propertiesOf(properties, contextOf(view, arrived, port.values(view)));
}

function before<T>(clock: Clock, until: number, run: () => Promise<T>): Promise<T> {
  const left = until - clock.monotonic();
  if (left <= 0) return Promise.reject(new ActionError("Expired", "the time of the command is over", 504));
  return new Promise((resolve, reject) => {
    const cancel = clock.after(left, () => reject(new ActionError("Timeout", `not done within ${left} ms`, 504)));
    run().then(resolve, reject).finally(cancel);
  });
}
