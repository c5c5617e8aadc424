import type { Json, JsonObject } from "@hearth/device-sdk";
import { ActionError } from "../plugins/action-error.ts";
import type { CapabilityReport, StateEndpoint, StateProperty } from "../plugins/protocol-plugin.ts";
import { type ConverterName, namedConverters } from "./converters.ts";

/**
 * The language of the bridge's tables: how capabilities of the data model and a protocol's own values mean each other.
 * A table is a list of `CapabilityMapping`s; this file reads it and knows no protocol. `Native` is what the protocol
 * knows of one endpoint (its clusters or command classes): only the functions of the table look into it.
 */
export interface CapabilityMapping<Native> {
  /** `matter.OnOff@1.4`, and what a capability report says with it: name and revision as the library has them. */
  readonly capability: string;
  readonly name: string;
  readonly version: string;
  /** Whether an endpoint shows it. */
  readonly when: (native: Native) => boolean;
  readonly properties: readonly PropertyMapping<Native>[];
  readonly actions?: readonly ActionMapping<Native>[];
  readonly events?: readonly EventMapping<Native>[];
  readonly reporting?: readonly Reporting[];
}

/** Names one native value, as the protocol does: `{ cluster: 6, attribute: 0 }`. Compared by its members. */
export type NativeRef = { readonly [name: string]: string | number | boolean };

export interface PropertyMapping<Native> {
  readonly name: string;
  /** Left out where an endpoint lacks it; without it, it is there with its capability. */
  readonly when?: (native: Native) => boolean;
  /** Where its value comes from. Of several, the first is the value and the others are `known` to the converter. */
  readonly native: NativeRef | readonly NativeRef[];
  /** Undefined: the native value says nothing. `same` unless given. */
  readonly read?: Converter<Native>;
  /** Of a property that can be written: its value for `native`. Throws ActionError 400 for a value that does not do. */
  readonly write?: Converter<Native>;
  /** Of a property that is written by other means than its own native value, say a command. */
  readonly update?: (value: Json, context: Conversion<Native>) => readonly NativeStep[];
}

/** A plain function, or the name of one that both protocols need. */
export type Converter<Native> = ConverterName | ((value: Json, context: Conversion<Native>) => Json | undefined);

export interface Conversion<Native> {
  readonly native: Native;
  /** The last value that is known of `ref` (with the ones that arrived together). */
  known(ref: NativeRef): Json | undefined;
  /** Of an event: the value before. */
  readonly previous?: Json;
}

/** One thing that a device is asked to do. */
export type NativeStep =
  | { readonly write: NativeRef; readonly value: Json }
  | { readonly invoke: NativeRef; readonly parameters: JsonObject };

export interface ActionMapping<Native> {
  readonly name: string;
  readonly when?: (native: Native) => boolean;
  /** The command that it is, its parameters by their names in the model, and the fields that are always the same. */
  readonly native?: NativeRef;
  readonly parameters?: { readonly [name: string]: ParameterMapping<Native> };
  readonly fixed?: JsonObject;
  /** Instead of `native`: an action that is several steps, or none that can be written down. */
  readonly run?: (parameters: JsonObject, context: Conversion<Native>) => readonly NativeStep[];
  /** What the command's answer becomes: the model's name by the native field. */
  readonly response?: { readonly [name: string]: ParameterMapping<Native> };
  /** Properties that it changes: they are read again and go with the response. All reported ones unless given. */
  readonly affects?: readonly string[];
}

export interface ParameterMapping<Native> {
  /** The native field. */
  readonly native: string;
  readonly convert?: Converter<Native>;
  /** For one that was not given; without it, the parameter has to be. */
  readonly otherwise?: Json;
}

export interface EventMapping<Native> {
  readonly name: string;
  /** A value whose change, or a notification whose arrival, may be the event. */
  readonly native: NativeRef;
  /** The event's parameters; undefined when this was none. */
  readonly when: (value: Json, context: Conversion<Native>) => JsonObject | undefined;
}

/** What the device is asked to report by itself: seconds, and the least change in native units. */
export interface Reporting {
  readonly native: NativeRef;
  readonly min: number;
  readonly max: number;
  readonly change?: number;
}

