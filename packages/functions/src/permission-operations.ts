import { type LambdaOperations, type OperationTable, ServiceError } from "@hearth/contract";
import { functionArn, invalidParameter } from "./function.ts";
import { guardedBy } from "./function-conditions.ts";
import { checkPermissions, policyDocument, statementOf } from "./function-policy.ts";
import type { FunctionRegistry } from "./function-registry.ts";

/** Who else may invoke a function. */
export function permissionOperations({
  registry,
}: {
  registry: FunctionRegistry;
}): OperationTable<Pick<LambdaOperations, "AddPermission" | "GetPolicy" | "RemovePermission">> {
  const guarded = guardedBy(registry);
  return {
    AddPermission: {
      ...guarded,
      async handle(input, request) {
        if (input.FunctionUrlAuthType !== undefined || input.InvokedViaFunctionUrl) {
          throw invalidParameter("Function URLs are not supported here.");
        }
        const { permissions } = await registry.change(input, request, (before) => {
          const statement = statementOf(input, functionArn(before, before.name));
          if (before.permissions.some(({ Sid }) => Sid === input.StatementId)) {
            const message = `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`;
            throw new ServiceError("ResourceConflictException", message, { Type: "User" });
          }
          const after = [...before.permissions, statement];
          checkPermissions(after);
          return { permissions: after };
        });
        return { Statement: JSON.stringify(permissions.find(({ Sid }) => Sid === input.StatementId)) };
      },
    },

    GetPolicy: {
      ...guarded,
      async handle(input, request) {
        const { permissions, revisionId } = await registry.named(input, request);
        if (permissions.length === 0) {
          throw new ServiceError("ResourceNotFoundException", "The resource you requested does not exist.", {
            Type: "User",
          });
        }
        return { Policy: policyDocument(permissions), RevisionId: revisionId };
      },
    },

    RemovePermission: {
      ...guarded,
      async handle(input, request) {
        await registry.change(input, request, (before) => {
          const permissions = before.permissions.filter(({ Sid }) => Sid !== input.StatementId);
          if (permissions.length === before.permissions.length) {
            const message = `Statement ${input.StatementId} is not found in resource policy.`;
            throw new ServiceError("ResourceNotFoundException", message, { Type: "User" });
          }
          return { permissions };
        });
        return {};
      },
    },
  };
}
