import { Matter } from "@matter/main";
import type { ClusterModel } from "@matter/main/model";
import type { ClientNode, Endpoint } from "@matter/main/node";
import { Read } from "@matter/main/protocol";
import type { CapabilityReport, RadioDevice, StateEndpoint } from "../plugins/protocol-plugin.ts";
import { type ClusterView, describeCluster, propertiesOf, viewCluster } from "./cluster-view.ts";

/** A cluster of one endpoint, and where matter.js keeps it. */
export interface EndpointCluster {
  readonly endpoint: Endpoint;
  /** Of its behaviour on the endpoint. */
  readonly id: string;
  readonly view: ClusterView;
}

type Values = Readonly<Record<string, unknown>>;

const valuesOf = (endpoint: Endpoint, id: string): Values => (endpoint.maybeStateOf(id) ?? {}) as Values;
const list = (value: unknown): number[] => [...((value ?? []) as Iterable<number>)].map(Number);

function clusterModelOf(endpoint: Endpoint, id: string): ClusterModel | undefined {
  const { schema } = endpoint.behaviors.supported[id] ?? {};
  return schema?.tag === "cluster" ? (schema as ClusterModel) : undefined;
}

/** The capabilities of a device, as its last word has them. */
export function clustersOf(node: ClientNode): EndpointCluster[] {
  return [...node.endpoints].flatMap((endpoint) =>
    Object.keys(endpoint.behaviors.supported).flatMap((id): EndpointCluster[] => {
      const cluster = clusterModelOf(endpoint, id);
      if (!cluster) return [];
      const { attributeList, acceptedCommandList } = valuesOf(endpoint, id);
      const view = viewCluster(cluster, { attributes: list(attributeList), commands: list(acceptedCommandList) });
      return view ? [{ endpoint, id, view }] : [];
    }),
  );
}

export const endpointIdOf = ({ number }: Endpoint): string => String(number);

/** `OnOffLight` gives `On/Off Light`: as Matter writes its device types. */
function deviceTypeName(id: number): string | undefined {
  const name = Matter.deviceTypes(id)
    ?.name.match(/[A-Z]+[a-z0-9]*/g)
    ?.join(" ");
  return name?.replace("On Off", "On/Off").replace("Plug In", "Plug-in");
}

function deviceTypesOf(endpoint: Endpoint): string[] {
  const { deviceTypeList = [] } = valuesOf(endpoint, "descriptor");
  const types = [...(deviceTypeList as Iterable<{ deviceType: number }>)];
  return types.map(({ deviceType }) => deviceTypeName(deviceType) ?? `Type ${deviceType}`);
}

const byEndpoint = (clusters: readonly EndpointCluster[]): Map<Endpoint, EndpointCluster[]> => {
  const grouped = new Map<Endpoint, EndpointCluster[]>();
  for (const one of clusters) grouped.set(one.endpoint, [...(grouped.get(one.endpoint) ?? []), one]);
  return grouped;
};

export function describeNode(deviceId: string, node: ClientNode): CapabilityReport {
  const endpoints = [...byEndpoint(clustersOf(node))].map(([endpoint, clusters]) => ({
    id: endpointIdOf(endpoint),
    deviceTypes: deviceTypesOf(endpoint),
    capabilities: clusters.map(({ view }) => describeCluster(view)),
  }));
  return { version: "1.0.0", nodeId: deviceId, endpoints };
}

export function stateOfNode(node: ClientNode): StateEndpoint[] {
  return [...byEndpoint(clustersOf(node))].flatMap(([endpoint, clusters]) => {
    const capabilities = clusters.flatMap(({ id, view }) => {
      const properties = propertiesOf(view, valuesOf(endpoint, id));
      return properties.length === 0 ? [] : [{ id: view.capability.id, properties }];
    });
    return capabilities.length === 0 ? [] : [{ endpointId: endpointIdOf(endpoint), capabilities }];
  });
}

/** What one cluster says of these values of matter.js' names; of all without them. */
export function propertiesOfCluster({ endpoint, id, view }: EndpointCluster, names?: readonly string[]) {
  return propertiesOf(view, valuesOf(endpoint, id), names && ((name) => names.includes(name)));
}

/** Asks the device for all it has, or for one cluster; what has changed arrives as any report does. */
export async function readNode(node: ClientNode, only?: EndpointCluster, signal?: AbortSignal): Promise<void> {
  const path = only ? { endpointId: only.endpoint.number, clusterId: only.view.cluster.id } : {};
  const request = Read({ attributes: [path] as never, fabricFilter: true });
  for await (const chunk of node.interaction.read(request, { abort: signal } as never)) {
    for await (const _report of chunk);
  }
}

/** It hears the hub only when it wakes up (Matter 1.4, 9.15: intermittently connected devices). */
export const isSleepy = (node: ClientNode): boolean => node.behaviors.supported["icdManagement"] !== undefined;

export function deviceOf(
  deviceId: string,
  node: ClientNode,
  about: { radioId?: string; reachable: boolean },
): RadioDevice {
  const { vendorName, productName, nodeLabel } = valuesOf(node, "basicInformation");
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  const names = { brand: text(vendorName), model: text(productName), name: text(nodeLabel) ?? text(productName) };
  const types = [...node.endpoints].filter(({ number }) => number !== 0).flatMap(deviceTypesOf);
  return {
    ...{ deviceId, protocol: "matter", deviceTypes: [...new Set(types)], interviewed: true },
    ...Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined)),
    sleepy: isSleepy(node),
    ...about,
  };
}
