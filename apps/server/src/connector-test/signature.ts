import type { IncomingHttpHeaders } from "node:http";
import { checkClaims, checkSignature, createSigningKeys, readAuthorization } from "@hearth/auth";
import { messageOf, systemClock } from "@hearth/base";

interface Received {
  method: string;
  /** With the query, as it came. */
  target: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What is wrong with the signature (AWS Signature Version 4) of a request, read as the platform does; undefined: nothing. */
export function signatureProblem(
  { method, target, headers, body }: Received,
  keys: { accessKeyId: string; secretAccessKey: string; sessionToken: string },
): string | undefined {
  const [rawPath = "", rawQuery = ""] = target.split("?", 2);
  const request = {
    ...{ method, rawPath, rawQuery, body, sourceIp: "127.0.0.1", now: systemClock.now() },
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
  };
  try {
    const authorization = readAuthorization(request);
    if (!authorization) return "there is no signature of AWS Signature Version 4";
    if (authorization.scope.accessKeyId !== keys.accessKeyId)
      return "it is signed with another key than AWS_ACCESS_KEY_ID";
    if (authorization.sessionToken !== keys.sessionToken) return "x-amz-security-token is not AWS_SESSION_TOKEN";
    // Any region: the platform asks for one of the account's, and nobody has an account here.
    checkClaims(request, authorization, [authorization.scope.region]);
    checkSignature(request, authorization, createSigningKeys(keys.secretAccessKey));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
