import { parseArn } from "@hearth/base";
import type { Principal } from "@hearth/contract";
import {
  type CompiledPolicies,
  compilePolicies,
  type Decision,
  evaluate,
  type PolicyContext,
  parsePolicy,
} from "@hearth/policy";
import type { IdentityCache } from "../identity-cache.ts";
import { accessDenied, explicitly, principalContext } from "./authorize.ts";
import type { IdentityPermissions } from "./identity-permissions.ts";

/** What a request through a listener must satisfy besides its caller's own policies. */
export type ListenerPolicy = CompiledPolicies;

/**
 * Reads the policy document of a listener, which has the form of a VPC endpoint's (managed-integrations reference 13.4).
 * Throws `PolicyParseError` saying where and why.
 */
export const readListenerPolicy = (listener: string, json: string): ListenerPolicy =>
  compilePolicies([{ name: `listener ${listener}`, document: parsePolicy(json, "resource") }]);

/** Throws `AccessDeniedException` unless the listener's policy allows the request. The caller's own policies are not asked. */
export type AuthorizeAtListener = (
  policy: ListenerPolicy,
  principal: Principal,
  action: string,
  resource: string,
  context?: PolicyContext,
) => Promise<void>;

interface Asked {
  action: string;
  resource: string;
  context: PolicyContext;
}

export function createAuthorizeAtListener(deps: ListenerDeps): AuthorizeAtListener {
  return async (policy, principal, action, resource, context = {}) => {
    const { effect, statement } = await decideAtListener(deps, policy, principal, { action, resource, context });
    if (effect === "allow") return;
    const why =
      effect === "explicit-deny"
        ? explicitly("listener", statement)
        : `because no listener policy allows the ${action} action`;
    throw accessDenied(principal.arn, action, resource, why);
  };
}

export interface ListenerDeps {
  permissions: IdentityCache<IdentityPermissions>;
}

export async function decideAtListener(
  { permissions }: ListenerDeps,
  policy: ListenerPolicy,
  principal: Principal,
  { action, resource, context }: Asked,
): Promise<Decision> {
  const { accountId, arn } = principal;
  const signs = principal.type !== "Certificate";
  const identity =
    signs && principal.type !== "Root"
      ? await permissions.get(principal.principalId.split(":", 1)[0] as string)
      : undefined;
  return evaluate(policy, {
    action,
    resource,
    context: signs ? principalContext(principal, identity, parseArn(resource)?.accountId, context) : context,
    // A session is known by its own name and by its role's.
    principal: { type: "AWS", accountId, arns: identity ? [arn, identity.arn] : [arn] },
  });
}
