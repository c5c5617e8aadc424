import { type Bus, type Database, UniqueViolation } from "@hearth/backplane";
import { uuid } from "@hearth/base";
import type { IamOperations, OperationTable, RequestContext } from "@hearth/contract";
import type { AttachmentStore } from "./attachment-store.ts";
import { changeIdentity, invalidInput, noSuchEntity } from "./entity.ts";
import { SERVICE, SERVICE_ROLE_NAME, SERVICE_ROLE_PATH, serviceRolePolicy } from "./managed-policies.ts";
import type { RoleDeletionStore } from "./role-deletion-store.ts";
import { onRole, presentRole } from "./role-operations.ts";
import { isServiceLinked, type RoleStore } from "./role-store.ts";
import { newServiceRole, serviceRoleArn } from "./service-linked-role.ts";

/** What of an account needs the service-linked role; of very many, some. */
export type ServiceRoleUses = (accountId: string) => Promise<readonly { region: string; arn: string }[]>;

export interface ServiceLinkedRoleDeps {
  database: Database;
  bus: Bus;
  roles: RoleStore;
  attachments: AttachmentStore;
  deletions: RoleDeletionStore;
  uses: ServiceRoleUses;
}

export type ServiceLinkedRoleOperations = OperationTable<
  Pick<IamOperations, "CreateServiceLinkedRole" | "DeleteServiceLinkedRole" | "GetServiceLinkedRoleDeletionStatus">
>;

/** How long the outcome of a deletion can be asked for. */
const REMEMBERED = 30 * 86_400_000;

/** A service-linked role has its whole ARN by its name alone. */
const onServiceRole = (input: { RoleName: string }, request: RequestContext): string[] =>
  input.RoleName === SERVICE_ROLE_NAME ? [serviceRoleArn(request.accountId)] : onRole(input, request);

/** The role that belongs to managed integrations: made, deleted when nothing uses it (managed-integrations reference 13.2). */
export function createServiceLinkedRoleOperations(deps: ServiceLinkedRoleDeps): ServiceLinkedRoleOperations {
  const { database, roles, attachments, deletions, uses } = deps;
  return {
    CreateServiceLinkedRole: {
      resources: ({ AWSServiceName }, { accountId }) => [
        AWSServiceName === SERVICE
          ? serviceRoleArn(accountId)
          : `arn:aws:iam::${accountId}:role/aws-service-role/${AWSServiceName}/*`,
      ],
      conditions: ({ AWSServiceName }) => ({ "iam:AWSServiceName": AWSServiceName }),
      async handle({ AWSServiceName, CustomSuffix, Description }, { accountId, now }) {
        if (AWSServiceName !== SERVICE) {
          throw noSuchEntity(`No service ${AWSServiceName} has a service-linked role here; ${SERVICE} has one.`);
        }
        if (CustomSuffix !== undefined) throw invalidInput(`Custom suffix is not allowed for ${SERVICE}`);
        const taken = () => invalidInput(`Service role name ${SERVICE_ROLE_NAME} has been taken in this account.`);
        if (await roles.find(accountId, SERVICE_ROLE_NAME)) throw taken();
        const role = newServiceRole(accountId, now, Description);
        try {
          await database.commit([
            roles.insert(role),
            attachments.attach(accountId, role.roleId, serviceRolePolicy.arn),
          ]);
        } catch (error) {
          throw error instanceof UniqueViolation ? taken() : error;
        }
        return { Role: presentRole(role) };
      },
    },

    DeleteServiceLinkedRole: {
      resources: onServiceRole,
      handle: ({ RoleName }, { accountId, now }) =>
        changeIdentity(deps, accountId, async () => {
          const role = await roles.find(accountId, RoleName);
          if (!role || !isServiceLinked(role)) {
            throw noSuchEntity(`The service-linked role with name ${RoleName} cannot be found.`);
          }
          const taskId = `task${role.path}${role.roleName}/${uuid()}`;
          const inUse = await uses(accountId);
          const deletion = { taskId, accountId, uses: inUse, endedAt: now };
          return {
            writes: [
              ...deletions.put(deletion, now - REMEMBERED),
              // A trigger that comes in between raises the role's version, and its use is then seen.
              ...(inUse.length > 0 ? [] : [roles.remove(role), attachments.detachAll(accountId, role.roleId)]),
            ],
            result: { DeletionTaskId: taskId },
          };
        }),
    },

    GetServiceLinkedRoleDeletionStatus: {
      resources: (_input, { accountId }) => [serviceRoleArn(accountId)],
      async handle({ DeletionTaskId }, { accountId }) {
        if (!DeletionTaskId.startsWith(`task${SERVICE_ROLE_PATH}${SERVICE_ROLE_NAME}/`)) {
          throw invalidInput(`${DeletionTaskId} is not a deletion task that DeleteServiceLinkedRole has named.`);
        }
        const deletion = await deletions.find(accountId, DeletionTaskId);
        if (!deletion) throw noSuchEntity(`There is no deletion task ${DeletionTaskId}.`);
        if (deletion.uses.length === 0) return { Status: "SUCCEEDED" };
        const regions = [...new Set(deletion.uses.map(({ region }) => region))];
        return {
          Status: "FAILED",
          Reason: {
            Reason: "The role is in use. Delete the resources that use it, then delete the role again.",
            RoleUsageList: regions.map((Region) => ({
              Region,
              Resources: deletion.uses.filter(({ region }) => region === Region).map(({ arn }) => arn),
            })),
          },
        };
      },
    },
  };
}
