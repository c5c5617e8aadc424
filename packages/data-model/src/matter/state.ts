import { parseExtrinsicId } from "../extrinsic.ts";
import type {
  CapabilityReport,
  CommandEndpoint,
  MessageAction,
  MessageCapability,
  MessageEndpoint,
  MessageEvent,
} from "../messages.ts";
import { librarySchemas, type SchemaSet } from "../schema-set.ts";
import { Findings, type Violation } from "../violation.ts";
import { type ActionCodec, type CapabilityCodec, clusterKey, READ_STATE, UPDATE_STATE } from "./capability-codec.ts";
import {
  type Cluster,
  capabilitiesOf,
  converted,
  endpointsOf,
  entriesOf,
  type Place,
  revisionOf,
  toClusters,
} from "./clusters.ts";
import { elementKey, isObject, memberStep } from "./conversion.ts";
import type { MatterCluster, MatterEndpoint } from "./messages.ts";
import { propertiesFrom, propertiesTo } from "./properties.ts";

/**
 * What a device says, in Matter's ids: properties as attributes, events, and actions as the responses to them
 * (reference 4.2). `lastChangedAt`, `ref` and `actionTraceId` have no place there.
 */
export function toMatterState(
  endpoints: readonly MessageEndpoint[],
  schemas: SchemaSet = librarySchemas,
): { endpoints: MatterEndpoint[] } | { violations: Violation[] } {
  return toClusters(endpoints, schemas, clusterOf);
}

function clusterOf(capability: MessageCapability, codec: CapabilityCodec, place: Place): MatterCluster {
  const { version, properties, actions, events } = capability;
  const keyed = <Item extends { name: string }>(
    items: readonly Item[],
    kind: string,
    convert: (item: Item, at: Place) => [string, unknown] | undefined,
  ): Record<string, unknown> => {
    const values = new Map<string, unknown>();
    for (const [i, item] of items.entries()) {
      const at: Place = { ...place, path: `${place.path}.${kind}[${i}]` };
      const entry = convert(item, at);
      if (!entry) place.findings.add(at.path, item.name, "is not part of the capability", place.where);
      else if (values.has(entry[0])) place.findings.add(at.path, item.name, "has the id of another one", place.where);
      else values.set(...entry);
    }
    return Object.fromEntries(values);
  };
  return {
    id: clusterKey(codec.clusterId),
    ...(version === undefined ? {} : { revision: version }),
    ...(properties && {
      attributes: propertiesTo(
        properties.map(({ name, value }) => [name, value]),
        codec,
        { ...place, path: `${place.path}.properties` },
      ),
    }),
    ...(actions && { commands: keyed(actions, "actions", (action, at) => responseTo(action, codec, at)) }),
    ...(events && {
      events: keyed(events, "events", ({ name, parameters = {} }, at) => {
        const event = codec.events.get(name);
        return event && [elementKey(event.id), converted(event.codec.toMatter, parameters, name, at)];
      }),
    }),
  };
}

function responseTo(action: MessageAction, codec: CapabilityCodec, place: Place): [string, unknown] | undefined {
  const { name, parameters = {}, responseCode, errors } = action;
  const at: Place = { ...place, path: `${place.path}.parameters` };
  const outcome = {
    ...(responseCode === undefined ? {} : { responseCode }),
    ...(errors === undefined ? {} : { errors }),
  };
  const builtIn = name === "UpdateState" ? UPDATE_STATE : name === "ReadState" ? READ_STATE : undefined;
  if (builtIn !== undefined) {
    return [elementKey(builtIn), { ...propertiesTo(Object.entries(parameters), codec, at), ...outcome }];
  }
  const response = codec.actions.get(name)?.response;
  if (!response) return undefined;
  const fields = converted(response.codec.toMatter, parameters, name, at) as Record<string, unknown>;
  return [elementKey(response.id), { ...fields, ...outcome }];
}

/**
 * What a connector or a hub says of a device, in our form: attributes, events, and responses to commands. `report`
 * tells capabilities with the same cluster apart; `asked` is the command that is answered: several commands of Matter
 * share one response. Values are converted, not checked: `validateProperties` and its kin do that.
 */
export function fromMatterState(
  endpoints: unknown,
  about: { schemas?: SchemaSet; report?: CapabilityReport; asked?: readonly CommandEndpoint[] } = {},
): { endpoints: MessageEndpoint[] } | { violations: Violation[] } {
  const { schemas = librarySchemas, report, asked = [] } = about;
  const findings = new Findings();
  const result = endpointsOf(endpoints, "endpoints", schemas, (id) => capabilitiesOf(report, id), findings).map(
    ({ id, clusters }): MessageEndpoint => ({
      endpointId: id,
      capabilities: clusters.map((cluster) => messageOf(cluster, askedOf(cluster, id, asked, schemas))),
    }),
  );
  return findings.violations.length > 0 ? { violations: findings.violations } : { endpoints: result };
}

