import { parseExtrinsicId } from "../extrinsic.ts";
import type { CapabilityReport } from "../messages.ts";
import type { SchemaSet } from "../schema-set.ts";
import { Findings, type Violation } from "../violation.ts";
import { type CapabilityCodec, codecOfCluster, codecOfId } from "./capability-codec.ts";
import { type Convert, isObject, newRun } from "./conversion.ts";

/** Where in the whole something stands, and what collects what is wrong with it. */
export interface Place {
  path: string;
  where: Pick<Violation, "endpointId" | "capabilityId">;
  findings: Findings;
}

/** Lists of a report of connectors hold at most so many (reference 9.6). */
export const LIMITS = { endpoints: 50, clusters: 50, ids: 100 };

/** A list within its limit, or a finding and nothing. */
export function listOf(value: unknown, path: string, limit: number, { findings, where }: Place): readonly unknown[] {
  if (Array.isArray(value) && value.length <= limit) return value;
  findings.add(path, path.slice(path.lastIndexOf(".") + 1), `must be a list of at most ${limit} items`, where);
  return [];
}

/**
 * The entries of a map, which connectors also write as a list of maps with one key each (reference U27). Nothing for
 * a member that is left out.
 */
export function entriesOf(value: unknown, place: Place): [string, unknown][] {
  if (value === undefined || value === null) return [];
  const maps = Array.isArray(value) ? value : [value];
  const entries =
    maps.length <= LIMITS.ids && maps.every(isObject) ? maps.flatMap((map) => Object.entries(map)) : undefined;
  if (entries && entries.length <= LIMITS.ids) return entries;
  const member = place.path.slice(place.path.lastIndexOf(".") + 1);
  place.findings.add(place.path, member, `must be a map of at most ${LIMITS.ids} ids`, place.where);
  return [];
}

/** Converts a value, or says why not and returns undefined. */
export function converted(convert: Convert, value: unknown, member: string, { path, where, findings }: Place): unknown {
  const run = newRun();
  const result = convert(value, "", run);
  for (const problem of run.problems) findings.add(path + problem.path, member, problem.message, where);
  return run.problems.length > 0 ? undefined : result;
}

/** Ids of capabilities that the endpoint is known to have, so that one of several with the same cluster is found. */
export function capabilitiesOf(report: CapabilityReport | undefined, endpointId: unknown): readonly string[] {
  return report?.endpoints.find(({ id }) => id === endpointId)?.capabilities.map(({ id }) => id) ?? [];
}

/** Each endpoint's capabilities as clusters of Matter; violations where one has no schema, or `clusterOf` finds some. */
export function toClusters<Capability extends { id: string }, MatterForm>(
  endpoints: readonly { endpointId: string; capabilities: readonly Capability[] }[],
  schemas: SchemaSet,
  clusterOf: (capability: Capability, codec: CapabilityCodec, place: Place) => MatterForm,
): { endpoints: { id: string; clusters: MatterForm[] }[] } | { violations: Violation[] } {
  const findings = new Findings();
  const result = endpoints.map(({ endpointId, capabilities }, i) => ({
    id: endpointId,
    clusters: capabilities.flatMap((capability, j): MatterForm[] => {
      const path = `endpoints[${i}].capabilities[${j}]`;
      const where = { endpointId, capabilityId: capability.id };
      const codec = codecOfId(capability.id, schemas);
      if (codec) return [clusterOf(capability, codec, { path, where, findings })];
      findings.add(`${path}.id`, "id", "has no schema that says its cluster", where);
      return [];
    }),
  }));
  return findings.violations.length > 0 ? { violations: findings.violations } : { endpoints: result };
}

export interface Cluster {
  codec: CapabilityCodec;
  value: Record<string, unknown>;
  place: Place;
}

export interface Endpoint {
  id: string;
  value: Record<string, unknown>;
  clusters: Cluster[];
}

/** The endpoints and clusters of anything in Matter's form that can be made sense of; the rest are findings. */
export function endpointsOf(
  value: unknown,
  path: string,
  schemas: SchemaSet,
  preferred: (endpointId: string) => readonly string[],
  findings: Findings,
): Endpoint[] {
  const endpoints: Endpoint[] = [];
  for (const [i, endpoint] of listOf(value, path, LIMITS.endpoints, { path, where: {}, findings }).entries()) {
    if (findings.isFull) break;
    const endpointPath = `${path}[${i}]`;
    const id = isObject(endpoint) ? endpoint["id"] : undefined;
    if (!isObject(endpoint) || typeof id !== "string") {
      findings.add(`${endpointPath}.id`, "id", "must be a text");
      continue;
    }
    const place: Place = { path: endpointPath, where: { endpointId: id.slice(0, 64) }, findings };
    const clusters = listOf(endpoint["clusters"], `${endpointPath}.clusters`, LIMITS.clusters, place);
    endpoints.push({
      id,
      value: endpoint,
      clusters: clusters.flatMap((cluster, j) => {
        if (findings.isFull) return [];
        return clusterOf(cluster, { ...place, path: `${endpointPath}.clusters[${j}]` }, preferred(id), schemas) ?? [];
      }),
    });
  }
  return endpoints;
}

function clusterOf(
  value: unknown,
  place: Place,
  preferred: readonly string[],
  schemas: SchemaSet,
): Cluster | undefined {
  const id = isObject(value) ? value["id"] : undefined;
  const number = typeof id === "string" ? parseExtrinsicId(id) : undefined;
  if (!isObject(value) || number === undefined) {
    place.findings.add(`${place.path}.id`, "id", "must be a cluster id such as 0x0006", place.where);
    return undefined;
  }
  const publicId = value["publicId"];
  const codec = codecOfCluster(number, typeof publicId === "string" ? [publicId, ...preferred] : preferred, schemas);
  if (typeof codec === "string") {
    place.findings.add(`${place.path}.id`, "id", codec, place.where);
    return undefined;
  }
  return { codec, value, place: { ...place, where: { ...place.where, capabilityId: codec.capability.id } } };
}

/** The cluster's revision, written as a number or as its digits; the capability's own where it is left out. */
export function revisionOf({ codec, value }: Cluster): string {
  const { revision } = value;
  return revision === undefined ? codec.capability.document.extrinsicVersion : String(revision).slice(0, 64);
}
