import type { Member, Operation, ServiceModel, Shape, StructureShape } from "@hearth/contract";
import { toBase64 } from "./base64.ts";
import { formBody } from "./query.ts";

/** A request before it is signed. */
export interface PlainRequest {
  method: string;
  /** Encoded. */
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

type Values = Readonly<Record<string, unknown>>;

/** Puts an operation's input where the contract says: labels, query, headers, body. */
export function buildRequest(model: ServiceModel, name: string, input: Values): PlainRequest {
  const operation = model.operations[name];
  if (!operation) throw new Error(`${model.service} has no operation ${name}`);
  if (model.protocol === "json-1.1") {
    return {
      method: "POST",
      path: "/",
      query: {},
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${model.targetPrefix}.${name}` },
      body: JSON.stringify(toJson(input)),
    };
  }
  if (model.protocol === "query") {
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    return { method: "POST", path: "/", query: {}, headers, body: formBody(model, name, input) };
  }
  return buildRest(model, operation, input);
}

function buildRest(model: ServiceModel, operation: Operation, input: Values): PlainRequest {
  const shape = operation.input ? (model.shapes[operation.input] as StructureShape) : undefined;
  const [template = "/", fixed] = operation.path.split("?");
  const query: Record<string, string | string[]> = Object.fromEntries(new URLSearchParams(fixed ?? ""));
  const headers: Record<string, string> = {};
  const body: Record<string, unknown> = {};
  let payload: string | Uint8Array | undefined;
  let path = template;
  for (const [member, declared] of Object.entries(shape?.members ?? {})) {
    const value = input[member];
    if (value === undefined || value === null) continue;
    const wire = declared.locationName ?? member;
    if (declared.payload)
      payload = typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(toJson(value));
    else if (declared.location === "uri") path = fillLabel(path, wire, String(value));
    else if (declared.location === "querystring")
      query[wire] = Array.isArray(value) ? value.map(String) : queryValue(model.shapes[declared.shape], value);
    else if (declared.location === "header") headers[wire.toLowerCase()] = headerValue(declared, value);
    else body[wire] = toJson(value);
  }
  const hasBody =
    payload !== undefined || Object.keys(body).length > 0 || !["GET", "DELETE"].includes(operation.method);
  if (hasBody && payload === undefined) headers["content-type"] = "application/json";
  return { method: operation.method, path, query, headers, body: payload ?? (hasBody ? JSON.stringify(body) : "") };
}

/** RFC 3986: everything but unreserved characters is escaped; a greedy label keeps its slashes. */
function fillLabel(path: string, label: string, value: string): string {
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return path
    .replace(`{${label}+}`, () => value.split("/").map(encode).join("/"))
    .replace(`{${label}}`, () => encode(value));
}

/** Times are ISO 8601 in a query string, unless the shape says otherwise. */
const queryValue = (shape: Shape | undefined, value: unknown): string =>
  shape?.type === "timestamp" && shape.format !== "epoch-seconds"
    ? new Date(Math.round(Number(value) * 1000)).toISOString()
    : String(value);

const headerValue = (member: Member, value: unknown): string =>
  member.jsonValue ? toBase64(new TextEncoder().encode(JSON.stringify(value))) : String(value);

/** Blobs become base64; everything else is JSON already (times are epoch seconds). */
function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return toBase64(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toJson(inner)]));
  }
  return value;
}
