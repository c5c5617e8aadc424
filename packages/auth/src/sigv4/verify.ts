import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { type ChunkSignatures, ServiceError } from "@hearth/contract";
import { type Authorization, formatTimestamp, timestampMilliseconds } from "./authorization.ts";
import { canonicalHeaderValue, canonicalObjectPath, canonicalPath, canonicalQuery, queryPairs } from "./canonical.ts";
import { invalidSignature, signatureMismatch } from "./failures.ts";
import type { SignedRequest } from "./signed-request.ts";
import { createSigningKeys, type SigningKeys } from "./signing-keys.ts";

/** Either way, in milliseconds (reference 1.2). */
const SKEW = 5 * 60_000;

/** S3 has rules of its own for clocks, paths and bodies (AWS: "Authenticating requests (AWS Signature Version 4)"). */
const OBJECT_SERVICE = "s3";
const OBJECT_SKEW = 15 * 60_000;

/** WebSocket clients sign in their own way (reference 1.2). */
const WEBSOCKET_SERVICE = "iotdevicegateway";

const EMPTY_HASH = hash("sha256", "");

/**
 * Checks everything that does not need the secret: time, region, and that what matters is signed.
 * Throws `InvalidSignatureException`.
 */
export function checkClaims(request: SignedRequest, authorization: Authorization, regions: readonly string[]): void {
  const { scope, signedHeaders, timestamp, presigned } = authorization;
  if (!regions.includes(scope.region)) {
    throw invalidSignature(`Credential should be scoped to a valid region, not '${scope.region}'.`);
  }
  if (!timestamp.startsWith(scope.date)) {
    throw invalidSignature(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scope.date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
    );
  }
  if (scope.service === OBJECT_SERVICE) checkObjectTime(timestampMilliseconds(timestamp), request.now, presigned);
  else checkTime(timestampMilliseconds(timestamp), timestamp, request.now, presigned?.expires);
  if (!signedHeaders.includes("host") && !signedHeaders.includes(":authority")) {
    throw invalidSignature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  // What an intermediary could add or change at will must not steer the request (x-amz-target, say).
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith("x-amz-") && !signedHeaders.includes(name)) {
      throw invalidSignature(`The header '${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
}

function checkTime(signedAt: number, timestamp: string, now: number, expires: number | undefined): void {
  if (signedAt > now + SKEW) {
    throw invalidSignature(
      `Signature not yet current: ${timestamp} is still later than ${formatTimestamp(now + SKEW)} (${formatTimestamp(now)} + 5 min.)`,
    );
  }
  const life = expires === undefined ? SKEW : expires * 1000;
  if (signedAt + life >= now) return;
  const back = expires === undefined ? "5 min." : `${expires} s`;
  throw invalidSignature(
    `Signature expired: ${timestamp} is now earlier than ${formatTimestamp(now - life)} (${formatTimestamp(now)} - ${back})`,
  );
}

function checkObjectTime(signedAt: number, now: number, presigned: Authorization["presigned"]): void {
  if (presigned) {
    if (presigned.expires === undefined) {
      throw new ServiceError("AuthorizationQueryParametersError", "X-Amz-Expires must say how long the URL is good.");
    }
    if (signedAt + presigned.expires * 1000 < now) throw new ServiceError("AccessDenied", "Request has expired");
    if (signedAt > now + OBJECT_SKEW) throw new ServiceError("AccessDenied", "Request is not valid yet");
  } else if (Math.abs(signedAt - now) > OBJECT_SKEW) {
    throw new ServiceError(
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
    );
  }
}

/** Throws `InvalidSignatureException` unless the signature is the one that the secret gives. */
export function checkSignature(request: SignedRequest, authorization: Authorization, keys: SigningKeys): void {
  const given = Buffer.from(authorization.signature, "hex");
  const key = keys.derive(authorization.scope);
  for (const canonical of canonicalRequests(request, authorization)) {
    const { date, region, service } = authorization.scope;
    const text = `AWS4-HMAC-SHA256\n${authorization.timestamp}\n${date}/${region}/${service}/aws4_request\n${sha256(canonical)}`;
    if (timingSafeEqual(createHmac("sha256", key).update(text).digest(), given)) {
      keys.keep(authorization.scope, key);
      return;
    }
  }
  throw signatureMismatch();
}

const sha256 = (bytesAsText: string): string => hash("sha256", Buffer.from(bytesAsText, "latin1"));

/** The one canonical form, or the few that a WebSocket client may have meant. */
function* canonicalRequests(request: SignedRequest, authorization: Authorization): Generator<string> {
  const ofObject = authorization.scope.service === OBJECT_SERVICE;
  const path = ofObject ? canonicalObjectPath(request.rawPath) : canonicalPath(request.rawPath);
  const payload = payloadHash(request, authorization);
  const signedHeaders = authorization.signedHeaders.join(";");
  for (const query of queries(request, authorization)) {
    for (const host of hosts(request, authorization)) {
      const headers = authorization.signedHeaders
        .map((name) => `${name}:${headerValue(request, name, host)}\n`)
        .join("");
      yield `${request.method}\n${path}\n${query}\n${headers}\n${signedHeaders}\n${payload}`;
    }
  }
}

function headerValue(request: SignedRequest, name: string, host: string): string {
  if (name === "host" || name === ":authority") return host;
  const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
  return value === undefined ? "" : canonicalHeaderValue(value);
}

/** A WebSocket client's `host` may or may not have its port, whatever the header has. */
function hosts(request: SignedRequest, { scope }: Authorization): string[] {
  const host = canonicalHeaderValue(request.headers["host"] ?? request.headers[":authority"] ?? "");
  if (scope.service !== WEBSOCKET_SERVICE) return [host];
  const bare = host.replace(/:\d{1,5}$/, "");
  return bare === host ? [host, `${host}:443`] : [host, bare];
}

/** A WebSocket client appends its session token after signing; others sign it with the rest. */
function queries(request: SignedRequest, { scope, presigned, sessionToken }: Authorization): string[] {
  if (!presigned) return [canonicalQuery(queryPairs(request.rawQuery))];
  const whole = canonicalQuery(presigned.pairs);
  if (scope.service !== WEBSOCKET_SERVICE || sessionToken === undefined) return [whole];
  return [canonicalQuery(presigned.pairs.filter(([name]) => name !== "X-Amz-Security-Token")), whole];
}

/**
 * The body's own hash: what the client declares must be it. Only S3 lets a client leave its payload unsigned, or sign it
 * piece by piece; what it declares of a body that has yet to come counts until that has come.
 */
function payloadHash(request: SignedRequest, { scope, presigned }: Authorization): string {
  const { body } = request;
  const declared = request.headers["x-amz-content-sha256"];
  if (scope.service === OBJECT_SERVICE) {
    const counts = declared ?? (presigned ? UNSIGNED : undefined);
    if (counts === undefined) throw invalidSignature("The header 'x-amz-content-sha256' is missing.");
    if (counts === UNSIGNED || body === undefined) return counts;
  }
  const actual = !body || body.byteLength === 0 ? EMPTY_HASH : hash("sha256", body);
  if (declared !== undefined && declared !== actual) {
    throw invalidSignature("The value of 'x-amz-content-sha256' is not the SHA-256 of the body.");
  }
  return actual;
}

const UNSIGNED = "UNSIGNED-PAYLOAD";

/** What checks the pieces of a body behind a request whose signature is right (AWS: "Transfer payload in multiple chunks"). */
export function chunkSignatures({ scope, signature, timestamp }: Authorization, keys: SigningKeys): ChunkSignatures {
  const key = keys.derive(scope);
  const place = `${timestamp}\n${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  const sign = (text: string): string => createHmac("sha256", key).update(text).digest("hex");
  return {
    seed: signature,
    chunk: (previous, hash) => sign(`AWS4-HMAC-SHA256-PAYLOAD\n${place}\n${previous}\n${EMPTY_HASH}\n${hash}`),
    trailer: (previous, hash) => sign(`AWS4-HMAC-SHA256-TRAILER\n${place}\n${previous}\n${hash}`),
  };
}

/**
 * A URL by which whoever has it may GET an object as the owner of these credentials, for `seconds` from `now` on.
 * `origin`: `https://host:port`; `path`: encoded.
 */
export function presignObjectUrl(
  { origin, path, query }: { origin: string; path: string; query: readonly (readonly [string, string])[] },
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string },
  { region, now, seconds }: { region: string; now: number; seconds: number },
): string {
  const timestamp = formatTimestamp(Math.floor(now / 1000) * 1000);
  const scope = { accessKeyId: credentials.accessKeyId, date: timestamp.slice(0, 8), region, service: OBJECT_SERVICE };
  const credential = `${scope.accessKeyId}/${scope.date}/${region}/${OBJECT_SERVICE}/aws4_request`;
  const pairs = canonicalQuery([
    ...query,
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", credential],
    ["X-Amz-Date", timestamp],
    ["X-Amz-Expires", String(seconds)],
    ["X-Amz-Security-Token", credentials.sessionToken],
    ["X-Amz-SignedHeaders", "host"],
  ]);
  const canonical = `GET\n${canonicalObjectPath(path)}\n${pairs}\nhost:${new URL(origin).host}\n\nhost\n${UNSIGNED}`;
  const place = credential.slice(scope.accessKeyId.length + 1);
  const text = `AWS4-HMAC-SHA256\n${timestamp}\n${place}\n${sha256(canonical)}`;
  const key = createSigningKeys(credentials.secretAccessKey).derive(scope);
  return `${origin}${path}?${pairs}&X-Amz-Signature=${createHmac("sha256", key).update(text).digest("hex")}`;
}
