import { ServiceError } from "@hearth/contract";
import { type CompiledPolicies, compilePolicies, evaluate, type PolicyContext, parsePolicy } from "@hearth/policy";
import { functionArn, invalidParameter, type PermissionStatement, type StoredFunction } from "./function.ts";

/** AWS: Lambda quotas, resource-based policy. */
const LONGEST_POLICY = 20_480;

export const policyDocument = (permissions: readonly PermissionStatement[]): string =>
  JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: permissions });

interface GivenPermission {
  StatementId: string;
  Action: string;
  Principal: string;
  SourceArn?: string;
  SourceAccount?: string;
  EventSourceToken?: string;
  PrincipalOrgID?: string;
}

/** The statement that AddPermission makes. Throws `InvalidParameterValueException`. */
export function statementOf(given: GivenPermission, resource: string): PermissionStatement {
  const equals: Record<string, string> = {
    ...(given.SourceAccount ? { "AWS:SourceAccount": given.SourceAccount } : {}),
    ...(given.EventSourceToken ? { "lambda:EventSourceToken": given.EventSourceToken } : {}),
    ...(given.PrincipalOrgID ? { "aws:PrincipalOrgID": given.PrincipalOrgID } : {}),
  };
  const conditions = {
    ...(Object.keys(equals).length > 0 ? { StringEquals: equals } : {}),
    ...(given.SourceArn ? { ArnLike: { "AWS:SourceArn": given.SourceArn } } : {}),
  };
  return {
    Sid: given.StatementId,
    Effect: "Allow",
    Principal: principalOf(given.Principal),
    Action: given.Action,
    Resource: resource,
    ...(Object.keys(conditions).length > 0 ? { Condition: conditions } : {}),
  };
}

function principalOf(text: string): PermissionStatement["Principal"] {
  if (text === "*") return "*";
  if (/^\d{12}$/.test(text)) return { AWS: `arn:aws:iam::${text}:root` };
  if (/^arn:aws:(iam|sts)::\d{12}:.+$/.test(text)) return { AWS: text };
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$/.test(text)) return { Service: text };
  throw invalidParameter("The provided principal was invalid. Please check the principal and try again.");
}

/** Throws `PolicyLengthExceededException`, or `InvalidParameterValueException` for what makes no policy. */
export function checkPermissions(permissions: readonly PermissionStatement[]): void {
  const document = policyDocument(permissions);
  if (document.length > LONGEST_POLICY) {
    throw new ServiceError(
      "PolicyLengthExceededException",
      `The final policy size (${document.length}) is bigger than the limit (${LONGEST_POLICY}).`,
      { Type: "User" },
    );
  }
  try {
    parsePolicy(document, "resource", LONGEST_POLICY);
  } catch (error) {
    throw invalidParameter(`The permission makes no policy: ${(error as Error).message}`);
  }
}

/** A service of the platform that wants to invoke a function. */
interface ServiceCaller {
  service: string;
  sourceAccount: string;
  sourceArn?: string;
}

const compiled = new WeakMap<readonly PermissionStatement[], CompiledPolicies>();

function compiledOf(permissions: readonly PermissionStatement[]): CompiledPolicies {
  const known = compiled.get(permissions);
  if (known) return known;
  const document = parsePolicy(policyDocument(permissions), "resource", LONGEST_POLICY);
  const made = compilePolicies([{ name: "function policy", document }]);
  compiled.set(permissions, made);
  return made;
}

/** Why the function's policy does not let a caller invoke it; undefined: it does. */
export function refusalOf(stored: StoredFunction, caller: ServiceCaller): string | undefined {
  const { service, sourceAccount, sourceArn } = caller;
  const action = "lambda:InvokeFunction";
  const resource = functionArn(stored, stored.name);
  const refusal = (why: string) =>
    `User: ${service} is not authorized to perform: ${action} on resource: ${resource} because ${why}. AddPermission gives it.`;
  if (stored.permissions.length === 0) return refusal("the function has no policy");
  const context: PolicyContext = {
    "aws:PrincipalIsAWSService": "true",
    "aws:SourceAccount": sourceAccount,
    ...(sourceArn === undefined ? {} : { "aws:SourceArn": sourceArn }),
  };
  const principal = { type: "Service", name: service } as const;
  const decision = evaluate(compiledOf(stored.permissions), { action, resource, context, principal });
  return decision.effect === "allow"
    ? undefined
    : refusal(`the function's policy does not allow it: ${decision.reason}`);
}
