import { parseExtrinsicId } from "../extrinsic.ts";
import type { CapabilityReport, CommandAction, CommandEndpoint } from "../messages.ts";
import { librarySchemas, type SchemaSet } from "../schema-set.ts";
import { Findings, type Violation } from "../violation.ts";
import { attributeKey, type CapabilityCodec, clusterKey, READ_STATE, UPDATE_STATE } from "./capability-codec.ts";
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
import { elementKey } from "./conversion.ts";
import type { MatterCommandCluster, MatterCommandEndpoint } from "./messages.ts";
import { propertiesFrom, propertiesTo } from "./properties.ts";

/**
 * A command in Matter's ids, as connectors receive it (reference 4.3, 9.7). `ref` and `actionTraceId` have no place
 * there. Violations where a capability has no schema, or a name or value none of its ids; the values themselves are
 * for `validateCommand` to check before.
 */
export function toMatterCommand(
  endpoints: readonly CommandEndpoint[],
  schemas: SchemaSet = librarySchemas,
): { endpoints: MatterCommandEndpoint[] } | { violations: Violation[] } {
  return toClusters(endpoints, schemas, (capability, codec, place): MatterCommandCluster => {
    const commands = capability.actions.map((action, i) =>
      commandOf(action, codec, { ...place, path: `${place.path}.actions[${i}]` }),
    );
    return { id: clusterKey(codec.clusterId), revision: capability.version, commands };
  });
}

function commandOf(action: CommandAction, codec: CapabilityCodec, place: Place): Record<string, unknown> {
  const { name, parameters = {} } = action;
  const at: Place = { ...place, path: `${place.path}.parameters` };
  if (name === "UpdateState")
    return { [elementKey(UPDATE_STATE)]: propertiesTo(Object.entries(parameters), codec, at) };
  if (name === "ReadState")
    return { [elementKey(READ_STATE)]: attributesToRead(parameters["propertiesToRead"], codec, at) };
  const known = codec.actions.get(name);
  if (!known) {
    place.findings.add(`${place.path}.name`, name, "is not an action of the capability", place.where);
    return {};
  }
  return { [elementKey(known.request.id)]: converted(known.request.codec.toMatter, parameters, name, at) };
}

function attributesToRead(names: unknown, codec: CapabilityCodec, { path, where, findings }: Place): string[] {
  return (Array.isArray(names) ? names : []).map((name, i) => {
    const property = codec.properties.get(name);
    if (!property && name !== "*") {
      findings.add(`${path}.propertiesToRead[${i}]`, "propertiesToRead", "is not a property of the capability", where);
    }
    return property ? attributeKey(property.id) : "*";
  });
}

/**
 * A command in our form; `commands` may be a list of maps or one map (reference U27). The report of the device tells
 * capabilities with the same cluster apart.
 */
export function fromMatterCommand(
  endpoints: unknown,
  about: { schemas?: SchemaSet; report?: CapabilityReport } = {},
): { endpoints: CommandEndpoint[] } | { violations: Violation[] } {
  const { schemas = librarySchemas, report } = about;
  const findings = new Findings();
  const result = endpointsOf(endpoints, "endpoints", schemas, (id) => capabilitiesOf(report, id), findings).map(
    ({ id, clusters }): CommandEndpoint => ({
      endpointId: id,
      capabilities: clusters.map((cluster) => {
        const { document, id: capabilityId } = cluster.codec.capability;
        return {
          id: capabilityId,
          name: document.name,
          version: revisionOf(cluster),
          actions: actionsOf(cluster),
        };
      }),
    }),
  );
  return findings.violations.length > 0 ? { violations: findings.violations } : { endpoints: result };
}

function actionsOf({ codec, value, place }: Cluster): CommandAction[] {
  const listPlace: Place = { ...place, path: `${place.path}.commands` };
  return entriesOf(value["commands"], listPlace).flatMap(([text, fields]): CommandAction[] => {
    const at: Place = { ...place, path: `${listPlace.path}.${text.slice(0, 24)}` };
    const id = parseExtrinsicId(text);
    if (id === UPDATE_STATE)
      return [{ name: "UpdateState", parameters: propertiesFrom(entriesOf(fields, at), codec, at) }];
    if (id === READ_STATE)
      return [{ name: "ReadState", parameters: { propertiesToRead: propertiesToRead(fields, codec, at) } }];
    const action = [...codec.actions.values()].find(({ request }) => request.id === id);
    if (!action) {
      place.findings.add(at.path, "commands", "is not a command of the cluster", place.where);
      return [];
    }
    const given = Object.fromEntries(entriesOf(fields, at));
    const parameters = converted(action.request.codec.fromMatter, given, action.name, at);
    return [{ name: action.name, parameters: (parameters ?? {}) as Record<string, unknown> }];
  });
}

function propertiesToRead(ids: unknown, codec: CapabilityCodec, { path, where, findings }: Place): string[] {
  if (!Array.isArray(ids) || ids.length > 100) {
    findings.add(path, "commands", "must be a list of at most 100 attribute ids", where);
    return [];
  }
  return ids.map((id, i) => {
    const attribute = typeof id === "string" ? codec.attributes.get(parseExtrinsicId(id) ?? -1) : undefined;
    if (!attribute && id !== "*")
      findings.add(`${path}[${i}]`, "commands", "is not an attribute of the cluster", where);
    return attribute?.name ?? "*";
  });
}
