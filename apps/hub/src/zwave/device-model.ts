import type { Json } from "@hearth/device-sdk";
import {
  describe,
  type EndpointView,
  type NativeChange,
  type NativeValues,
  refKey,
  statesOf,
  toModel,
  viewEndpoint,
} from "../cdmb/conversion.ts";
import type { CapabilityReport, RadioDevice, StateEndpoint } from "../plugins/protocol-plugin.ts";
import { value as valueRef, valueText, type ZWaveEndpoint } from "./cdmb/endpoint.ts";
import { initialRawClasses, rawClassesKey } from "./cdmb/radio-cluster.ts";
import { zwaveTable } from "./cdmb/table.ts";
import { deviceTypeName } from "./device-types.ts";
import type { DpkEndpoint, DpkNode } from "./dpk/dpk.ts";

export type View = EndpointView<ZWaveEndpoint>;

export const deviceIdOf = (homeId: number, nodeId: number): string =>
  `zw.${homeId.toString(16).padStart(8, "0").toUpperCase()}.${nodeId}`;

/** A node seen through the tables, with the values that are known of it. */
export interface DeviceModel {
  readonly nodeId: number;
  readonly deviceId: string;
  readonly views: ReadonlyMap<string, View>;
  viewOf(endpoint: number): View | undefined;
  values(view: View): NativeValues;
  /** Remembers values that arrived, and what they mean for the model. */
  arrive(view: View, changes: readonly NativeChange[]): StateEndpoint["capabilities"];
  report(): CapabilityReport;
  state(): StateEndpoint[];
  device(managedThingId?: string): RadioDevice;
}

/**
 * A Multi Channel node says of itself as a whole what its endpoints have, so that a controller that knows no endpoints has
 * something to switch: only what no endpoint has is its own.
 */
function withoutRepetition(endpoints: readonly DpkEndpoint[]): readonly DpkEndpoint[] {
  const others = new Set(endpoints.flatMap(({ index, commandClasses }) => (index === 0 ? [] : commandClasses)));
  return endpoints.map((endpoint) =>
    endpoint.index > 0
      ? endpoint
      : {
          ...endpoint,
          commandClasses: endpoint.commandClasses.filter((id) => !others.has(id)),
          values: endpoint.values.filter(({ commandClass }) => !others.has(commandClass)),
        },
  );
}

/** Of a node without further endpoints, the node itself is the one. */
const endpointId = (index: number, count: number): string => (index === 0 && count === 1 ? "1" : `${index}`);

export function createDeviceModel(homeId: number, node: DpkNode): DeviceModel {
  const deviceId = deviceIdOf(homeId, node.nodeId);
  const endpoints = withoutRepetition(node.endpoints);
  const views = new Map(
    endpoints.map((endpoint) => {
      const id = endpointId(endpoint.index, endpoints.length);
      return [id, viewEndpoint(zwaveTable, id, nativeOf(endpoint))] as const;
    }),
  );
  const byIndex = new Map([...views.values()].map((view) => [view.native.index, view]));
  const known = new Map(endpoints.map((endpoint) => [endpoint.index, valuesOf(endpoint)]));
  const typesOf = (index: number) => {
    const endpoint = endpoints.find((one) => one.index === index);
    return endpoint ? [deviceTypeName(endpoint.deviceClass)] : [];
  };
  const valuesKnown = (view: View): Map<string, Json> => known.get(view.native.index) ?? new Map();
  const shown = [...views.values()].filter(({ capabilities }) => capabilities.length > 0);

  return {
    nodeId: node.nodeId,
    deviceId,
    views,
    viewOf: (endpoint) => byIndex.get(endpoint),
    values: valuesKnown,
    arrive(view, changes) {
      const values = valuesKnown(view);
      const capabilities = toModel(view, changes, values);
      for (const { ref, value } of changes) values.set(refKey(ref), value);
      return capabilities;
    },
    report: () =>
      describe(
        deviceId,
        shown.map((view) => ({ view, deviceTypes: typesOf(view.native.index) })),
      ),
    state: () => statesOf(shown, valuesKnown),
    device: (managedThingId) => ({
      ...{ deviceId, protocol: "ZWAVE", interviewed: node.interviewed, sleepy: node.sleepy, reachable: node.reachable },
      deviceTypes: [...new Set(shown.flatMap((view) => typesOf(view.native.index)))],
      ...(node.dsk === undefined ? {} : { radioId: node.dsk }),
      ...(node.manufacturer === undefined ? {} : { brand: node.manufacturer }),
      ...(node.model === undefined ? {} : { model: node.model }),
      ...(managedThingId === undefined ? {} : { managedThingId }),
    }),
  };
}

function nativeOf({ index, commandClasses, values }: DpkEndpoint): ZWaveEndpoint {
  return {
    index,
    commandClasses: new Set(commandClasses),
    values: new Set(values.map(({ commandClass, name }) => valueText(commandClass, name))),
  };
}

function valuesOf(endpoint: DpkEndpoint): Map<string, Json> {
  const values = new Map<string, Json>([[rawClassesKey, initialRawClasses(nativeOf(endpoint))]]);
  for (const { commandClass, name, value } of endpoint.values) {
    if (value !== undefined) values.set(refKey(valueRef(commandClass, name)), value);
  }
  return values;
}
