import { effectiveRequest, effectiveResponse, parseExtrinsicId } from "../extrinsic.ts";
import type { Capability, SchemaSet } from "../schema-set.ts";
import type { ValueCodec } from "./conversion.ts";
import { compileCodec, membersCodec } from "./value-codec.ts";

/** The actions that every capability has, as Matter commands (reference 4.2). */
export const UPDATE_STATE = 0xff01;
export const READ_STATE = 0xff02;

export const clusterKey = (id: number): string => `0x${id.toString(16).padStart(4, "0")}`;
export const attributeKey = clusterKey;

/** One property, event, request or response: its name, its id outside, and its values. */
export interface ElementCodec {
  readonly name: string;
  readonly id: number;
  readonly codec: ValueCodec;
}

export interface ActionCodec {
  readonly name: string;
  readonly request: ElementCodec;
  /** Where the schema declares no response, one without parameters under the action's own id. */
  readonly response: ElementCodec;
  readonly hasResponse: boolean;
}

/** A capability as a cluster: names to ids and back. */
export interface CapabilityCodec {
  readonly capability: Capability;
  readonly clusterId: number;
  readonly properties: ReadonlyMap<string, ElementCodec>;
  readonly attributes: ReadonlyMap<number, ElementCodec>;
  readonly actions: ReadonlyMap<string, ActionCodec>;
  readonly events: ReadonlyMap<string, ElementCodec>;
  readonly eventsById: ReadonlyMap<number, ElementCodec>;
}

const codecs = new WeakMap<Capability, CapabilityCodec>();

/** Undefined for a capability whose own id is none, which no valid document has. */
export function codecOf(capability: Capability): CapabilityCodec | undefined {
  const known = codecs.get(capability);
  if (known) return known;
  const { document, references } = capability;
  const clusterId = parseExtrinsicId(document.extrinsicId);
  if (clusterId === undefined) return undefined;
  const element = (name: string, extrinsicId: string, codec: ValueCodec): ElementCodec => ({
    name,
    id: parseExtrinsicId(extrinsicId) ?? -1,
    codec,
  });
  const properties = Object.entries(document.properties ?? {}).map(([name, property]) =>
    element(name, property.extrinsicId, compileCodec(property.value, references)),
  );
  const actions = (document.actions ?? []).map((action): ActionCodec => {
    const parameters = (of: typeof action.request) => membersCodec([{ members: of?.parameters ?? {}, references }]);
    return {
      name: action.name,
      request: element(action.name, effectiveRequest(action).extrinsicId, parameters(action.request)),
      response: element(action.name, effectiveResponse(action).extrinsicId, parameters(action.response)),
      hasResponse: action.response !== undefined,
    };
  });
  const events = (document.events ?? []).map((event) =>
    element(event.name, event.extrinsicId, membersCodec([{ members: event.request?.parameters ?? {}, references }])),
  );
  const codec: CapabilityCodec = {
    capability,
    clusterId,
    properties: new Map(properties.map((one) => [one.name, one])),
    attributes: new Map(properties.map((one) => [one.id, one])),
    actions: new Map(actions.map((one) => [one.name, one])),
    events: new Map(events.map((one) => [one.name, one])),
    eventsById: new Map(events.map((one) => [one.id, one])),
  };
  codecs.set(capability, codec);
  return codec;
}

/** The codec of a capability by its id, with or without a version. */
export function codecOfId(id: string, schemas: SchemaSet): CapabilityCodec | undefined {
  const resolved = schemas.resolve(id, "capability");
  const capability = resolved === undefined ? undefined : schemas.capability(resolved);
  return capability && codecOf(capability);
}

/**
 * The codec of a cluster. `preferred` are capabilities that the device is known to have: a customer may have given
 * several versions of one cluster. Without one of them the latest version, if all are of one capability; a reason
 * otherwise.
 */
export function codecOfCluster(
  clusterId: number,
  preferred: readonly string[],
  schemas: SchemaSet,
): CapabilityCodec | string {
  const ids = schemas.source.ofCluster(clusterId);
  const wanted = preferred.map((id) => schemas.resolve(id, "capability")).find((id) => id && ids.includes(id));
  const identities = new Set(ids.map((id) => id.slice(0, id.indexOf("@"))));
  const [identity] = identities;
  if (identity === undefined) return "is not the cluster of a known capability";
  if (wanted === undefined && identities.size > 1) {
    return `is the cluster of several capabilities (${[...identities].slice(0, 5).join(", ")})`;
  }
  return codecOfId(wanted ?? identity, schemas) ?? "is not the cluster of a known capability";
}
