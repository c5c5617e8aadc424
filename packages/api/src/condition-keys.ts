import type { Principal } from "@hearth/contract";
import type { Caller } from "./traits.ts";
import type { WireRequest } from "./wire.ts";

/** The condition keys that every request carries (AWS: "AWS global condition context keys"). */
export function conditionKeys(request: WireRequest, { principal, region }: Caller): Record<string, string> {
  const keys: Record<string, string> = {
    "aws:SourceIp": request.sourceIp,
    "aws:SecureTransport": String(request.secure),
    "aws:RequestedRegion": region,
    "aws:CurrentTime": new Date(request.receivedAt).toISOString(),
    "aws:EpochTime": String(Math.floor(request.receivedAt / 1000)),
    "aws:PrincipalArn": policyArn(principal),
    "aws:PrincipalAccount": principal.accountId,
    "aws:PrincipalType": principal.type === "Root" ? "Account" : principal.type,
    "aws:userid": principal.principalId,
  };
  if (request.listener !== undefined) keys["hearth:Listener"] = request.listener;
  const userAgent = request.headers["user-agent"];
  if (userAgent !== undefined) keys["aws:UserAgent"] = userAgent;
  if (principal.type === "User") keys["aws:username"] = principal.userName;
  return keys;
}

/** For a session this is the role, not the session. */
function policyArn(principal: Principal): string {
  if (principal.type !== "AssumedRole") return principal.arn;
  return `arn:aws:iam::${principal.accountId}:role/${principal.roleName}`;
}
