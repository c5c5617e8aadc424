import type { Bus, Sealer } from "@hearth/backplane";
import { type Clock, parseArn } from "@hearth/base";
import { type Principal, type ResourcePolicy, ServiceError } from "@hearth/contract";
import {
  type CompiledPolicies,
  compilePolicies,
  evaluate,
  type PolicyContext,
  PolicyParseError,
  parsePolicy,
} from "@hearth/policy";
import { newAccessKeyId, newSecret } from "../access-keys/access-key.ts";
import type { Role, RoleStore } from "../iam/role-store.ts";
import { createIdentityCache, type IdentityCache } from "../identity-cache.ts";
import { type Authorizer, accessDenied, principalContext, type SigningPrincipal } from "../permissions/authorize.ts";
import type { IdentityPermissions } from "../permissions/identity-permissions.ts";
import { type Session, sealSession } from "./session.ts";

export interface AssumeRoleDeps {
  roles: RoleStore;
  permissions: IdentityCache<IdentityPermissions>;
  authorizer: Authorizer;
  sealer: Sealer;
  bus: Bus;
  clock: Pick<Clock, "now">;
}

interface WantedSession {
  roleArn: string;
  sessionName: string;
  /** Seconds; absent: an hour, or the role's maximum if that is less. */
  duration?: number;
  externalId?: string;
  /** JSON. */
  sessionPolicy?: string;
  context: PolicyContext;
  now: number;
}

/** A role in the hands of a service. */
export interface ServiceRole {
  /**
   * Throws `AccessDeniedException` unless the role's policies, with the resource's own where it has one, allow the action
   * now.
   */
  authorize(action: string, resource: string, context?: PolicyContext, owned?: ResourcePolicy): Promise<void>;
  /** Credentials of the role that are good for an hour: `expiresAt` in milliseconds. */
  credentials(): { accessKeyId: string; secretAccessKey: string; sessionToken: string; expiresAt: number };
}

export interface RoleAssumption {
  /**
   * Throws `AccessDeniedException`, `MalformedPolicyDocumentException`, `PackedPolicyTooLargeException`,
   * `ValidationException` (duration).
   */
  assumeRole(principal: Principal, wanted: WantedSession): Promise<{ session: Session; token: string }>;
  /**
   * A platform's service takes a role that was given to it: its trust policy must name the service, under the source
   * account and ARN on whose behalf it acts (AWS: The confused deputy problem). Throws `AccessDeniedException`.
   */
  assumeRoleForService(wanted: {
    roleArn: string;
    /** `iotmanagedintegrations.amazonaws.com` */
    service: string;
    sourceAccount: string;
    sourceArn: string;
    /** Absent: the service's name before its first dot. */
    sessionName?: string;
  }): Promise<ServiceRole>;
}

const HOUR = 3_600;
const LARGEST_SESSION_POLICY = 2_048;
const ACTION = "sts:AssumeRole";

interface TrustedRole {
  role: Role;
  trust: CompiledPolicies;
}

