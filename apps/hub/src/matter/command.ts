import { type Clock, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { causedBy } from "@matter/main";
import type { ClientNode, ClusterBehavior } from "@matter/main/node";
import { Invoke, PeerCommunicationError, Write, WriteResult } from "@matter/main/protocol";
import { Status, StatusResponseError } from "@matter/main/types";
import { ActionError } from "../plugins/action-error.ts";
import type { CommandEndpoint, ResponseEndpoint, StateProperty } from "../plugins/protocol-plugin.ts";
import { requestOf, responseOf, writesOf } from "./cluster-view.ts";
import { clustersOf, type EndpointCluster, endpointIdOf, propertiesOfCluster, readNode } from "./node-device.ts";

type Capability = CommandEndpoint["capabilities"][number];
type Outcome = ResponseEndpoint["capabilities"][number]["actions"][number];

/**
 * Runs the actions of a command in order and says what became of each. A failed one does not keep the next from being
 * tried. The values of the cluster, read afterwards, go with the response.
 */
export async function runCommand(
  node: ClientNode,
  clock: Clock,
  within: number,
  endpoints: readonly CommandEndpoint[],
): Promise<ResponseEndpoint[]> {
  const until = clock.now() + within;
  const responses: ResponseEndpoint[] = [];
  for (const { endpointId, capabilities } of endpoints) {
    const answered: ResponseEndpoint["capabilities"] = [];
    for (const capability of capabilities) {
      answered.push(await runCapability(node, endpointId, capability, (work) => before(clock, until, work)));
    }
    responses.push({ endpointId, capabilities: answered });
  }
  return responses;
}

type InTime = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

async function runCapability(
  node: ClientNode,
  endpointId: string,
  { id, actions }: Capability,
  inTime: InTime,
): Promise<ResponseEndpoint["capabilities"][number]> {
  const outcomes: Outcome[] = [];
  const read = new Map<string, StateProperty>();
  for (const { name, ref, actionTraceId, parameters = {} } of actions) {
    const quoted = {
      name,
      ...(ref === undefined ? {} : { ref }),
      ...(actionTraceId === undefined ? {} : { actionTraceId }),
    };
    try {
      const cluster = clusterOf(node, endpointId, id);
      const done = await inTime((signal) => act(node, cluster, name, parameters, signal));
      for (const property of done.properties) read.set(property.name, property);
      outcomes.push({ ...quoted, responseCode: 200, parameters: done.parameters });
    } catch (error) {
      const { code, message, responseCode } = actionErrorOf(error);
      outcomes.push({ ...quoted, responseCode, errors: [{ code, message: message.slice(0, 256) }] });
    }
  }
  return { id, actions: outcomes, ...(read.size > 0 ? { properties: [...read.values()] } : {}) };
}

/** @throws ActionError 501 */
function clusterOf(node: ClientNode, endpointId: string, capabilityId: string): EndpointCluster {
  const clusters = clustersOf(node).filter(({ endpoint }) => endpointIdOf(endpoint) === endpointId);
  if (clusters.length === 0) throw new ActionError("NotImplement", `the device has no endpoint ${endpointId}`, 501);
  const [plain, version] = capabilityId.split("@");
  const found = clusters.find(({ view }) => {
    const [name, its] = view.capability.id.split("@");
    return name === plain && (version === undefined || version === its);
  });
  if (!found) throw new ActionError("NotImplement", `endpoint ${endpointId} has no ${capabilityId}`, 501);
  return found;
}

interface Done {
  parameters: JsonObject;
  properties: StateProperty[];
}

async function act(
  node: ClientNode,
  cluster: EndpointCluster,
  name: string,
  parameters: JsonObject,
  signal: AbortSignal,
): Promise<Done> {
  if (name === "ReadState") {
    const wanted = attributesOf(cluster, parameters["propertiesToRead"]);
    await readNode(node, cluster, signal);
    return { parameters: {}, properties: propertiesOfCluster(cluster, wanted) };
  }
  const answer =
    name === "UpdateState"
      ? await write(node, cluster, parameters, signal)
      : await invoke(node, cluster, name, parameters, signal);
  // The device has done it; that its values did not come back does not undo that.
  await readNode(node, cluster, signal).catch((error: unknown) => {
    if (!signal.aborted && !causedBy(error, PeerCommunicationError)) throw error;
  });
  return { parameters: answer, properties: propertiesOfCluster(cluster, changeable(cluster)) };
}

const typeOf = ({ endpoint, id }: EndpointCluster) =>
  (endpoint.behaviors.supported[id] as ClusterBehavior.Type).cluster;

async function invoke(
  node: ClientNode,
  cluster: EndpointCluster,
  name: string,
  parameters: JsonObject,
  signal: AbortSignal,
): Promise<JsonObject> {
  const { command, model, fields } = requestOf(cluster.view, name, parameters);
  const isBare = [...model.properties].length === 0;
  const request = Invoke.ConcreteCommandRequest({
    ...{ endpoint: cluster.endpoint, cluster: typeOf(cluster), command },
    ...(isBare ? {} : { fields }),
  } as never);
  for await (const chunk of node.interaction.invoke(Invoke({ commands: [request] }), { abort: signal } as never)) {
    for (const entry of chunk) {
      if (entry.kind === "cmd-response") return responseOf(cluster.view, model, entry.data);
      if (entry.status !== Status.Success) {
        throw StatusResponseError.create(entry.status, undefined, entry.clusterStatus);
      }
    }
  }
  return {};
}

async function write(
  node: ClientNode,
  cluster: EndpointCluster,
  parameters: JsonObject,
  signal: AbortSignal,
): Promise<JsonObject> {
  const type = typeOf(cluster);
  const attributes = (type.attributes ?? {}) as Record<string, unknown>;
  const writes = writesOf(cluster.view, parameters);
  const data = writes.map(({ model, value }) =>
    Write.Attribute({
      endpoint: cluster.endpoint,
      cluster: type,
      attributes: attributes[model.propertyName],
      value,
    } as never),
  );
  const timed = writes.some(({ model }) => model.effectiveAccess.timed === true);
  WriteResult.assertSuccess(await node.interaction.write(Write({ timed }, ...data), { abort: signal } as never));
  return {};
}

const changeable = ({ view }: EndpointCluster): string[] =>
  view.attributes.filter(({ model }) => !model.effectiveQuality.fixed).map(({ model }) => model.propertyName);

/** @throws ActionError 400 for no list, 501 for a property that is not there */
function attributesOf({ view }: EndpointCluster, names: unknown): string[] {
  if (!Array.isArray(names)) throw new ActionError("InvalidParameters", "propertiesToRead has to be a list", 400);
  if (names.includes("*")) return view.attributes.map(({ model }) => model.propertyName);
  return names.map((name) => {
    const found = view.attributes.find((one) => one.name === name);
    if (!found) throw new ActionError("NotImplement", `the device has no property ${String(name).slice(0, 64)}`, 501);
    return found.model.propertyName;
  });
}

const MISSING = [
  Status.UnsupportedEndpoint,
  Status.UnsupportedCluster,
  Status.UnsupportedCommand,
  Status.UnsupportedAttribute,
];
const WRONG = [
  Status.InvalidAction,
  Status.InvalidCommand,
  Status.ConstraintError,
  Status.InvalidDataType,
  Status.UnsupportedWrite,
];

/** What the device or matter.js says, as the response code of an action. */
function actionErrorOf(error: unknown): ActionError {
  if (error instanceof ActionError) return error;
  const status = StatusResponseError.of(error);
  if (status) {
    const name = Status[status.code] ?? "Failure";
    const responseCode = MISSING.includes(status.code)
      ? 501
      : WRONG.includes(status.code)
        ? 400
        : status.code === Status.Timeout
          ? 504
          : 500;
    return new ActionError(name, `the device answers ${name}: ${messageOf(error)}`, responseCode);
  }
  if (causedBy(error, PeerCommunicationError))
    return new ActionError("Timeout", `the device does not answer: ${messageOf(error)}`, 504);
  return new ActionError("Fail", messageOf(error), 500);
}

/** What is not done in time is ended, and never sent later. */
function before<T>(clock: Clock, until: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const left = until - clock.now();
  if (left <= 0) return Promise.reject(new ActionError("Expired", "the time of the command is over", 504));
  return new Promise((resolve, reject) => {
    const ending = new AbortController();
    const cancel = clock.after(left, () => {
      reject(new ActionError("Timeout", `not done within ${left} ms`, 504));
      ending.abort();
    });
    work(ending.signal).then(resolve, reject).finally(cancel);
  });
}
