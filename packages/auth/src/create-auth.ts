import type { Bus, Database, Sealer } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import { createAccessKeyStore } from "./access-keys/access-key-store.ts";
import { createAccountOperations } from "./accounts/account-operations.ts";
import { createAccountStore } from "./accounts/account-store.ts";
import { type Accounts, createAccounts } from "./accounts/accounts.ts";
import { type Caller, createAuthenticate } from "./authenticate.ts";
import {
  authorizeCustom,
  type CustomAuthorizer,
  type CustomCredentials,
  type CustomVerdict,
} from "./custom-authorizer/custom-authorizer.ts";
import type { DeviceDirectory } from "./device-directory.ts";
import { type AccessKeyOperations, createAccessKeyOperations } from "./iam/access-key-operations.ts";
import { type AttachmentOperations, createAttachmentOperations } from "./iam/attachment-operations.ts";
import { createAttachmentStore } from "./iam/attachment-store.ts";
import { createInlinePolicyStore } from "./iam/inline-policy-store.ts";
import { createPolicyOperations, type PolicyOperations } from "./iam/policy-operations.ts";
import { createRoleDeletionStore } from "./iam/role-deletion-store.ts";
import { createRoleOperations, type RoleOperations } from "./iam/role-operations.ts";
import { createRoleStore } from "./iam/role-store.ts";
import { createEnsureServiceRole, type EnsureServiceRole } from "./iam/service-linked-role.ts";
import {
  createServiceLinkedRoleOperations,
  type ServiceLinkedRoleOperations,
  type ServiceRoleUses,
} from "./iam/service-linked-role-operations.ts";
import { createUserOperations, type UserOperations } from "./iam/user-operations.ts";
import { createUserStore } from "./iam/user-store.ts";
import { type Authorize, type Authorizer, createAuthorizer } from "./permissions/authorize.ts";
import { createExplainAccess, type ExplainAccessDeps } from "./permissions/explain-access.ts";
import { createIdentityPermissions } from "./permissions/identity-permissions.ts";
import { type AuthorizeAtListener, createAuthorizeAtListener } from "./permissions/listener-policy.ts";
import type { SignedRequest } from "./sigv4/signed-request.ts";
import { createRoleAssumption, type RoleAssumption } from "./sts/assume-role.ts";
import { createStsOperations } from "./sts/sts-operations.ts";
import type { EndpointNames } from "./x509/endpoint-names.ts";
import { createSeenCertificates } from "./x509/seen-certificates.ts";

export interface AuthDeps {
  database: Database;
  sealer: Sealer;
  clock: Clock;
  log: Logger;
  bus: Bus;
  /** Certificates, their policies and things; `iot` implements it. */
  directory: DeviceDirectory;
  /** Which account a TLS server name stands for. */
  endpoints: Pick<EndpointNames, "named">;
  /** Absent: whoever comes by way of a custom authorizer is refused. */
  customAuthorizer?: CustomAuthorizer;
  /** What keeps managed integrations' service-linked role from being deleted. */
  serviceRoleUses: ServiceRoleUses;
  /** The policies of listeners that have a name; absent: there are none. */
  listener?: ExplainAccessDeps["listener"];
}

export interface Auth extends Accounts {
  /** Who sent a request: SigV4 in the header or the query, else the TLS client's certificate. */
  authenticate(request: SignedRequest): Promise<Caller>;
  authorize: Authorize;
  /** Who comes by way of a custom authorizer: ALPN `mqtt`, or a request that names one. */
  authorizeCustom(credentials: CustomCredentials): Promise<CustomVerdict>;
  /** What the policy of a listener says besides. */
  authorizeAtListener: AuthorizeAtListener;
  connectionPermissions: Authorizer["connectionPermissions"];
  /** For services that decide by a policy of the resource's as well. */
  rightsOf: Authorizer["rightsOf"];
  assumeRoleForService: RoleAssumption["assumeRoleForService"];
  ensureServiceRole: EnsureServiceRole;
  /** By the contract's names of the services. */
  operations: {
    hearth: ReturnType<typeof createAccountOperations> & ReturnType<typeof createExplainAccess>;
    iam: UserOperations &
      AccessKeyOperations &
      RoleOperations &
      PolicyOperations &
      AttachmentOperations &
      ServiceLinkedRoleOperations;
    sts: ReturnType<typeof createStsOperations>;
  };
}

/** Binds the room to its store. One instance a process. */
export function createAuth(deps: AuthDeps): Auth {
  const { database, sealer, clock, log, bus, directory, endpoints, customAuthorizer } = deps;
  const accountStore = createAccountStore({ database });
  const accessKeys = createAccessKeyStore({ database, sealer });
  const users = createUserStore({ database });
  const roles = createRoleStore({ database });
  const policies = createInlinePolicyStore({ database });
  const attachments = createAttachmentStore({ database });
  const deletions = createRoleDeletionStore({ database });
  const permissions = createIdentityPermissions({ users, roles, policies, attachments, bus });
  const accounts = createAccounts({ database, accounts: accountStore, accessKeys, clock, bus });
  const seen = createSeenCertificates();
  const authorizer = createAuthorizer({ permissions, directory, seen, accessKeys, bus, log });
  const assumption = createRoleAssumption({ roles, permissions, authorizer, sealer, bus, clock });
  let operator: string | undefined;

  return {
    async ensureRootAccount(wanted) {
      operator = wanted.accountId;
      return accounts.ensureRootAccount(wanted);
    },
    createAccount: accounts.createAccount,
    authenticate: createAuthenticate({
      accounts: accountStore,
      accessKeys,
      users,
      sealer,
      bus,
      directory,
      seen,
      endpoints,
      ...(customAuthorizer ? { customAuthorizer } : {}),
    }),
    authorizeCustom: (credentials) => authorizeCustom(customAuthorizer, credentials),
    authorize: authorizer.authorize,
    authorizeAtListener: createAuthorizeAtListener({ permissions }),
    connectionPermissions: authorizer.connectionPermissions,
    rightsOf: authorizer.rightsOf,
    assumeRoleForService: assumption.assumeRoleForService,
    ensureServiceRole: createEnsureServiceRole({ roles, attachments }),
    operations: {
      hearth: {
        ...createAccountOperations({ accounts, store: accountStore, operator: () => operator }),
        ...createExplainAccess({ users, roles, permissions, directory, listener: deps.listener ?? (() => undefined) }),
      },
      iam: {
        ...createUserOperations({ database, bus, users, policies, attachments, accessKeys }),
        ...createAccessKeyOperations({ database, bus, users, accessKeys }),
        ...createRoleOperations({ database, bus, roles, policies, attachments }),
        ...createPolicyOperations({ attachments }),
        ...createAttachmentOperations({ database, bus, users, roles, attachments }),
        ...createServiceLinkedRoleOperations({
          database,
          bus,
          roles,
          attachments,
          deletions,
          uses: deps.serviceRoleUses,
        }),
      },
      sts: createStsOperations(assumption),
    },
  };
}
