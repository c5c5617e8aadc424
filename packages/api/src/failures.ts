import { type Operation, ServiceError, type ServiceModel, type StructureShape } from "@hearth/contract";
import type { Failure } from "./wire.ts";

/**
 * Errors that every service may answer without modelling them (AWS: "Common Errors" of each API reference), with
 * their status. A service that models one of these names decides status and members itself.
 */
const COMMON: Readonly<Record<string, number>> = {
  AccessDeniedException: 403,
  ExpiredTokenException: 403,
  // How a device is told that its certificate may not come in, on whichever operation it tries.
  ForbiddenException: 403,
  IncompleteSignatureException: 400,
  InvalidAction: 400,
  InvalidSignatureException: 403,
  MissingAction: 400,
  MissingAuthenticationTokenException: 403,
  NotImplementedException: 501,
  RequestEntityTooLargeException: 413,
  RequestHeaderFieldsTooLargeException: 431,
  RequestTimeoutException: 408,
  SerializationException: 400,
  ServiceUnavailableException: 503,
  ThrottlingException: 429,
  UnauthorizedException: 401,
  UnknownOperationException: 404,
  UnrecognizedClientException: 403,
  ValidationException: 400,
};

/** A thrown thing that no client may see: it is logged and answered by the service's internal error. */
export interface Defect {
  reason: string;
  cause: unknown;
}

/**
 * What to answer for something thrown while `operation` of `model` was served (both absent where the request did
 * not get that far). A `defect` comes along where the fault is ours.
 */
export function failureOf(
  thrown: unknown,
  model: ServiceModel | undefined,
  operation: Operation | undefined,
): { failure: Failure; defect?: Defect } {
  if (!(thrown instanceof ServiceError)) {
    return { failure: internalFailure(model, operation), defect: { reason: "unexpected error", cause: thrown } };
  }
  const known = knownFailure(thrown, model, operation);
  if (known) return { failure: known };
  const reason = `${thrown.name} is not an error that the operation declares`;
  return { failure: internalFailure(model, operation), defect: { reason, cause: thrown } };
}

function knownFailure(
  error: ServiceError,
  model: ServiceModel | undefined,
  operation: Operation | undefined,
): Failure | undefined {
  // Before an operation is found only the door has thrown, by names that the service models.
  const declared = model && (operation ? operation.errors.includes(error.name) : errorShape(model, error.name));
  if (model && declared) return modelled(model, error.name, error.message, error.members);
  const further = model?.furtherErrors;
  if (further && Object.hasOwn(further, error.name)) {
    return { code: error.name, status: further[error.name]!, message: error.message, members: error.members };
  }
  if (!Object.hasOwn(COMMON, error.name)) return undefined;
  const { message, members } = error;
  if (!model) return { code: error.name, status: COMMON[error.name]!, message, members };
  const name = inTheServicesWords(model, operation, error.name);
  if (errorShape(model, name)) {
    // Reference 1.4: the data plane says no more than this to a caller whom it denies.
    const text = error.name === "AccessDeniedException" && name === "ForbiddenException" ? "Forbidden" : message;
    return modelled(model, name, text, members);
  }
  return { code: name, status: statusByProtocol(model, error.name), message, members };
}

/** The service's modelled error for a common one, where it has one of another name. */
function inTheServicesWords(model: ServiceModel, operation: Operation | undefined, name: string): string {
  if (errorShape(model, name)) return name;
  if (name === "AccessDeniedException" && errorShape(model, "ForbiddenException")) return "ForbiddenException";
  // JSON 1.1 services say SerializationException without modelling it; REST-JSON ones have a validation error.
  if (name === "SerializationException" && model.protocol === "rest-json") return validationErrorName(model, operation);
  return name;
}

// AWS: "UnknownOperationException" is a 404 for REST and a 400 for JSON 1.1 (no such target at a path that exists).
const statusByProtocol = (model: ServiceModel, name: string): number =>
  name === "UnknownOperationException" && !model.protocol.startsWith("rest-") ? 400 : COMMON[name]!;

/**
 * Name of the error by which a bad member is refused: the service's own, else what the operation declares, else what most operations of
 * the service declare, else `ValidationException`.
 */
export function validationErrorName(model: ServiceModel, operation: Operation | undefined): string {
  if (model.validationError !== undefined) return model.validationError;
  const names = ["ValidationException", "InvalidRequestException"];
  const declared = names.find((name) => operation?.errors.includes(name));
  if (declared) return declared;
  const [first, second] = names.map(
    (name) => Object.values(model.operations).filter((other) => other.errors.includes(name)).length,
  ) as [number, number];
  return model.protocol === "rest-json" && second > first ? "InvalidRequestException" : "ValidationException";
}

function internalFailure(model: ServiceModel | undefined, operation: Operation | undefined): Failure {
  const message = "An internal error occurred. The log holds the cause under this request's id.";
  if (model) {
    const name = [...(operation?.errors ?? []), "InternalFailureException", "InternalServerException"].find(
      (candidate) => errorShape(model, candidate)?.error?.status === 500,
    );
    if (name) return modelled(model, name, message, {});
  }
  return { code: "InternalFailure", status: 500, message, members: {} };
}

function modelled(
  model: ServiceModel,
  name: string,
  message: string,
  members: Readonly<Record<string, unknown>>,
): Failure {
  const error = errorShape(model, name)?.error;
  return { code: error?.code ?? name, status: error?.status ?? 400, message, members, shape: name };
}

function errorShape(model: ServiceModel, name: string): StructureShape | undefined {
  const shape = Object.hasOwn(model.shapes, name) ? model.shapes[name] : undefined;
  return shape?.type === "structure" && shape.error ? shape : undefined;
}
