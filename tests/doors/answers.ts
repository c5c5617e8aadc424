import { type ServiceModel, type Shape, type StructureShape, services, validate } from "@hearth/contract";

/**
 * Output constraints that are left on purpose: the caps on stored state (reference U19), the minimum of one tag where a
 * resource has none, and two minima of Kinesis's model that Kinesis itself answers below.
 */
const LEFT_ON_PURPOSE: readonly string[] = [
  "StateEndpoints length",
  "StateCapabilities length",
  "TagsMap length",
  "MetricsNameList length",
  "PositiveIntegerObject range",
];

export function modelOf(service: string): ServiceModel {
  const model = services[service];
  if (!model) throw new Error(`no contract for ${service}`);
  return model;
}

/** What is wrong with the form of an answer: violated constraints, and members that the contract does not know. */
export function faultsOf(service: string, operation: string, output: unknown): string[] {
  const model = modelOf(service);
  const shape = model.operations[operation]?.output;
  // REST answers that the model does not describe are not read by any client.
  if (!shape) return [];
  return structureFaults(model, shape, output);
}

/** The same for the body of an error. */
export function errorFaultsOf(service: string, error: string, members: Readonly<Record<string, unknown>>): string[] {
  const model = modelOf(service);
  return model.shapes[error] ? validate(model, error, members).map(({ message }) => message) : [];
}

/** The status that the contract gives to an error, undefined for one that the service does not model. */
export function statusOf(service: string, error: string): number | undefined {
  const shape = modelOf(service).shapes[error];
  return shape?.type === "structure" ? shape.error?.status : undefined;
}

function structureFaults(model: ServiceModel, shape: string, value: unknown): string[] {
  const violations = validate(model, shape, value)
    .filter((violation) => !LEFT_ON_PURPOSE.includes(`${violation.shape} ${violation.constraint}`))
    .map((violation) => violation.message);
  return [...violations, ...strangers(model, model.shapes[shape], value, "")];
}

/** Members in the answer that the shape does not have. */
function strangers(model: ServiceModel, shape: Shape | undefined, value: unknown, path: string): string[] {
  if (!shape || value === null || typeof value !== "object" || value instanceof Uint8Array) return [];
  if (shape.type === "list" && Array.isArray(value)) {
    return value.flatMap((item, index) => strangers(model, model.shapes[shape.member], item, `${path}[${index}]`));
  }
  const entries = Object.entries(value);
  if (shape.type === "map") {
    return entries.flatMap(([key, item]) => strangers(model, model.shapes[shape.value], item, `${path}.${key}`));
  }
  if (shape.type !== "structure") return [];
  const { members } = shape as StructureShape;
  return entries.flatMap(([name, item]) => {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (!member) return [`${path}.${name} is not in the contract`];
    return strangers(model, model.shapes[member.shape], item, `${path}.${name}`);
  });
}
