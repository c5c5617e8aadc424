import type { Write } from "@hearth/backplane";
import type { RequestContext } from "@hearth/contract";

/**
 * The writes that make the account's service-linked role, for the batch of the operation that triggers it
 * (RegisterCustomEndpoint, CreateEventLogConfiguration, PutRuntimeLogConfiguration; reference 13.2). Throws
 * `AccessDeniedException` when the role is missing and the caller may not make it.
 */
export type EnsureServiceRole = (
  request: Pick<RequestContext, "accountId" | "now" | "authorize">,
) => Promise<readonly Write[]>;

/**
 * What of an account needs the service-linked role: its log configurations. A custom endpoint makes the role and cannot
 * be deleted itself, so it does not hold the role (reference 13.2: "re-created after deletion").
 */
export type ServiceRoleUses = (accountId: string) => Promise<readonly { region: string; arn: string }[]>;
