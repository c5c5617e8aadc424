import type { ServiceModel, Shape } from "@hearth/contract";
import { XMLParser } from "fast-xml-parser";
import { fromBase64, toBase64 } from "./base64.ts";

/** The AWS query protocol: form parameters in, XML out. */

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, processEntities: true });

type Parameters = [string, string][];

/** `X.member.1`, `X.entry.1.key`, `X.Y` for lists, maps and structures. */
export function formBody(model: ServiceModel, name: string, input: Readonly<Record<string, unknown>>): string {
  const parameters: Parameters = [
    ["Action", name],
    ["Version", model.apiVersion],
  ];
  const shape = model.operations[name]?.input;
  if (shape) flatten(model, model.shapes[shape], "", input, parameters);
  return parameters.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join("&");
}

function flatten(
  model: ServiceModel,
  shape: Shape | undefined,
  prefix: string,
  value: unknown,
  into: Parameters,
): void {
  if (value === undefined || value === null || !shape) return;
  const dot = prefix ? `${prefix}.` : "";
  if (shape.type === "structure") {
    for (const [member, declared] of Object.entries(shape.members)) {
      const inner = (value as Record<string, unknown>)[member];
      flatten(model, model.shapes[declared.shape], `${dot}${declared.locationName ?? member}`, inner, into);
    }
  } else if (shape.type === "list") {
    const item = shape.flattened ? "" : `.${shape.memberName ?? "member"}`;
    for (const [index, inner] of (value as unknown[]).entries()) {
      flatten(model, model.shapes[shape.member], `${prefix}${item}.${index + 1}`, inner, into);
    }
  } else if (shape.type === "map") {
    for (const [index, [key, inner]] of Object.entries(value as object).entries()) {
      into.push([`${prefix}.entry.${index + 1}.key`, key]);
      flatten(model, model.shapes[shape.value], `${prefix}.entry.${index + 1}.value`, inner, into);
    }
  } else if (shape.type === "timestamp") into.push([prefix, new Date(Number(value) * 1000).toISOString()]);
  else if (shape.type === "blob") into.push([prefix, toBase64(value as Uint8Array)]);
  else into.push([prefix, String(value)]);
}

/** The result inside `<NameResponse><NameResult>`. */
export function readResult(model: ServiceModel, name: string, xml: string): unknown {
  const root = parser.parse(xml) as Record<string, Record<string, unknown>>;
  const output = model.operations[name]?.output;
  const result = root[`${name}Response`]?.[`${name}Result`];
  return output ? fromXml(model, model.shapes[output], result ?? {}) : {};
}

function fromXml(model: ServiceModel, shape: Shape | undefined, value: unknown): unknown {
  if (!shape || value === undefined) return value;
  switch (shape.type) {
    case "structure": {
      const members = value === "" ? {} : (value as Record<string, unknown>);
      return Object.fromEntries(
        Object.entries(shape.members).flatMap(([member, declared]) => {
          const inner = members[declared.locationName ?? member];
          return inner === undefined ? [] : [[member, fromXml(model, model.shapes[declared.shape], inner)]];
        }),
      );
    }
    case "list": {
      const items =
        shape.flattened || value === "" ? value : (value as Record<string, unknown>)[shape.memberName ?? "member"];
      if (items === "" || items === undefined) return [];
      return (Array.isArray(items) ? items : [items]).map((item) => fromXml(model, model.shapes[shape.member], item));
    }
    case "map": {
      const entries = value === "" ? [] : (value as { entry?: unknown }).entry;
      const list = (Array.isArray(entries) ? entries : [entries]) as ({ key: string; value: unknown } | undefined)[];
      return Object.fromEntries(
        list.flatMap((entry) => (entry ? [[entry.key, fromXml(model, model.shapes[shape.value], entry.value)]] : [])),
      );
    }
    case "blob":
      return fromBase64(String(value));
    case "integer":
    case "long":
    case "float":
    case "double":
      return Number(value);
    case "boolean":
      return value === "true";
    case "timestamp":
      return Date.parse(String(value)) / 1000;
    default:
      return value;
  }
}

/** Name and message of `<ErrorResponse><Error>`; undefined when the body is something else. */
export function readError(xml: string): { name: string; message: string } | undefined {
  const root = parser.parse(xml) as { ErrorResponse?: { Error?: { Code?: string; Message?: string } } };
  const error = root.ErrorResponse?.Error;
  return error?.Code === undefined ? undefined : { name: error.Code, message: error.Message ?? error.Code };
}
