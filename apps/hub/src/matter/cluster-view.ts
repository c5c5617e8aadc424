import {
  type Capability,
  capabilityByClusterId,
  describeViolation,
  effectiveRequest,
  fromMatterState,
  librarySchemas,
  parseExtrinsicId,
  toMatterCommand,
} from "@hearth/data-model";
import type { Json, JsonObject } from "@hearth/device-sdk";
import { Matter } from "@matter/main";
import type { AttributeModel, ClusterModel, CommandModel, EventModel } from "@matter/main/model";
import { ActionError } from "../plugins/action-error.ts";
import type { StateProperty } from "../plugins/protocol-plugin.ts";
import { fieldsFromIds, fieldsToIds, fromIds, toIds } from "./native-values.ts";

/**
 * One cluster of a device as a capability: what both the device has and the data model knows. The names are the data
 * model's (Matter 1.4), the values pass through the cluster's ids, so no table of names is kept here.
 */
export interface ClusterView {
  readonly capability: Capability;
  readonly cluster: ClusterModel;
  readonly attributes: readonly { name: string; mutable: boolean; model: AttributeModel }[];
  readonly actions: readonly { name: string; model: CommandModel }[];
  readonly events: readonly { name: string; model: EventModel }[];
}

const POWER_SOURCE = 0x2f;
const SCENES_MANAGEMENT = 0x62;
/** Attributes that every cluster has, which say how it is made: lists of ids, its revision, its features. */
const FIRST_GLOBAL = 0xf000;

/**
 * Whether a cluster is the device's purpose. Those that look after the node itself (credentials, access, networks,
 * diagnostics, groups, scenes) are the hub's, and nobody's to command from outside.
 */
function isShown(id: number): boolean {
  if (id === POWER_SOURCE) return true;
  const classification = Matter.clusters(id)?.classification;
  return id !== SCENES_MANAGEMENT && classification !== "node" && classification !== "endpoint";
}

/** Undefined for a cluster that the data model does not know, or that is not shown. */
export function viewCluster(
  cluster: ClusterModel,
  has: { attributes: readonly number[]; commands: readonly number[] },
): ClusterView | undefined {
  const known = cluster.id !== undefined && isShown(cluster.id) ? capabilityByClusterId(cluster.id) : undefined;
  const capability = known && librarySchemas.capability(known.id);
  if (!capability) return undefined;
  const { properties = {}, actions = [], events = [] } = capability.document;
  return {
    capability,
    cluster,
    attributes: Object.entries(properties).flatMap(([name, { extrinsicId, mutable = false }]) => {
      const id = parseExtrinsicId(extrinsicId) ?? -1;
      const model = id < FIRST_GLOBAL && has.attributes.includes(id) ? cluster.attributes(id) : undefined;
      return model ? [{ name, mutable, model }] : [];
    }),
    actions: actions.flatMap((action) => {
      const id = parseExtrinsicId(effectiveRequest(action).extrinsicId) ?? -1;
      const model = cluster.commands.find((command) => command.id === id && command.isRequest);
      return model && has.commands.includes(id) ? [{ name: action.name, model }] : [];
    }),
    // A device does not say which of the optional ones it has.
    events: events.flatMap(({ name, extrinsicId }) => {
      const model = cluster.events(parseExtrinsicId(extrinsicId) ?? -1);
      return model ? [{ name, model }] : [];
    }),
  };
}

const hex = (id = 0, digits = 4): string => `0x${id.toString(16).padStart(digits, "0")}`;

/** The capability of a capability report (reference 4.4). */
export function describeCluster({ capability, attributes, actions, events }: ClusterView) {
  const { name, extrinsicVersion } = capability.document;
  const names = (elements: readonly { name: string }[]) => elements.map((element) => element.name);
  return {
    ...{ id: capability.id, name, version: extrinsicVersion },
    ...{ properties: names(attributes), actions: names(actions), events: names(events) },
  };
}

function fromCluster({ cluster, capability }: ClusterView, said: object) {
  const clusters = [{ id: hex(cluster.id), publicId: capability.id, ...said }];
  const result = fromMatterState([{ id: "1", clusters }]);
  return "endpoints" in result ? result.endpoints[0]?.capabilities[0] : undefined;
}

