import { InternalError } from "@hearth/base";
import {
  createRouter,
  type Member,
  type Operation,
  type Router,
  ServiceError,
  type ServiceModel,
  type StructureShape,
} from "@hearth/contract";
import type { Failure, WireRequest } from "../wire.ts";
import { failureBody } from "./json-1.1.ts";
import {
  isObject,
  parseJson,
  readJson,
  readStructure,
  shapeOf,
  structureOf,
  writeJson,
  writeStructure,
} from "./json-values.ts";
import type { Protocol } from "./protocol.ts";
import { type Members, readHeaders, readLabels, readQuery, writeHead } from "./rest-head.ts";

const METHODS: readonly Operation["method"][] = ["GET", "POST", "PUT", "DELETE", "PATCH"];
const JSON_TYPE = "application/json";

/** REST-JSON: members in path, query string, headers and body. */
export const restJson: Protocol = {
  match(model, request) {
    const router = routerOf(model);
    const route = {
      service: model.service,
      method: request.method,
      path: routedPath(model, request.rawPath),
      query: request.rawQuery,
    };
    const found = router.match(route);
    if (found.outcome === "matched") {
      return { name: found.operation, operation: model.operations[found.operation]!, labels: found.labels };
    }
    if (found.outcome === "malformed") {
      throw new ServiceError("SerializationException", "The request's path holds a malformed percent-encoding.");
    }
    const elsewhere = METHODS.some((method) => router.match({ ...route, method }).outcome === "matched");
    if (elsewhere && model.shapes.MethodNotAllowedException) {
      throw new ServiceError("MethodNotAllowedException", `${request.method} is not allowed for this resource.`);
    }
    throw new ServiceError("UnknownOperationException", "The requested operation is not known to this service.");
  },

  parse(model, match, request) {
    const { operation } = match;
    if (!operation.input) return {};
    const members = Object.entries(structureOf(model, operation.input).members);
    const input: Record<string, unknown> = {};
    readLabels(model, members, match.labels, input);
    readQuery(model, operation, members, request.rawQuery, input);
    readHeaders(model, members, request.headers, input);
    readBody(model, members, request, input);
    return input;
  },

  serialize(model, match, output, requestId) {
    const { operation } = match;
    const headers: Record<string, string> = {};
    if (!operation.output) {
      const body = answerBeyondModel(model, match.name, requestId);
      if (body) headers["content-type"] = JSON_TYPE;
      return { status: operation.status, headers, body };
    }
    const members = Object.entries(structureOf(model, operation.output).members);
    const status = writeHead(model, members, output, operation.status, headers);
    const body = status === 204 ? undefined : writeBody(model, members, output, headers);
    return { status, headers, body };
  },

  serializeFailure(model, failure, requestId) {
    const headers: Record<string, string> = { "content-type": JSON_TYPE, "x-amzn-errortype": failure.code };
    const shape: StructureShape | undefined = model && failure.shape ? structureOf(model, failure.shape) : undefined;
    if (model && shape) writeHead(model, Object.entries(shape.members), failure.members, failure.status, headers);
    const body = { ...failureBody(model, failure), ...failureBeyondModel(model, failure, requestId) };
    return { status: failure.status, headers, body: JSON.stringify(body) };
  },
};

/** Routes of a model are compiled once, when the first request for it comes. */
const routers = new WeakMap<ServiceModel, Router>();

function routerOf(model: ServiceModel): Router {
  let router = routers.get(model);
  if (!router) {
    router = createRouter([model]);
    routers.set(model, router);
  }
  return router;
}

/** Devices name topics with bare slashes, `/topics/a/b`; the model has one label there (reference 1.4). */
const TOPIC_PATHS: readonly string[] = ["/topics/", "/retainedMessage/"];

function routedPath(model: ServiceModel, rawPath: string): string {
  if (model.service !== "iot-data") return rawPath;
  const prefix = TOPIC_PATHS.find((path) => rawPath.startsWith(path));
  return prefix === undefined ? rawPath : prefix + rawPath.slice(prefix.length).replaceAll("/", "%2F");
}

/** What the data plane answers although its model has no output (reference 1.4). */
function answerBeyondModel(model: ServiceModel, operation: string, requestId: string): string | undefined {
  if (model.service !== "iot-data" || operation !== "Publish") return undefined;
  return JSON.stringify({ message: "OK", traceId: requestId });
}

/** The data plane's denials carry a trace id (reference 1.4). */
function failureBeyondModel(model: ServiceModel | undefined, failure: Failure, requestId: string): object {
  return model?.service === "iot-data" && failure.code === "ForbiddenException" ? { traceId: requestId } : {};
}

function readBody(model: ServiceModel, members: Members, request: WireRequest, input: Record<string, unknown>): void {
  const payload = members.find(([, member]) => member.payload);
  if (payload) {
    if (request.body.length > 0) input[payload[0]] = readPayload(model, payload[1], request.body);
    return;
  }
  const inBody = members.filter(([, member]) => !member.location);
  if (inBody.length === 0 || request.body.length === 0) return;
  const value = parseJson(request.body);
  if (!isObject(value)) throw new ServiceError("SerializationException", "The request body is not a JSON object.");
  Object.assign(input, readStructure(model, inBody, value));
}

function readPayload(model: ServiceModel, member: Member, body: Uint8Array): unknown {
  const shape = shapeOf(model, member.shape);
  if (shape.type === "blob") return body;
  if (shape.type === "string") return new TextDecoder().decode(body);
  return readJson(model, member.shape, parseJson(body));
}

function writeBody(
  model: ServiceModel,
  members: Members,
  output: Readonly<Record<string, unknown>>,
  headers: Record<string, string>,
): Uint8Array | string | undefined {
  const payload = members.find(([, member]) => member.payload);
  if (!payload) {
    headers["content-type"] = JSON_TYPE;
    return JSON.stringify(
      writeStructure(
        model,
        members.filter(([, member]) => !member.location),
        output,
      ),
    );
  }
  const [name, member] = payload;
  const value = output[name];
  if (value === undefined || value === null) return undefined;
  const shape = shapeOf(model, member.shape);
  // Every blob that a REST-JSON service here answers with is itself JSON (shadow documents).
  headers["content-type"] ??= JSON_TYPE;
  if (shape.type === "blob") {
    if (!(value instanceof Uint8Array))
      throw new InternalError(`${model.service}: payload ${name} is not a Uint8Array`);
    return value;
  }
  if (shape.type === "string") {
    headers["content-type"] = "text/plain; charset=utf-8";
    return String(value);
  }
  return JSON.stringify(writeJson(model, member.shape, value));
}
