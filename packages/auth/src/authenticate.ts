import type { Bus, Sealer } from "@hearth/backplane";
import { type ChunkSignatures, type Principal, ServiceError } from "@hearth/contract";
import { rootArn } from "./access-keys/access-key.ts";
import type { AccessKeyStore } from "./access-keys/access-key-store.ts";
import type { AccountStore } from "./accounts/account-store.ts";
import { authorizeCustom, type CustomAuthorizer, namedAuthorizer } from "./custom-authorizer/custom-authorizer.ts";
import type { DeviceDirectory } from "./device-directory.ts";
import type { UserStore } from "./iam/user-store.ts";
import { createIdentityCache, identitiesChanged } from "./identity-cache.ts";
import { type Authorization, readAuthorization } from "./sigv4/authorization.ts";
import { expiredToken, missingAuthentication, unrecognizedClient } from "./sigv4/failures.ts";
import { checkPresignedV2, type PresignedV2, readPresignedV2 } from "./sigv4/presigned-v2.ts";
import type { SignedRequest } from "./sigv4/signed-request.ts";
import { createSigningKeys, type SigningKeys } from "./sigv4/signing-keys.ts";
import { checkClaims, checkSignature, chunkSignatures } from "./sigv4/verify.ts";
import { openSession } from "./sts/session.ts";
import { authenticateCertificate } from "./x509/authenticate-certificate.ts";
import type { EndpointNames } from "./x509/endpoint-names.ts";
import type { SeenCertificates } from "./x509/seen-certificates.ts";

export interface Caller {
  principal: Principal;
  accountId: string;
  region: string;
  /** From the credential scope; `iotdata` for a device with its certificate. */
  service: string;
  /** Of a request signed in its header whose body has yet to come. */
  chunks?: ChunkSignatures;
}

export interface AuthenticateDeps {
  accounts: AccountStore;
  accessKeys: AccessKeyStore;
  users: UserStore;
  sealer: Sealer;
  bus: Bus;
  directory: DeviceDirectory;
  seen: SeenCertificates;
  endpoints: Pick<EndpointNames, "named">;
  customAuthorizer?: CustomAuthorizer;
}

/** Who signs with a secret, and where. */
interface Signer {
  principal: Principal;
  region: string;
  keys: SigningKeys;
}

interface SessionSigner extends Signer {
  token: string;
  expiresAt: number;
}

/** SDKs sign for the global services in this region wherever they are. */
const GLOBAL_REGION = "us-east-1";
const GLOBAL_SERVICES: ReadonlySet<string> = new Set(["iam", "sts"]);

const MOST_SESSIONS = 1_000;

/**
 * Finds out who sent a request. The returned function throws `ServiceError` with AWS's common names:
 * `MissingAuthenticationTokenException`, `IncompleteSignatureException`, `UnrecognizedClientException`,
 * `InvalidSignatureException`, `ExpiredTokenException`; `ForbiddenException` for a certificate that may not come in.
 */