/** One endpoint seen through a table: which capabilities it has, and which properties a native value concerns. */
export interface EndpointView<Native> {
  readonly id: string;
  readonly native: Native;
  readonly capabilities: readonly CapabilityMapping<Native>[];
  readonly concerned: ReadonlyMap<string, readonly Concern<Native>[]>;
}

interface Concern<Native> {
  readonly mapping: CapabilityMapping<Native>;
  readonly property?: PropertyMapping<Native>;
  readonly event?: EventMapping<Native>;
}

export interface NativeChange {
  readonly ref: NativeRef;
  readonly value: Json;
}

/** Native values by `refKey`: what the protocol's side remembers of an endpoint. */
export type NativeValues = ReadonlyMap<string, Json>;

type CapabilityState = StateEndpoint["capabilities"][number];

/** The same text for the same members, whatever their order. */
export function refKey(ref: NativeRef): string {
  return Object.keys(ref)
    .sort()
    .map((name) => `${name}=${ref[name]}`)
    .join("&");
}

/** Capabilities, properties and actions that do not apply to `native` are not in the view. */
export function viewEndpoint<Native>(
  table: readonly CapabilityMapping<Native>[],
  id: string,
  native: Native,
): EndpointView<Native> {
  const concerned = new Map<string, Concern<Native>[]>();
  const concern = (ref: NativeRef, one: Concern<Native>) => {
    const key = refKey(ref);
    concerned.set(key, [...(concerned.get(key) ?? []), one]);
  };
  const applies = (part: { when?: (native: Native) => boolean }) => part.when?.(native) ?? true;
  const capabilities = table
    .filter((mapping) => mapping.when(native))
    .map((mapping) => ({
      ...mapping,
      properties: mapping.properties.filter(applies),
      actions: (mapping.actions ?? []).filter(applies),
    }));
  for (const mapping of capabilities) {
    for (const property of mapping.properties) {
      for (const ref of sourcesOf(property)) concern(ref, { mapping, property });
    }
    for (const event of mapping.events ?? []) concern(event.native, { mapping, event });
  }
  return { id, native, capabilities, concerned };
}

/** The capability report's endpoint (reference 4.4). */
function describeEndpoint<Native>(
  view: EndpointView<Native>,
  deviceTypes: string[],
): CapabilityReport["endpoints"][number] {
  return {
    id: view.id,
    deviceTypes,
    capabilities: view.capabilities.map((mapping) => ({
      id: mapping.capability,
      name: mapping.name,
      version: mapping.version,
      properties: mapping.properties.map(({ name }) => name),
      actions: (mapping.actions ?? []).map(({ name }) => name),
      events: (mapping.events ?? []).map(({ name }) => name),
    })),
  };
}

/** `nodeId` is the device id. Endpoints that show nothing are left out, since a report may not hold them. */
export function describe<Native>(
  nodeId: string,
  endpoints: readonly { view: EndpointView<Native>; deviceTypes: string[] }[],
): CapabilityReport {
  return {
    version: "1.0.0",
    nodeId,
    endpoints: endpoints
      .filter(({ view }) => view.capabilities.length > 0)
      .map(({ view, deviceTypes }) => describeEndpoint(view, deviceTypes)),
  };
}

/** Native values that the device is to report by itself: each once, the tightest of those asked for. */
export function reportingOf<Native>(view: EndpointView<Native>): Reporting[] {
  const wanted = new Map<string, Reporting>();
  for (const one of view.capabilities.flatMap(({ reporting }) => reporting ?? [])) {
    const key = refKey(one.native);
    const other = wanted.get(key);
    if (!other) wanted.set(key, one);
    else {
      const changes = [one.change, other.change].filter((change) => change !== undefined);
      wanted.set(key, {
        native: one.native,
        min: Math.min(one.min, other.min),
        max: Math.min(one.max, other.max),
        ...(changes.length > 0 ? { change: Math.min(...changes) } : {}),
      });
    }
  }
  return [...wanted.values()];
}

/** Every native value that some property comes from, each once: what to read from a device that was just interviewed. */
export function sourcesOfEndpoint<Native>(view: EndpointView<Native>): NativeRef[] {
  return uniqueRefs(view.capabilities.flatMap(({ properties }) => properties.flatMap(sourcesOf)));
}

