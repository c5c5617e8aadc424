import { type Bus, type Database, UniqueViolation } from "@hearth/backplane";
import { type Iam, type IamOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { POLICY_SIZE_LIMITS, policySize } from "@hearth/policy";
import { newUniqueId } from "../access-keys/access-key.ts";
import { LARGEST_INLINE_POLICY } from "../permissions/identity-permissions.ts";
import type { AttachmentStore } from "./attachment-store.ts";
import {
  alreadyExists,
  changeIdentity,
  checkInlineSize,
  checkNewEntity,
  cutPage,
  deleteConflict,
  encodeDocument,
  invalidInput,
  limitExceeded,
  noSuchEntity,
  PAGE,
  readMarker,
  readPolicy,
} from "./entity.ts";
import type { InlinePolicyStore } from "./inline-policy-store.ts";
import { SERVICE_ROLE_ROOT } from "./managed-policies.ts";
import { isServiceLinked, type Role, type RoleStore, roleArn } from "./role-store.ts";

export interface RoleOperationsDeps {
  database: Database;
  bus: Bus;
  roles: RoleStore;
  policies: InlinePolicyStore;
  attachments: AttachmentStore;
}

export type RoleOperations = OperationTable<
  Pick<
    IamOperations,
    | "CreateRole"
    | "GetRole"
    | "ListRoles"
    | "DeleteRole"
    | "UpdateAssumeRolePolicy"
    | "UpdateRole"
    | "UpdateRoleDescription"
    | "PutRolePolicy"
    | "GetRolePolicy"
    | "ListRolePolicies"
    | "DeleteRolePolicy"
  >
>;

const HOUR = 3_600;

/** The ARN that a door can know; the handler asks again about the whole one when the role has a path. */
export const onRole = ({ RoleName }: { RoleName: string }, { accountId }: RequestContext): string[] => [
  roleArn(accountId, "/", RoleName),
];

/** `context`: what the door was told besides. */
export async function requireRole(
  roles: RoleStore,
  request: RequestContext,
  roleName: string,
  context?: Record<string, string>,
): Promise<Role> {
  const role = await roles.find(request.accountId, roleName);
  if (!role) throw noSuchEntity(`The role with name ${roleName} cannot be found.`);
  if (role.path !== "/") await request.authorize(`iam:${request.operation}`, role.arn, context);
  return role;
}

/** A role that its account may change. Throws `UnmodifiableEntityException` for a service-linked one. */
export async function requireOwnRole(...asked: Parameters<typeof requireRole>): Promise<Role> {
  const role = await requireRole(...asked);
  if (isServiceLinked(role)) {
    throw new ServiceError(
      "UnmodifiableEntityException",
      `Cannot perform the operation on the protected role '${role.roleName}' - this role is only modifiable by AWS`,
    );
  }
  return role;
}

export function createRoleOperations(deps: RoleOperationsDeps): RoleOperations {
  const { database, bus, roles, policies, attachments } = deps;
  return {
    CreateRole: {
      resources: ({ RoleName, Path = "/" }, { accountId }) => [roleArn(accountId, Path, RoleName)],
      async handle(input, { accountId, now }) {
        const { RoleName, Path = "/", AssumeRolePolicyDocument, Description, Tags = [] } = input;
        checkNewEntity(input);
        if (Path.startsWith(SERVICE_ROLE_ROOT)) {
          throw invalidInput(`Only services have roles under ${SERVICE_ROLE_ROOT}: see CreateServiceLinkedRole.`);
        }
        checkTrustPolicy(AssumeRolePolicyDocument);
        const role: Role = {
          accountId,
          roleName: RoleName,
          roleId: newUniqueId("AROA"),
          path: Path,
          arn: roleArn(accountId, Path, RoleName),
          trustPolicy: AssumeRolePolicyDocument,
          ...(Description !== undefined && { description: Description }),
          maxSessionDuration: input.MaxSessionDuration ?? HOUR,
          tags: Tags,
          createdAt: now,
          version: 1,
        };
        const exists = () => alreadyExists(`Role with name ${RoleName} already exists.`);
        if (await roles.find(accountId, RoleName)) throw exists();
        try {
          // Whoever asked for the role before it was there has been told so, and nobody remembers that.
          await database.commit([roles.insert(role)]);
        } catch (error) {
          throw error instanceof UniqueViolation ? exists() : error;
        }
        return { Role: presentRole(role) };
      },
    },

    GetRole: {
      resources: onRole,
      handle: async ({ RoleName }, request) => ({ Role: presentRole(await requireRole(roles, request, RoleName)) }),
    },

    ListRoles: {
      async handle({ PathPrefix = "/", Marker, MaxItems = PAGE }, { accountId }) {
        const found = await roles.list(accountId, PathPrefix, readMarker(Marker), MaxItems + 1);
        const { page, rest } = cutPage(found, MaxItems, (role) => role.roleName.toLowerCase());
        return { Roles: page.map((role) => presentRole({ ...role, tags: [] })), ...rest };
      },
    },

    DeleteRole: {
      resources: onRole,
      handle: ({ RoleName }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const role = await requireOwnRole(roles, request, RoleName);
          const [inline, attached] = await Promise.all([
            policies.list(role.accountId, role.roleId),
            attachments.list(role.accountId, role.roleId),
          ]);
          if (attached.length > 0) throw deleteConflict("Cannot delete entity, must detach all policies first.");
          if (inline.length > 0) throw deleteConflict("Cannot delete entity, must delete policies first.");
          return { writes: [roles.remove(role)], result: {} };
        }),
    },

    UpdateAssumeRolePolicy: {
      resources: onRole,
      handle: ({ RoleName, PolicyDocument }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const role = await requireOwnRole(roles, request, RoleName);
          checkTrustPolicy(PolicyDocument);
          return { writes: [roles.setTrustPolicy(role, PolicyDocument)], result: {} };
        }),
    },

    UpdateRoleDescription: {
      resources: onRole,
      handle: ({ RoleName, Description: description }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          // Of a service-linked role, too: it is all that its account may say of it.
          const role = await requireRole(roles, request, RoleName);
          const { maxSessionDuration } = role;
          return {
            writes: [roles.describe(role, { description, maxSessionDuration })],
            result: { Role: presentRole({ ...role, description }) },
          };
        }),
    },

    UpdateRole: {
      resources: onRole,
      handle: ({ RoleName, Description, MaxSessionDuration }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const own = MaxSessionDuration === undefined ? requireRole : requireOwnRole;
          const role = await own(roles, request, RoleName);
          const description = Description ?? role.description;
          const maxSessionDuration = MaxSessionDuration ?? role.maxSessionDuration;
          return { writes: [roles.describe(role, { description, maxSessionDuration })], result: {} };
        }),
    },

    PutRolePolicy: {
      resources: onRole,
      handle: ({ RoleName, PolicyName, PolicyDocument }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const role = await requireOwnRole(roles, request, RoleName);
          const policy = { name: PolicyName, document: PolicyDocument };
          const { accountId, roleId } = role;
          checkInlineSize(await policies.list(accountId, roleId), policy, LARGEST_INLINE_POLICY, `role ${RoleName}`);
          readPolicy(PolicyDocument, "identity", LARGEST_INLINE_POLICY);
          return { writes: [roles.touch(role), policies.put(accountId, roleId, policy)], result: {} };
        }),
    },

    GetRolePolicy: {
      resources: onRole,
      async handle({ RoleName, PolicyName }, request) {
        const role = await requireRole(roles, request, RoleName);
        const policy = (await policies.list(role.accountId, role.roleId)).find(({ name }) => name === PolicyName);
        if (!policy) throw noSuchEntity(`The role policy with name ${PolicyName} cannot be found.`);
        return { RoleName: role.roleName, PolicyName, PolicyDocument: encodeDocument(policy.document) };
      },
    },

    ListRolePolicies: {
      resources: onRole,
      async handle({ RoleName, Marker, MaxItems = PAGE }, request) {
        const role = await requireRole(roles, request, RoleName);
        const names = (await policies.list(role.accountId, role.roleId)).map(({ name }) => name);
        const { page, rest } = cutPage(
          names.filter((name) => name > readMarker(Marker)),
          MaxItems,
          (name) => name,
        );
        return { PolicyNames: page, ...rest };
      },
    },

    DeleteRolePolicy: {
      resources: onRole,
      handle: ({ RoleName, PolicyName }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const role = await requireOwnRole(roles, request, RoleName);
          const inline = await policies.list(role.accountId, role.roleId);
          if (!inline.some(({ name }) => name === PolicyName)) {
            throw noSuchEntity(`The role policy with name ${PolicyName} cannot be found.`);
          }
          return { writes: [roles.touch(role), policies.remove(role.accountId, role.roleId, PolicyName)], result: {} };
        }),
    },
  };
}

function checkTrustPolicy(document: string): void {
  const limit = POLICY_SIZE_LIMITS.trust;
  if (policySize(document) > limit) throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${limit}`);
  readPolicy(document, "trust", limit);
}

export const presentRole = (role: Role): Iam.Role => ({
  Path: role.path,
  RoleName: role.roleName,
  RoleId: role.roleId,
  Arn: role.arn,
  CreateDate: Math.floor(role.createdAt / 1000),
  AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
  ...(role.description !== undefined && { Description: role.description }),
  MaxSessionDuration: role.maxSessionDuration,
  ...(role.tags.length > 0 && { Tags: role.tags }),
});