export function createAuthenticate(deps: AuthenticateDeps): (request: SignedRequest) => Promise<Caller> {
  const { accounts, sealer, bus } = deps;
  const signers = createIdentityCache(bus, (accessKeyId) => loadSigner(deps, accessKeyId));
  const accountCache = createIdentityCache(bus, (accountId) => accounts.find(accountId));
  // Kept for their signing keys; the token is compared, so a stale or foreign one is never taken for it.
  const sessions = new Map<string, SessionSigner>();
  bus.subscribe(identitiesChanged, () => sessions.clear());

  async function sessionSigner(accessKeyId: string, token: string, now: number): Promise<Signer> {
    const known = sessions.get(accessKeyId);
    if (known?.token === token) {
      if (known.expiresAt > now) return known;
      sessions.delete(accessKeyId);
      throw expiredToken();
    }
    const session = openSession(sealer, token);
    if (!session || session.accessKeyId !== accessKeyId) throw unrecognizedClient();
    if (session.expiresAt <= now) throw expiredToken();
    const account = await accountCache.get(session.accountId);
    if (!account) throw unrecognizedClient();
    const { accountId, roleName, roleId, roleArn, sessionName, sessionPolicy, issuedAt, expiresAt } = session;
    const signer: SessionSigner = {
      principal: {
        type: "AssumedRole",
        accountId,
        arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
        principalId: `${roleId}:${sessionName}`,
        accessKeyId,
        roleName,
        sessionName,
        ...(roleArn !== undefined && { roleArn }),
        ...(issuedAt !== undefined && { issuedAt }),
        ...(sessionPolicy !== undefined && { sessionPolicy }),
      },
      region: account.region,
      keys: createSigningKeys(session.secretAccessKey),
      token,
      expiresAt,
    };
    if (sessions.size >= MOST_SESSIONS) sessions.delete(sessions.keys().next().value as string);
    sessions.set(accessKeyId, signer);
    return signer;
  }

  async function signerOf({ scope, sessionToken }: Authorization, now: number): Promise<Signer> {
    if (sessionToken !== undefined) return sessionSigner(scope.accessKeyId, sessionToken, now);
    const signer = await signers.get(scope.accessKeyId);
    if (!signer) throw unrecognizedClient();
    return signer;
  }

  /** Only objects are reached by these URLs, whichever region signed them: they name none. */
  async function callerByUrl(request: SignedRequest, url: PresignedV2): Promise<Caller> {
    const { accessKeyId, sessionToken } = url;
    const signer =
      sessionToken === undefined
        ? await signers.get(accessKeyId)
        : await sessionSigner(accessKeyId, sessionToken, request.now);
    if (!signer) throw unrecognizedClient();
    const { principal, region, keys } = signer;
    checkPresignedV2(request, url, keys.secret);
    return { principal, accountId: principal.accountId, region, service: "s3" };
  }

  return async (request) => {
    const url = readPresignedV2(request);
    if (url) return callerByUrl(request, url);
    const authorization = readAuthorization(request);
    if (!authorization) {
      // Whoever names an authorizer asks to be judged by it, whatever certificate the connection has.
      if (namedAuthorizer(request) !== undefined) return authenticateCustom(deps, request);
      return authenticateDevice(deps, request);
    }
    const { principal, region, keys } = await signerOf(authorization, request.now);
    const { service } = authorization.scope;
    const regions = GLOBAL_SERVICES.has(service) ? [region, GLOBAL_REGION] : [region];
    checkClaims(request, authorization, regions);
    checkSignature(request, authorization, keys);
    const chunks = request.body || authorization.presigned ? undefined : chunkSignatures(authorization, keys);
    return { principal, accountId: principal.accountId, region, service, ...(chunks && { chunks }) };
  };
}

async function loadSigner(deps: AuthenticateDeps, accessKeyId: string): Promise<Signer | undefined> {
  const key = await deps.accessKeys.find(accessKeyId);
  if (key?.status !== "Active") return undefined;
  const account = await deps.accounts.find(key.accountId);
  const principal = account && (await principalOf(deps.users, key));
  return principal && { principal, region: account.region, keys: createSigningKeys(key.secret()) };
}

async function principalOf(
  users: UserStore,
  { accessKeyId, accountId, ownerId }: { accessKeyId: string; accountId: string; ownerId: string },
): Promise<Principal | undefined> {
  if (ownerId === accountId) {
    return { type: "Root", accountId, arn: rootArn(accountId), principalId: accountId, accessKeyId };
  }
  const user = await users.findById(ownerId);
  if (!user) return undefined;
  return { type: "User", accountId, arn: user.arn, principalId: user.userId, accessKeyId, userName: user.userName };
}

async function authenticateCustom(deps: AuthenticateDeps, request: SignedRequest): Promise<Caller> {
  const { headers, rawQuery, sourceIp } = request;
  const http = { headers, queryString: rawQuery };
  const verdict = await authorizeCustom(deps.customAuthorizer, { http, sourceIp });
  if ("refused" in verdict) {
    throw new ServiceError(verdict.notBuilt ? "NotImplementedException" : "ForbiddenException", verdict.refused);
  }
  throw new ServiceError("NotImplementedException", "Custom authorizers do not let HTTPS requests in yet.");
}

async function authenticateDevice(deps: AuthenticateDeps, request: SignedRequest): Promise<Caller> {
  const { directory, seen, endpoints } = deps;
  const { peerCertificate, serverName, now } = request;
  if (!peerCertificate) throw missingAuthentication();
  const result = await authenticateCertificate(directory, peerCertificate, now, endpoints.named(serverName));
  if ("refusal" in result) throw new ServiceError("ForbiddenException", result.reason);
  const { accountId, region, certificateId } = result.certificate;
  seen.remember(certificateId, peerCertificate);
  return {
    principal: {
      type: "Certificate",
      accountId,
      arn: `arn:aws:iot:${region}:${accountId}:cert/${certificateId}`,
      principalId: certificateId,
      certificateId,
    },
    accountId,
    region,
    service: "iotdata",
  };
}