/** What native values that arrived mean: the properties they concern and the events they are. `before`: without them. */
export function toModel<Native>(
  view: EndpointView<Native>,
  changes: readonly NativeChange[],
  before: NativeValues,
): CapabilityState[] {
  const arrived = new Map(changes.map(({ ref, value }) => [refKey(ref), value]));
  const context = contextOf(view, arrived, before);
  const states = new Map<string, CapabilityState>();
  const stateOf = (id: string) => {
    const state = states.get(id) ?? { id };
    states.set(id, state);
    return state;
  };
  const told = new Set<PropertyMapping<Native>>();
  for (const { ref, value } of changes) {
    const key = refKey(ref);
    for (const { mapping, property, event } of view.concerned.get(key) ?? []) {
      if (property && !told.has(property)) {
        told.add(property);
        const read = readProperty(property, context);
        if (read) {
          const state = stateOf(mapping.capability);
          state.properties = [...(state.properties ?? []), read];
        }
      }
      const previous = before.get(key);
      const parameters = event?.when(value, previous === undefined ? context : { ...context, previous });
      if (event && parameters) {
        const state = stateOf(mapping.capability);
        state.events = [...(state.events ?? []), { name: event.name, parameters }];
      }
    }
  }
  return [...states.values()];
}

/** All properties whose value is known. */
export function stateOf<Native>(view: EndpointView<Native>, values: NativeValues): CapabilityState[] {
  const context = contextOf(view, new Map(), values);
  return view.capabilities.flatMap((mapping) => {
    const properties = propertiesOf(mapping.properties, context);
    return properties.length > 0 ? [{ id: mapping.capability, properties }] : [];
  });
}

/** The same of all the endpoints of a device that have something to say. */
export const statesOf = <Native>(
  views: Iterable<EndpointView<Native>>,
  valuesOf: (view: EndpointView<Native>) => NativeValues,
): { endpointId: string; capabilities: CapabilityState[] }[] =>
  [...views].flatMap((view) => {
    const capabilities = stateOf(view, valuesOf(view));
    return capabilities.length > 0 ? [{ endpointId: view.id, capabilities }] : [];
  });

/** The values of these properties as far as they are known. */
export function propertiesOf<Native>(
  properties: readonly PropertyMapping<Native>[],
  context: Conversion<Native>,
): StateProperty[] {
  return properties.flatMap((property) => readProperty(property, context) ?? []);
}

export function contextOf<Native>(
  view: EndpointView<Native>,
  arrived: NativeValues,
  before: NativeValues,
): Conversion<Native> {
  return {
    native: view.native,
    known(ref) {
      const key = refKey(ref);
      return arrived.has(key) ? arrived.get(key) : before.get(key);
    },
  };
}

/** The capability `id` of the view, given with or without its version. Throws ActionError 501. */
export function capabilityOf<Native>(view: EndpointView<Native>, id: string): CapabilityMapping<Native> {
  const found = view.capabilities.find(({ capability }) => capability === id || capability.startsWith(`${id}@`));
  if (!found) throw new ActionError("NotImplement", `endpoint ${view.id} has no ${id}`, 501);
  return found;
}

/** The properties that ReadState asks for (reference 5.6). Throws ActionError 400. */
export function propertiesToRead<Native>(
  mapping: CapabilityMapping<Native>,
  parameters: JsonObject,
): readonly PropertyMapping<Native>[] {
  const names = Object.hasOwn(parameters, "propertiesToRead") ? parameters["propertiesToRead"] : undefined;
  if (!Array.isArray(names)) throw new ActionError("InvalidParameters", "propertiesToRead is not a list", 400);
  if (names.includes("*")) return mapping.properties;
  return names.map((name) => propertyOf(mapping, name));
}

