import type { Bus } from "@hearth/backplane";
import { type CompiledPolicies, compilePolicies, parsePolicy } from "@hearth/policy";
import type { AttachmentStore } from "../iam/attachment-store.ts";
import type { InlinePolicyStore } from "../iam/inline-policy-store.ts";
import { managedPolicyOf } from "../iam/managed-policies.ts";
import type { RoleStore } from "../iam/role-store.ts";
import type { UserStore } from "../iam/user-store.ts";
import { createIdentityCache } from "../identity-cache.ts";

/** What an identity is and may, compiled. */
export interface IdentityPermissions {
  accountId: string;
  arn: string;
  policies: CompiledPolicies;
  tags: readonly { Key: string; Value: string }[];
}

/** Documents were checked when they were put; what IAM allows all inline policies together bounds each. */
export const LARGEST_INLINE_POLICY = 10_240;

export interface IdentityPermissionsDeps {
  users: UserStore;
  roles: RoleStore;
  policies: InlinePolicyStore;
  attachments: AttachmentStore;
  bus: Bus;
}

/** By a user's or role's unique id; undefined for one that does not exist any more. */
export function createIdentityPermissions(deps: IdentityPermissionsDeps) {
  return createIdentityCache<IdentityPermissions>(deps.bus, async (id) => {
    const identity = id.startsWith("AROA") ? await deps.roles.findById(id) : await deps.users.findById(id);
    if (!identity) return undefined;
    const { accountId, arn, tags } = identity;
    const [inline, attached] = await Promise.all([
      deps.policies.list(accountId, id),
      deps.attachments.list(accountId, id),
    ]);
    const managed = attached.flatMap((policyArn) => managedPolicyOf(policyArn) ?? []);
    const documents = [...inline, ...managed].map(({ name, document }) => ({
      name,
      document: parsePolicy(document, "identity", LARGEST_INLINE_POLICY),
    }));
    return { accountId, arn, tags, policies: compilePolicies(documents) };
  });
}
