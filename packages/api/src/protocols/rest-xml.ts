import { InternalError } from "@hearth/base";
import { type Member, ServiceError, type ServiceModel, type Shape } from "@hearth/contract";
import type { WireRequest, WireResponse } from "../wire.ts";
import { shapeOf, structureOf, wireName } from "./json-values.ts";
import type { Protocol } from "./protocol.ts";
import { parseQueryString } from "./query-string.ts";
import { type Members, readHeaders, readLabels, readQuery, writeHead } from "./rest-head.ts";
import { matchRestXml } from "./rest-xml-routes.ts";
import { element, escapeXml } from "./xml.ts";
import { parseXml } from "./xml-reader.ts";
import { readXml, writeMembers, writeStructure } from "./xml-values.ts";

const XML_TYPE = "application/xml";
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** S3's own words for errors that every service may answer. */
const COMMON_WORDS: Readonly<Record<string, string>> = {
  AccessDeniedException: "AccessDenied",
  ExpiredTokenException: "ExpiredToken",
  IncompleteSignatureException: "AuthorizationHeaderMalformed",
  InternalFailure: "InternalError",
  InvalidSignatureException: "SignatureDoesNotMatch",
  MissingAuthenticationTokenException: "AccessDenied",
  NotImplementedException: "NotImplemented",
  RequestEntityTooLargeException: "EntityTooLarge",
  RequestTimeoutException: "RequestTimeout",
  SerializationException: "InvalidArgument",
  ServiceUnavailableException: "ServiceUnavailable",
  ThrottlingException: "SlowDown",
  UnrecognizedClientException: "InvalidAccessKeyId",
};

/** REST XML as S3 speaks it: members in path, query string, headers and an XML body, or bytes piece by piece. */
export const restXml: Protocol = {
  match: matchRestXml,

  streams(model, { operation }) {
    const payload = payloadOf(model, operation.input);
    return payload !== undefined && isStream(shapeOf(model, payload[1].shape));
  },

  parse(model, match, request) {
    const { operation } = match;
    if (!operation.input) return {};
    const members = Object.entries(structureOf(model, operation.input).members);
    const input: Record<string, unknown> = {};
    readLabels(model, members, match.labels, input);
    readQuery(model, operation, members, request.rawQuery, input);
    readHeaders(model, members, { ...hoistedHeaders(request.rawQuery), ...request.headers }, input);
    readBody(model, members, request, input);
    return input;
  },

  serialize(model, { name, operation }, output, requestId) {
    const headers: Record<string, string> = { "x-amz-request-id": requestId };
    if (!operation.output) return { status: operation.status, headers };
    const members = Object.entries(structureOf(model, operation.output).members);
    const status = writeHead(model, members, output, operation.status, headers);
    const body = writeBody(model, `${name}Result`, operation.output, members, output, headers);
    // RFC 9110, 15.3.7: an answer that holds a part says so.
    const answered = headers["content-range"] === undefined ? status : 206;
    return { status: answered, headers, ...(body !== undefined && { body }) };
  },

  serializeFailure(model, failure, requestId): WireResponse {
    const { status, members } = failure;
    const code = COMMON_WORDS[failure.code] ?? failure.code;
    const headers: Record<string, string> = { "x-amz-request-id": requestId };
    for (const [name, value] of Object.entries(members)) {
      if (name === "ETag") headers["etag"] = String(value);
    }
    // RFC 9110, 15.4.5: it has no content.
    if (status === 304) return { status, headers };
    headers["content-type"] = XML_TYPE;
    const further = Object.entries(members).map(([name, value]) =>
      typeof value === "string" && /^\w+$/.test(name) ? element(name, escapeXml(value)) : "",
    );
    const parts = [element("Code", escapeXml(code)), element("Message", escapeXml(failure.message)), ...further];
    if (model === undefined) throw new InternalError("an error of no service is not told in S3's words");
    return { status, headers, body: DECLARATION + element("Error", parts.join("") + element("RequestId", requestId)) };
  },
};

const isStream = (shape: Shape): boolean => shape.type === "blob" && shape.streaming === true;

function payloadOf(model: ServiceModel, shapeName: string | undefined): readonly [string, Member] | undefined {
  if (!shapeName) return undefined;
  return Object.entries(structureOf(model, shapeName).members).find(([, member]) => member.payload);
}

/** A presigned URL carries in its query what would be headers elsewhere. */
function hoistedHeaders(rawQuery: string): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  if (!/(?:X-Amz-|&)Signature=/.test(`&${rawQuery}`)) return headers;
  for (const [name, value] of parseQueryString(rawQuery)) {
    const header = name.toLowerCase();
    if (!header.startsWith("x-amz-")) continue;
    // As headers they could not have come otherwise, and as headers they may go out again.
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(header) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw new ServiceError("InvalidArgument", "A parameter that stands for a header is not fit to be one.");
    }
    headers[header] = value;
  }
  return headers;
}

function readBody(model: ServiceModel, members: Members, request: WireRequest, input: Record<string, unknown>): void {
  const payload = members.find(([, member]) => member.payload);
  if (!payload) return;
  const [name, member] = payload;
  const shape = shapeOf(model, member.shape);
  if (isStream(shape)) input[name] = request.incoming ?? request.body;
  else if (request.body.length === 0) return;
  else if (shape.type === "string") input[name] = decoded(request.body);
  else if (shape.type === "blob") input[name] = request.body;
  else input[name] = readXml(model, member.shape, parseXml(request.body));
}

function decoded(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new ServiceError("InvalidArgument", "The request body is not valid UTF-8.");
  }
}

function writeBody(
  model: ServiceModel,
  fallback: string,
  outputName: string,
  members: Members,
  output: Readonly<Record<string, unknown>>,
  headers: Record<string, string>,
): WireResponse["body"] {
  const namespace = ` xmlns="${escapeXml(model.xmlNamespace ?? "")}"`;
  const payload = members.find(([, member]) => member.payload);
  if (!payload) {
    const inBody = members.filter(([, member]) => !member.location);
    if (inBody.length === 0) return undefined;
    headers["content-type"] = XML_TYPE;
    const root = structureOf(model, outputName).xmlName ?? fallback;
    // S3 answers a bucket's place as the document's own text.
    const [only, another] = inBody;
    if (only && !another && wireName(...only) === root) {
      return DECLARATION + element(root, escapeXml(String(output[only[0]] ?? "")), namespace);
    }
    return DECLARATION + element(root, writeMembers(model, inBody, output), namespace);
  }
  const [name, member] = payload;
  const value = output[name];
  if (value === undefined || value === null) return undefined;
  const shape = shapeOf(model, member.shape);
  if (shape.type === "blob") {
    headers["content-type"] ??= "binary/octet-stream";
    return value as WireResponse["body"];
  }
  if (shape.type === "string") {
    headers["content-type"] = "application/json";
    return String(value);
  }
  headers["content-type"] = XML_TYPE;
  const root = member.locationName ?? (shape.type === "structure" ? shape.xmlName : undefined) ?? member.shape;
  return DECLARATION + element(root, writeStructure(model, member.shape, value as Record<string, unknown>), namespace);
}