/**
 * Values of matter.js, by its names, as properties. What the data model has no word for (a value of an enumeration that
 * is younger than it) is left out.
 */
export function propertiesOf(
  view: ClusterView,
  values: Readonly<Record<string, unknown>>,
  wanted: (propertyName: string) => boolean = () => true,
): StateProperty[] {
  const attributes = view.attributes.flatMap(({ model }): [string, unknown][] => {
    const value = wanted(model.propertyName) ? toIds(model, values[model.propertyName]) : undefined;
    return value === undefined ? [] : [[hex(model.id), value]];
  });
  if (attributes.length === 0) return [];
  const take = (some: [string, unknown][]) => fromCluster(view, { attributes: Object.fromEntries(some) })?.properties;
  const properties = take(attributes) ?? attributes.flatMap((one) => take([one]) ?? []);
  return properties.map(({ name, value }) => ({ name, value: withoutIds(value) as Json }));
}

/** Fields of structs that are younger than the data model have kept their ids for names. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== "object" || value === null) return value;
  const named = Object.entries(value).filter(([name]) => !name.startsWith("0x"));
  return Object.fromEntries(named.map(([name, one]) => [name, withoutIds(one)]));
}

/** Undefined for an event that the data model does not know. */
export function eventOf(view: ClusterView, model: EventModel, payload: unknown) {
  const fields = typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>) : {};
  const [event] = fromCluster(view, { events: { [hex(model.id, 2)]: fieldsToIds(model, fields) } })?.events ?? [];
  return event && { name: event.name, parameters: withoutIds(event.parameters ?? {}) as JsonObject };
}

/** @throws ActionError 400 where the data model does not know a name or a value */
function inIds({ capability }: ClusterView, name: string, parameters: JsonObject): Record<string, unknown> {
  const { id, document } = capability;
  const capabilities = [
    { id, name: document.name, version: document.extrinsicVersion, actions: [{ name, parameters }] },
  ];
  const result = toMatterCommand([{ endpointId: "1", capabilities }]);
  if ("endpoints" in result) {
    return Object.values(result.endpoints[0]?.clusters[0]?.commands[0] ?? {})[0] as Record<string, unknown>;
  }
  const [violation] = result.violations;
  throw new ActionError("InvalidParameters", violation ? describeViolation(violation) : "not known", 400);
}

/** A command for the device. @throws ActionError 501 for one that it does not have, 400 for its parameters */
export function requestOf(view: ClusterView, name: string, parameters: JsonObject) {
  const action = view.actions.find((one) => one.name === name);
  if (!action) throw new ActionError("NotImplement", `the device has no action ${name}`, 501);
  const fields = fieldsFromIds(action.model, inIds(view, name, parameters));
  return { command: action.model.propertyName, model: action.model, fields };
}

/** What the device answers, as the parameters of the action's response. */
export function responseOf(view: ClusterView, model: CommandModel, data: unknown): JsonObject {
  const response = model.responseModel;
  if (!response || typeof data !== "object" || data === null) return {};
  const fields = fieldsToIds(response, data as Record<string, unknown>);
  // Under the id of the command, which no other shares.
  const [action] = fromCluster(view, { commands: { [hex(model.id, 2)]: fields } })?.actions ?? [];
  return withoutIds(action?.parameters ?? {}) as JsonObject;
}

/** Values to write. @throws ActionError 400 for a property that cannot be written so, 501 for one that is not there */
export function writesOf(view: ClusterView, parameters: JsonObject): { model: AttributeModel; value: unknown }[] {
  for (const name of Object.keys(parameters)) {
    const attribute = view.attributes.find((one) => one.name === name);
    if (!attribute) throw new ActionError("NotImplement", `the device has no property ${name.slice(0, 64)}`, 501);
    if (!attribute.mutable) throw new ActionError("ReadOnlyProperty", `${name} cannot be written`, 400);
  }
  const values = new Map(Object.entries(inIds(view, "UpdateState", parameters)).map(([id, one]) => [Number(id), one]));
  return view.attributes.flatMap(({ model }) =>
    model.id !== undefined && values.has(model.id) ? [{ model, value: fromIds(model, values.get(model.id)) }] : [],
  );
}
