import { type Principal, ServiceError } from "@hearth/contract";
import {
  compilePolicies,
  evaluate,
  type PolicyContext,
  PolicyParseError,
  type PolicyPrincipal,
  parsePolicy,
} from "@hearth/policy";
import { type EncryptionContext, type Key, keyArn, type Scope } from "./key.ts";

/** AWS: Key policies, at most 32 KB. */
const LONGEST_POLICY = 32_768;

export const defaultPolicy = (accountId: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Id: "key-default-1",
    Statement: [
      {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  });

/**
 * What AWS gives the keys that it manages for a service: everybody of the account uses it by way of the service, for which
 * the service's own permissions are asked, and reads about it (AWS: AWS managed keys).
 */
export const servicePolicy = ({ accountId, region }: Scope, service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Id: `auto-${service}-2`,
    Statement: [
      {
        Sid: `Allow access through ${service} for all principals in the account that are authorized to use it`,
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        Resource: "*",
        Condition: {
          StringEquals: {
            "kms:CallerAccount": accountId,
            "kms:ViaService": `${service}.${region}.amazonaws.com`,
          },
        },
      },
      {
        Sid: "Allow direct access to key metadata to the account",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: ["kms:Describe*", "kms:Get*", "kms:List*"],
        Resource: "*",
      },
    ],
  });

const compiled = (policy: string) =>
  compilePolicies([{ name: "key policy", document: parsePolicy(policy, "resource", LONGEST_POLICY) }]);

/** What a caller's own policies say against an action; undefined: nothing. */
export type Rights = (
  action: string,
  resource: string,
  context?: PolicyContext,
) => { explicit: boolean; why: string } | undefined;

/** Who wants to use a key: somebody at the door, whose own policies were asked there, or a service of the platform. */
export type KeyCaller =
  | { kind: "door"; principal: Principal }
  | { kind: "forwarded"; principal: Principal; rights: Rights; viaService: string }
  | { kind: "service"; service: string; sourceAccount: string; sourceArn?: string; viaService?: string };

/** Condition keys of a call (AWS: AWS KMS condition keys). */
function contextOf(key: Key, caller: KeyCaller, encryptionContext: EncryptionContext): PolicyContext {
  const entries = Object.entries(encryptionContext);
  const accountId = caller.kind === "service" ? caller.sourceAccount : caller.principal.accountId;
  return {
    "kms:CallerAccount": accountId,
    "kms:KeySpec": "SYMMETRIC_DEFAULT",
    "kms:KeyUsage": "ENCRYPT_DECRYPT",
    "aws:ResourceAccount": key.accountId,
    ...Object.fromEntries(entries.map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
    ...(entries.length > 0 ? { "kms:EncryptionContextKeys": entries.map(([name]) => name) } : {}),
    ...(caller.kind !== "door" && caller.viaService !== undefined ? { "kms:ViaService": caller.viaService } : {}),
    ...(caller.kind === "service"
      ? {
          "aws:PrincipalIsAWSService": "true",
          "aws:SourceAccount": caller.sourceAccount,
          ...(caller.sourceArn !== undefined && { "aws:SourceArn": caller.sourceArn }),
        }
      : { "aws:PrincipalArn": caller.principal.arn, "aws:PrincipalAccount": caller.principal.accountId }),
  };
}

/** A session is meant by its own name and by its role's. */
const arnsOf = (principal: Principal): string[] =>
  principal.type === "AssumedRole" && principal.roleArn !== undefined
    ? [principal.arn, principal.roleArn]
    : [principal.arn];

/**
 * Asks the key's policy, which always decides; where it only trusts the account, the account's own policies say who of
 * it may (AWS: Key policies, default key policy). Throws `AccessDeniedException` with the reason.
 */
export function requirePermission(
  key: Key,
  action: string,
  caller: KeyCaller,
  encryptionContext: EncryptionContext = {},
): void {
  const resource = keyArn(key);
  const context = contextOf(key, caller, encryptionContext);
  const who = caller.kind === "service" ? caller.service : caller.principal.arn;
  const refuse = (why: string) =>
    new ServiceError(
      "AccessDeniedException",
      `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
    );
  const policies = compiled(key.policy);
  const ask = (principal: PolicyPrincipal) => evaluate(policies, { action, resource, context, principal });
  const decision =
    caller.kind === "service"
      ? ask({ type: "Service", name: caller.service })
      : ask({ type: "AWS", accountId: caller.principal.accountId, arns: arnsOf(caller.principal) });
  if (decision.effect === "explicit-deny") throw refuse("with an explicit deny in the key policy");
  if (decision.effect !== "allow") throw refuse(`because the key policy does not allow it: ${decision.reason}`);
  if (caller.kind !== "forwarded" || caller.principal.type === "Root") return;
  const own = caller.rights(action, resource, context);
  const byName =
    caller.principal.accountId === key.accountId &&
    ask({ type: "AWS", arns: arnsOf(caller.principal) }).effect === "allow";
  if (own && (own.explicit || !byName)) throw refuse(own.why);
}

/** Throws `MalformedPolicyDocumentException`; also for a policy under which its author could not change it again. */
export function checkKeyPolicy(policy: string, key: Omit<Key, "policy">, author: Principal, bypass: boolean): void {
  const malformed = (why: string) => new ServiceError("MalformedPolicyDocumentException", why);
  try {
    compiled(policy);
  } catch (error) {
    if (error instanceof PolicyParseError) throw malformed(error.message);
    throw error;
  }
  if (bypass) return;
  try {
    requirePermission({ ...key, policy }, "kms:PutKeyPolicy", { kind: "door", principal: author });
  } catch {
    throw malformed(
      "The new key policy will not allow you to update the key policy in the future. Allow yourself kms:PutKeyPolicy, " +
        "or set BypassPolicyLockoutSafetyCheck.",
    );
  }
}
