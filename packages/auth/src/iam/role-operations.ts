import { type Bus, type Database, UniqueViolation } from "@hearth/backplane";
import type { Iam, IamOperations, OperationTable, RequestContext } from "@hearth/contract";
import { POLICY_SIZE_LIMITS, policySize } from "@hearth/policy";
import { newUniqueId } from "../access-keys/access-key.ts";
import { LARGEST_INLINE_POLICY } from "../permissions/identity-permissions.ts";
import {
  alreadyExists,
  changeIdentity,
  checkInlineSize,
  checkNewEntity,
  cutPage,
  deleteConflict,
  encodeDocument,
  limitExceeded,
  noSuchEntity,
  PAGE,
  readMarker,
  readPolicy,
} from "./entity.ts";
import type { InlinePolicyStore } from "./inline-policy-store.ts";
import { type Role, type RoleStore, roleArn } from "./role-store.ts";

export interface RoleOperationsDeps {
  database: Database;
  bus: Bus;
  roles: RoleStore;
  policies: InlinePolicyStore;
}

export type RoleOperations = OperationTable<
  Pick<
    IamOperations,
    | "CreateRole"
    | "GetRole"
    | "ListRoles"
    | "DeleteRole"
    | "UpdateAssumeRolePolicy"
    | "PutRolePolicy"
    | "GetRolePolicy"
    | "ListRolePolicies"
    | "DeleteRolePolicy"
  >
>;

const HOUR = 3_600;

/** The ARN that a door can know; the handler asks again about the whole one when the role has a path. */
const onRole = ({ RoleName }: { RoleName: string }, { accountId }: RequestContext): string[] => [
  roleArn(accountId, "/", RoleName),
];

export function createRoleOperations({ database, bus, roles, policies }: RoleOperationsDeps): RoleOperations {
  async function requireRole(request: RequestContext, roleName: string): Promise<Role> {
    const role = await roles.find(request.accountId, roleName);
    if (!role) throw noSuchEntity(`The role with name ${roleName} cannot be found.`);
    if (role.path !== "/") await request.authorize(`iam:${request.operation}`, role.arn);
    return role;
  }

  return {
    CreateRole: {
      resources: ({ RoleName, Path = "/" }, { accountId }) => [roleArn(accountId, Path, RoleName)],
      async handle(input, { accountId, now }) {
        const { RoleName, Path = "/", AssumeRolePolicyDocument, Description, Tags = [] } = input;
        checkNewEntity(input);
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
        return { Role: present(role) };
      },
    },

    GetRole: {
      resources: onRole,
      handle: async ({ RoleName }, request) => ({ Role: present(await requireRole(request, RoleName)) }),
    },

    ListRoles: {
      async handle({ PathPrefix = "/", Marker, MaxItems = PAGE }, { accountId }) {
        const found = await roles.list(accountId, PathPrefix, readMarker(Marker), MaxItems + 1);
        const { page, rest } = cutPage(found, MaxItems, (role) => role.roleName.toLowerCase());
        return { Roles: page.map((role) => present({ ...role, tags: [] })), ...rest };
      },
    },

    DeleteRole: {
      resources: onRole,
      handle: ({ RoleName }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const role = await requireRole(request, RoleName);
          const inline = await policies.list(role.accountId, role.roleId);
          if (inline.length > 0) throw deleteConflict("Cannot delete entity, must delete policies first.");
          return { writes: [roles.remove(role)], result: {} };
        }),
    },

    UpdateAssumeRolePolicy: {
      resources: onRole,
      handle: ({ RoleName, PolicyDocument }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const role = await requireRole(request, RoleName);
          checkTrustPolicy(PolicyDocument);
          return { writes: [roles.setTrustPolicy(role, PolicyDocument)], result: {} };
        }),
    },

    PutRolePolicy: {
      resources: onRole,
      handle: ({ RoleName, PolicyName, PolicyDocument }, request) =>
        changeIdentity({ database, bus }, request.accountId, async () => {
          const role = await requireRole(request, RoleName);
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
        const role = await requireRole(request, RoleName);
        const policy = (await policies.list(role.accountId, role.roleId)).find(({ name }) => name === PolicyName);
        if (!policy) throw noSuchEntity(`The role policy with name ${PolicyName} cannot be found.`);
        return { RoleName: role.roleName, PolicyName, PolicyDocument: encodeDocument(policy.document) };
      },
    },

    ListRolePolicies: {
      resources: onRole,
      async handle({ RoleName, Marker, MaxItems = PAGE }, request) {
        const role = await requireRole(request, RoleName);
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
          const role = await requireRole(request, RoleName);
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

const present = (role: Role): Iam.Role => ({
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
