import { parseArn } from "@hearth/base";
import type { Principal } from "@hearth/contract";
import { type CompiledPolicies, compilePolicies, evaluate, type PolicyContext, parsePolicy } from "@hearth/policy";
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

export function createAuthorizeAtListener(deps: {
  permissions: IdentityCache<IdentityPermissions>;
}): AuthorizeAtListener {
  return async (policy, principal, action, resource, context = {}) => {
    const { accountId, arn } = principal;
    const signs = principal.type !== "Certificate";
    const identity =
      signs && principal.type !== "Root"
        ? await deps.permissions.get(principal.principalId.split(":", 1)[0] as string)
        : undefined;
    const decision = evaluate(policy, {
      action,
      resource,
      context: signs ? principalContext(principal, identity, parseArn(resource)?.accountId, context) : context,
      // A session is known by its own name and by its role's.
      principal: { type: "AWS", accountId, arns: identity ? [arn, identity.arn] : [arn] },
    });
    if (decision.effect === "allow") return;
    throw accessDenied(
      arn,
      action,
      resource,
      decision.effect === "explicit-deny"
        ? explicitly("listener", decision.statement)
        : `because no listener policy allows the ${action} action`,
    );
  };
}
