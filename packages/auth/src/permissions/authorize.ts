import type { Bus } from "@hearth/backplane";
import { type Logger, parseArn } from "@hearth/base";
import { type Principal, type ResourcePolicy, ServiceError } from "@hearth/contract";
import {
  type CompiledPolicies,
  compilePolicies,
  type Decision,
  evaluate,
  type PolicyContext,
  type PolicyPrincipal,
  parsePolicy,
} from "@hearth/policy";
import type { AccessKeyStore } from "../access-keys/access-key-store.ts";
import type { DeviceDirectory } from "../device-directory.ts";
import { createIdentityCache, type IdentityCache } from "../identity-cache.ts";
import { type DevicePermissions, devicePermissions } from "../x509/device-permissions.ts";
import type { SeenCertificates } from "../x509/seen-certificates.ts";
import type { IdentityPermissions } from "./identity-permissions.ts";

/** Throws `AccessDeniedException` unless the principal may. `owned`: the resource's own policy decides as well. */
export type Authorize = (
  principal: Principal,
  action: string,
  resource: string,
  context?: PolicyContext,
  owned?: ResourcePolicy,
) => Promise<void>;

export interface AuthorizeDeps {
  permissions: IdentityCache<IdentityPermissions>;
  directory: DeviceDirectory;
  seen: SeenCertificates;
  accessKeys: Pick<AccessKeyStore, "find">;
  bus: Bus;
  log: Logger;
}

/**
 * Operations that decide themselves: GetCallerIdentity needs no permission, and who may assume a role its trust
 * policy says as well (AWS: STS GetCallerIdentity; IAM, Policy evaluation logic for roles).
 */
const DECIDED_ELSEWHERE: ReadonlySet<string> = new Set(["sts:GetCallerIdentity", "sts:AssumeRole"]);

interface Refusal {
  explicit: boolean;
  /** Ends the message: "because no identity-based policy allows the iot:X action". */
  why: string;
  /** For the log. */
  reason: string;
}

export interface Authorizer {
  authorize: Authorize;
  /** What the caller's own policies say, whoever owns the resource. Exempts no action. */
  rightsOf(principal: SigningPrincipal): Promise<Rights>;
  /** What a principal that signs may do over one MQTT connection while its key is active. It has no thing (reference 8). */
  connectionPermissions(
    principal: SigningPrincipal,
    connection: { clientId: string; sourceIp: string },
  ): Promise<Pick<DevicePermissions, "allows">>;
}

/** As things were when it was made: undefined when allowed. */
type Rights = (action: string, resource: string, context?: PolicyContext) => Refusal | undefined;

/** Whoever signs requests: everybody but devices with their certificates. */
export type SigningPrincipal = Exclude<Principal, { type: "Certificate" }>;

export function createAuthorizer({ permissions, directory, seen, accessKeys, bus, log }: AuthorizeDeps): Authorizer {
  const keys = createIdentityCache(bus, (accessKeyId) => accessKeys.find(accessKeyId));
  const sessionPolicies = createIdentityCache<CompiledPolicies>(bus, async (document) =>
    compilePolicies([{ name: "session", document: parsePolicy(document, "identity", document.length) }]),
  );

  const resourcePolicies = createIdentityCache<CompiledPolicies>(bus, async (document) =>
    compilePolicies([{ name: "resource", document: parsePolicy(document, "resource", document.length) }]),
  );

  async function rightsOf(principal: SigningPrincipal): Promise<Rights> {
    if (principal.type === "Root") return () => undefined;
    const id = principal.type === "User" ? principal.principalId : principal.principalId.split(":", 1)[0];
    const identity = await permissions.get(id as string);
    if (!identity) {
      return (action) => because(`no identity-based policy allows the ${action} action`, "the identity is deleted");
    }
    const narrowing = principal.type === "AssumedRole" ? principal.sessionPolicy : undefined;
    const session = narrowing === undefined ? undefined : await sessionPolicies.get(narrowing);
    return (action, resource, context = {}) => {
      const owner = parseArn(resource)?.accountId;
      const request = { action, resource, context: principalContext(principal, identity, owner, context), absence };
      const decision = evaluate(identity.policies, request);
      if (decision.effect !== "allow") return denied(decision, "identity-based", action);
      const narrowed = session && evaluate(session, request);
      return narrowed && narrowed.effect !== "allow" ? denied(narrowed, "session", action) : undefined;
    };
  }

  async function refusal(
    principal: Principal,
    action: string,
    resource: string,
    context: PolicyContext = {},
  ): Promise<Refusal | undefined> {
    if (principal.type === "Certificate")
      return deviceRefusal({ directory, seen }, principal, action, resource, context);
    return foreign(principal, action, resource) ?? (await rightsOf(principal))(action, resource, context);
  }

  /**
   * In the owner's account either policy is enough, from another account both must allow; an explicit deny of either wins
   * (AWS: Policy evaluation logic). To name the account alone leaves it to the account whom it lets.
   */
  async function refusalOfOwned(
    principal: SigningPrincipal,
    action: string,
    resource: string,
    context: PolicyContext,
    owned: ResourcePolicy,
  ): Promise<Refusal | undefined> {
    const { accountId } = principal;
    const own = accountId === owned.accountId;
    if (own && principal.type === "Root" && owned.ownersRootAlways) return undefined;
    const identity =
      principal.type === "Root" ? undefined : await permissions.get(principal.principalId.split(":", 1)[0] as string);
    const given = { ...context, "aws:ResourceAccount": owned.accountId };
    const rights = (await rightsOf(principal))(action, resource, given);
    const policies = owned.document === undefined ? undefined : await resourcePolicies.get(owned.document);
    // A session is known by its own name and by its role's.
    const arns = identity ? [principal.arn, identity.arn] : [principal.arn];
    const known = {
      ...principalContext(principal, identity, owned.accountId, given),
      "aws:ResourceAccount": owned.accountId,
    };
    const ask = (as: PolicyPrincipal) =>
      policies && evaluate(policies, { action, resource, context: known, principal: as, absence });
    const named = ask({ type: "AWS", accountId, arns });
    if (named?.effect === "explicit-deny") return denied(named, owned.kind, action);
    if (!own && named?.effect !== "allow") {
      const reason = named?.reason ?? `the resource has no ${owned.kind} policy`;
      return because(`no ${owned.kind} policy allows the ${action} action`, reason);
    }
    const narrowed = principal.type === "AssumedRole" && principal.sessionPolicy !== undefined;
    const enough = own && !narrowed && ask({ type: "AWS", arns })?.effect === "allow";
    return rights && (rights.explicit || !enough) ? rights : undefined;
  }

  return {
    rightsOf,
    async connectionPermissions(principal, { clientId, sourceIp }) {
      // A request proves with its signature that its key is good; a connection outlives that. A role's key has no status.
      if (principal.type !== "AssumedRole" && (await keys.get(principal.accessKeyId))?.status !== "Active") {
        return { allows: () => ({ allowed: false, reason: "the access key that signed is inactive or deleted" }) };
      }
      const rights = await rightsOf(principal);
      const base = { "iot:ClientId": clientId, "aws:SourceIp": sourceIp, "aws:SecureTransport": "true" };
      return {
        allows(action, resource, context) {
          const refused =
            foreign(principal, action, resource) ?? rights(action, resource, context ? { ...context, ...base } : base);
          return { allowed: refused === undefined, reason: refused?.reason ?? "allowed" };
        },
      };
    },
    async authorize(principal, action, resource, context, owned) {
      if (DECIDED_ELSEWHERE.has(action)) return;
      const refused =
        owned && principal.type !== "Certificate"
          ? await refusalOfOwned(principal, action, resource, context ?? {}, owned)
          : await refusal(principal, action, resource, context);
      if (!refused) return;
      log.debug({ principal: principal.arn, action, resource, reason: refused.reason }, "not authorized");
      throw accessDenied(principal.arn, action, resource, refused.why);
    },
  };
}

