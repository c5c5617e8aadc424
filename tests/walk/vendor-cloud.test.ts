import { startVendorCloud, type VendorCloud } from "@hearth/vendor-cloud";
import * as oauth from "openid-client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeCa } from "../kit/certificate-authority.ts";
import { createBrowser } from "../kit/sign-in.ts";
import { tlsFetch } from "../kit/tls-fetch.ts";

const CALLBACK = "https://partner.example/callback";
const ALICE = { username: "alice", password: "correct horse" };
const SECRET = "a-secret/with:odd+characters%";

let cloud: VendorCloud;
let fetch: ReturnType<typeof tlsFetch>;
const log: string[] = [];

beforeAll(async () => {
  const ca = await makeCa("CN=Test CA");
  const { certificate, privateKey } = await ca.sign("CN=vendor", { addresses: ["127.0.0.1"] });
  cloud = await startVendorCloud({
    key: privateKey,
    certificate,
    adminPort: 0,
    users: [
      { name: "alice", password: ALICE.password },
      { name: "bob", password: "battery staple" },
    ],
    clients: [{ id: "partner", secret: SECRET, name: "Partner <b>", redirectUris: [CALLBACK] }],
    pushRetryMilliseconds: 5,
    log: (line) => log.push(line),
  });
  fetch = tlsFetch({ ca: ca.certificate });
});

afterAll(() => cloud.stop());
afterEach(() => {
  cloud.clearFaults();
  cloud.setTokenRules({ accessTokenSeconds: 3_600, rotateRefreshTokens: false });
});

const configuration = (scheme: "basic" | "post" = "basic", secret = SECRET): oauth.Configuration => {
  const authentication = scheme === "basic" ? oauth.ClientSecretBasic(secret) : oauth.ClientSecretPost(secret);
  const server = {
    issuer: cloud.url,
    authorization_endpoint: cloud.authorizationUrl,
    token_endpoint: cloud.tokenUrl,
    revocation_endpoint: cloud.revocationUrl,
    introspection_endpoint: cloud.introspectionUrl,
  };
  const made = new oauth.Configuration(server, "partner", undefined, authentication);
  made[oauth.customFetch] = fetch as unknown as oauth.CustomFetch;
  return made;
};

interface Link {
  scheme?: "basic" | "post";
  pkce?: boolean;
  scope?: string;
  user?: { username: string; password: string };
}

const link = async ({ scheme = "basic", pkce = true, scope, user = ALICE }: Link = {}) => {
  const config = configuration(scheme);
  const state = oauth.randomState();
  const verifier = oauth.randomPKCECodeVerifier();
  const url = oauth.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    state,
    ...(scope ? { scope } : {}),
    ...(pkce
      ? { code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" }
      : {}),
  });
  const back = await createBrowser(fetch).signIn(url.href, user);
  const checks = { expectedState: state, ...(pkce ? { pkceCodeVerifier: verifier } : {}) };
  const tokens = await oauth.authorizationCodeGrant(config, back, checks);
  return { config, tokens, back };
};

const call = async (
  token: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => {
  const answer = await fetch(`${cloud.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith("{") ? JSON.parse(text) : text, headers: answer.headers };
};

describe("linking an account", () => {
  test.each([
    ["basic", true],
    ["basic", false],
    ["post", true],
    ["post", false],
  ] as const)("with client_secret_%s, PKCE: %s", async (scheme, pkce) => {
    const { tokens, config } = await link({ scheme, pkce });
    expect(tokens).toMatchObject({ token_type: "bearer", expires_in: 3_600, scope: "devices:read devices:control" });
    expect(await call(tokens.access_token, "GET", "/users/me")).toMatchObject({
      status: 200,
      body: { id: "u-alice", name: "alice" },
    });
    const renewed = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "");
    expect(renewed.access_token).not.toBe(tokens.access_token);
    expect(renewed.refresh_token).toBe(tokens.refresh_token);
  });
});
