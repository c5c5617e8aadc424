import type { Bus, Database, Write } from "@hearth/backplane";
import { type IamOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import type { AttachmentStore } from "./attachment-store.ts";
import { changeIdentity, cutPage, invalidInput, noSuchEntity, PAGE, readMarker } from "./entity.ts";
import { managedPolicyOf } from "./managed-policies.ts";
import { checkPolicyArn, requirePolicy } from "./policy-operations.ts";
import { onRole, requireOwnRole, requireRole } from "./role-operations.ts";
import type { RoleStore } from "./role-store.ts";
import { onUser, requireUser } from "./user-operations.ts";
import type { UserStore } from "./user-store.ts";

export interface AttachmentOperationsDeps {
  database: Database;
  bus: Bus;
  users: UserStore;
  roles: RoleStore;
  attachments: AttachmentStore;
}

export type AttachmentOperations = OperationTable<
  Pick<
    IamOperations,
    | "AttachRolePolicy"
    | "AttachUserPolicy"
    | "DetachRolePolicy"
    | "DetachUserPolicy"
    | "ListAttachedRolePolicies"
    | "ListAttachedUserPolicies"
  >
>;

/** A user or role, and how a batch says that nobody has changed it meanwhile. */
interface Owner {
  accountId: string;
  id: string;
  touch: Write;
}

/** The condition key by which a policy says which policies may be attached (AWS: keys for IAM, `iam:PolicyARN`). */
const onPolicy = ({ PolicyArn }: { PolicyArn: string }) => ({ "iam:PolicyARN": PolicyArn });

/** Managed policies of users and roles. */
export function createAttachmentOperations(deps: AttachmentOperationsDeps): AttachmentOperations {
  const { users, roles, attachments } = deps;

  type Named = { PolicyArn: string };
  const ownUser = async ({ UserName, ...input }: Named & { UserName: string }, request: RequestContext) => {
    const user = await requireUser(users, request, UserName, onPolicy(input));
    return { accountId: user.accountId, id: user.userId, touch: users.touch(user) };
  };
  const ownRole = async ({ RoleName, ...input }: Named & { RoleName: string }, request: RequestContext) => {
    const role = await requireOwnRole(roles, request, RoleName, onPolicy(input));
    return { accountId: role.accountId, id: role.roleId, touch: roles.touch(role) };
  };

  const attach = (request: RequestContext, { PolicyArn }: Named, ownerOf: () => Promise<Owner>) =>
    changeIdentity(deps, request.accountId, async () => {
      const { accountId, id, touch } = await ownerOf();
      if (!requirePolicy(PolicyArn).attachable) {
        throw new ServiceError(
          "PolicyNotAttachableException",
          `Cannot attach a Service Role Policy to a customer's user or role: ${PolicyArn}`,
        );
      }
      return { writes: [touch, attachments.attach(accountId, id, PolicyArn)], result: {} };
    });

  const detach = (request: RequestContext, { PolicyArn }: Named, ownerOf: () => Promise<Owner>) =>
    changeIdentity(deps, request.accountId, async () => {
      const { accountId, id, touch } = await ownerOf();
      checkPolicyArn(PolicyArn);
      if (!(await attachments.list(accountId, id)).includes(PolicyArn)) {
        throw noSuchEntity(`Policy ${PolicyArn} was not found.`);
      }
      return { writes: [touch, attachments.detach(accountId, id, PolicyArn)], result: {} };
    });

  async function list(
    accountId: string,
    ownerId: string,
    { PathPrefix = "/", Marker, MaxItems = PAGE }: { PathPrefix?: string; Marker?: string; MaxItems?: number },
  ) {
    const after = readMarker(Marker);
    if (Marker !== undefined && !managedPolicyOf(after)) {
      throw invalidInput("Marker was not returned by this operation. Start again without it.");
    }
    const attached = (await attachments.list(accountId, ownerId))
      .flatMap((arn) => managedPolicyOf(arn) ?? [])
      .filter(({ arn, path }) => arn > after && path.startsWith(PathPrefix));
    const { page, rest } = cutPage(attached, MaxItems, (policy) => policy.arn);
    return { AttachedPolicies: page.map(({ name, arn }) => ({ PolicyName: name, PolicyArn: arn })), ...rest };
  }

  return {
    AttachUserPolicy: {
      resources: onUser,
      conditions: onPolicy,
      handle: (input, request) => attach(request, input, () => ownUser(input, request)),
    },
    DetachUserPolicy: {
      resources: onUser,
      conditions: onPolicy,
      handle: (input, request) => detach(request, input, () => ownUser(input, request)),
    },
    ListAttachedUserPolicies: {
      resources: onUser,
      async handle(input, request) {
        const { accountId, userId } = await requireUser(users, request, input.UserName);
        return list(accountId, userId, input);
      },
    },
    AttachRolePolicy: {
      resources: onRole,
      conditions: onPolicy,
      handle: (input, request) => attach(request, input, () => ownRole(input, request)),
    },
    DetachRolePolicy: {
      resources: onRole,
      conditions: onPolicy,
      handle: (input, request) => detach(request, input, () => ownRole(input, request)),
    },
    ListAttachedRolePolicies: {
      resources: onRole,
      async handle(input, request) {
        const { accountId, roleId } = await requireRole(roles, request, input.RoleName);
        return list(accountId, roleId, input);
      },
    },
  };
}
