import { createHmac, timingSafeEqual } from "node:crypto";
import { bucketOfHost, ServiceError } from "@hearth/contract";
import { queryPairs } from "./canonical.ts";
import { incompleteSignature, signatureMismatch } from "./failures.ts";
import type { SignedRequest } from "./signed-request.ts";

/**
 * The older form of presigned URLs, which `aws s3 presign` and boto3 still make for endpoints of one's own unless they are
 * told otherwise (AWS: "Signing and authenticating REST requests", query string request authentication alternative).
 */
export interface PresignedV2 {
  accessKeyId: string;
  /** Seconds since the epoch. */
  expires: number;
  /** Base64. */
  signature: string;
  sessionToken?: string;
}

const LONGEST_LIFE = 604_800;
const OWN: ReadonlySet<string> = new Set(["AWSAccessKeyId", "Expires", "Signature"]);
const SUBRESOURCES: ReadonlySet<string> = new Set([
  ...["acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy"],
  ...["requestPayment", "restore", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning"],
  ...["versions", "website", "response-cache-control", "response-content-disposition"],
  ...["response-content-encoding", "response-content-language", "response-content-type", "response-expires"],
]);

/** Undefined for a request without such a signature. Throws `IncompleteSignatureException` for half a one. */
export function readPresignedV2({
  rawQuery,
  headers,
}: Pick<SignedRequest, "rawQuery" | "headers">): PresignedV2 | undefined {
  if (headers["authorization"] !== undefined || !rawQuery.includes("AWSAccessKeyId=")) return undefined;
  const query = new Map(queryPairs(rawQuery));
  const accessKeyId = query.get("AWSAccessKeyId") ?? "";
  const expires = query.get("Expires") ?? "";
  const signature = query.get("Signature") ?? "";
  if (!/^\w{16,128}$/.test(accessKeyId) || !/^\d{1,12}$/.test(expires) || !/^[A-Za-z0-9+/]{27}=$/.test(signature)) {
    throw incompleteSignature("The query must have proper AWSAccessKeyId, Expires and Signature.");
  }
  const token = query.get("x-amz-security-token");
  return { accessKeyId, expires: Number(expires), signature, ...(token !== undefined && { sessionToken: token }) };
}

/** Throws `AccessDenied` for a URL that has ended or lasts too long, `InvalidSignatureException`. */
export function checkPresignedV2(request: SignedRequest, { expires, signature }: PresignedV2, secret: string): void {
  const now = request.now / 1000;
  if (expires < now) throw new ServiceError("AccessDenied", "Request has expired");
  if (expires > now + LONGEST_LIFE)
    throw new ServiceError("AccessDenied", "A presigned URL is good for a week at most.");
  const expected = createHmac("sha1", secret).update(textToSign(request, expires), "latin1").digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, "base64"))) throw signatureMismatch();
}

function textToSign({ method, rawPath, rawQuery, headers }: SignedRequest, expires: number): string {
  const pairs = queryPairs(rawQuery);
  // What nobody signed, whoever has the URL could add, and so make another operation of it.
  const unsigned = pairs.find(
    ([name]) => !OWN.has(name) && !SUBRESOURCES.has(name) && !name.toLowerCase().startsWith("x-amz-"),
  );
  if (unsigned) {
    throw new ServiceError("AccessDenied", `The signature of such a URL does not cover its parameter ${unsigned[0]}.`);
  }
  const amazon = [...Object.entries(headers), ...pairs.map(([name, value]) => [name.toLowerCase(), value] as const)]
    .filter(([name]) => name.startsWith("x-amz-"))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}\n`);
  const resources = pairs
    .filter(([name]) => SUBRESOURCES.has(name))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`));
  const bucket = bucketOfHost(headers["host"] ?? headers[":authority"] ?? "");
  const resource =
    (bucket === undefined ? "" : `/${bucket}`) + rawPath + (resources.length > 0 ? `?${resources.join("&")}` : "");
  const head = [method, headers["content-md5"] ?? "", headers["content-type"] ?? "", String(expires)];
  return `${head.join("\n")}\n${amazon.join("")}${resource}`;
}
