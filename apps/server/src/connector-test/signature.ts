import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface Received {
  method: string;
  /** With the query, as it came. */
  target: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const hash = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();

/** RFC 3986: what SigV4 leaves as it is. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function canonicalQuery(query: string): string {
  const pairs =
    query === "" ? [] : query.split("&").map((pair) => pair.split("=", 2).map((part) => decodeURIComponent(part)));
  return pairs
    .map(([name = "", value = ""]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");
}

/** What is wrong with the signature (AWS Signature Version 4) of a request; undefined: nothing. */
export function signatureProblem(
  { method, target, headers, body }: Received,
  keys: { accessKeyId: string; secretAccessKey: string; sessionToken: string },
): string | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request,\s*SignedHeaders=([\w;-]+),\s*Signature=([0-9a-f]{64})$/;
  const [, keyId, day = "", region = "", service = "", names = "", signature = ""] =
    pattern.exec(headers.authorization ?? "") ?? [];
  if (keyId === undefined) return "there is no Authorization header of AWS Signature Version 4";
  if (keyId !== keys.accessKeyId) return "it is signed with another key than AWS_ACCESS_KEY_ID";
  if (headers["x-amz-security-token"] !== keys.sessionToken) return "x-amz-security-token is not AWS_SESSION_TOKEN";
  const date = String(headers["x-amz-date"] ?? "");
  if (!date.startsWith(day)) return "x-amz-date is not of the day in the Credential";
  const signed = names.split(";");
  if (!signed.includes("host")) return "the host header is not signed";
  const [path = "", query = ""] = target.split("?", 2);
  const canonical = [
    method,
    path
      .split("/")
      .map((segment) => encoded(segment))
      .join("/"),
    canonicalQuery(query),
    ...signed.map(
      (name) =>
        `${name}:${String(headers[name] ?? "")
          .trim()
          .replace(/ +/g, " ")}`,
    ),
    "",
    names,
    hash(body),
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", date, scope, hash(canonical)].join("\n");
  const key = [region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${keys.secretAccessKey}`, day));
  const right = timingSafeEqual(hmac(key, text), Buffer.from(signature, "hex"));
  return right ? undefined : "the signature is not the one of this request";
}