export const accessDenied = (arn: string, action: string, resource: string, why: string): ServiceError =>
  new ServiceError(
    "AccessDeniedException",
    `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
  );

/** Who owns what is the same for every account: the managed policies. */
const EVERYBODY = "aws";

/** Nothing is shared between accounts: resources have no policies of their own yet. */
export function foreign(principal: SigningPrincipal, action: string, resource: string): Refusal | undefined {
  const owner = parseArn(resource)?.accountId;
  if (!owner || owner === principal.accountId || owner === EVERYBODY) return undefined;
  return because(`no resource-based policy allows the ${action} action`, "the resource is another account's");
}

/** Why a policy variable has no value for whoever signs; for the reason of a denial. */
export const absence = (key: string): string | undefined =>
  key.startsWith("iot:connection.thing.") || key.startsWith("iot:certificate")
    ? "only a connection with an X.509 certificate has one, this one is signed"
    : undefined;

const because = (why: string, reason: string): Refusal => ({ explicit: false, why: `because ${why}`, reason });

function denied({ effect, reason, statement }: Decision, kind: string, action: string): Refusal {
  return effect === "explicit-deny"
    ? { explicit: true, why: explicitly(kind, statement), reason }
    : because(`no ${kind} policy allows the ${action} action`, reason);
}

/** AWS's words, and which statement it is. */
export const explicitly = (kind: string, statement?: string): string =>
  `with an explicit deny in a${kind === "identity-based" ? "n" : ""} ${kind} policy: ${statement}`;

/** What is known of the principal counts, whatever the door says of it (AWS: global condition context keys). */
export function principalContext(
  principal: SigningPrincipal,
  identity: Pick<IdentityPermissions, "arn" | "tags"> | undefined,
  resourceAccount: string | undefined,
  context: PolicyContext,
): PolicyContext {
  const known: Record<string, string | readonly string[]> = {
    ...context,
    "aws:PrincipalArn": identity?.arn ?? principal.arn,
    "aws:PrincipalAccount": principal.accountId,
    "aws:PrincipalType": principal.type === "Root" ? "Account" : principal.type,
    "aws:ResourceAccount": resourceAccount || principal.accountId,
    "aws:userid": principal.principalId,
  };
  if (principal.type === "User") known["aws:username"] = principal.userName;
  for (const { Key, Value } of identity?.tags ?? []) known[`aws:PrincipalTag/${Key}`] = Value;
  return known;
}

/** Over HTTPS: no client id, so no thing either (reference 7). */
async function deviceRefusal(
  { directory, seen }: Pick<AuthorizeDeps, "directory" | "seen">,
  principal: Extract<Principal, { type: "Certificate" }>,
  action: string,
  resource: string,
  context: PolicyContext,
): Promise<Refusal | undefined> {
  const region = parseArn(principal.arn)?.region ?? "";
  const { accountId, certificateId } = principal;
  const sourceIp = context["aws:SourceIp"];
  const device = await devicePermissions(directory, {
    accountId,
    region,
    certificateId,
    certificateDer: seen.find(certificateId),
    sourceIp: typeof sourceIp === "string" ? sourceIp : "",
  });
  const decision = device.allows(action, resource, context);
  return decision.allowed ? undefined : because(`no IoT policy allows the ${action} action`, decision.reason);
}
