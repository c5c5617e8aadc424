import type { Json, JsonObject } from "@hearth/device-sdk";
import { type NativeChange, refKey } from "../cdmb/conversion.ts";
import { attributeRef, attributeType, clusters, receivedLayout, receivedRef } from "./cdmb/clusters.ts";
import type { ZigbeeEndpoint } from "./cdmb/endpoint.ts";
import { isRawCluster, rawClusters, rawClustersOf, rawReceived } from "./cdmb/radio-cluster.ts";
import { type AttributeRecord, decodeFields, decodeValue, Global, parseReport, type ZclFrame } from "./zcl.ts";

/** The native values that a frame from a device brings, in the tables' terms. `known`: the raw clusters so far. */
export function changesOfFrame(cluster: number, frame: ZclFrame, known: Json | undefined): NativeChange[] {
  if (frame.global) {
    if (frame.command !== Global.report) return [];
    // A maker's own attributes share their numbers with the library's.
    if (frame.manufacturer !== undefined && !isRawCluster(cluster)) return [];
    return changesOfRecords(cluster, parseReport(frame.payload), known);
  }
  if (isRawCluster(cluster)) return [{ ref: rawReceived, value: received(cluster, frame) }];
  const layout = frame.fromServer ? receivedLayout(cluster, frame.command) : undefined;
  if (!layout) return [];
  return [changeOfCommand(cluster, frame.command, decodeFields(layout, frame.payload))];
}

export function changesOfRecords(
  cluster: number,
  records: readonly AttributeRecord[],
  known: Json | undefined,
): NativeChange[] {
  if (isRawCluster(cluster)) return [{ ref: rawClusters, value: withRecords(known, cluster, records) }];
  return records.flatMap(({ id, type, data }) => {
    // What no table asks for is not kept: a device could otherwise fill the memory.
    const value = attributeType(cluster, id) === undefined ? undefined : decodeValue(type, data);
    return value === undefined ? [] : [{ ref: attributeRef(cluster, id), value }];
  });
}

/** What is told in two ways is one value: a zone's status, an appliance's signal state. */
function changeOfCommand(cluster: number, command: number, fields: JsonObject): NativeChange {
  const { zone, appliance } = clusters;
  if (cluster === zone.id && command === zone.received.statusChange.id) {
    return { ref: attributeRef(zone.id, zone.attributes.status[0]), value: fields["status"] ?? 0 };
  }
  if (cluster === appliance.id && command === appliance.received.signalStateNotification.id) {
    return { ref: receivedRef(appliance.id, appliance.received.signalStateResponse.id), value: fields };
  }
  return { ref: receivedRef(cluster, command), value: fields };
}

const received = (cluster: number, { command, payload, manufacturer }: ZclFrame): JsonObject => ({
  cluster,
  command,
  payload: payload.toString("hex"),
  ...(manufacturer === undefined ? {} : { manufacturerCode: manufacturer }),
});

interface RawCluster {
  id: number;
  attributes: { id: number; type?: number; value?: string }[];
}

/** Attributes of one cluster that are remembered. */
const MAX_ATTRIBUTES = 256;

/** The clusters of the endpoint that no table knows, before anything is known of them. */
export const initialRawClusters = (endpoint: ZigbeeEndpoint, raw: { [cluster: string]: number[] }): Json =>
  rawClustersOf(endpoint)
    .slice(0, 64)
    .map((id) => ({ id, attributes: (raw[`${endpoint.id}/${id}`] ?? []).map((attribute) => ({ id: attribute })) }));

/** The attributes of the raw clusters that are known of: cluster and ids. */
export const rawAttributeIds = (known: Json | undefined): { cluster: number; ids: number[] }[] =>
  ((Array.isArray(known) ? known : []) as unknown as RawCluster[])
    .filter(({ attributes }) => attributes.length > 0)
    .map(({ id, attributes }) => ({ cluster: id, ids: attributes.map((one) => one.id) }));

function withRecords(known: Json | undefined, cluster: number, records: readonly AttributeRecord[]): Json {
  const list = (Array.isArray(known) ? known : []) as unknown as RawCluster[];
  const next = list.map((one) => {
    if (one.id !== cluster) return one;
    const attributes = new Map(one.attributes.map((attribute) => [attribute.id, attribute]));
    for (const record of records) {
      if (attributes.has(record.id) || attributes.size < MAX_ATTRIBUTES)
        attributes.set(record.id, rawAttribute(record));
    }
    return { id: cluster, attributes: [...attributes.values()] };
  });
  return next as unknown as Json;
}

export const rawAttribute = ({ id, type, data }: AttributeRecord): { id: number; type: number; value: string } => ({
  id,
  type,
  value: data.toString("hex"),
});

export const rawClustersKey = refKey(rawClusters);
