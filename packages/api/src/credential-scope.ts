import { ServiceError } from "@hearth/contract";
import { parseQueryString } from "./protocols/query-string.ts";
import type { WireRequest } from "./wire.ts";

/** What a client certificate may speak to without a signature (reference 1.1). */
export const DEVICE_SERVICES: readonly string[] = ["iot-data", "iot-jobs-data"];

const AUTHORIZER_NAME = "x-amz-customauthorizer-name";
const SCHEME = "AWS4-HMAC-SHA256 ";
const CREDENTIAL = "Credential=";

/**
 * The service name in a request's SigV4 credential scope (header or presigned query), before the signature is
 * verified: it says only whom the request is meant for. Undefined for a request without a signature.
 * Throws `IncompleteSignatureException` for an authorization that is none.
 */
export function scopeService(request: Pick<WireRequest, "headers" | "rawQuery">): string | undefined {
  const authorization = request.headers.authorization;
  if (authorization !== undefined) {
    const parts = authorization.startsWith(SCHEME) ? authorization.slice(SCHEME.length).split(",") : [];
    const credential = parts.map((part) => part.trim()).find((part) => part.startsWith(CREDENTIAL));
    const otherwise = "The Authorization header requires an AWS4-HMAC-SHA256 'Credential' parameter.";
    return serviceOf(credential?.slice(CREDENTIAL.length), otherwise);
  }
  // The older form of presigned URLs, which names no service: only S3 has it.
  if (request.rawQuery.includes("AWSAccessKeyId=")) return "s3";
  if (!request.rawQuery.includes("X-Amz-")) return undefined;
  const parameters = new Map(parseQueryString(request.rawQuery));
  if (!parameters.has("X-Amz-Credential") && !parameters.has("X-Amz-Signature")) return undefined;
  return serviceOf(parameters.get("X-Amz-Credential"), "The query requires an 'X-Amz-Credential' parameter.");
}

/** Whether a request asks to be judged by a custom authorizer, in a header or in its query (reference 8). */
export function namesAuthorizer(request: Pick<WireRequest, "headers" | "rawQuery">): boolean {
  if (request.headers[AUTHORIZER_NAME] !== undefined) return true;
  if (!/customauthorizer/i.test(request.rawQuery)) return false;
  return parseQueryString(request.rawQuery).some(([name]) => name.toLowerCase() === AUTHORIZER_NAME);
}

/** `<key>/<date>/<region>/<service>/aws4_request`; a key may hold slashes, so the rest is read from the end. */
function serviceOf(credential: string | undefined, otherwise: string): string {
  const parts = credential?.split("/") ?? [];
  const service = parts.at(-2);
  if (parts.length < 5 || parts.at(-1) !== "aws4_request" || !service) {
    throw new ServiceError("IncompleteSignatureException", otherwise);
  }
  return service;
}
