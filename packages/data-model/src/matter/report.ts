import { validateProperties } from "../device-values.ts";
import { parseExtrinsicId } from "../extrinsic.ts";
import type { CapabilityReport, MessageCapability, MessageEndpoint, MessageProperty } from "../messages.ts";
import { validateCapabilityReport } from "../report.ts";
import { librarySchemas, type SchemaSet } from "../schema-set.ts";
import { Findings, type Violation } from "../violation.ts";
import {
  attributeKey,
  type CapabilityCodec,
  clusterKey,
  codecOfId,
  READ_STATE,
  UPDATE_STATE,
} from "./capability-codec.ts";
import { type Cluster, converted, endpointsOf, LIMITS, listOf, type Place, revisionOf } from "./clusters.ts";
import { elementKey, isObject } from "./conversion.ts";
import type { MatterCapabilityReport, MatterReportCluster } from "./messages.ts";

const BUILT_IN = new Map([
  ["UpdateState", UPDATE_STATE],
  ["ReadState", READ_STATE],
]);
const BUILT_IN_NAMES = new Map([...BUILT_IN].map(([name, id]) => [id, name]));

/**
 * A capability report in Matter's ids (reference 9.6). Violations where a capability has no schema, so that nobody
 * knows its ids, or lacks what the report says of it.
 */
export function toMatterReport(
  report: CapabilityReport,
  schemas: SchemaSet = librarySchemas,
): { report: MatterCapabilityReport } | { violations: Violation[] } {
  const findings = new Findings();
  const endpoints = report.endpoints.map(({ id: endpointId, deviceTypes, capabilities }, i) => ({
    id: endpointId,
    deviceTypes,
    clusters: capabilities.flatMap((capability, j): MatterReportCluster[] => {
      const place: Place = {
        path: `endpoints[${i}].capabilities[${j}]`,
        where: { endpointId, capabilityId: capability.id },
        findings,
      };
      const codec = codecOfId(capability.id, schemas);
      if (!codec) {
        findings.add(`${place.path}.id`, "id", "has no schema that says its cluster", place.where);
        return [];
      }
      return [
        {
          id: clusterKey(codec.clusterId),
          revision: Number(capability.version),
          publicId: capability.id,
          name: capability.name,
          attributes: idsOf(capability.properties, (name) => codec.properties.get(name)?.id, "properties", place).map(
            ({ id, name }) => ({ id: attributeKey(id), name }),
          ),
          commands: idsOf(
            capability.actions,
            (name) => BUILT_IN.get(name) ?? codec.actions.get(name)?.request.id,
            "actions",
            place,
          ).map(({ id }) => elementKey(id)),
          events: idsOf(capability.events, (name) => codec.events.get(name)?.id, "events", place).map(({ id }) =>
            elementKey(id),
          ),
        },
      ];
    }),
  }));
  const { version, nodeId } = report;
  if (findings.violations.length > 0) return { violations: findings.violations };
  return { report: { version, ...(nodeId === undefined ? {} : { nodeId }), endpoints } };
}

function idsOf(
  names: readonly string[],
  idOf: (name: string) => number | undefined,
  kind: string,
  { path, where, findings }: Place,
): { name: string; id: number }[] {
  return names.flatMap((name, i) => {
    const id = idOf(name);
    if (id !== undefined) return [{ name, id }];
    findings.add(`${path}.${kind}[${i}]`, name, "is not part of the capability", where);
    return [];
  });
}

/**
 * A report of a connector or a hub in our form, and the state that its attributes say, both checked. What our form
 * has no place for (parts, semantic tags, client clusters, feature map) is left out.
 */
export function fromMatterReport(
  report: unknown,
  schemas: SchemaSet = librarySchemas,
): { report: CapabilityReport; state: MessageEndpoint[] } | { violations: Violation[] } {
  const findings = new Findings();
  if (!isObject(report)) {
    findings.add("report", "report", "must be an object");
    return { violations: findings.violations };
  }
  const endpoints = endpointsOf(report["endpoints"], "endpoints", schemas, () => [], findings).map((endpoint) => ({
    id: endpoint.id,
    deviceTypes: endpoint.value["deviceTypes"],
    capabilities: endpoint.clusters.map((cluster) => capabilityOf(cluster)),
  }));
  const result = {
    version: report["version"],
    ...(report["nodeId"] === undefined ? {} : { nodeId: report["nodeId"] }),
    endpoints: endpoints.map(({ capabilities, ...endpoint }) => ({
      ...endpoint,
      capabilities: capabilities.map(({ reported }) => reported),
    })),
  };
  const violations = [...findings.violations];
  if (violations.length === 0) violations.push(...validateCapabilityReport(result, schemas));
  if (violations.length > 0) return { violations };
  const state = endpoints.flatMap(({ id: endpointId, capabilities }): MessageEndpoint[] => {
    const known = capabilities.flatMap(({ state: one }) => one ?? []);
    return known.length === 0 ? [] : [{ endpointId, capabilities: known }];
  });
  const checked = result as CapabilityReport;
  const wrong = validateProperties(checked, state, schemas);
  return wrong.length > 0 ? { violations: wrong } : { report: checked, state };
}

function capabilityOf(cluster: Cluster) {
  const { codec, value, place } = cluster;
  const { id, document } = codec.capability;
  const about = { id, name: document.name, version: revisionOf(cluster) };
  const state: MessageProperty[] = [];
  const properties = listOf(value["attributes"] ?? [], `${place.path}.attributes`, LIMITS.ids, place).flatMap(
    (attribute, i) => {
      const at: Place = { ...place, path: `${place.path}.attributes[${i}]` };
      const known = elementOf(codec.attributes, isObject(attribute) ? attribute["id"] : attribute, "attribute", at);
      if (!known) return [];
      if (isObject(attribute) && attribute["value"] !== undefined) {
        const found = converted(known.codec.fromMatter, attribute["value"], known.name, {
          ...at,
          path: `${at.path}.value`,
        });
        if (found !== undefined) state.push({ name: known.name, value: found });
      }
      return [known.name];
    },
  );
  const names = (kind: "commands" | "events", nameOf: (id: number) => string | undefined) =>
    listOf(value[kind] ?? [], `${place.path}.${kind}`, LIMITS.ids, place).flatMap((text, i) => {
      const number = typeof text === "string" ? parseExtrinsicId(text) : undefined;
      const name = number === undefined ? undefined : nameOf(number);
      if (name !== undefined) return [name];
      place.findings.add(`${place.path}.${kind}[${i}]`, kind, "is not part of the capability", place.where);
      return [];
    });
  const actionNames = new Map([...codec.actions.values()].map(({ name, request }) => [request.id, name]));
  const reported = {
    ...about,
    properties,
    actions: names("commands", (number) => BUILT_IN_NAMES.get(number) ?? actionNames.get(number)),
    events: names("events", (number) => codec.eventsById.get(number)?.name),
  };
  const known: MessageCapability | undefined = state.length === 0 ? undefined : { ...about, properties: state };
  return { reported, state: known };
}

/** An attribute or an event by the text of its id, or a finding. */
function elementOf(
  elements: CapabilityCodec["attributes"],
  text: unknown,
  kind: string,
  { path, where, findings }: Place,
) {
  const element = typeof text === "string" ? elements.get(parseExtrinsicId(text) ?? -1) : undefined;
  if (!element) findings.add(path, kind, "is not part of the capability", where);
  return element;
}
