import { type ClusterModel, Matter, Metatype, type Model, ValueModel } from "matter-model-1.4";
import { constraintKeywords } from "./constraints.ts";
import { baseTypeName, clusterName, elementName, hex } from "./names.ts";

/** A type as the schema language writes it (reference 5.5). */
export type TypeSchema = Record<string, unknown>;

export const definitionId = (identity: string): string => `/schema-versions/definition/matter.${identity}@1.4`;
const awsId = (name: string): string => `/schema-versions/definition/aws.${name}@1.0`;

const isNamed = (model: Model | undefined): model is ValueModel => model instanceof ValueModel;
export const isPresent = (model: ValueModel): boolean => !model.isDisallowed;

/** Matter's integers by name; the model knows their width from the name only. */
export function integerBounds(name: string): { minimum: number; maximum: number } | undefined {
  const match = /^(u?)int(\d+)$/.exec(name);
  if (!match) return undefined;
  const bits = Number(match[2]);
  return match[1] === "u"
    ? { minimum: 0, maximum: 2 ** bits - 1 }
    : { minimum: -(2 ** (bits - 1)), maximum: 2 ** (bits - 1) - 1 };
}

/** Bounds that the specification states in the text of a base type (Matter 1.4 Core, 7.19.2). */
const BASE_BOUNDS: Readonly<Record<string, TypeSchema>> = {
  percent: { maximum: 100 },
  percent100ths: { maximum: 10000 },
  temperature: { minimum: -27315 },
};

/** Attributes to which @matter/model gives a bare integer where the specification names an enumeration of the cluster. */
const NAMED_TYPES: Readonly<Record<string, string>> = {
  "IlluminanceMeasurement.LightSensorType": "LightSensorTypeEnum",
};

/** The fabric that a struct belongs to: the platform between device and app has no use for it. */
const FABRIC_INDEX = 0xfe;

/** Types are looked up in the cluster first, so that what a derived cluster redefines is what its members mean. */
export class TypeScope {
  readonly cluster: ClusterModel | undefined;
  readonly #local = new Map<string, ValueModel>();
  /** Types that an attribute defines in place: identity to model. */
  readonly inline = new Map<string, ValueModel>();

  constructor(cluster?: ClusterModel) {
    this.cluster = cluster;
    for (const datatype of cluster?.datatypes ?? []) this.#local.set(datatype.name, datatype);
  }

  get datatypes(): ValueModel[] {
    return [...this.#local.values()];
  }

  identity(name: string): string {
    return this.cluster ? `${clusterName(this.cluster.name)}.${name}` : baseTypeName(name);
  }

  /** The type of an attribute, a field or a list's entry: what it refers to, and its own constraint beside that. */
  use(model: ValueModel): TypeSchema {
    const nullable = model.effectiveQuality.nullable ? { nullable: true } : {};
    return { ...this.#reference(model), ...constraintKeywords(model), ...nullable };
  }

  #reference(model: ValueModel): TypeSchema {
    const named = NAMED_TYPES[`${this.cluster?.name}.${model.name}`];
    if (named !== undefined) return { $ref: definitionId(this.identity(named)) };
    const inline = this.#inline(model);
    if (inline) return inline;
    if (model.effectiveMetatype === Metatype.array) {
      const entry = model.listEntry ?? this.#overridden(model)?.listEntry;
      return { type: "array", ...(entry ? { items: this.use(entry) } : {}) };
    }
    const base = model.base;
    if (!isNamed(base)) throw new Error(`${model.path}: type ${model.effectiveType} is not known`);
    if (base.tag !== "datatype") return this.#reference(base);
    if (base.parent === Matter) return { $ref: definitionId(baseTypeName(base.name)) };
    const owner = base.parent?.name ?? "";
    return {
      $ref: definitionId(this.#local.has(base.name) ? this.identity(base.name) : `${clusterName(owner)}.${base.name}`),
    };
  }

  #overridden(model: ValueModel): ValueModel | undefined {
    return isNamed(model.base) ? model.base : undefined;
  }

  /** An enumeration or bitmap whose members stand in the attribute itself becomes a type of its own. */
  #inline(model: ValueModel): TypeSchema | undefined {
    if (model.tag !== "attribute" || model.children.length === 0 || !isNamed(model.base)) return undefined;
    const metatype = model.effectiveMetatype;
    if (metatype !== Metatype.enum && metatype !== Metatype.bitmap) return undefined;
    const base = model.base;
    const isRaw = base.parent === Matter || base.tag !== "datatype";
    if (!isRaw) return undefined;
    const suffix = metatype === Metatype.enum ? "Enum" : "Bitmap";
    const identity = this.identity(model.name === "FeatureMap" ? "Feature" : `${model.name}${suffix}`);
    this.inline.set(identity, model);
    return { $ref: definitionId(identity) };
  }

