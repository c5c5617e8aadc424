import type { Json, JsonObject } from "@hearth/device-sdk";
import type { NativeRef } from "../../cdmb/conversion.ts";
import { ActionError } from "../../plugins/action-error.ts";
import { isKnownCluster, managementClusters } from "./clusters.ts";
import type { ZigbeeEndpoint } from "./endpoint.ts";
import type { ZigbeeMapping } from "./mapping.ts";

/**
 * What no table knows is carried, not dropped: one capability for all such clusters of an endpoint, with values in
 * hexadecimal as they are on air. Who knows the device's maker can read, write and send.
 */
export const rawClusters: NativeRef = { raw: "clusters" };
export const rawReceived: NativeRef = { raw: "received" };
export const rawRead: NativeRef = { raw: "read" };
export const rawWrite: NativeRef = { raw: "write" };
export const rawSend: NativeRef = { raw: "send" };

export const isRawCluster = (cluster: number): boolean => !isKnownCluster(cluster) && !managementClusters.has(cluster);

export const rawClustersOf = ({ inputs }: ZigbeeEndpoint): number[] => [...inputs].filter(isRawCluster);

/** A frame has room for no more, whatever the schema allows any radio. */
export const MOST_BYTES = 80;
/** Attributes of one Read or Write, as the schema has it. */
export const MOST_ATTRIBUTES = 32;

const HEX = new RegExp(`^(?:[0-9a-f]{2}){0,${MOST_BYTES}}$`, "i");

/** Checked parameters of the three actions; the cluster must be one of the endpoint's that no table knows. */
export function rawRequest(endpoint: ZigbeeEndpoint, parameters: JsonObject): RawRequest {
  const cluster = number(parameters, "cluster", 0xffff);
  if (!isRawCluster(cluster) || !endpoint.inputs.has(cluster)) {
    throw new ActionError("InvalidParameters", `cluster ${cluster} is not one of this capability's here`, 400);
  }
  return {
    cluster,
    ...(parameters["manufacturerCode"] === undefined
      ? {}
      : { manufacturer: number(parameters, "manufacturerCode", 0xffff) }),
  };
}

export interface RawRequest {
  cluster: number;
  manufacturer?: number;
}

export function number(parameters: JsonObject, name: string, maximum: number): number {
  const value = parameters[name];
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= maximum) return value;
  throw new ActionError("InvalidParameters", `${name} is not a whole number from 0 to ${maximum}`, 400);
}

export function bytes(parameters: JsonObject, name: string): Buffer {
  const value: Json | undefined = parameters[name] ?? "";
  if (typeof value === "string" && HEX.test(value)) return Buffer.from(value, "hex");
  throw new ActionError("InvalidParameters", `${name} is not at most ${MOST_BYTES} bytes in hexadecimal`, 400);
}

export function attributeIds(parameters: JsonObject): number[] {
  const list = parameters["attributes"];
  if (Array.isArray(list) && list.length > 0 && list.length <= MOST_ATTRIBUTES) {
    return list.map((id) => number({ id: id as Json }, "id", 0xffff));
  }
  throw new ActionError("InvalidParameters", `attributes is not a list of 1 to ${MOST_ATTRIBUTES} numbers`, 400);
}

const invoke = (ref: NativeRef) => (parameters: JsonObject) => [{ invoke: ref, parameters }];

export const radioCluster: ZigbeeMapping = {
  capability: "hearth.RadioCluster@1.0",
  name: "Radio Cluster",
  version: "1",
  when: (endpoint) => rawClustersOf(endpoint).length > 0,
  properties: [{ name: "Clusters", native: rawClusters }],
  actions: [
    {
      name: "Read",
      run: invoke(rawRead),
      response: { attributes: { native: "attributes" } },
      affects: ["Clusters"],
    },
    { name: "Write", run: invoke(rawWrite), affects: ["Clusters"] },
    { name: "Send", run: invoke(rawSend), affects: [] },
  ],
  events: [{ name: "Received", native: rawReceived, when: (value) => value as JsonObject }],
};
