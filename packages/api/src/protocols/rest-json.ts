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
import { formatBase64, parseBase64 } from "./base64.ts";
import { failureBody } from "./json-1.1.ts";
import {
  isObject,
  parseJson,
  readJson,
  readStructure,
  shapeOf,
  structureOf,
  wireName,
  writeJson,
  writeStructure,
} from "./json-values.ts";
import type { Protocol } from "./protocol.ts";
import { parseQueryString } from "./query-string.ts";
import { readText, writeText } from "./scalars.ts";

const METHODS: readonly Operation["method"][] = ["GET", "POST", "PUT", "DELETE", "PATCH"];
const JSON_TYPE = "application/json";

type Members = readonly (readonly [string, Member])[];

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

function readLabels(
  model: ServiceModel,
  members: Members,
  labels: Readonly<Record<string, string>>,
  input: Record<string, unknown>,
): void {
  for (const [name, member] of members) {
    if (member.location !== "uri" || !Object.hasOwn(labels, name)) continue;
    input[name] = readText(shapeOf(model, member.shape), labels[name]!, "iso8601");
  }
}

function readQuery(
  model: ServiceModel,
  operation: Operation,
  members: Members,
  rawQuery: string,
  input: Record<string, unknown>,
): void {
  const wanted = members.filter(([, member]) => member.location === "querystring");
  if (wanted.length === 0 || rawQuery === "") return;
  const values = new Map<string, string[]>();
  for (const [name, value] of parseQueryString(rawQuery)) {
    const list = values.get(name);
    if (list) list.push(value);
    else values.set(name, [value]);
  }
  const named = new Set(wanted.map(([name, member]) => wireName(name, member)));
  for (const [name, member] of wanted) {
    const shape = shapeOf(model, member.shape);
    if (shape.type === "map") {
      input[name] = queryMap(model, operation, shape.value, values, named);
      continue;
    }
    const texts = values.get(wireName(name, member));
    if (!texts) continue;
    if (shape.type === "list") {
      const item = shapeOf(model, shape.member);
      input[name] = texts.map((text) => readText(item, text, "iso8601"));
    } else input[name] = readText(shape, texts[0]!, "iso8601");
  }
}

/** A map in the query string takes every parameter that no other member and no fixed part of the path claims. */
function queryMap(
  model: ServiceModel,
  operation: Operation,
  valueShape: string,
  values: ReadonlyMap<string, string[]>,
  named: ReadonlySet<string>,
): Record<string, unknown> {
  const fixed = new Set(parseQueryString(operation.path.split("?")[1] ?? "").map(([name]) => name));
  const value = shapeOf(model, valueShape);
  const map: Record<string, unknown> = Object.create(null);
  for (const [key, texts] of values) {
    if (named.has(key) || fixed.has(key) || key.startsWith("X-Amz-")) continue;
    map[key] = value.type === "list" ? texts : texts[0]!;
  }
  return map;
}

function readHeaders(
  model: ServiceModel,
  members: Members,
  headers: Readonly<Record<string, string>>,
  input: Record<string, unknown>,
): void {
  for (const [name, member] of members) {
    if (member.location === "headers") {
      const prefix = wireName(name, member).toLowerCase();
      const map: Record<string, string> = Object.create(null);
      for (const [header, value] of Object.entries(headers)) {
        if (header.startsWith(prefix)) map[header.slice(prefix.length)] = value;
      }
      if (Object.keys(map).length > 0) input[name] = map;
    } else if (member.location === "header") {
      const text = headers[wireName(name, member).toLowerCase()];
      if (text !== undefined) input[name] = readHeader(model, member, text);
    }
  }
}

function readHeader(model: ServiceModel, member: Member, text: string): unknown {
  const shape = shapeOf(model, member.shape);
  if (member.jsonValue) {
    const bytes = parseBase64(text);
    if (!bytes) throw new ServiceError("SerializationException", `Header ${member.locationName} is not base64.`);
    return parseJson(bytes);
  }
  if (shape.type === "list") {
    const item = shapeOf(model, shape.member);
    return text.split(",").map((part) => readText(item, part.trim(), "http-date"));
  }
  return readText(shape, text, "http-date");
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

/** Writes header members; returns the status, which a member may carry. */
function writeHead(
  model: ServiceModel,
  members: Members,
  output: Readonly<Record<string, unknown>>,
  status: number,
  headers: Record<string, string>,
): number {
  let answered = status;
  for (const [name, member] of members) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    if (member.location === "statusCode") answered = Number(value);
    else if (member.location === "header")
      headers[wireName(name, member).toLowerCase()] = headerText(model, member, value);
    else if (member.location === "headers" && isObject(value)) {
      const prefix = wireName(name, member).toLowerCase();
      for (const [key, item] of Object.entries(value)) headers[prefix + key.toLowerCase()] = String(item);
    }
  }
  return answered;
}

function headerText(model: ServiceModel, member: Member, value: unknown): string {
  const shape = shapeOf(model, member.shape);
  if (member.jsonValue) return formatBase64(Buffer.from(JSON.stringify(value)));
  if (shape.type === "list" && Array.isArray(value)) {
    const item = shapeOf(model, shape.member);
    return value.map((part) => writeText(item, part, "http-date")).join(", ");
  }
  return writeText(shape, value, "http-date");
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