export function createRoleAssumption(deps: AssumeRoleDeps): RoleAssumption {
  const { roles, permissions, authorizer, sealer, bus, clock } = deps;

  const trustedRoles = createIdentityCache<TrustedRole>(bus, async (arn) => {
    const { accountId, resource = "", service } = parseArn(arn) ?? {};
    if (!accountId || service !== "iam" || !resource.startsWith("role/")) return undefined;
    const role = await roles.find(accountId, resource.slice(resource.lastIndexOf("/") + 1));
    if (role?.arn !== arn) return undefined;
    const document = parsePolicy(role.trustPolicy, "trust");
    return { role, trust: compilePolicies([{ name: `trust policy of ${role.roleName}`, document }]) };
  });

  /** A role that does not exist is refused like one that does not trust the caller. */
  async function requireTrust(principal: SigningPrincipal, wanted: WantedSession): Promise<Role> {
    const { roleArn: resource } = wanted;
    const refuse = (why: string): ServiceError => accessDenied(principal.arn, ACTION, resource, why);
    const trusted = await trustedRoles.get(resource);
    if (!trusted) throw refuse("because no role trusts the caller");
    const identity =
      principal.type === "Root" ? undefined : await permissions.get(principal.principalId.split(":", 1)[0] as string);
    const given: Record<string, string> = { "sts:RoleSessionName": wanted.sessionName };
    if (wanted.externalId !== undefined) given["sts:ExternalId"] = wanted.externalId;
    const context = principalContext(principal, identity, trusted.role.accountId, { ...wanted.context, ...given });
    // A session is trusted by its own name and by its role's.
    const arns = identity ? [principal.arn, identity.arn] : [principal.arn];
    const asking = { action: ACTION, resource, context };
    const { accountId } = principal;
    const decision = evaluate(trusted.trust, { ...asking, principal: { type: "AWS", accountId, arns } });
    if (decision.effect === "explicit-deny")
      throw refuse(`with an explicit deny in the role's trust policy: ${decision.statement}`);
    if (decision.effect !== "allow")
      throw refuse(`because the role's trust policy does not allow it: ${decision.reason}`);
    // Trusting an account leaves it to the account whom it lets; within one account a name is enough.
    const byName = evaluate(trusted.trust, { ...asking, principal: { type: "AWS", arns } }).effect === "allow";
    const narrowed = principal.type === "AssumedRole" && principal.sessionPolicy !== undefined;
    const own = (await authorizer.rightsOf(principal))(ACTION, resource, context);
    const enough = byName && !narrowed && accountId === trusted.role.accountId;
    if (own && (own.explicit || !enough)) throw refuse(own.why);
    return trusted.role;
  }

  return {
    async assumeRole(principal, wanted) {
      if (principal.type === "Certificate" || principal.type === "Root") {
        const who = principal.type === "Root" ? "root accounts" : "devices";
        throw new ServiceError("AccessDeniedException", `Roles may not be assumed by ${who}.`);
      }
      checkSessionPolicy(wanted.sessionPolicy);
      const role = await requireTrust(principal, wanted);
      const seconds = sessionDuration(role, principal, wanted.duration);
      const session: Session = {
        ...newSession(role, wanted.sessionName, wanted.now, seconds),
        ...(wanted.sessionPolicy !== undefined && { sessionPolicy: wanted.sessionPolicy }),
      };
      return { session, token: sealSession(sealer, session) };
    },

    async assumeRoleForService({ roleArn, service, sourceAccount, sourceArn, sessionName: given }) {
      const trusted = await trustedRoles.get(roleArn);
      const context = { "aws:SourceAccount": sourceAccount, "aws:SourceArn": sourceArn };
      const principal = { type: "Service", name: service } as const;
      const decision = trusted && evaluate(trusted.trust, { action: ACTION, resource: roleArn, context, principal });
      const own = trusted?.role.accountId === sourceAccount;
      if (!trusted || !own || decision?.effect !== "allow") {
        const why = !trusted ? "there is no such role" : !own ? "it is another account's" : decision?.reason;
        throw new ServiceError("AccessDeniedException", `${service} is not authorized to assume ${roleArn}: ${why}`);
      }
      const { role } = trusted;
      const sessionName = given ?? (service.split(".", 1)[0] as string);
      const session: SigningPrincipal = {
        type: "AssumedRole",
        accountId: role.accountId,
        arn: `arn:aws:sts::${role.accountId}:assumed-role/${role.roleName}/${sessionName}`,
        principalId: `${role.roleId}:${sessionName}`,
        accessKeyId: "",
        roleName: role.roleName,
        sessionName,
      };
      return {
        authorize: (action, resource, more, owned) =>
          authorizer.authorize(session, action, resource, { ...context, ...more }, owned),
        credentials() {
          const now = clock.now();
          const made = newSession(role, sessionName, now, HOUR);
          const { accessKeyId, secretAccessKey, expiresAt } = made;
          return { accessKeyId, secretAccessKey, sessionToken: sealSession(sealer, made), expiresAt };
        },
      };
    },
  };
}

/** `now`: milliseconds. Sessions end at whole seconds. */
const newSession = (role: Role, sessionName: string, now: number, seconds: number): Session => ({
  accessKeyId: newAccessKeyId("ASIA"),
  secretAccessKey: newSecret(),
  accountId: role.accountId,
  roleName: role.roleName,
  roleId: role.roleId,
  roleArn: role.arn,
  issuedAt: now,
  sessionName,
  expiresAt: (Math.floor(now / 1000) + seconds) * 1000,
});

function sessionDuration(role: Role, principal: SigningPrincipal, wanted: number | undefined): number {
  // A session made by a session lasts an hour at most (AWS: Roles terms and concepts, role chaining).
  const chained = principal.type === "AssumedRole";
  const longest = chained ? Math.min(HOUR, role.maxSessionDuration) : role.maxSessionDuration;
  if (wanted !== undefined && wanted > longest) {
    throw new ServiceError(
      "ValidationException",
      chained && wanted > HOUR
        ? "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        : "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  }
  return wanted ?? Math.min(HOUR, longest);
}

function checkSessionPolicy(document: string | undefined): void {
  if (document === undefined) return;
  if (document.length > LARGEST_SESSION_POLICY) {
    throw new ServiceError(
      "PackedPolicyTooLargeException",
      `The session policy is longer than ${LARGEST_SESSION_POLICY} characters.`,
    );
  }
  try {
    parsePolicy(document, "identity", LARGEST_SESSION_POLICY);
  } catch (error) {
    if (error instanceof PolicyParseError) throw new ServiceError("MalformedPolicyDocumentException", error.message);
    throw error;
  }
}