  /** The body of a definition: everything but its identity and name. */
  define(model: ValueModel): TypeSchema {
    switch (model.effectiveMetatype) {
      case Metatype.enum:
        return enumeration(model) ?? this.#derived(model);
      case Metatype.bitmap:
        return bitmap(model);
      case Metatype.object:
      case Metatype.date:
        return this.#struct(model);
      case Metatype.boolean:
        return { type: "boolean" };
      case Metatype.string:
        return model.base?.name === "octstr" ? { type: "string" } : this.#derived(model);
      // Octets travel as pairs of hexadecimal digits (reference 5.5, U15).
      case Metatype.bytes:
        return isNamed(model.base) ? this.#derived(model) : { type: "string", pattern: "^([0-9a-fA-F]{2})*$" };
      case Metatype.float:
        return { type: "number" };
      case Metatype.array:
        return isNamed(model.base) ? this.#reference(model) : { type: "array" };
      case Metatype.integer: {
        const bounds = integerBounds(model.name);
        return bounds ? { type: "integer", ...bounds } : { ...this.#derived(model), ...BASE_BOUNDS[model.name] };
      }
      default:
        return { anyOf: ["boolean", "number", "string", "null", "array", "object"].map((type) => ({ type })) };
    }
  }

  #derived(model: ValueModel): TypeSchema {
    return { ...this.#reference(model), ...constraintKeywords(model) };
  }

  #struct(model: ValueModel): TypeSchema {
    const members = this.members(model);
    if (members.length === 0) return { type: "object" };
    const required = members
      .filter((member) => member.mandatory && member.id !== FABRIC_INDEX)
      .map((member) => elementName(member.name));
    return {
      type: "object",
      properties: this.entries(members),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    };
  }

  /** The fields of a struct, a command or an event, by id; those that this cluster forbids are left out. */
  members(model: ValueModel): ValueModel[] {
    const fields = model.members.filter((member) => isPresent(member) && member.effectiveMetatype !== undefined);
    return fields.sort((a, b) => Number(a.id ?? 0) - Number(b.id ?? 0));
  }

  /** Fields as the language writes parameters and struct members (reference 5.3, U50). */
  entries(members: readonly ValueModel[]): Record<string, TypeSchema> {
    return Object.fromEntries(
      members.map((member) => [
        elementName(member.name),
        { extrinsicId: String(member.id ?? 0), value: this.use(member) },
      ]),
    );
  }
}

function enumeration(model: ValueModel): TypeSchema | undefined {
  const members = model.members.filter((member) => isPresent(member) && member.id !== undefined);
  if (members.length === 0) {
    return model.name === "enum8" || model.name === "enum16"
      ? { type: "integer", minimum: 0, maximum: model.name === "enum8" ? 255 : 65535 }
      : undefined;
  }
  members.sort((a, b) => Number(a.id) - Number(b.id));
  return {
    $ref: awsId("enum"),
    type: "string",
    enum: members.map((member) => elementName(member.name)),
    extrinsicIdMap: Object.fromEntries(members.map((member) => [elementName(member.name), String(member.id)])),
  };
}

function bitmap(model: ValueModel): TypeSchema {
  const members = model.members.filter(isPresent);
  const width = Number(/\d+/.exec(model.primitiveBase?.name ?? "")?.[0] ?? 32);
  // A bitmap without names of its own, such as map8, has its bits by number.
  const bits =
    members.length > 0
      ? members.map(bitOf)
      : Array.from({ length: width }, (_unused, bit) => ({ name: `Bit${bit}`, bit, size: 1 }));
  bits.sort((a, b) => a.bit - b.bit);
  return {
    $ref: awsId("bitmap"),
    type: "object",
    properties: Object.fromEntries(
      bits.map(({ name, bit, size }) => [
        name,
        { extrinsicId: hex(bit, 4), value: { type: "integer", minimum: 0, maximum: 2 ** size - 1 } },
      ]),
    ),
    additionalProperties: false,
  };
}

function bitOf(member: ValueModel): { name: string; bit: number; size: number } {
  const { value, min, max } = member.constraint;
  // Feature bits have their long name in the description.
  const name =
    member.parent?.name === "FeatureMap" && member.description ? member.description : elementName(member.name);
  if (typeof value === "number") return { name, bit: value, size: 1 };
  if (typeof min === "number" && typeof max === "number") return { name, bit: min, size: max - min + 1 };
  throw new Error(`${member.path}: no bit position`);
}
