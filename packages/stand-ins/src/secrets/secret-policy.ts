import { ServiceError } from "@hearth/contract";
import {
  compilePolicies,
  evaluate,
  type PolicyContext,
  type PolicyDocument,
  PolicyParseError,
  parsePolicy,
  type Statement,
} from "@hearth/policy";
import { arnOf, SECRET_LIMITS, type Secret } from "./secret.ts";
import type { SecretCaller } from "./secret-reader.ts";

/** Throws `MalformedPolicyDocumentException`. */
export function readPolicy(json: string): PolicyDocument {
  try {
    return parsePolicy(json, "resource", SECRET_LIMITS.policyCharacters);
  } catch (error) {
    if (!(error instanceof PolicyParseError)) throw error;
    const message = `This resource policy contains a syntax error: ${error.message}`;
    throw new ServiceError("MalformedPolicyDocumentException", message);
  }
}

/** Keys by which a condition narrows everybody down (AWS: the meaning of "public"). */
const NARROWING: ReadonlySet<string> = new Set(
  [
    ...["PrincipalAccount", "PrincipalArn", "PrincipalOrgID", "PrincipalOrgPaths", "userid", "SourceAccount"],
    ...["SourceArn", "SourceIp", "SourceOwner", "SourceVpc", "SourceVpce"],
  ].map((key) => `aws:${key.toLowerCase()}`),
);

const narrows = ({ conditions }: Statement): boolean =>
  conditions.some(
    ({ operator, ifExists, key, values }) =>
      !ifExists &&
      NARROWING.has(key.toLowerCase()) &&
      /^(StringEquals|StringLike|StringEqualsIgnoreCase|ArnEquals|ArnLike|IpAddress)$/.test(operator) &&
      values.every((value) => !/^(\*|0\.0\.0\.0\/0|::\/0)$/.test(value)),
  );

/** Whether it allows everybody something. */
export const isPublic = ({ statements }: PolicyDocument): boolean =>
  statements.some(
    (statement) =>
      statement.effect === "Allow" &&
      (statement.principals?.everyone || statement.notPrincipals !== undefined) &&
      !narrows(statement),
  );

/** Condition keys that come of the secret (AWS: Actions, resources, and condition keys for Secrets Manager). */
export const secretConditions = (secret: Secret): Record<string, string | string[]> => ({
  "secretsmanager:SecretId": arnOf(secret),
  "secretsmanager:SecretPrimaryRegion": secret.region,
  ...Object.fromEntries(
    secret.tags.flatMap(({ Key, Value }) => [
      [`aws:ResourceTag/${Key}`, Value],
      [`secretsmanager:ResourceTag/${Key}`, Value],
    ]),
  ),
});

/** Why a service may not read a secret; undefined: its policy allows it, as nothing else can. */
export function serviceRefusal(secret: Secret, caller: SecretCaller, more: PolicyContext): string | undefined {
  const action = "secretsmanager:GetSecretValue";
  const resource = arnOf(secret);
  const refused = (why: string) =>
    `${caller.service} is not authorized to perform: ${action} on resource: ${resource}: ${why}`;
  if (secret.policy === undefined) return refused("the secret has no resource policy. PutResourcePolicy allows it.");
  const document = parsePolicy(secret.policy, "resource", SECRET_LIMITS.policyCharacters);
  const decision = evaluate(compilePolicies([{ name: "resource", document }]), {
    action,
    resource,
    principal: { type: "Service", name: caller.service },
    context: {
      ...more,
      ...secretConditions(secret),
      "aws:PrincipalIsAWSService": "true",
      "aws:PrincipalServiceName": caller.service,
      "aws:RequestedRegion": secret.region,
      "aws:ResourceAccount": secret.accountId,
      "aws:SecureTransport": "true",
      "aws:SourceAccount": caller.sourceAccount,
      ...(caller.sourceArn !== undefined && { "aws:SourceArn": caller.sourceArn }),
    },
  });
  return decision.effect === "allow" ? undefined : refused(decision.reason);
}
