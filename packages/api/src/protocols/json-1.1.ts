import { ServiceError, type ServiceModel } from "@hearth/contract";
import type { Failure, WireResponse } from "../wire.ts";
import { isObject, parseJson, readJson, structureOf, writeJson, writeStructure } from "./json-values.ts";
import type { Protocol } from "./protocol.ts";

const CONTENT_TYPE = "application/x-amz-json-1.1";

/** AWS JSON 1.1: always `POST /`, the operation in `X-Amz-Target`, errors by `__type`. */
export const json11: Protocol = {
  match(model, request) {
    const target = request.headers["x-amz-target"] ?? "";
    const dot = target.lastIndexOf(".");
    const name = target.slice(dot + 1);
    // The AWS CLI and boto3 put a package before CloudTrail's prefix (com.amazonaws.cloudtrail.v20131101), the others none.
    const prefix = target.slice(0, Math.max(dot, 0)).split(".").at(-1);
    const operation =
      prefix === model.targetPrefix && Object.hasOwn(model.operations, name) ? model.operations[name] : undefined;
    if (!operation || request.method !== "POST") {
      throw new ServiceError("UnknownOperationException", "The requested operation is not known to this service.");
    }
    return { name, operation, labels: {} };
  },

  parse(model, { operation }, request) {
    // The Java SDK may send CBOR to Kinesis; it falls back to nothing, so the answer must say why.
    if (request.headers["content-type"]?.includes("cbor")) {
      throw new ServiceError("SerializationException", "CBOR is not supported; send application/x-amz-json-1.1.");
    }
    const value = request.body.length === 0 ? {} : parseJson(request.body);
    if (!isObject(value)) throw new ServiceError("SerializationException", "The request body is not a JSON object.");
    return operation.input ? (readJson(model, operation.input, value) as Record<string, unknown>) : {};
  },

  serialize(model, { operation }, output) {
    const headers = { "content-type": CONTENT_TYPE };
    if (!operation.output) return { status: operation.status, headers };
    return {
      status: operation.status,
      headers,
      body: JSON.stringify(writeJson(model, operation.output, output)),
    };
  },

  serializeFailure(model: ServiceModel | undefined, failure: Failure): WireResponse {
    const body = { __type: failure.code, ...failureBody(model, failure) };
    return { status: failure.status, headers: { "content-type": CONTENT_TYPE }, body: JSON.stringify(body) };
  },
};

/**
 * Members of a JSON error body. The message stands under the name that the model gives it (`message`, or `Message`
 * for managed integrations); members beyond the model (the shadow errors' numeric `code`) go along as they are.
 */
export function failureBody(model: ServiceModel | undefined, failure: Failure): Record<string, unknown> {
  if (!model || !failure.shape) return { message: failure.message, ...failure.members };
  const members = Object.entries(structureOf(model, failure.shape).members);
  const known = new Set(members.map(([name]) => name));
  const messageName = [...known].find((name) => name.toLowerCase() === "message") ?? "message";
  const beyond = Object.entries(failure.members).filter(([name]) => !known.has(name));
  const inBody = members.filter(([name, member]) => !member.location && name !== messageName);
  return {
    [messageName]: failure.message,
    ...writeStructure(model, inBody, failure.members),
    ...Object.fromEntries(beyond),
  };
}
