import { type HearthOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import type { AccountStore } from "./account-store.ts";
import type { Accounts } from "./accounts.ts";

const MOST_LISTED = 100;

/** `operator` tells the id of the installation's own account: only its root may see and make accounts. */
export function createAccountOperations(deps: {
  accounts: Accounts;
  store: AccountStore;
  operator: () => string | undefined;
}): OperationTable<Pick<HearthOperations, "CreateAccount" | "ListAccounts">> {
  const { accounts, store, operator } = deps;

  function requireOperator({ principal, operation }: RequestContext): void {
    if (principal.type === "Root" && principal.accountId === operator()) return;
    throw new ServiceError(
      "AccessDeniedException",
      `User: ${principal.arn} is not authorized to perform: hearth:${operation} because only the root of the installation's own account may`,
    );
  }

  return {
    CreateAccount: {
      async handle({ AccountId, AccountName }, request) {
        requireOperator(request);
        const account = await accounts.createAccount({
          accountId: AccountId,
          name: AccountName,
          region: request.region,
        });
        return {
          AccountId: account.accountId,
          ...(account.name !== undefined && { AccountName: account.name }),
          CreatedAt: account.createdAt / 1000,
          AccessKey: { AccessKeyId: account.accessKeyId, SecretAccessKey: account.secretAccessKey },
        };
      },
    },
    ListAccounts: {
      async handle({ MaxResults = MOST_LISTED, NextToken = "" }, request) {
        requireOperator(request);
        const found = await store.list(NextToken, MaxResults + 1);
        const page = found.slice(0, MaxResults);
        const last = page.at(-1);
        return {
          Accounts: page.map(({ accountId, name, createdAt }) => ({
            AccountId: accountId,
            ...(name !== undefined && { AccountName: name }),
            CreatedAt: createdAt / 1000,
          })),
          ...(found.length > MaxResults && last && { NextToken: last.accountId }),
        };
      },
    },
  };
}
