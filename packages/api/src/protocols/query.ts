import { ServiceError, type ServiceModel } from "@hearth/contract";
import type { Failure, WireRequest, WireResponse } from "../wire.ts";
import { shapeOf, structureOf, wireName } from "./json-values.ts";
import type { Protocol } from "./protocol.ts";
import { parseQueryString } from "./query-string.ts";
import { readText } from "./scalars.ts";
import { element, escapeXml } from "./xml.ts";
import { writeStructure, writeXml } from "./xml-values.ts";

const CONTENT_TYPE = "text/xml";
const NO_NAMESPACE_ERRORS = "http://webservices.amazon.com/AWSFault/2005-15-09";
/** The query services' own words for errors that every service may answer. */
const COMMON_WORDS: Readonly<Record<string, string>> = {
  AccessDeniedException: "AccessDenied",
  ExpiredTokenException: "ExpiredToken",
  IncompleteSignatureException: "IncompleteSignature",
  InvalidSignatureException: "SignatureDoesNotMatch",
  MissingAuthenticationTokenException: "MissingAuthenticationToken",
  NotImplementedException: "NotImplemented",
  RequestEntityTooLargeException: "RequestEntityTooLarge",
  SerializationException: "ValidationError",
  ServiceUnavailableException: "ServiceUnavailable",
  ThrottlingException: "Throttling",
  UnrecognizedClientException: "InvalidClientTokenId",
  ValidationException: "ValidationError",
};
/** Dots in a parameter's name; no modelled input is nested deeper. */
const MAX_DEPTH = 40;

/** One step of a parameter name: `Tags`, `member`, `1`. */
interface Node {
  text?: string;
  children: Map<string, Node>;
}

/** AWS query: a form goes in, XML comes out. */
export const query: Protocol = {
  match(model, request) {
    const parameters = new Map(formOf(request));
    const name = parameters.get("Action");
    if (name === undefined) throw new ServiceError("MissingAction", "The request names no Action.");
    const version = parameters.get("Version") ?? model.apiVersion;
    const operation =
      version === model.apiVersion && Object.hasOwn(model.operations, name) ? model.operations[name] : undefined;
    if (!operation || (request.method !== "POST" && request.method !== "GET")) {
      throw new ServiceError("InvalidAction", `Could not find operation ${name} for version ${version}`);
    }
    return { name, operation, labels: {} };
  },

  parse(model, { operation }, request) {
    if (!operation.input) return {};
    return readNode(model, operation.input, treeOf(formOf(request))) as Record<string, unknown>;
  },

  serialize(model, { name, operation }, output, requestId) {
    const result = operation.output ? element(`${name}Result`, writeStructure(model, operation.output, output)) : "";
    const metadata = element("ResponseMetadata", element("RequestId", escapeXml(requestId)));
    return {
      status: operation.status,
      headers: { "content-type": CONTENT_TYPE },
      body: element(`${name}Response`, result + metadata, namespace(model)),
    };
  },

  serializeFailure(model: ServiceModel | undefined, failure: Failure, requestId: string): WireResponse {
    const code = failure.shape ? failure.code : (COMMON_WORDS[failure.code] ?? failure.code);
    const parts = [
      element("Type", failure.status >= 500 ? "Receiver" : "Sender"),
      element("Code", escapeXml(code)),
      element("Message", escapeXml(failure.message)),
    ];
    if (model && failure.shape) {
      const members = Object.entries(structureOf(model, failure.shape).members);
      const further = members.filter(([name]) => name.toLowerCase() !== "message");
      parts.push(
        ...further.map(([name, member]) =>
          writeXml(model, wireName(name, member), member.shape, failure.members[name]),
        ),
      );
    }
    const body = element("Error", parts.join("")) + element("RequestId", escapeXml(requestId));
    return {
      status: failure.status,
      headers: { "content-type": CONTENT_TYPE },
      body: element("ErrorResponse", body, namespace(model)),
    };
  },
};

const namespace = (model: ServiceModel | undefined): string =>
  ` xmlns="${escapeXml(model?.xmlNamespace ?? NO_NAMESPACE_ERRORS)}"`;

/** Parameters of the body, or of the URL where there is none. */
function formOf(request: WireRequest): [string, string][] {
  if (request.method !== "POST" || request.body.length === 0) return parseQueryString(request.rawQuery);
  // Not latin1: a body with raw UTF-8 is sloppy, yet clients send it.
  return parseQueryString(new TextDecoder().decode(request.body));
}

function treeOf(pairs: readonly (readonly [string, string])[]): Node {
  const root: Node = { children: new Map() };
  for (const [name, value] of pairs) {
    const steps = name.split(".");
    if (steps.length > MAX_DEPTH) throw new ServiceError("MalformedQueryString", "A parameter is nested too deeply.");
    let node = root;
    for (const step of steps) {
      let child = node.children.get(step);
      if (!child) {
        child = { children: new Map() };
        node.children.set(step, child);
      }
      node = child;
    }
    node.text ??= value;
  }
  return root;
}

function readNode(model: ServiceModel, shapeName: string, node: Node): unknown {
  const shape = shapeOf(model, shapeName);
  switch (shape.type) {
    case "structure": {
      const structure: Record<string, unknown> = {};
      for (const [name, member] of Object.entries(shape.members)) {
        const child = node.children.get(wireName(name, member));
        if (child) structure[name] = readNode(model, member.shape, child);
      }
      return structure;
    }
    case "list": {
      const items = shape.flattened
        ? node
        : (node.children.get(shape.memberName ?? "member") ?? node.children.get("member"));
      return items ? numbered(items).map((item) => readNode(model, shape.member, item)) : [];
    }
    case "map": {
      const map: Record<string, unknown> = Object.create(null);
      for (const entry of numbered(node.children.get("entry") ?? node)) {
        const key = entry.children.get("key")?.text;
        const value = entry.children.get("value");
        if (key !== undefined && value) map[key] = readNode(model, shape.value, value);
      }
      return map;
    }
    default:
      return readText(shape, node.text ?? "", "iso8601");
  }
}

/** Children `1`, `2`, ... in the order of their numbers; gaps are closed. */
function numbered(node: Node): Node[] {
  const numbers = [...node.children.keys()].filter((key) => /^[1-9]\d{0,5}$/.test(key)).map(Number);
  return numbers.sort((a, b) => a - b).map((number) => node.children.get(String(number))!);
}
