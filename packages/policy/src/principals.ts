import type { PrincipalSet } from "./document.ts";

/** Who asks, as trust and resource policies see it. */
export type PolicyPrincipal =
  | {
      type: "AWS";
      /** Left out, an account (or its `root`) in the policy is not taken for its members. */
      accountId?: string;
      /** Every ARN by which the caller may be named: a session's own and its role's. */
      arns: readonly string[];
    }
  | { type: "Service"; name: string };

const ACCOUNT = /^(?:arn:[a-z-]+:iam::)?(\d{12})(?::root)?$/;

export function principalIn(set: PrincipalSet, principal: PolicyPrincipal): boolean {
  if (principal.type === "Service") return set.services.includes(principal.name);
  if (set.everyone) return true;
  return set.aws.some((name) => {
    const account = ACCOUNT.exec(name)?.[1];
    if (account !== undefined && account === principal.accountId) return true;
    return principal.arns.includes(name);
  });
}
