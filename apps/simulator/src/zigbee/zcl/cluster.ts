import type { ZclTypeName, ZclValue } from "./data-types.ts";

/**
 * A cluster's server side as data: its attributes, its commands, and what they change. Nothing here is code: a type of
 * device is a document.
 */
export interface ClusterSpec {
  readonly id: number;
  readonly name: string;
  readonly attributes: readonly AttributeSpec[];
  readonly commands?: readonly CommandSpec[];
  /** What the server sends of its own accord, or as an answer. */
  readonly generated?: readonly GeneratedSpec[];
  readonly timers?: readonly TimerSpec[];
}

export interface AttributeSpec {
  readonly id: number;
  readonly name: string;
  readonly type: ZclTypeName;
  readonly value: ZclValue;
  readonly writable?: boolean;
  readonly reportable?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** State of the device that the cluster has no attribute for: nobody reads it over the air. */
  readonly hidden?: boolean;
  /** What follows whenever the value has changed, by a command, a write or a hand. */
  readonly onChange?: readonly Effect[];
  /** What follows each write over the air, whether or not it changed anything. */
  readonly onWrite?: readonly Effect[];
}

/** `["transitionTime", "uint16"]`; with `?` behind its type it may be missing and is 0 then. `typed`: type, then value. */
export type FieldSpec = readonly [name: string, type: ZclTypeName | `${ZclTypeName}?` | "typed"];

export interface CommandSpec {
  readonly id: number;
  readonly name: string;
  readonly fields?: readonly FieldSpec[];
  /** The fields repeat until the frame ends, and so does what they do. */
  readonly repeats?: boolean;
  /** The first of these that is true refuses the command with its status; nothing changes. */
  readonly refuse?: readonly { readonly when: Expression; readonly status: number }[];
  readonly does?: readonly Effect[];
  /** Name of the generated command that answers it; a default response does otherwise. */
  readonly answer?: string;
}

export interface GeneratedSpec {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly (readonly [name: string, type: ZclTypeName, value: Expression])[];
  /** Where it goes that is no answer: to whom the cluster is bound, or to the address in this attribute. */
  readonly to?: { readonly address: string };
}

export type Effect =
  | { readonly set: string; readonly to: Expression; readonly when?: Expression }
  | { readonly send: string; readonly when?: Expression };

export interface TimerSpec {
  /** Seconds. */
  readonly every: number;
  /** Runs only as long as this is true. */
  readonly while: Expression;
  readonly does: readonly Effect[];
}

/**
 * A literal, or an operation: `["get", "onOff"]` (attribute of this cluster, or `"Level/currentLevel"` of this
 * endpoint), `["field", "level"]`, `["not", x]`, `["=", a, b]`, `[">", a, b]`, `["and", a, b]`, `["or", a, b]`,
 * `["+", a, b]`, `["-", a, b]`, `["*", a, b]`, `["div", a, b]`, `["round", a, b]`, `["mod", a, b]`, `["clamp", x, low, high]`,
 * `["if", condition, a, b]`.
 */
export type Expression = ZclValue | Operation;

export interface Operation extends ReadonlyArray<Expression> {
  readonly 0: string;
}

export interface EndpointSpec {
  readonly id: number;
  readonly profile?: number;
  readonly device: number;
  readonly version?: number;
  readonly server: readonly ClusterSpec[];
  /** Ids of the clusters that it is a client of. */
  readonly client?: readonly number[];
}

export interface ZigbeeType {
  /** What `--device` takes: `color-light`. */
  readonly name: string;
  readonly title: string;
  readonly model: string;
  /** Routers are always heard; end devices may sleep. */
  readonly router: boolean;
  readonly endpoints: readonly EndpointSpec[];
}