/** The steps of UpdateState (reference 5.6), and the properties that it writes. Throws ActionError 400: nothing is written unless all can be. */
export function updateSteps<Native>(
  mapping: CapabilityMapping<Native>,
  parameters: JsonObject,
  context: Conversion<Native>,
): { steps: NativeStep[]; properties: PropertyMapping<Native>[] } {
  const steps: NativeStep[] = [];
  const properties: PropertyMapping<Native>[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    const property = propertyOf(mapping, name);
    properties.push(property);
    if (property.update) steps.push(...property.update(value, context));
    else if (property.write) {
      const native = convert(property.write, value, context);
      if (native === undefined) throw new ActionError("InvalidParameters", `${name} cannot take this value`, 400);
      steps.push({ write: sourcesOf(property)[0] as NativeRef, value: native });
    } else throw new ActionError("ReadOnlyProperty", `${name} cannot be written`, 400);
  }
  return { steps, properties };
}

/** The steps of one of the capability's own actions. Throws ActionError 400 (parameters) or 501 (no such action). */
export function actionSteps<Native>(
  mapping: CapabilityMapping<Native>,
  name: string,
  parameters: JsonObject,
  context: Conversion<Native>,
): { steps: readonly NativeStep[]; action: ActionMapping<Native> } {
  const action = mapping.actions?.find((one) => one.name === name);
  if (!action) throw new ActionError("NotImplement", `${mapping.capability} has no action ${name} here`, 501);
  if (action.run) return { steps: action.run(parameters, context), action };
  if (!action.native) return { steps: [], action };
  const wanted = action.parameters ?? {};
  for (const given of Object.keys(parameters)) {
    if (!Object.hasOwn(wanted, given)) {
      throw new ActionError("InvalidParameters", `${name} has no parameter ${given}`, 400);
    }
  }
  const fields: JsonObject = { ...action.fixed };
  for (const [parameter, { native, convert: converter, otherwise }] of Object.entries(wanted)) {
    const given = Object.hasOwn(parameters, parameter) ? parameters[parameter] : undefined;
    if (given === undefined && otherwise === undefined) {
      throw new ActionError("InvalidParameters", `${name} needs ${parameter}`, 400);
    }
    const value = given === undefined ? otherwise : convert(converter ?? "same", given, context);
    if (value === undefined) throw new ActionError("InvalidParameters", `${parameter} cannot take this value`, 400);
    fields[native] = value;
  }
  return { steps: [{ invoke: action.native, parameters: fields }], action };
}

/** The response parameters of an action, from the fields of the command's answer. */
export function responseOf<Native>(
  action: ActionMapping<Native>,
  fields: JsonObject,
  context: Conversion<Native>,
): JsonObject {
  const response: JsonObject = {};
  for (const [name, { native, convert: converter, otherwise }] of Object.entries(action.response ?? {})) {
    const field = Object.hasOwn(fields, native) ? fields[native] : undefined;
    const value = field === undefined ? otherwise : convert(converter ?? "same", field, context);
    if (value !== undefined) response[name] = value;
  }
  return response;
}

/** The native values behind these properties, each once. */
export function sourcesOfProperties<Native>(properties: readonly PropertyMapping<Native>[]): NativeRef[] {
  return uniqueRefs(properties.flatMap(sourcesOf));
}

function readProperty<Native>(
  property: PropertyMapping<Native>,
  context: Conversion<Native>,
): StateProperty | undefined {
  const value = context.known(sourcesOf(property)[0] as NativeRef);
  if (value === undefined) return undefined;
  const read = convert(property.read ?? "same", value, context);
  return read === undefined ? undefined : { name: property.name, value: read };
}

function convert<Native>(converter: Converter<Native>, value: Json, context: Conversion<Native>): Json | undefined {
  return typeof converter === "string" ? namedConverters[converter](value) : converter(value, context);
}

function propertyOf<Native>(mapping: CapabilityMapping<Native>, name: Json): PropertyMapping<Native> {
  const found = mapping.properties.find((property) => property.name === name);
  if (found) return found;
  throw new ActionError("UnknownProperty", `${mapping.capability} has no property ${JSON.stringify(name)} here`, 400);
}

function sourcesOf<Native>({ native }: PropertyMapping<Native>): readonly NativeRef[] {
  return Array.isArray(native) ? native : [native as NativeRef];
}

function uniqueRefs(refs: readonly NativeRef[]): NativeRef[] {
  return [...new Map(refs.map((ref) => [refKey(ref), ref])).values()];
}