function askedOf(
  { codec }: Cluster,
  endpointId: string,
  asked: readonly CommandEndpoint[],
  schemas: SchemaSet,
): string[] {
  return asked
    .filter((endpoint) => endpoint.endpointId === endpointId)
    .flatMap(({ capabilities }) => capabilities)
    .filter(({ id }) => schemas.resolve(id, "capability") === codec.capability.id)
    .flatMap(({ actions }) => actions.map(({ name }) => name));
}

function messageOf(cluster: Cluster, asked: readonly string[]): MessageCapability {
  const { codec, value, place } = cluster;
  const at = (kind: string): Place => ({ ...place, path: `${place.path}.${kind}` });
  const { id, document } = codec.capability;
  const message: MessageCapability = { id, name: document.name, version: revisionOf(cluster) };
  if (value["attributes"] !== undefined) {
    const values = propertiesFrom(entriesOf(value["attributes"], at("attributes")), codec, at("attributes"));
    message.properties = Object.entries(values).map(([name, one]) => ({ name, value: one }));
  }
  if (value["commands"] !== undefined) {
    const open = [...asked];
    message.actions = entriesOf(value["commands"], at("commands")).flatMap(([text, fields]) => {
      const commandPlace = at(`commands${memberStep(text)}`);
      return responseOf(parseExtrinsicId(text), fields, codec, open, commandPlace) ?? [];
    });
  }
  if (value["events"] !== undefined) {
    message.events = entriesOf(value["events"], at("events")).flatMap(([text, fields]): MessageEvent[] => {
      const eventPlace = at(`events${memberStep(text)}`);
      const event = codec.eventsById.get(parseExtrinsicId(text) ?? -1);
      if (!event) {
        place.findings.add(eventPlace.path, "events", "is not an event of the cluster", place.where);
        return [];
      }
      const given = Object.fromEntries(entriesOf(fields, eventPlace));
      const parameters = converted(event.codec.fromMatter, given, event.name, eventPlace);
      return [{ name: event.name, ...withParameters(parameters) }];
    });
  }
  return message;
}

const withParameters = (parameters: unknown): { parameters?: Record<string, unknown> } =>
  isObject(parameters) && Object.keys(parameters).length > 0 ? { parameters } : {};

/** A response with the outcome that stands among its fields (reference 4.2). */
function responseOf(
  id: number | undefined,
  value: unknown,
  codec: CapabilityCodec,
  open: string[],
  place: Place,
): MessageAction | undefined {
  const { responseCode, errors, ...fields } = Object.fromEntries(entriesOf(value, place));
  const outcome = {
    ...(responseCode === undefined ? {} : { responseCode: responseCode as number }),
    ...(errors === undefined ? {} : { errors: errors as NonNullable<MessageAction["errors"]> }),
  };
  if (id === UPDATE_STATE || id === READ_STATE) {
    const parameters = propertiesFrom(Object.entries(fields), codec, place);
    return { name: id === UPDATE_STATE ? "UpdateState" : "ReadState", ...withParameters(parameters), ...outcome };
  }
  const action = answeredBy(id, codec, open);
  if (typeof action === "string") {
    place.findings.add(place.path, "commands", action, place.where);
    return undefined;
  }
  const parameters = converted(action.response.codec.fromMatter, fields, action.name, place);
  return { name: action.name, ...withParameters(parameters), ...outcome };
}

/**
 * The action that a response answers: the one that was asked, else the only one with that response. Connectors may
 * answer under the id of the request as well.
 */
function answeredBy(id: number | undefined, codec: CapabilityCodec, open: string[]): ActionCodec | string {
  const actions = [...codec.actions.values()];
  const byResponse = actions.filter(({ response }) => response.id === id);
  const byRequest = actions.filter(({ request }) => request.id === id);
  for (const candidates of [byResponse, byRequest]) {
    const names = new Set(candidates.map((action) => action.name));
    const asked = open.findIndex((name) => names.has(name));
    if (asked < 0) continue;
    const [name] = open.splice(asked, 1);
    return candidates.find((action) => action.name === name)!;
  }
  const [only, another] = byResponse.length > 0 ? byResponse : byRequest;
  if (!only) return "is not a command of the cluster";
  return another
    ? `answers several actions (${byResponse.map(({ name }) => name).join(", ")}), none of which was asked: answer under the id of the command`
    : only;
}
