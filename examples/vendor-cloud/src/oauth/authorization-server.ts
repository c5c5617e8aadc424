import { generateKeyPairSync, randomBytes } from "node:crypto";
import { type Configuration, type JWK, type KoaContextWithOIDC, Provider } from "oidc-provider";
import type { FaultSwitches } from "../faults.ts";
import { HTML_HEADERS } from "../http.ts";
import { OptionsError, type TokenRules, type VendorClient } from "../options.ts";
import type { Users } from "../users.ts";
import { messagePage } from "./pages.ts";
import type { TokenStore } from "./token-store.ts";

/** What the scopes let a partner do, in the words of the consent page. */
export const SCOPES: Readonly<Record<string, string>> = {
  openid: "know who you are",
  profile: "see your name",
  "devices:read": "see your devices and what they do",
  "devices:control": "operate your devices",
};

/** What a request that names no scope asks for (RFC 6749, 3.3). */
const DEFAULT_SCOPE = "devices:read devices:control";

const SIGN_IN_SECONDS = 15 * 60;
const SESSION_SECONDS = 8 * 3_600;

interface AuthorizationServerDeps {
  /** The origin of everything, such as https://127.0.0.1:9443. */
  issuer: string;
  store: TokenStore;
  users: Pick<Users, "find">;
  faults: Pick<FaultSwitches, "hits">;
  /** Asked at each token. */
  rules: () => TokenRules;
}

/** The OAuth 2.0 and OpenID Connect server, under `/oauth` and `/.well-known/openid-configuration`. */
export function createAuthorizationServer(deps: AuthorizationServerDeps): Provider {
  const { issuer, store, users, faults, rules } = deps;
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const configuration: Configuration = {
    adapter: (kind) => store.adapter(kind) as never,
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256" } as JWK] },
    enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    // A client that is registered for one of the two may use the other as well.
    clientAuthMethods: ["client_secret_basic", "client_secret_post"],
    responseTypes: ["code"],
    scopes: Object.keys(SCOPES),
    claims: { openid: ["sub"], profile: ["name"] },
    pkce: { required: () => false },
    routes: {
      authorization: "/oauth/authorize",
      token: "/oauth/token",
      revocation: "/oauth/revoke",
      introspection: "/oauth/introspect",
      userinfo: "/oauth/userinfo",
      jwks: "/oauth/jwks",
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    },
    cookies: { keys: [randomBytes(32)] },
    clientBasedCORS: () => false,
    // Life times mean what they say, so that seconds can be tried.
    clockTolerance: 0,
    ttl: {
      AccessToken: () => rules().accessTokenSeconds,
      AuthorizationCode: 60,
      // Outlives every refresh of its tokens.
      Grant: 3_650 * 86_400,
      IdToken: 3_600,
      Interaction: SIGN_IN_SECONDS,
      RefreshToken: () => rules().refreshTokenSeconds,
      Session: SESSION_SECONDS,
    },
    // Partners work while nobody sits at a browser, whatever scope they asked for.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    expiresWithSession: () => false,
    rotateRefreshToken: () => rules().rotateRefreshTokens,
    // Each link is consented to, and revoked, by itself: no grant is found again through the browser's session.
    loadExistingGrant: async (ctx) => {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId ? ctx.oidc.provider.Grant.find(grantId) : undefined;
    },
    revokeGrantPolicy: () => true,
    interactions: { url: (_ctx, interaction) => `/sign-in/${interaction.uid}` },
    findAccount: (_ctx, id) => {
      const account = users.find(id);
      return account && { accountId: id, claims: () => ({ sub: id, name: account.name }) };
    },
    renderError: (ctx, { error, error_description }) => {
      ctx.set(HTML_HEADERS);
      ctx.body = messagePage("This does not work", `${error}: ${error_description ?? "no further word"}`);
    },
  };
  const provider = new Provider(issuer, configuration);
  provider.use(async (ctx, next) => {
    if (ctx.path === "/oauth/authorize" && ctx.method === "GET" && ctx.query["scope"] === undefined)
      ctx.query = { ...ctx.query, scope: DEFAULT_SCOPE };
    await next();
    if (ctx.path === "/oauth/token" && ctx.status === 200) withhold(ctx as KoaContextWithOIDC, faults);
  });
  return provider;
}

function withhold(ctx: KoaContextWithOIDC, faults: Pick<FaultSwitches, "hits">): void {
  const answer = ctx.body as Record<string, unknown>;
  if (faults.hits("tokenWithoutExpiry")) delete answer["expires_in"];
  if (faults.hits("tokenWithoutRefreshToken")) delete answer["refresh_token"];
}

/** Makes the client known, or known anew; throws an OptionsError when its redirect URIs will not do. */
export async function registerClient(provider: Provider, store: TokenStore, client: VendorClient): Promise<void> {
  const clients = store.adapter("Client");
  const before = await clients.find(client.id);
  await clients.upsert(client.id, {
    client_id: client.id,
    client_secret: client.secret,
    client_name: client.name ?? client.id,
    redirect_uris: client.redirectUris,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "client_secret_basic",
  });
  try {
    await provider.Client.find(client.id);
  } catch (error) {
    if (before) await clients.upsert(client.id, before);
    else await clients.destroy(client.id);
    const { error_description } = error as { error_description?: string };
    throw new OptionsError(`client ${client.id}: ${error_description ?? "it will not do"}`);
  }
}
