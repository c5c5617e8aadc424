/** A schema of a value: a type definition's body, a property's `value`, a parameter's `value` (reference 5.2, 5.5). */
export interface TypeSchema {
  $ref?: string;
  type?: string | readonly string[];
  nullable?: boolean;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  items?: TypeSchema;
  prefixItems?: readonly TypeSchema[];
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  /** A member is a schema, or an element with an `extrinsicId` whose schema is its `value`. */
  properties?: Readonly<Record<string, TypeSchema | SchemaElement>>;
  required?: readonly string[];
  propertyNames?: TypeSchema;
  patternProperties?: Readonly<Record<string, TypeSchema>>;
  additionalProperties?: boolean | TypeSchema;
  unevaluatedProperties?: boolean | TypeSchema;
  enum?: readonly unknown[];
  extrinsicIdMap?: Readonly<Record<string, string>>;
  anyOf?: readonly TypeSchema[];
  oneOf?: readonly TypeSchema[];
  $defs?: Readonly<Record<string, TypeSchema>>;
}

/** What an outside system says of an element and the model keeps without using it (reference 5.4). */
export type ExtrinsicProperties = Readonly<Record<string, unknown>>;

/** Something with an id in the outside system: a parameter, a member of a struct, a bit (reference 5.3, 5.5). */
export interface SchemaElement {
  extrinsicId: string;
  description?: string;
  extrinsicProperties?: ExtrinsicProperties;
  value: TypeSchema;
}

/** `retrievable`, `mutable` and `reportable` state an intent; nobody enforces them (reference 5.2). */
export interface PropertyElement extends SchemaElement {
  retrievable?: boolean;
  mutable?: boolean;
  reportable?: boolean;
}

export interface ActionRequest {
  description?: string;
  extrinsicId?: string;
  extrinsicProperties?: ExtrinsicProperties;
  parameters: Readonly<Record<string, SchemaElement>>;
}

export interface ActionResponse extends ActionRequest {
  /** The action's name and `Response` unless given. */
  name?: string;
  errors?: readonly { code: string; message: string }[];
  responseCode?: number;
}

export interface ActionElement {
  name: string;
  extrinsicId: string;
  description?: string;
  extrinsicProperties?: ExtrinsicProperties;
  request?: ActionRequest;
  response?: ActionResponse;
}

export interface EventElement {
  name: string;
  extrinsicId: string;
  description?: string;
  extrinsicProperties?: ExtrinsicProperties;
  request?: { parameters: Readonly<Record<string, SchemaElement>> };
}

/** A schema of type `capability` (reference 5.1). */
export interface CapabilityDocument {
  $id: string;
  $ref?: string;
  name: string;
  title?: string;
  description?: string;
  version?: string;
  extrinsicId: string;
  extrinsicVersion: string;
  properties?: Readonly<Record<string, PropertyElement>>;
  actions?: readonly ActionElement[];
  events?: readonly EventElement[];
  $defs?: Readonly<Record<string, TypeSchema>>;
}

/** A schema of type `definition` (reference 5.5). */
export interface DefinitionDocument extends TypeSchema {
  $id: string;
  name: string;
  title?: string;
  description?: string;
  extrinsicId?: string;
  extrinsicProperties?: ExtrinsicProperties;
}

export type SchemaType = "capability" | "definition";
