import {
  type CapabilityReport,
  type CommandEndpoint,
  describeViolation,
  fromMatterCommand,
  librarySchemas,
  type MatterCapabilityReport,
  type MatterEndpoint,
  type MessageEndpoint,
  toMatterReport,
  toMatterState,
  type Violation,
} from "@hearth/data-model";
import type { DeviceCommand } from "./handlers.ts";

/** A capability of a device, by the names of the data model. */
export interface CapabilityDescription {
  /** `matter.OnOff@1.4`; without a version the latest one is meant. */
  id: string;
  /** Their names; with their values where the state is known. */
  properties?: readonly string[] | Readonly<Record<string, unknown>>;
  actions?: readonly string[];
  events?: readonly string[];
}

export interface EndpointDescription {
  /** `1` */
  id: string;
  deviceTypes: readonly string[];
  capabilities: readonly CapabilityDescription[];
}

/** What a device is and can do. */
export interface DeviceDescription {
  nodeId?: string;
  endpoints: readonly EndpointDescription[];
}

/** What a device says of one capability. */
export interface CapabilityState {
  id: string;
  /** Values by the properties' names. */
  properties?: Readonly<Record<string, unknown>>;
  /** Parameters by the events' names. */
  events?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Responses to actions, by these: parameters and outcome. */
  actions?: Readonly<Record<string, ActionOutcome>>;
}

export interface ActionOutcome {
  parameters?: Readonly<Record<string, unknown>>;
  /** As in HTTP. */
  responseCode?: number;
}

export interface EndpointState {
  /** `1` */
  id: string;
  capabilities: readonly CapabilityState[];
}

/** A name or a value that the data model does not have; the message says where. */
export class MatterError extends Error {
  override name = "MatterError";
}

const refusedBy = (what: string, violations: readonly Violation[]): MatterError =>
  new MatterError(`${what}: ${violations.slice(0, 5).map(describeViolation).join("; ")}`);

/** The name and the cluster revision of a capability are the library's. */
function aboutOf(capabilityId: string): { id: string; name: string; version: string } {
  const id = librarySchemas.resolve(capabilityId, "capability");
  const document = id === undefined ? undefined : librarySchemas.capability(id)?.document;
  if (id === undefined || !document)
    throw new MatterError(`${capabilityId.slice(0, 128)} is no capability of the library`);
  return { id, name: document.name, version: document.extrinsicVersion };
}

const isNames = (properties: CapabilityDescription["properties"]): properties is readonly string[] =>
  Array.isArray(properties);

/** The capability report of a device in Matter's ids, as DEVICE_DISCOVERY carries it. Throws a `MatterError`. */
function report(device: DeviceDescription): MatterCapabilityReport {
  const named: CapabilityReport = {
    version: "1.0.0",
    ...(device.nodeId === undefined ? {} : { nodeId: device.nodeId }),
    endpoints: device.endpoints.map(({ id, deviceTypes, capabilities }) => ({
      id,
      deviceTypes: [...deviceTypes],
      capabilities: capabilities.map(({ id: capabilityId, properties = [], actions = [], events = [] }) => ({
        ...aboutOf(capabilityId),
        properties: isNames(properties) ? [...properties] : Object.keys(properties),
        actions: [...actions],
        events: [...events],
      })),
    })),
  };
  const converted = toMatterReport(named);
  if ("violations" in converted) throw refusedBy("report", converted.violations);
  for (const [i, endpoint] of device.endpoints.entries()) {
    for (const [j, { id, properties = [] }] of endpoint.capabilities.entries()) {
      if (isNames(properties)) continue;
      const known = Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
      const { attributes = {} } =
        state({ id: endpoint.id, capabilities: [{ id, properties: known }] }).clusters[0] ?? {};
      for (const attribute of converted.report.endpoints[i]?.clusters[j]?.attributes ?? []) {
        if (Object.hasOwn(attributes, attribute.id)) attribute.value = attributes[attribute.id];
      }
    }
  }
  return converted.report;
}

/** What a device says in Matter's ids, as DEVICE_EVENT and DEVICE_COMMAND_RESPONSE carry it. Throws a `MatterError`. */
function state(endpoint: EndpointState): MatterEndpoint {
  const said: MessageEndpoint = {
    endpointId: endpoint.id,
    capabilities: endpoint.capabilities.map(({ id, properties, actions, events }) => ({
      id: aboutOf(id).id,
      ...(properties && { properties: Object.entries(properties).map(([name, value]) => ({ name, value })) }),
      ...(actions && { actions: Object.entries(actions).map(([name, outcome]) => ({ name, ...outcome })) }),
      ...(events && { events: Object.entries(events).map(([name, parameters]) => ({ name, parameters })) }),
    })),
  };
  const converted = toMatterState([said]);
  if ("violations" in converted) throw refusedBy("state", converted.violations);
  return converted.endpoints[0] ?? { id: endpoint.id, clusters: [] };
}

/** A command in Matter's ids, as AWS.SendCommand carries it, by names and in its order. Throws a `MatterError`. */
export function commandsOf(endpoints: unknown, what = "endpoints"): DeviceCommand[] {
  const converted = fromMatterCommand(endpoints);
  if ("violations" in converted) throw refusedBy(what, converted.violations);
  return converted.endpoints.flatMap(({ endpointId, capabilities }: CommandEndpoint) =>
    capabilities.flatMap(({ id, actions }) =>
      actions.map(({ name, parameters = {} }) => ({ endpointId, capability: id, action: name, parameters })),
    ),
  );
}

/** Between the names of the data model and Matter's ids. */
export const matter = { report, state, commands: (endpoints: unknown): DeviceCommand[] => commandsOf(endpoints) };
