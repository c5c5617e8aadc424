import type { Write } from "@hearth/backplane";
import type { RequestContext } from "@hearth/contract";
import { newUniqueId } from "../access-keys/access-key.ts";
import type { AttachmentStore } from "./attachment-store.ts";
import { SERVICE, SERVICE_ROLE_NAME, SERVICE_ROLE_PATH, serviceRolePolicy } from "./managed-policies.ts";
import { type Role, type RoleStore, roleArn } from "./role-store.ts";

/**
 * The writes that make the account's service-linked role of managed integrations, for the batch of whoever triggers it
 * (managed-integrations reference 13.2). When it is there they raise its version, so that a deletion under way looks
 * once more whether the role is in use. Throws `AccessDeniedException` unless the caller may make the role that is
 * missing: a service makes it with its caller's rights (AWS: Using service-linked roles).
 */
export type EnsureServiceRole = (
  request: Pick<RequestContext, "accountId" | "now" | "authorize">,
) => Promise<readonly Write[]>;

export const serviceRoleArn = (accountId: string): string => roleArn(accountId, SERVICE_ROLE_PATH, SERVICE_ROLE_NAME);

/** The condition key of `iam:CreateServiceLinkedRole`. */
export const forService = { "iam:AWSServiceName": SERVICE };

const HOUR = 3_600;

/** Trusts the service and nobody else. */
const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: SERVICE }, Action: "sts:AssumeRole" }],
});

export const newServiceRole = (accountId: string, now: number, description?: string): Role => ({
  accountId,
  roleName: SERVICE_ROLE_NAME,
  roleId: newUniqueId("AROA"),
  path: SERVICE_ROLE_PATH,
  arn: serviceRoleArn(accountId),
  trustPolicy: TRUST,
  ...(description !== undefined && { description }),
  maxSessionDuration: HOUR,
  tags: [],
  createdAt: now,
  version: 1,
});

export function createEnsureServiceRole(deps: { roles: RoleStore; attachments: AttachmentStore }): EnsureServiceRole {
  return async ({ accountId, now, authorize }) => {
    const role = await deps.roles.find(accountId, SERVICE_ROLE_NAME);
    if (!role) await authorize("iam:CreateServiceLinkedRole", serviceRoleArn(accountId), forService);
    return [
      deps.roles.ensure(newServiceRole(accountId, now)),
      deps.attachments.attachToServiceRole(accountId, SERVICE_ROLE_NAME, SERVICE_ROLE_PATH, serviceRolePolicy.arn),
    ];
  };
}
