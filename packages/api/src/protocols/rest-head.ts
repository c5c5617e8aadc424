import { type Member, type Operation, ServiceError, type ServiceModel } from "@hearth/contract";
import { formatBase64, parseBase64 } from "./base64.ts";
import { isObject, parseJson, shapeOf, wireName } from "./json-values.ts";
import { parseQueryString } from "./query-string.ts";
import { readText, writeText } from "./scalars.ts";

/** What the REST protocols put beside the body: labels of the path, the query, headers, the status. */

export type Members = readonly (readonly [string, Member])[];

export function readLabels(
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

export function readQuery(
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

export function readHeaders(
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

/** Writes header members; returns the status, which a member may carry. */
export function writeHead(
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
