import { type Arn, parseArn } from "@hearth/base";
import { type HearthOperations, type OperationTable, type Principal, ServiceError } from "@hearth/contract";
import { evaluate, type PolicyContext } from "@hearth/policy";
import type { DeviceDirectory } from "../device-directory.ts";
import type { RoleStore } from "../iam/role-store.ts";
import type { UserStore } from "../iam/user-store.ts";
import type { IdentityCache } from "../identity-cache.ts";
import { devicePermissions } from "../x509/device-permissions.ts";
import { absence, foreign, principalContext, type SigningPrincipal } from "./authorize.ts";
import type { IdentityPermissions } from "./identity-permissions.ts";
import { decideAtListener, type ListenerPolicy } from "./listener-policy.ts";

export interface ExplainAccessDeps {
  users: UserStore;
  roles: RoleStore;
  permissions: IdentityCache<IdentityPermissions>;
  directory: DeviceDirectory;
  /** Undefined: there is no listener of this name. `policy` is absent where it has none. */
  listener(name: string): { policy?: ListenerPolicy } | undefined;
}

interface Asked {
  action: string;
  resource: string;
  context: PolicyContext;
}

interface Explanation {
  allowed: boolean;
  reason: string;
}

/**
 * ExplainAccess: whether somebody of the account may do something, and which statement decides, or what keeps each from
 * matching. The same evaluation as that of requests, for whoever may know what policies say.
 */
export function createExplainAccess(deps: ExplainAccessDeps): OperationTable<Pick<HearthOperations, "ExplainAccess">> {
  return {
    ExplainAccess: {
      resources: ({ PrincipalArn }) => [PrincipalArn],
      async handle({ PrincipalArn, Action, ResourceArn = "*", Context = {}, Listener }, { accountId }) {
        const arn = parseArn(PrincipalArn);
        const asked = { action: Action, resource: ResourceArn, context: Context };
        const listener = Listener === undefined ? undefined : deps.listener(Listener);
        if (Listener !== undefined && !listener) throw notFound(`There is no listener ${Listener}.`);
        const found = arn?.accountId === accountId ? await principalOf(deps, PrincipalArn, arn) : undefined;
        if (!found) {
          throw notFound(`${PrincipalArn} is not a user, role, session of a role, root or certificate of the account.`);
        }
        const own = await explainOwn(deps, found, asked);
        if (!own.allowed || !listener?.policy) return present(own);
        const decision = await decideAtListener(deps, listener.policy, found, asked);
        if (decision.effect === "allow") return present(own);
        return present({ allowed: false, reason: `its own policies allow it, but: ${decision.reason}` });
      },
    },
  };
}

const notFound = (message: string): ServiceError => new ServiceError("ResourceNotFoundException", message);

const present = ({ allowed, reason }: Explanation) => ({ Allowed: allowed, Reason: reason });

/** A session stands for what its role may: the policy that it was given is known to nobody else. */
async function principalOf(deps: ExplainAccessDeps, text: string, arn: Arn): Promise<Principal | undefined> {
  const { accountId, resource, service } = arn;
  const [kind, ...names] = resource.split("/");
  const base = { accountId, arn: text, accessKeyId: "" };
  if (service === "iot" && kind === "cert") {
    const certificateId = names.join("/");
    const registrations = await deps.directory.registrations(certificateId);
    if (!registrations.some((one) => one.accountId === accountId)) return undefined;
    return { type: "Certificate", accountId, arn: text, principalId: certificateId, certificateId };
  }
  if (service === "iam" && resource === "root") return { type: "Root", ...base, principalId: accountId };
  if (service === "iam" && kind === "user") {
    const user = await deps.users.find(accountId, names.at(-1) ?? "");
    if (user?.arn !== text) return undefined;
    return { type: "User", ...base, principalId: user.userId, userName: user.userName };
  }
  const session = service === "sts" && kind === "assumed-role";
  if (!session && !(service === "iam" && kind === "role")) return undefined;
  const role = await deps.roles.find(accountId, (session ? names[0] : names.at(-1)) ?? "");
  if (!role || (!session && role.arn !== text)) return undefined;
  const sessionName = session ? names.slice(1).join("/") : "";
  return {
    type: "AssumedRole",
    ...base,
    principalId: `${role.roleId}:${sessionName}`,
    roleName: role.roleName,
    sessionName,
  };
}

async function explainOwn(deps: ExplainAccessDeps, principal: Principal, asked: Asked): Promise<Explanation> {
  if (principal.type === "Certificate") return explainDevice(deps, principal, asked);
  const { action, resource } = asked;
  const refused = foreign(principal, action, resource);
  if (refused) return { allowed: false, reason: refused.reason };
  if (principal.type === "Root") return { allowed: true, reason: "the root of the account may do everything in it" };
  return explainIdentity(deps, principal, asked);
}

async function explainIdentity(
  { permissions }: ExplainAccessDeps,
  principal: SigningPrincipal,
  { action, resource, context }: Asked,
): Promise<Explanation> {
  const identity = await permissions.get(principal.principalId.split(":", 1)[0] as string);
  if (!identity) return { allowed: false, reason: "the identity is deleted" };
  const known = principalContext(principal, identity, parseArn(resource)?.accountId, context);
  const { effect, reason } = evaluate(identity.policies, { action, resource, context: known, absence });
  return { allowed: effect === "allow", reason };
}

/** By MQTT when the context has its client id, else by HTTPS. */
async function explainDevice(
  { directory }: ExplainAccessDeps,
  { accountId, certificateId, arn }: Extract<Principal, { type: "Certificate" }>,
  { action, resource, context }: Asked,
): Promise<Explanation> {
  const first = (key: string): string | undefined => [context[key] ?? []].flat()[0];
  const clientId = first("iot:ClientId");
  const device = await devicePermissions(directory, {
    accountId,
    region: parseArn(arn)?.region ?? "",
    certificateId,
    ...(clientId !== undefined && { clientId }),
    sourceIp: first("aws:SourceIp") ?? "",
  });
  return device.allows(action, resource, context);
}
